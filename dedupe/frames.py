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
from dedupe.limits import FILLED

__all__ = ["find_frames"]


_PLACES = np.uint64(FILLED - 1)


@kernel
def _one_frame(one: np.uint64, other: np.uint64, third: np.uint64) -> bool:
    """Whether three pairs of three texts differ in the same slots, as far as the fewest tell.

    Two may agree in some slot by chance: they then have fewer, but not less than half of the most.
    """
    sizes = (count_ones(one), count_ones(other), count_ones(third))
    common = count_ones(one & other & third)
    return bool(common == min(sizes) and 2 * common >= max(sizes))


@kernel
def _close_triangles(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    places: NDArray[np.uint64],
    asked: NDArray[np.bool_],
    known: NDArray[np.bool_],
    firsts: NDArray[np.int64],
    others: NDArray[np.int64],
    link_of: NDArray[np.int64],
    any_known: bool,
    marked: NDArray[np.bool_],
) -> None:
    """Set `marked` of each link that is `asked` and closes a triangle of one frame.

    `others[firsts[v]:firsts[v + 1]]` are the neighbours of text v, ascending, `link_of` the links
    to them. With `any_known` one of the three links has to be `known` already.
    """
    for link in np.flatnonzero(asked):
        few, many = left[link], right[link]
        if firsts[few + 1] - firsts[few] > firsts[many + 1] - firsts[many]:
            few, many = many, few
        others_of_many = others[firsts[many] : firsts[many + 1]]
        for i in range(firsts[few], firsts[few + 1]):
            j = np.searchsorted(others_of_many, others[i])
            if j == len(others_of_many) or others_of_many[j] != others[i]:
                continue
            one, other = link_of[i], link_of[firsts[many] + j]
            if any_known and not (known[link] or known[one] or known[other]):
                continue
            if _one_frame(places[link], places[one], places[other]):
                marked[link] = True
                break


def _mark(
    count: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    places: NDArray[np.uint64],
    asked: NDArray[np.bool_],
    known: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Those asked that close a triangle of one frame, with one that is `known` if that is given."""
    ends, others = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((others, ends))
    firsts = np.searchsorted(ends[order], np.arange(count + 1))
    links = np.tile(np.arange(len(left)), 2)[order]
    marked = np.zeros(len(left), np.bool_)
    given = marked if known is None else known
    arrays = (left, right, places, asked, given, firsts, others[order], links)
    _close_triangles(*arrays, known is not None, marked)
    return marked


def find_frames(
    count: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    places: NDArray[np.int64],
    unites: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Which uniting pairs are two of three texts or more that fill one frame: bool[n_links].

    `left`, `right` int64 below `count` and `places` int64 as `slot_places` of `matching.Judged`,
    each pair once, in any order. Pairs that do not unite only close triangles: so what is found of
    a component of uniting pairs depends on the pairs of its own texts alone. First those that
    differ in little else are found; then, of the texts in these, pairs with more around the frame,
    until there are no more.
    """
    found = np.zeros(len(left), np.bool_)
    slots = places.view(np.uint64) & _PLACES
    filled = np.flatnonzero((places & FILLED != 0) & (slots != 0))
    found[filled] = _mark(count, left[filled], right[filled], slots[filled], unites[filled])
    told = 0
    while told < (told := int(found.sum())):
        in_frame = np.zeros(count, np.bool_)
        in_frame[left[found]] = in_frame[right[found]] = True
        near = np.flatnonzero((slots != 0) & (in_frame[left] | in_frame[right]))
        arrays = (left[near], right[near], slots[near], unites[near])
        found[near] |= _mark(count, *arrays, found[near])
    return found
