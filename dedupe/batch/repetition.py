"""Values of many owners -> those that enough owners hold, and who holds one.

Owners are articles, values their passage keys or grams. Hardly any value repeats, so a small table
of counts drops nearly all of them before the exact count in a hash table; sorting them all took
ten times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel

__all__ = ["find_repeated"]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, vol. 3, 6.4)
_S32 = np.uint64(32)
_ONE = np.uint64(1)
_FEWEST_SLOTS, _MOST_COUNTS = 1 << 10, 1 << 22
_COUNTED = (1 << 16) - 1
"""Where the rough counts stop."""


@kernel
def _room_for(values: int) -> int:
    """A power of two that is at least twice the number of values."""
    size = _FEWEST_SLOTS
    while size < 2 * values:
        size *= 2
    return size


@kernel
def _count_roughly(
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    counts: NDArray[np.uint16],
) -> None:
    """How often a value may occur, by the hash of it: never less than it does."""
    mask = np.uint64(len(counts) - 1)
    for owner in range(len(firsts)):
        for place in range(firsts[owner], lasts[owner]):
            if values[place]:
                slot = (values[place] * _SPREAD) >> _S32 & mask
                counts[slot] = min(counts[slot] + 1, _COUNTED)


@kernel
def _find_slot(slots: NDArray[np.uint64], value: np.uint64) -> np.uint64:
    """Where a value stands in the hash table, or the free slot where it would; 0 is no value."""
    mask = np.uint64(len(slots) - 1)
    slot = (value * _SPREAD) >> _S32 & mask
    while slots[slot] != 0 and slots[slot] != value:
        slot = (slot + _ONE) & mask
    return slot


@kernel
def _count_owners(
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    counts: NDArray[np.uint16],
    enough: int,
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """(slots, owners): the values whose rough count is enough, and how many owners each has."""
    mask, occurrences = np.uint64(len(counts) - 1), 0
    for count in counts:
        occurrences += count if count >= enough else 0
    if counts.max() == _COUNTED:
        occurrences = 0
        for owner in range(len(firsts)):
            occurrences += lasts[owner] - firsts[owner]
    slots = np.zeros(_room_for(occurrences), np.uint64)
    owners = np.zeros(len(slots), np.int32)
    latest = np.empty(len(slots), np.int32)
    for owner in range(len(firsts)):
        for place in range(firsts[owner], lasts[owner]):
            value = values[place]
            if value == 0 or counts[(value * _SPREAD) >> _S32 & mask] < enough:
                continue
            slot = _find_slot(slots, value)
            if slots[slot] == 0 or latest[slot] != owner:
                slots[slot] = value
                latest[slot] = owner
                owners[slot] += 1
    return slots, owners


@kernel
def _find_holders(
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    counts: NDArray[np.uint16],
    enough: int,
    slots: NDArray[np.uint64],
    owners: NDArray[np.int32],
    least: int,
) -> NDArray[np.bool_]:
    mask = np.uint64(len(counts) - 1)
    holding = np.zeros(len(firsts), np.bool_)
    for owner in range(len(firsts)):
        for place in range(firsts[owner], lasts[owner]):
            value = values[place]
            if value == 0 or counts[(value * _SPREAD) >> _S32 & mask] < enough:
                continue
            if owners[_find_slot(slots, value)] >= least:
                holding[owner] = True
                break
    return holding


@kernel
def find_repeated(
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    least: int,
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """(values that at least `least` owners hold, sorted; which owners hold one).

    Owner i holds `values[firsts[i]:lasts[i]]`; a value of 0 is none.
    """
    total = 0
    for owner in range(len(firsts)):
        total += lasts[owner] - firsts[owner]
    counts = np.zeros(min(_room_for(total), _MOST_COUNTS), np.uint16)
    _count_roughly(values, firsts, lasts, counts)
    enough = min(least, _COUNTED)
    slots, owners = _count_owners(values, firsts, lasts, counts, enough)
    holding = _find_holders(values, firsts, lasts, counts, enough, slots, owners, least)
    repeated = slots[owners >= least]
    repeated.sort()
    return repeated, holding
