"""Packed keys -> sorted runs, and who stands in them: the inner loops of the embedded index.

An entry is one uint64: the high 38 bits of a mixed key, then the number of the text in 26 bits. The
key is mixed by an odd factor first, because winnowed keys are small ones; after it they are spread
evenly, so that a table by the leading bits leads within a few entries of any key. Truncated keys
collide by chance about once in 25 articles at half a million of them; verification reads the whole
keys again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel

__all__ = [
    "KEY",
    "NUMBER_BITS",
    "Run",
    "find_crowded",
    "find_in_run",
    "make_run",
    "merge_runs",
    "pack_entries",
    "scrub_run",
]

NUMBER_BITS = 26
_BITS = np.uint64(NUMBER_BITS)
_NUMBER = np.uint64((1 << NUMBER_BITS) - 1)
KEY = ~_NUMBER
"""The bits of an entry that are its key's."""
_MIX_BAND = np.uint64(0x9E3779B97F4A7C15)
_MIX_PASSAGE = np.uint64(0xC2B2AE3D27D4EB4F)
_ENTRIES_A_SLOT = 16
"""Entries between two neighbours of the table: two cache lines."""


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`entries` uint64[n] sorted; `table` int64[2^k + 1] where each prefix of k bits begins."""

    entries: NDArray[np.uint64]
    table: NDArray[np.int64]
    shift: int


@kernel
def pack_entries(
    keys: NDArray[np.uint64], numbers: NDArray[np.int64], passages: bool
) -> NDArray[np.uint64]:
    """Entries of keys and the numbers of their texts, in the same order: uint64[n]."""
    factor = _MIX_PASSAGE if passages else _MIX_BAND
    out = np.empty(len(keys), np.uint64)
    for index in range(len(keys)):
        out[index] = (keys[index] * factor) >> _BITS << _BITS | np.uint64(numbers[index])
    return out


@kernel
def _fill_table(entries: NDArray[np.uint64], shift: int, table: NDArray[np.int64]) -> None:
    place = 0
    for slot in range(len(table) - 1):
        while place < len(entries) and entries[place] >> np.uint64(shift) < np.uint64(slot):
            place += 1
        table[slot] = place
    table[len(table) - 1] = len(entries)


def make_run(entries: NDArray[np.uint64]) -> Run:
    """A run of entries that are sorted already."""
    slots = max(1, len(entries) // _ENTRIES_A_SLOT)
    bits = max(1, slots.bit_length() - 1)
    table = np.empty((1 << bits) + 1, np.int64)
    _fill_table(entries, 64 - bits, table)
    return Run(entries, table, 64 - bits)


@kernel
def _merge(
    left: NDArray[np.uint64],
    right: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    out: NDArray[np.uint64],
) -> int:
    i, j, count = 0, 0, 0
    while i < len(left) or j < len(right):
        if j >= len(right) or (i < len(left) and left[i] <= right[j]):
            entry = left[i]
            i += 1
        else:
            entry = right[j]
            j += 1
        if alive[int(entry & _NUMBER)]:
            out[count] = entry
            count += 1
    return count


def merge_runs(left: Run, right: Run, alive: NDArray[np.bool_]) -> Run:
    """One run of two, without the entries of texts that are gone (`alive` by number)."""
    out = np.empty(len(left.entries) + len(right.entries), np.uint64)
    count = _merge(left.entries, right.entries, alive, out)
    return make_run(out[:count] if count > len(out) // 2 else out[:count].copy())


@kernel
def _locate(
    entries: NDArray[np.uint64],
    table: NDArray[np.int64],
    shift: int,
    wanted: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
) -> int:
    """Where the entries of each wanted key (low bits zero) stand; returns how many in all."""
    total = 0
    for index in range(len(wanted)):
        key = wanted[index]
        slot = int(key >> np.uint64(shift))
        low, high = table[slot], table[slot + 1]
        while low < high:
            middle = (low + high) >> 1
            if entries[middle] < key:
                low = middle + 1
            else:
                high = middle
        last = low
        while last < len(entries) and entries[last] >> _BITS == key >> _BITS:
            last += 1
        firsts[index], lasts[index] = low, last
        total += last - low
    return total


@kernel
def _copy_hits(
    entries: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    alive: NDArray[np.bool_],
    queries: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> int:
    count = 0
    for query in range(len(firsts)):
        before = -1
        for place in range(firsts[query], lasts[query]):
            number = int(entries[place] & _NUMBER)
            if number != before and alive[number]:  # one text may hold a passage twice
                queries[count] = query
                numbers[count] = number
                count += 1
            before = number
    return count


def find_in_run(
    run: Run, wanted: NDArray[np.uint64], alive: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(queries, numbers) int64[k]: the texts that hold each of the wanted keys.

    `wanted` uint64[q] are entries with zero for a number; sorted ones are found faster.
    """
    firsts, lasts = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
    total = _locate(run.entries, run.table, run.shift, wanted, firsts, lasts)
    queries, numbers = np.empty(total, np.int64), np.empty(total, np.int64)
    count = _copy_hits(run.entries, firsts, lasts, alive, queries, numbers)
    return queries[:count], numbers[:count]


@kernel
def find_crowded(
    entries: NDArray[np.uint64], alive: NDArray[np.bool_], least: int
) -> NDArray[np.uint64]:
    """Keys of a run, as entries with zero for a number, that at least `least` texts hold."""
    found = np.empty(len(entries) // least, np.uint64)
    count = first = 0
    while first < len(entries):
        key, last, members, before = entries[first] >> _BITS, first, 0, -1
        while last < len(entries) and entries[last] >> _BITS == key:
            number = int(entries[last] & _NUMBER)
            members += number != before and alive[number]
            before = number
            last += 1
        if members >= least:
            found[count] = key << _BITS
            count += 1
        first = last
    return found[:count]


@kernel
def _overwrite(
    entries: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    alive: NDArray[np.bool_],
) -> bool:
    """Put a neighbour over every entry of a text that is gone; False where there is none."""
    for query in range(len(firsts)):
        for place in range(firsts[query], lasts[query]):
            if alive[int(entries[place] & _NUMBER)]:
                continue
            if place > 0:
                entries[place] = entries[place - 1]
                continue
            other = 1
            while other < len(entries) and not alive[int(entries[other] & _NUMBER)]:
                other += 1
            if other == len(entries):
                return False
            for index in range(other):
                entries[index] = entries[other]
    return True


def scrub_run(run: Run, wanted: NDArray[np.uint64], alive: NDArray[np.bool_]) -> bool:
    """Overwrite entries of the wanted keys whose texts are gone; False if the run is then empty.

    The order stays; a neighbour that stands there twice is one holder to every look-up.
    """
    firsts, lasts = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
    _locate(run.entries, run.table, run.shift, wanted, firsts, lasts)
    return bool(_overwrite(run.entries, firsts, lasts, alive))
