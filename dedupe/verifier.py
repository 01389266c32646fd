"""Verifier file -> the model that judges a pair: one weight a feature, nothing hidden.

A logistic model, so that each feature's contribution to a verdict can be shown and summed by hand.
The weights stand in `data/verifier.json`; `python -m benchmarks.quality.fit_verifier` fits them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import ConfigInvalid

__all__ = ["Verifier", "default_verifier", "load_verifier"]

_DEFAULT = Path(__file__).parent / "data" / "verifier.json"


@dataclass(frozen=True, eq=False)
class Verifier:
    """`weights` and `centres` float64[k] for the features in `names`; `intercept` in log-odds.

    `hash` is the SHA-256 of the file it was read from.
    """

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    centres: NDArray[np.float64]
    intercept: float
    hash: str

    def contributions(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log-odds of copying: float64[n, k] for features [n, k]."""
        return (features - self.centres) * self.weights

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability of copying of each row: float64[n]."""
        odds = self.contributions(features).sum(axis=1) + self.intercept
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30))))


def load_verifier(path: Path) -> Verifier:
    """Read a verifier file; raises ConfigInvalid where it is none."""
    try:
        raw = path.read_bytes()
        data = json.loads(raw)
        features = data["features"]
        weights = np.array([float(value["weight"]) for value in features.values()])
        centres = np.array([float(value["centre"]) for value in features.values()])
        intercept = float(data["intercept"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigInvalid("verifier", str(path), f"a verifier file ({error})") from error
    digest = hashlib.sha256(raw).hexdigest()
    return Verifier(tuple(features), weights, centres, intercept, digest)


@lru_cache(maxsize=1)
def default_verifier() -> Verifier:
    """The verifier that ships with the package."""
    return load_verifier(_DEFAULT)
