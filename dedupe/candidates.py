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

from dedupe.jit import kernel

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
_FEWEST_SLOTS = 1 << 16
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


@kernel
def _add_pair(table: NDArray[np.uint64], pair: np.uint64) -> bool:
    """Put a pair into the hash set; False when it is there already. 0 marks a free slot."""
    mask = np.uint64(len(table) - 1)
    slot = (pair * _SPREAD) >> _S32 & mask
    while table[slot] != 0:
        if table[slot] == pair:
            return False
        slot = (slot + np.uint64(1)) & mask
    table[slot] = pair
    return True


@kernel
def _grow(table: NDArray[np.uint64]) -> NDArray[np.uint64]:
    larger = np.zeros(2 * len(table), np.uint64)
    for slot in range(len(table)):
        if table[slot]:
            _add_pair(larger, table[slot])
    return larger


@kernel
def _close_run(packed: NDArray[np.uint64], start: int, article_bits: np.uint64) -> tuple[int, int]:
    """(members of the run at `start`, moved to its beginning without repeats; where it ends)."""
    key, members, end = packed[start] >> article_bits, 1, start + 1
    while end < len(packed) and packed[end] >> article_bits == key:
        if packed[end] != packed[start + members - 1]:  # an article may hold a passage twice
            packed[start + members] = packed[end]
            members += 1
        end += 1
    return members, end


@kernel
def _pairs_of_runs(
    packed: NDArray[np.uint64], article_bits: np.uint64, cap: int, limit: int
) -> tuple[NDArray[np.uint64], int, int]:
    """(distinct pairs in no order, capped, skipped) over all runs of equal keys.

    A pair of near-copies shares dozens of keys (13.5 million meetings of 0.47 million pairs in
    100,000 articles), so pairs go into a hash set as they are met instead of being sorted out.
    """
    count, capped, skipped = 0, 0, 0
    table = np.zeros(_FEWEST_SLOTS, np.uint64)
    mask = (np.uint64(1) << article_bits) - np.uint64(1)
    start, size = 0, len(packed)
    while start < size:
        members, end = _close_run(packed, start, article_bits)
        if members > limit:
            skipped += 1
        elif members > 1:
            hubs = members
            if members > cap:
                hubs = cap
                capped += 1
            for first in range(hubs):
                left = (packed[start + first] & mask) << _S32
                for second in range(first + 1, members):
                    if _add_pair(table, left | (packed[start + second] & mask)):
                        count += 1
                        if 2 * count > len(table):
                            table = _grow(table)
        start = end
    pairs = np.empty(count, np.uint64)
    count = 0
    for slot in range(len(table)):
        if table[slot]:
            pairs[count] = table[slot]
            count += 1
    return pairs, capped, skipped


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
