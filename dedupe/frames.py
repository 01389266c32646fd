"""Matches -> those of texts that fill one frame, each with words of its own.

A telegram with another name is, as a pair, a copy with its name put right: no measure of two texts
tells them apart. Three can. A name put right has two values, a wrong one and the right one, so of
three copies two have the same. Where all three differ from one another, and in the same slot, the
slot is made to be filled: they are three events (docs/decisions/0058).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import count_ones, kernel

__all__ = ["find_frames"]


@kernel
def _one_frame(one: np.uint64, other: np.uint64, third: np.uint64) -> bool:
    """Whether three pairs of three texts differ in the same slots, as far as the fewest tell.

    Two may agree in some slot by chance: they then have fewer, but not less than half of the most.
    """
    sizes = (count_ones(one), count_ones(other), count_ones(third))
    common = count_ones(one & other & third)
    return bool(common == min(sizes) and 2 * common >= max(sizes))


@kernel
def _mark(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    places: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    others: NDArray[np.int64],
    place_of: NDArray[np.uint64],
    marked: NDArray[np.bool_],
) -> None:
    """Set `marked` of each link that is part of such a triangle.

    `others[firsts[v]:firsts[v + 1]]` are the neighbours of text v, ascending, `place_of` the slots
    of the links to them.
    """
    for link in range(len(left)):
        few, many = left[link], right[link]
        if firsts[few + 1] - firsts[few] > firsts[many + 1] - firsts[many]:
            few, many = many, few
        others_of_many = others[firsts[many] : firsts[many + 1]]
        for i in range(firsts[few], firsts[few + 1]):
            j = np.searchsorted(others_of_many, others[i])
            if j == len(others_of_many) or others_of_many[j] != others[i]:
                continue
            if _one_frame(places[link], place_of[i], place_of[firsts[many] + j]):
                marked[link] = True
                break


def find_frames(
    count: int, left: NDArray[np.int64], right: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pairs are two of three texts or more that fill one frame: bool[n_links].

    `left`, `right` int64 below `count` and `places` int64 as `slot_places` of `matching.Judged`,
    each pair once, in any order; links whose places are 0 are in none.
    """
    found = np.zeros(len(left), np.bool_)
    filled = np.flatnonzero(places)
    if len(filled) < 3:
        return found
    one, other, own = left[filled], right[filled], places[filled].view(np.uint64)
    ends, others = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((others, ends))
    firsts = np.searchsorted(ends[order], np.arange(count + 1))
    marked = np.zeros(len(filled), np.bool_)
    _mark(one, other, own, firsts, others[order], np.tile(own, 2)[order], marked)
    found[filled] = marked
    return found
