"""Shingles of one text -> a hash table of their places, and what of another text is in it.

One table of the left text serves all its candidates. A sieve of bits before it, small enough for
the first-level cache, spares nearly every look-up of what is not there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel, kernel

__all__ = ["build_table", "count_distinct", "find_shared", "sieve_size"]

_S32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ONE, _S6, _LAST = np.uint64(1), np.uint64(6), np.uint64(63)


@inner_kernel
def sieve_size(mask: int) -> int:
    """Elements of the sieve of a table: eight bits a slot."""
    return (mask + 1) // 8


@inner_kernel
def _bit_of(value: np.uint32, mask: int) -> np.uint64:
    """Which bit of the sieve a shingle has."""
    return np.uint64(value) & np.uint64(8 * mask + 7)


@inner_kernel
def build_table(
    shingles: NDArray[np.uint32],
    slots: NDArray[np.uint64],
    sieve: NDArray[np.uint64],
    first_of: NDArray[np.uint32],
    following: NDArray[np.int32],
    mask: int,
) -> int:
    """Hash table of one text's shingles -> places; returns how many are distinct.

    `slots` uint64[mask + 1] holds `hash << 32 | place + 1` of the first occurrence, `following`
    the place of the next one or -1, `first_of` the first place of the shingle at a place. `sieve`
    uint64[sieve_size(mask)] gets a bit a shingle: where there is none, no look-up is needed.
    """
    slots[: mask + 1] = 0
    sieve[: sieve_size(mask)] = 0
    distinct, repeated = 0, False
    for place in range(len(shingles) - 1, -1, -1):  # backwards: chains end up in text order
        value = shingles[place]
        following[place] = -1
        first_of[place] = place
        if value == 0:
            continue
        slot = _find_slot(slots, value, mask)
        if slots[slot] == 0:
            distinct += 1
        else:
            following[place] = np.int32(slots[slot] & _LOW) - 1
            repeated = True
        slots[slot] = np.uint64(value) << _S32 | np.uint64(place + 1)
        bit = _bit_of(value, mask)
        sieve[bit >> _S6] |= _ONE << (bit & _LAST)
    if repeated:
        for first in range(len(shingles)):
            if first_of[first] == first:
                other = following[first]
                while other >= 0:
                    first_of[other] = first
                    other = following[other]
    return distinct


@inner_kernel
def _find_slot(slots: NDArray[np.uint64], value: np.uint32, mask: int) -> np.uint64:
    """Where a shingle stands in the table, or the free slot where it would."""
    wrap = np.uint64(mask)  # an unsigned place is not looked at for being negative
    slot = np.uint64(value) & wrap
    while slots[slot] != 0 and slots[slot] >> _S32 != value:
        slot = (slot + _ONE) & wrap
    return slot


@inner_kernel
def find_shared(
    shingles: NDArray[np.uint32],
    place: np.uint64,
    slots: NDArray[np.uint64],
    sieve: NDArray[np.uint64],
    mask: int,
) -> tuple[np.uint64, np.uint64]:
    """(the next place whose shingle is in the table, what stands there); 0 if there is none."""
    last = np.uint64(len(shingles))
    while place < last:
        value = shingles[place]
        bit = _bit_of(value, mask)
        if (sieve[bit >> _S6] >> (bit & _LAST)) & _ONE and value != 0:
            entry = slots[_find_slot(slots, value, mask)]
            if entry != 0:
                return place, entry
        place += _ONE
    return place, np.uint64(0)


@kernel
def count_distinct(
    shingles: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Distinct shingles of each text, into `out` int32[n_texts]."""
    longest = 1
    for text in range(len(firsts)):
        longest = max(longest, lasts[text] - firsts[text])
    capacity = 16
    while capacity < 2 * longest:
        capacity *= 2
    slots = np.zeros(capacity, np.uint64)
    for text in range(len(firsts)):
        first, last = firsts[text], lasts[text]
        mask = 15
        while mask + 1 < 2 * (last - first):
            mask = 2 * mask + 1
        slots[: mask + 1] = 0
        count = 0
        for place in range(first, last):
            value = shingles[place]
            if value:
                slot = _find_slot(slots, value, mask)
                if slots[slot] == 0:
                    slots[slot] = np.uint64(value) << _S32 | np.uint64(1)
                    count += 1
        out[text] = count
