"""Pairs of articles -> the different pairs of texts among them, and back.

A verdict depends on two texts only, and wire copy stands in a corpus many times word for word: of
473,000 candidates of 100,000 synthetic articles 298,000 are different pairs of texts. Only these
are judged; what a verdict owes to the articles (their addresses) is added to each pair afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus import Corpus
from dedupe.jit import kernel
from dedupe.matching import Judged, mark_revisions, share_address

__all__ = ["Folded", "find_twins", "fold_pairs"]

_S32 = np.uint64(32)
_MOST_TRIED = 8
"""Texts of equal words and other flags that a text is compared with: more are hostile."""


@kernel
def _match_twins(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    order: NDArray[np.int64],
    contents: NDArray[np.uint64],
    out: NDArray[np.uint32],
) -> None:
    """Give each text of `order` (by contents, then number) the first one with the same tokens."""
    start = 0
    for index in range(1, len(order)):
        if contents[order[index]] != contents[order[start]]:
            start = index
        text, size = order[index], lasts[order[index]] - firsts[order[index]]
        tried = 0
        for earlier in range(start, index):
            other = order[earlier]
            if out[other] != other or lasts[other] - firsts[other] != size:
                continue
            tried += 1
            if tried > _MOST_TRIED:
                break
            differing = np.uint32(0)
            for place in range(size):  # flags too: a cut or a capital makes another text
                differing |= tokens[firsts[text] + place] ^ tokens[firsts[other] + place]
            if differing == 0:
                out[text] = other
                break


def find_twins(corpus: Corpus, texts: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """For each article the lowest of `texts` that has the same tokens, else itself: uint32[n]."""
    twins = np.arange(len(corpus.firsts), dtype=np.uint32)
    order = texts[np.lexsort((texts, corpus.contents[texts]))].astype(np.int64)
    _match_twins(corpus.tokens, corpus.firsts, corpus.lasts, order, corpus.contents, twins)
    return twins


@dataclass(frozen=True, eq=False)
class Folded:
    """The different pairs of texts among `n` pairs of articles.

    `pairs` uint64[k] of `left << 32 | right`, left < right but for two articles of one text, sorted
    and distinct; `corpus` as they are to be judged in, without addresses; `place` int64[n] tells
    which of them each pair of articles is and `turned` bool[n] whether its sides changed places.
    """

    pairs: NDArray[np.uint64]
    corpus: Corpus
    place: NDArray[np.int64]
    turned: NDArray[np.bool_]

    def unfold(
        self,
        judged: Judged,
        left: NDArray[np.uint32],
        right: NDArray[np.uint32],
        addresses: NDArray[np.uint64],
    ) -> Judged:
        """Verdicts of the pairs of articles from those of their texts; pairs without one left out.

        `left`, `right` uint32[n] are the pairs that were folded; `addresses` as in `Corpus`.
        """
        known = np.searchsorted(self.pairs, judged.left.astype(np.uint64) << _S32 | judged.right)
        row_of = np.full(len(self.pairs), -1, np.int64)
        row_of[known] = np.arange(len(known))
        kept = np.flatnonzero(row_of[self.place] >= 0)
        rows, turned = row_of[self.place[kept]], self.turned[kept]
        left, right = left[kept], right[kept]
        own = judged.select(rows)
        mark_revisions(own.relation, own.probability, share_address(addresses, left, right))
        words = self.corpus.lasts - self.corpus.firsts
        return Judged(
            left,
            right,
            own.relation,
            own.probability,
            own.similarity,
            np.where(turned, own.containment_right, own.containment_left),
            np.where(turned, own.containment_left, own.containment_right),
            words[left] > words[right],
            own.slot_places,
        )


def fold_pairs(corpus: Corpus, left: NDArray[np.uint32], right: NDArray[np.uint32]) -> Folded:
    """The different pairs of texts among pairs of articles: uint32[n] each."""
    twins = find_twins(corpus, np.unique(np.concatenate([left, right])))
    one, other = twins[left], twins[right]
    low, high = np.minimum(one, other), np.maximum(one, other)
    pairs, place = np.unique(low.astype(np.uint64) << _S32 | high, return_inverse=True)
    anonymous = replace(corpus, addresses=np.zeros_like(corpus.addresses))
    return Folded(pairs, anonymous, place, one > other)
