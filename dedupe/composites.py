"""Blocks that an article shares with several sources -> which of its words are whose.

A composite article (a round-up, a live page) holds wire copy of several stories, each carried by
many outlets. Of one cluster the member that explains most words speaks for it; the clusters then
take their words in the order of how many they explain, so that no word is counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.models import SpanPair

__all__ = ["Composite", "Source", "divide_words"]

_LEAST_WORDS = 8
"""Words that a source must explain for itself: fewer are a common phrase."""

Key = tuple[int, str]
Part = tuple[Key, float, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Source:
    """What a composite article took from one cluster, by way of its member `article`.

    `cluster_id` is None where no clusters were made. `share` of the composite's words, counted for
    no other source; `spans` are pairs of the composite and that member.
    """

    cluster_id: str | None
    article: str
    outlet: str | None
    share: float
    spans: tuple[SpanPair, ...] = ()


@dataclass(frozen=True, slots=True)
class Composite:
    """An article that holds text of other clusters' articles; `own` is the rest of its words.

    Not always all of their text: the containments of the pair tell how much.
    """

    id: str
    cluster_id: str | None
    own: float
    sources: tuple[Source, ...]


def divide_words(
    words: int, pieces: Mapping[Key, NDArray[np.int32]]
) -> tuple[float, tuple[Part, ...]]:
    """(share of the words that is nobody else's, the sources with their shares and blocks).

    `pieces` maps (cluster, article id) to int32[n, 3] blocks of (place in the composite, place in
    the article, words). The largest share comes first; the blocks of each source are cut down to
    the words that its share counts, in the order of the composite.
    """
    if words <= 0:
        return 1.0, ()
    by_size = sorted(pieces, key=lambda key: (-int(pieces[key][:, 2].sum()), key[1]))
    best: dict[int, Key] = {}
    for key in by_size:
        best.setdefault(key[0], key)
    taken = np.zeros(words, np.bool_)
    parts: list[Part] = []
    for key in best.values():
        left_over = taken.copy()
        fresh = _take(pieces[key], left_over)
        count = int(fresh[:, 2].sum())
        if count >= _LEAST_WORDS:
            taken = left_over
            parts.append((key, count / words, fresh))
    parts.sort(key=lambda part: (-part[1], part[0][1]))
    return 1 - int(taken.sum()) / words, tuple(parts)


def _take(blocks: NDArray[np.int32], taken: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Cut blocks down to the runs of words that are not taken yet, and mark these as taken."""
    runs: list[tuple[int, int, int]] = []
    for place, other, length in blocks[np.argsort(blocks[:, 0], kind="stable")].tolist():
        free = np.concatenate(([False], ~taken[place : place + length], [False]))
        edges = np.flatnonzero(free[1:] != free[:-1]).reshape(-1, 2).tolist()
        runs += [(place + start, other + start, end - start) for start, end in edges]
        taken[place : place + length] = True
    return np.array(runs, np.int32).reshape(-1, 3)
