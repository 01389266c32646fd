"""Labelled and weakly labelled pairs -> `dedupe/data/verifier.json`.

    python -m benchmarks.quality.fit_verifier [--shared DIR] [--output dedupe/data/verifier.json]

The samples are those of `fit_samples`. A ridge keeps the weights small; the intercept is then
shifted so that 0.5 is where copying is as likely as not among the adjudicated pairs. Prints what
each source makes of the model, and of models that were fitted without a language, an outlet or
a week.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.machine import ROOT
from benchmarks.quality.fit_samples import Floats, Sample, Samples, sample_all
from dedupe.features import FEATURES

__all__ = ["Fold", "Model", "fit", "leave_out"]

_RIDGE = 3.0
_SHIFT = 0.7
_FOR = frozenset({"cover", "most", "log_longest", "log_run", "moved", "untouched"})
_EITHER = frozenset({"longest_share", "slots", "insdel"})
"""What may speak for copying, and what either way; all other features may only speak against it.
Signs that are known keep what one collection happens to hold from being taken for a rule."""


@dataclass(frozen=True)
class Model:
    """Weights and centres float64[k] and the intercept of a logistic model."""

    weights: Floats
    centres: Floats
    intercept: float

    def judge(self, features: Floats) -> Floats:
        """Probability of copying of each row."""
        odds = (features - self.centres) @ self.weights + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


@dataclass(frozen=True)
class Fold:
    """What was left out, and how a model without it and one with it judge its pairs.

    Accuracies and mean log-losses are weighted as in the fit; `pairs` counts those with weight.
    """

    kind: str
    left_out: str
    pairs: int
    accuracy_without: float
    accuracy_with: float
    loss_without: float
    loss_with: float


def fit(samples: list[Sample]) -> Model:
    """The ridge-penalised logistic model of the samples."""
    features = np.concatenate([sample.features for sample in samples])
    labels = np.concatenate([sample.labels for sample in samples])
    weights = np.concatenate([sample.weights for sample in samples])
    used = weights > 0
    features, labels, weights = features[used], labels[used], weights[used]
    centres = np.average(features, axis=0, weights=weights)
    scales = np.sqrt(np.average((features - centres) ** 2, axis=0, weights=weights)) + 1e-6
    scaled = (features - centres) / scales

    def loss(vector: Floats) -> tuple[float, Floats]:
        odds = scaled @ vector[1:] + vector[0]
        value = float(((np.logaddexp(0, odds) - labels * odds) * weights).sum())
        error = (1 / (1 + np.exp(-odds)) - labels) * weights
        gradient = np.concatenate([[error.sum()], scaled.T @ error + _RIDGE * vector[1:]])
        return value + 0.5 * _RIDGE * float((vector[1:] ** 2).sum()), gradient

    start = np.zeros(scaled.shape[1] + 1)
    bounds = [(None, None)] + [
        (0.0 if name in _FOR else None, None if name in _FOR | _EITHER else 0.0)
        for name in FEATURES
    ]
    solved = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Model(solved[1:] / scales, centres, float(solved[0]) + _SHIFT)


def _keep(sample: Sample, kept: NDArray[np.bool_]) -> Sample:
    return replace(sample, weights=np.where(kept, sample.weights, 0.0))


def _score(model: Model, samples: list[Sample]) -> tuple[int, float, float]:
    """(pairs, weighted accuracy, weighted mean log-loss)."""
    labels = np.concatenate([sample.labels for sample in samples])
    weights = np.concatenate([sample.weights for sample in samples])
    chance = np.concatenate([model.judge(sample.features) for sample in samples])
    right = (chance >= 0.5) == (labels > 0.5)
    loss = -np.log(np.clip(np.where(labels > 0.5, chance, 1 - chance), 1e-9, 1))
    counted = weights > 0
    return (
        int(counted.sum()),
        float(np.average(right[counted], weights=weights[counted])),
        float(np.average(loss[counted], weights=weights[counted])),
    )


def _folds(samples: Samples) -> Iterator[tuple[str, str, list[NDArray[np.bool_]]]]:
    """(kind, name, for each fitted sample which of its pairs belong to it)."""
    languages = sorted({name for s in samples.fitted for name in np.unique(s.lang).tolist()} - {""})
    for name in languages:
        yield "language", name, [sample.lang == name for sample in samples.fitted]
    for name in sorted(set(np.unique(samples.weak.outlets).tolist()) - {""}):
        yield "outlet", name, [(s.outlets == name).any(axis=1) for s in samples.fitted]
    for name in sorted(set(np.unique(samples.weak.weeks).tolist()) - {""}):
        yield "week", name, [(s.weeks == name).any(axis=1) for s in samples.fitted]


def leave_out(samples: Samples, whole: Model) -> list[Fold]:
    """Fit without each language, outlet and week, and score both models on what was left out."""
    found = []
    for kind, name, masks in _folds(samples):
        inside = [_keep(s, own) for s, own in zip(samples.fitted, masks, strict=True)]
        outside = [_keep(s, ~own) for s, own in zip(samples.fitted, masks, strict=True)]
        if sum(float((sample.weights > 0).sum()) for sample in inside) < 20:
            continue
        pairs, accuracy, loss = _score(fit(outside), inside)
        _, accuracy_with, loss_with = _score(whole, inside)
        found.append(Fold(kind, name, pairs, accuracy, accuracy_with, loss, loss_with))
    return found


def _print_samples(samples: Samples, model: Model) -> None:
    for sample in samples.fitted:
        pairs, accuracy, loss = _score(model, [sample])
        print(f"{sample.name}: {accuracy:.4f} of the weight of {pairs} right, loss {loss:.4f}")
    chance = model.judge(samples.adjudicated.features)
    for label in "CDEPT":
        own = [p for p, name in zip(chance.tolist(), samples.labels, strict=True) if name == label]
        print(label, sorted(round(p, 2) for p in own))
    found = model.judge(samples.reference.features)
    for floor in (0.3, 0.4, 0.5, 0.6):
        recall = (found >= floor).sum() / (len(found) + samples.missed)
        print(f"threshold {floor}: recall of reference pairs {recall:.4f}")
    for made in (samples.frames, samples.corrections, samples.carried):
        by_edit: dict[str, list[float]] = defaultdict(list)
        for edit, p in zip(samples.edits[made.name], model.judge(made.features), strict=True):
            by_edit[edit].append(float(p))
        for edit, found_p in sorted(by_edit.items()):
            above = [float(np.mean(np.array(found_p) >= floor)) for floor in (0.5, 0.95)]
            print(f"{made.name}, {edit}: copying {above[0]:.3f}, strong {above[1]:.3f}")


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--output", type=Path, default=ROOT / "dedupe" / "data" / "verifier.json")
    arguments = parser.parse_args()
    samples = sample_all(arguments.shared / "data")
    model = fit(samples.fitted)
    _print_samples(samples, model)
    for fold in leave_out(samples, model):
        print(
            f"without {fold.kind} {fold.left_out}: {fold.accuracy_without:.4f} right "
            f"(with {fold.accuracy_with:.4f}), loss {fold.loss_without:.4f} "
            f"(with {fold.loss_with:.4f}), {fold.pairs} pairs"
        )
    written = {
        "features": {
            name: {"weight": round(float(weight), 6), "centre": round(float(centre), 6)}
            for name, weight, centre in zip(FEATURES, model.weights, model.centres, strict=True)
        },
        "intercept": round(model.intercept, 6),
    }
    arguments.output.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
