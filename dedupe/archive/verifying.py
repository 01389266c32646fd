"""Candidates of a batch -> verified pairs, by the prefilter and verdict of the batch engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.archive.prepared import Prepared, build_corpus
from dedupe.catalog.rows import Link
from dedupe.config import Config
from dedupe.corpus import Corpus
from dedupe.features import measure_features
from dedupe.index import Found
from dedupe.matching import (
    INDEPENDENT,
    judge_measures,
    measure_pairs,
    prefilter_pairs,
    promising,
    trace_all,
)
from dedupe.members import Proof
from dedupe.pipeline import weigh_features

__all__ = ["Compared", "Pair", "prove", "sift", "verify"]

Pair = tuple[int, int]


def sift(found: Found, counts: NDArray[np.int64], gone: Sequence[int]) -> list[tuple[int, int]]:
    """(place, number) of the candidates worth reading: all that the prefilter could let through.

    `counts` int64[n] are the passage keys of the batch's texts, `gone` numbers to pass over. The
    shared keys the index counted decide where they are all; else the whole keys will.
    """
    fewer = np.minimum(counts[found.places], found.counts)
    kept = promising(found.shared, fewer) | ~found.exact[found.places]
    if gone:
        kept &= ~np.isin(found.numbers, np.asarray(gone, np.int64))
    return list(zip(found.places[kept].tolist(), found.numbers[kept].tolist(), strict=True))


@dataclass(frozen=True, eq=False, slots=True)
class _Measured:
    """Pairs of a corpus, each with its features: `left`, `right` uint32[n], float64[n, k]."""

    texts: Sequence[Prepared]
    corpus: Corpus
    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    features: NDArray[np.float64]

    def prove(self, rows: Sequence[int], config: Config) -> list[Proof]:
        """What the pairs at some places rest on."""
        chosen = np.array(rows, np.int64)
        starts = np.concatenate([text.starts for text in self.texts])
        ends = np.concatenate([text.ends for text in self.texts])
        spans = trace_all(self.corpus, self.left[chosen], self.right[chosen], starts, ends)
        features = weigh_features(self.features[chosen], config)
        return [Proof(*each) for each in zip(spans, features, strict=True)]


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """`links`, the pairs that are more than independent, and what each of them rests on."""

    links: Sequence[Link] = ()
    measured: _Measured | None = None
    places: Mapping[Pair, int] | None = None
    """Where each link stands in `measured`."""

    def prove(self, pairs: Iterable[Pair], config: Config) -> dict[Pair, Proof]:
        """What those of `pairs` rest on that were compared here; nothing is aligned again."""
        if self.measured is None or self.places is None:
            return {}
        known = [pair for pair in pairs if pair in self.places]
        if not known:
            return {}
        rows = [self.places[pair] for pair in known]
        return dict(zip(known, self.measured.prove(rows, config), strict=True))


def verify(
    pairs: Sequence[Pair],
    texts: Mapping[int, Prepared],
    ids: Mapping[int, str],
    config: Config,
) -> Compared:
    """The pairs of numbers that are more than independent, lower id first, sorted."""
    ordered = sorted({(a, b) if ids[a] < ids[b] else (b, a) for a, b in pairs})
    if not ordered:
        return Compared()
    numbers, own, corpus, left, right = _lay_out(ordered, texts, config)
    kept = prefilter_pairs(corpus, left, right)
    left, right = left[kept], right[kept]
    measures = measure_pairs(corpus, left, right, config)
    features = measure_features(measures)
    judged = judge_measures(corpus, left, right, measures, features, config)
    chosen = np.flatnonzero(judged.relation != INDEPENDENT)
    links = [
        Link(numbers[row[0]], numbers[row[1]], *row[2:]) for row in judged.select(chosen).rows()
    ]
    places = {
        (link.left, link.right): row for link, row in zip(links, chosen.tolist(), strict=True)
    }
    return Compared(links, _Measured(own, corpus, left, right, features), places)


def prove(
    pairs: Iterable[Pair], texts: Mapping[int, Prepared], config: Config
) -> dict[Pair, Proof]:
    """What pairs rest on, aligned again; those whose texts are not there are left out."""
    usable = sorted({(a, b) for a, b in pairs if a in texts and b in texts})
    if not usable:
        return {}
    _, own, corpus, left, right = _lay_out(usable, texts, config)
    features = measure_features(measure_pairs(corpus, left, right, config))
    proofs = _Measured(own, corpus, left, right, features).prove(range(len(usable)), config)
    return dict(zip(usable, proofs, strict=True))


def _lay_out(
    pairs: Sequence[Pair], texts: Mapping[int, Prepared], config: Config
) -> tuple[list[int], list[Prepared], Corpus, NDArray[np.uint32], NDArray[np.uint32]]:
    """(numbers of the texts, the texts, their corpus, left and right end of each pair in it)."""
    numbers = sorted({number for pair in pairs for number in pair})
    place = {number: index for index, number in enumerate(numbers)}
    own = [texts[number] for number in numbers]
    ends = np.array([(place[a], place[b]) for a, b in pairs], np.uint32)
    left, right = np.ascontiguousarray(ends.T)
    return numbers, own, build_corpus(own, config), left, right
