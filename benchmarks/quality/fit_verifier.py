"""Labelled and weakly labelled pairs -> `dedupe/data/verifier.json`.

    python -m benchmarks.quality.fit_verifier [--shared DIR] [--output dedupe/data/verifier.json]

Four sources, each with a fixed total weight so that size does not decide: the synthetic corpus
(planted truth), SaudiNewsNet candidates labelled by time (the same text on one day is copying; much
common text three days apart is a template or a follow-up), the adjudicated pairs, and the labelled
pairs of the demonstration corpus. A ridge keeps
the weights small; the intercept is then shifted so that 0.5 is where copying is as likely as not
among the adjudicated pairs. Prints what each source makes of the model.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.corpora import provide_corpus
from benchmarks.machine import ROOT
from dedupe.batch.local import RunOptions, run
from dedupe.candidates import pair_left, pair_right
from dedupe.config import default_config
from dedupe.matching import FEATURES, measure_features, measure_pairs
from dedupe.models import Relation
from dedupe.readers import ReadOptions

Floats = NDArray[np.float64]
_RIDGE = 3.0
_SHIFT = 0.5
_SYNTHETIC_ARTICLES = 40_000


@dataclass(frozen=True)
class Sample:
    """Features float64[n, k], labels float64[n] (1 = copying) and weights float64[n]."""

    name: str
    features: Floats
    labels: Floats
    weights: Floats


def load_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON Lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure_candidates(path: Path) -> tuple[list[str], NDArray[np.uint64], Floats]:
    """(ids by article number, candidate pairs, their features) of one file of articles."""
    config = default_config()
    options = RunOptions(keep_candidates=True)
    with run([str(path)], ReadOptions(), config, options) as result:
        pairs = result.candidate_pairs
        measures = measure_pairs(result.corpus, pair_left(pairs), pair_right(pairs), config)
        return result.ids(), pairs, measure_features(measures)


def spread(total: float, chosen: NDArray[np.bool_]) -> Floats:
    """Weights that share `total` evenly among the chosen rows."""
    return np.where(chosen, total / max(1, int(chosen.sum())), 0.0)


def sample_synthetic() -> Sample:
    """Planted truth; half of the weight of the negatives lies on template reports."""
    folder = provide_corpus(_SYNTHETIC_ARTICLES)
    truth = {}
    with (folder / "truth.tsv").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            article, cluster, _ = line.split("\t")
            truth[article] = cluster
    ids, pairs, features = measure_candidates(folder / "articles.jsonl")
    _, number = np.unique([truth[article] for article in ids], return_inverse=True)
    copying = np.asarray(number[pair_left(pairs)] == number[pair_right(pairs)], np.bool_)
    alike = features[:, FEATURES.index("cover")] > 0.5
    weights = spread(400, copying) + spread(600, ~copying & alike) + spread(50, ~copying & ~alike)
    return Sample("synthetic", features, copying.astype(np.float64), weights)


def sample_demonstration() -> Sample:
    """The labelled pairs of `seeds/`: the only templates of names, and six more languages."""
    ids, pairs, features = measure_candidates(ROOT / "seeds" / "demo.jsonl")
    number = {article: index for index, article in enumerate(ids)}
    place = {int(pair): index for index, pair in enumerate(pairs.tolist())}
    found = []
    for row in load_rows(ROOT / "seeds" / "gold" / "pairs.jsonl"):
        left, right = sorted((number[row["left"]], number[row["right"]]))
        index = place.get(left << 32 | right)
        if index is not None:
            found.append((Relation(row["relation"]).copying, index))
    rows = np.array([index for _, index in found], np.int64)
    labels = np.array([float(copying) for copying, _ in found])
    weights = spread(60, labels > 0) + spread(150, labels == 0)
    return Sample("demonstration", features[rows], labels, weights)


def sample_saudinewsnet(data: Path) -> tuple[Sample, Sample, Sample, list[str]]:
    """(weakly labelled pairs, reference pairs, adjudicated pairs, labels of these)."""
    ids, pairs, features = measure_candidates(data / "news_ar_saudinewsnet.jsonl.gz")
    days = np.array([datetime.date.fromisoformat(article[4:14]).toordinal() for article in ids])
    apart = np.abs(days[pair_left(pairs)] - days[pair_right(pairs)])
    cover = features[:, FEATURES.index("cover")]
    positive = (apart <= 1) & (cover >= 0.62)
    follow_up = (apart >= 3) & (cover >= 0.4) & (cover < 0.85)
    little = cover < 0.4
    weak = Sample(
        "weak",
        features,
        positive.astype(np.float64),
        spread(400, positive) + spread(250, follow_up) + spread(150, little),
    )
    number = {article: index for index, article in enumerate(ids)}
    place = {int(pair): index for index, pair in enumerate(pairs.tolist())}

    def find(row: dict[str, Any]) -> int | None:
        left, right = sorted((number[row["a"]], number[row["b"]]))
        return place.get(left << 32 | right)

    adjudicated = load_rows(data / "pairs_ar_adjudicated.jsonl.gz")
    found = [(row["label"], at) for row in adjudicated if (at := find(row)) is not None]
    rows = np.array([at for _, at in found], np.int64)
    labels = np.array([float(label in "DC") for label, _ in found])
    reference = load_rows(data / "pairs_ar_saudinewsnet.jsonl.gz")
    wanted = [find(row) for row in reference if row["cont_w4"] >= 0.5]
    known = np.array([at for at in wanted if at is not None], np.int64)
    return (
        weak,
        # weight 0: reported, not fitted; a pair that is no candidate counts as missed
        Sample("reference", features[known], np.ones(len(known)), np.zeros(len(wanted))),
        Sample("adjudicated", features[rows], labels, np.full(len(rows), 8.0)),
        [label for label, _ in found],
    )


def fit(samples: list[Sample]) -> tuple[Floats, Floats, float]:
    """(weights, centres, intercept) of the ridge-penalised logistic model."""
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
    solved = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return solved[1:] / scales, centres, float(solved[0])


def main() -> None:
    """Fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--output", type=Path, default=ROOT / "dedupe" / "data" / "verifier.json")
    arguments = parser.parse_args()
    weak, reference, adjudicated, labelled = sample_saudinewsnet(arguments.shared / "data")
    samples = [sample_synthetic(), weak, adjudicated, sample_demonstration()]
    weights, centres, intercept = fit(samples)
    intercept += _SHIFT

    def judge(features: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-((features - centres) @ weights + intercept))))

    for sample in samples:
        chance = judge(sample.features)
        counted = sample.weights > 0
        right = (chance >= 0.5) == (sample.labels > 0.5)
        share = np.average(right[counted], weights=sample.weights[counted])
        print(f"{sample.name}: {share:.4f} of the weight judged right")
    chance = judge(adjudicated.features)
    for label in "CDEPT":
        own = [
            round(float(p), 2) for p, name in zip(chance, labelled, strict=True) if name == label
        ]
        print(label, sorted(own))
    found = judge(reference.features)
    for floor in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6):
        recall = (found >= floor).sum() / len(reference.weights)
        print(f"threshold {floor}: recall of reference pairs {recall:.4f}")
    model = {
        "features": {
            name: {"weight": round(float(weight), 6), "centre": round(float(centre), 6)}
            for name, weight, centre in zip(FEATURES, weights, centres, strict=True)
        },
        "intercept": round(intercept, 6),
    }
    arguments.output.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
