"""Verified pairs of a run -> those inside clusters, and which of them say who was first.

Most pairs say nothing that another one has not said: of all the texts that hold an article the
longest tells whether it was cut, of all that it holds the shortest tells whether it holds one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.matching import RELATIONS, UNITING, Judged
from dedupe.models import Relation

__all__ = ["PairsInside", "choose_telling", "find_inside"]

_EXCERPT, _REVISION = map(RELATIONS.index, (Relation.EXCERPT, Relation.REVISION))


@dataclass(frozen=True, slots=True)
class PairsInside:
    """Indices of pairs int64[n], those of cluster c from `starts[c]` to `starts[c + 1]` int64."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    def of(self, clusters: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
        """(pairs of these clusters one after another, where those of each begin and all end)."""
        firsts = self.starts[clusters]
        counts = self.starts[clusters + 1] - firsts
        bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        own = np.repeat(firsts - bounds[:-1], counts) + np.arange(bounds[-1])
        return self.rows[own], bounds.tolist()

    def only(self, chosen: NDArray[np.bool_]) -> PairsInside:
        """Those that are `chosen` bool[n]."""
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(chosen)])
        return PairsInside(self.rows[chosen], before[self.starts])


def find_inside(judged: Judged, labels: NDArray[np.int64]) -> PairsInside:
    """The uniting pairs inside of clusters; `labels` int64[n] is the cluster of each article."""
    inside = np.isin(judged.relation, UNITING) & (labels[judged.left] == labels[judged.right])
    rows = np.flatnonzero(inside)
    own = labels[judged.left[rows]]
    order = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[order], np.arange(len(labels) + 1))
    return PairsInside(rows[order], starts)


def choose_telling(
    judged: Judged, rows: NDArray[np.int64], words: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Which of some pairs a verdict on their clusters has to look at: bool[len(rows)].

    `words` uint32 are those of each article. Of excerpts there are at most two an article: any
    other one says less of both its texts. Which text of a revision is the earlier only times tell.
    """
    telling: NDArray[np.bool_] = judged.relation[rows] == _REVISION
    excerpts = np.flatnonzero(judged.relation[rows] == _EXCERPT)
    own = rows[excerpts]
    left, right, longer = judged.left[own], judged.right[own], judged.left_longer[own]
    holding, held = np.where(longer, left, right), np.where(longer, right, left)
    for article, size in (
        (holding, words[held].astype(np.int64)),
        (held, -words[holding].astype(np.int64)),
    ):
        order = np.lexsort((size, article))
        first = np.ones(len(order), np.bool_)
        first[1:] = article[order][1:] != article[order][:-1]
        telling[excerpts[order[first]]] = True
    return telling
