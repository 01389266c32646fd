"""Candidates of a batch -> verified pairs, by the prefilter and verdict of the batch engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedupe.archive.prepared import Prepared, build_corpus
from dedupe.catalog.rows import Link
from dedupe.config import Config
from dedupe.index import Found
from dedupe.matching import (
    INDEPENDENT,
    judge_pairs,
    measure_pairs,
    prefilter_pairs,
    promising,
    trace_blocks,
)
from dedupe.models import Match
from dedupe.pipeline import explain_features, trace_spans

__all__ = ["Pair", "add_evidence", "evidence_of", "sift", "verify"]

Pair = tuple[int, int]


def sift(found: Found, counts: NDArray[np.int64], gone: Sequence[int]) -> list[tuple[int, int]]:
    """(place, number) of the candidates worth reading: all that the prefilter could let through.

    `counts` int64[n] are the passage keys of the batch's texts, `gone` numbers to pass over. The
    shared keys the index counted decide where they are all; else the whole keys will.
    """
    fewer = np.minimum(counts[found.places], found.counts)
    kept = promising(found.shared, fewer) | ~found.exact[found.places]
    kept &= ~np.isin(found.numbers, np.asarray(gone, np.int64))
    return list(zip(found.places[kept].tolist(), found.numbers[kept].tolist(), strict=True))


def verify(
    pairs: Sequence[Pair],
    texts: Mapping[int, Prepared],
    ids: Mapping[int, str],
    config: Config,
) -> list[Link]:
    """The pairs of numbers that are more than independent, lower id first, sorted."""
    ordered = sorted({(a, b) if ids[a] < ids[b] else (b, a) for a, b in pairs})
    if not ordered:
        return []
    numbers = sorted({number for pair in ordered for number in pair})
    place = {number: index for index, number in enumerate(numbers)}
    corpus = build_corpus([texts[number] for number in numbers], config)
    left = np.fromiter((place[a] for a, _ in ordered), np.uint32, len(ordered))
    right = np.fromiter((place[b] for _, b in ordered), np.uint32, len(ordered))
    kept = prefilter_pairs(corpus, left, right)
    judged = judge_pairs(corpus, left[kept], right[kept], config)
    judged = judged.select(judged.relation != INDEPENDENT)
    return [Link(numbers[row[0]], numbers[row[1]], *row[2:]) for row in judged.rows()]


def add_evidence(
    matches: Sequence[Match], links: Sequence[Link], texts: Mapping[int, Prepared], config: Config
) -> list[Match]:
    """The same matches with their spans and the contribution of every feature."""
    named: dict[str, Prepared] = {}
    for match, link in zip(matches, links, strict=True):
        for name, number in ((match.left, link.left), (match.right, link.right)):
            if number in texts:
                named[name] = texts[number]
    return evidence_of(matches, named, config)


def evidence_of(
    matches: Sequence[Match], texts: Mapping[str, Prepared], config: Config
) -> list[Match]:
    """The same, with the texts by id; a match whose texts are not there stays as it is."""
    usable = [i for i, m in enumerate(matches) if m.left in texts and m.right in texts]
    shown = list(matches)
    if not usable:
        return shown
    ids = sorted({name for i in usable for name in (matches[i].left, matches[i].right)})
    place = {name: index for index, name in enumerate(ids)}
    own = [texts[name] for name in ids]
    corpus = build_corpus(own, config)
    left = np.fromiter((place[matches[i].left] for i in usable), np.uint32, len(usable))
    right = np.fromiter((place[matches[i].right] for i in usable), np.uint32, len(usable))
    measures = measure_pairs(corpus, left, right, config)
    features = explain_features(measures, config)
    for row, index in enumerate(usable):
        a, b = int(left[row]), int(right[row])
        spans = trace_spans(
            trace_blocks(corpus, a, b),
            (own[a].tokens, own[a].starts, own[a].ends),
            (own[b].tokens, own[b].starts, own[b].ends),
        )
        shown[index] = replace(matches[index], spans=spans, features=features[row])
    return shown
