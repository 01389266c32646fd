"""Keys -> candidates: unverified pairs of articles that share a key.

A bucket up to the cap pairs everyone with everyone; above it each member is paired with the hubs,
the `cap` members of lowest number, which the caller numbers by id hash: the same hubs in every
engine and every order of arrival. Passage keys above a second limit are boilerplate and skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel, kernel

__all__ = [
    "Candidates",
    "distinct",
    "find_candidates",
    "pack_key",
    "pair_left",
    "pair_right",
]

_S32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_DIGITS = 1 << 11
_DIGIT = np.uint64(_DIGITS - 1)
_HIGH_SHIFT, _LOW_SHIFT = np.uint64(53), np.uint64(42)
_SMALL_GROUP = 48
"""Values up to which an insertion sort is fastest."""
_FIRST = np.uint32(1 << 31)
_REMEMBERED = 1 << 18
"""Runs remembered to see them again: 1 MB."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, vol. 3, 6.4)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Distinct pairs, sorted: `pairs` uint64[n] of `left << 32 | right`, left < right.

    `capped` buckets were paired with their hubs only, `skipped` passage keys not at all.
    """

    pairs: NDArray[np.uint64]
    capped: int
    skipped: int


def pair_left(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Lower article number of each pair: uint32[n]."""
    return (pairs >> _S32).astype(np.uint32)


def pair_right(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Higher article number of each pair: uint32[n]."""
    return (pairs & _LOW).astype(np.uint32)


@kernel
def pack_key(key: np.uint64, article: np.uint32, article_bits: np.uint64) -> np.uint64:
    """Key and article in one sortable uint64: the key keeps its `64 - article_bits` high bits.

    Chance collisions stay rare: at 10 million articles and 700 million keys, 40 bits give some
    200,000 false pairs, which verification drops.
    """
    return ((key >> article_bits) << article_bits) | np.uint64(article)


@kernel
def _scatter(
    values: NDArray[np.uint64], shift: np.uint64, starts: NDArray[np.int64], out: NDArray[np.uint64]
) -> None:
    """One stable pass of a radix sort by the digit at `shift`; `starts` int64 is used up."""
    for index in range(len(values)):
        digit = (values[index] >> shift) & _DIGIT
        out[starts[digit]] = values[index]
        starts[digit] += 1


@kernel
def _sort_packed(values: NDArray[np.uint64]) -> None:
    """Sort in place: two radix passes over the high bits, then what shares these bits.

    Four times as fast as a comparison sort on hashed keys; hot keys come in order already, and the
    few large groups that do not are left to a comparison sort.
    """
    size = len(values)
    low, high = np.zeros(_DIGITS, np.int64), np.zeros(_DIGITS, np.int64)
    for index in range(size):
        low[(values[index] >> _LOW_SHIFT) & _DIGIT] += 1
        high[values[index] >> _HIGH_SHIFT] += 1
    before_low, before_high = 0, 0
    for digit in range(_DIGITS):
        low[digit], before_low = before_low, before_low + low[digit]
        high[digit], before_high = before_high, before_high + high[digit]
    room = np.empty(size, np.uint64)
    _scatter(values, _LOW_SHIFT, low, room)
    _scatter(room, _HIGH_SHIFT, high, values)
    start = 0
    while start < size:
        group, end, ordered = values[start] >> _LOW_SHIFT, start + 1, True
        while end < size and values[end] >> _LOW_SHIFT == group:
            ordered = ordered and values[end - 1] <= values[end]
            end += 1
        if not ordered and end - start > _SMALL_GROUP:
            values[start:end].sort()
        elif not ordered:
            for index in range(start + 1, end):
                value, place = values[index], index
                while place > start and values[place - 1] > value:
                    values[place] = values[place - 1]
                    place -= 1
                values[place] = value
        start = end


@inner_kernel
def _is_repeated(
    runs: NDArray[np.uint32], first: int, last: int, latest: NDArray[np.uint32]
) -> bool:
    """Whether the same articles were met in an earlier run, as far as `latest` remembers.

    `latest` holds where a run begins, plus 1, by a hash of its members; a later one takes its
    place. Members rise, so that a run never equals a part of itself.
    """
    state = np.uint64(0)
    for place in range(first, last):
        state = (state ^ np.uint64(runs[place])) * _SPREAD
    slot = state >> _S32 & np.uint64(len(latest) - 1)
    known = np.int64(latest[slot]) - 1
    behind = known + last - first
    if known >= 0 and (behind >= first or runs[behind] & _FIRST != 0):
        different = runs[known] ^ (runs[first] | _FIRST)
        for place in range(1, last - first):
            different |= runs[known + place] ^ runs[first + place]
        if different == 0:
            return True
    latest[slot] = first + 1
    return False


@kernel
def _gather_runs(
    packed: NDArray[np.uint64], article_bits: np.uint64, cap: int, limit: int
) -> tuple[NDArray[np.uint32], int, int]:
    """(members of the runs that hold two articles and more, runs capped, runs skipped).

    One run behind the other, each article once though it may hold a passage twice; the first member
    of a run has the bit `_FIRST`. Most keys are those of one article, and most others are shared by
    the same articles as another key: hardly any run of either kind is left.
    """
    size, mask = len(packed), (np.uint64(1) << article_bits) - np.uint64(1)
    runs, latest = np.empty(size, np.uint32), np.zeros(_REMEMBERED, np.uint32)
    count, capped, skipped, start = 0, 0, 0, 0
    while start < size:
        key, end = packed[start] >> article_bits, start + 1
        begin = count
        runs[begin] = np.uint32(packed[start] & mask)
        count = begin + 1
        while end < size and packed[end] >> article_bits == key:
            member = np.uint32(packed[end] & mask)
            if member != runs[count - 1]:
                runs[count] = member
                count += 1
            end += 1
        members = count - begin
        start = end
        if members == 1 or members > limit:
            skipped += members > limit
            count = begin
            continue
        capped += members > cap
        if _is_repeated(runs, begin, count, latest):
            count = begin
        else:
            runs[begin] |= _FIRST
    return runs[:count], capped, skipped


@kernel
def _find_hubs(
    runs: NDArray[np.uint32], numbers: int, cap: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """(places, bounds): where in `runs` each article stands among the first `cap` of a run.

    Article number n does at `places[bounds[n]:bounds[n + 1]]`.
    """
    bounds, within = np.zeros(numbers + 2, np.int64), 0
    for place in range(len(runs)):
        within = 1 if runs[place] & _FIRST else within + 1
        if within <= cap:
            bounds[(runs[place] & ~_FIRST) + 2] += 1
    for number in range(1, len(bounds)):
        bounds[number] += bounds[number - 1]
    places = np.empty(bounds[numbers + 1], np.uint32)
    for place in range(len(runs)):
        within = 1 if runs[place] & _FIRST else within + 1
        if within <= cap:
            number = (runs[place] & ~_FIRST) + 1
            places[bounds[number]] = place
            bounds[number] += 1
    return places, bounds


@kernel
def _pairs_of_runs(
    packed: NDArray[np.uint64], article_bits: np.uint64, cap: int, limit: int
) -> tuple[NDArray[np.uint64], int, int]:
    """(distinct pairs sorted by left, capped, skipped) over all runs of equal keys.

    A pair of near-copies shares dozens of keys (13.5 million meetings of 0.47 million pairs in
    100,000 articles). Taken article by article, whom one has met already is a mark in an array that
    stays in the cache.
    """
    runs, capped, skipped = _gather_runs(packed, article_bits, cap, limit)
    numbers = 1 << int(np.int64(article_bits))
    places, bounds = _find_hubs(runs, numbers, cap)
    met = np.zeros(numbers, np.uint32)
    pairs = np.empty(1 << 16, np.uint64)
    count, size = 0, np.uint64(len(runs))
    for number in range(numbers):
        left, stamp = np.uint64(number) << _S32, np.uint32(number + 1)
        for hub in range(bounds[number], bounds[number + 1]):
            place = np.uint64(places[hub]) + np.uint64(1)
            while place < size and runs[place] & _FIRST == 0:
                other = runs[place]
                place += np.uint64(1)
                if met[other] == stamp:
                    continue
                met[other] = stamp
                if count == len(pairs):
                    wider = np.empty(2 * count, np.uint64)
                    wider[:count] = pairs
                    pairs = wider
                pairs[count] = left | np.uint64(other)
                count += 1
    return pairs[:count].copy(), capped, skipped


def _pair_partition(
    packed: NDArray[np.uint64], article_bits: int, cap: int, limit: int
) -> Candidates:
    _sort_packed(packed)
    return Candidates(*_pairs_of_runs(packed, np.uint64(article_bits), cap, limit))


def distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sorted values without repeats; sorts in place (`np.unique` would copy twice)."""
    values.sort()
    if len(values) < 2:
        return values
    fresh = np.empty(len(values), bool)
    fresh[0] = True
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return values[fresh]


def find_candidates(
    partitions: Iterable[NDArray[np.uint64]], article_bits: int, cap: int, limit: int
) -> Candidates:
    """Pairs of all partitions of packed keys (see `pack_key`), which are reordered in place.

    Equal keys must stand in one partition. `limit` above any bucket's size skips none.
    """
    found: list[NDArray[np.uint64]] = []
    capped = skipped = 0
    for packed in partitions:
        part = _pair_partition(packed, article_bits, cap, limit)
        found.append(part.pairs)
        capped += part.capped
        skipped += part.skipped
    pairs = distinct(np.concatenate(found)) if found else np.empty(0, np.uint64)
    return Candidates(pairs, capped, skipped)
