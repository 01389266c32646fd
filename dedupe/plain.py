"""Plain text -> tokens, without a branch a character: the quick way of `normalize`, nearly always.

Mispredicted ends of words cost more than all the rest, so characters are looked up, summed and
compared with their neighbours in loops that never ask, and only the edges of words are walked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.foldtable import CAPITAL, CODE_POINT, COMPLEX, LAST, SKIP
from dedupe.jit import count_ones, kernel, trailing_zeros

__all__ = [
    "AFTER_CUT",
    "CAPITAL_TO_FLAG",
    "FLAG_BITS",
    "HAS_DIGIT",
    "IS_CAPITAL",
    "IS_UNSPACED",
    "LONGEST",
    "PRIME",
    "CodePoints",
    "Room",
    "is_written",
    "make_room",
    "mix64",
    "pack_token",
    "tokenize_plain",
]

CodePoints = NDArray[np.uint16] | NDArray[np.uint32]
"""Code points as kernels take them: 16 bits where no text needs more."""
HAS_DIGIT, IS_CAPITAL, AFTER_CUT, IS_UNSPACED = 1, 2, 4, 8
FLAG_BITS = 4
_IDENTITY_SHIFT = np.uint64(36)  # the top 28 bits of the mixed hash
_ONE = np.uint64(1)
PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)  # MurmurHash3 fmix64
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_FLAG_SHIFT = np.uint32(FLAG_BITS)
_PLAIN_SHIFT = np.uint32(28)
_STEP, _NUMBER = np.uint32(1), np.uint32(2)
_DIGIT_TO_NUMBER = np.uint32(23)  # bit 24: of the kinds that are PLAIN only DIGIT is odd
_PLAIN_TO_NUMBER = np.uint32(27)
_BYTES = np.uint64(0x0101010101010101)
_GATHER = np.uint64(0x0102040810204080)  # times 8 bytes of 0 or 1: the bits in the top byte
_S56 = np.uint64(56)
LONGEST = 1 << 16
"""Longest stretch for the fast path: twice 512 kB of powers stay in the second-level cache."""
CAPITAL_TO_FLAG = np.uint32(26)  # bit 27 to IS_CAPITAL

Room = tuple[
    NDArray[np.uint32],
    NDArray[np.uint32],
    NDArray[np.uint32],
    NDArray[np.uint32],
    NDArray[np.uint64],
    NDArray[np.uint8],
]
"""Scratch arrays of `tokenize_plain`, made once for many texts: see `make_room`."""


@kernel
def mix64(value: np.uint64) -> np.uint64:
    """The finaliser of MurmurHash3 for 64 bits, a bijection."""
    value ^= value >> _S33
    value *= _MIX_1
    value ^= value >> _S33
    value *= _MIX_2
    return value ^ (value >> _S33)


@kernel
def make_room(longest: int) -> Room:
    """(entries, places, edges, numbers, sums, steps) for texts of up to `longest` code points."""
    size = min(longest, LONGEST) + 64  # whole steps of 64
    return (
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.empty(size, np.uint64),
        np.empty(size // 8 * 8, np.uint8),
    )


@kernel
def pack_token(value: np.uint64, flags: np.uint32) -> np.uint32:
    """The token of a word whose polynomial is `value`."""
    return np.uint32(mix64(value) >> _IDENTITY_SHIFT) << _FLAG_SHIFT | flags


@kernel
def _look_up(
    view: CodePoints,
    first: int,
    size: int,
    table: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    entries: NDArray[np.uint32],
    sums: NDArray[np.uint64],
) -> np.uint32:
    """Table entries and prefix sums of the polynomial; returns the bits that any entry has."""
    seen, total = np.uint32(0), np.uint64(0)
    for place in range(size):
        entry = table[min(np.uint32(view[first + place]), LAST)]
        entries[place] = entry
        seen |= entry
        sums[place] = total
        total += np.uint64(entry & CODE_POINT) * powers[0, place]
    sums[size] = total
    return seen


@kernel
def _close_gaps(
    size: int,
    powers: NDArray[np.uint64],
    entries: NDArray[np.uint32],
    places: NDArray[np.uint32],
    sums: NDArray[np.uint64],
) -> int:
    """Move entries over those that are dropped and sum again; returns how many stay.

    `places` takes where each that stays stood.
    """
    kept = np.uint64(0)
    for place in range(size):
        entries[kept] = entries[place]
        places[kept] = place
        kept += np.uint64((entries[place] & SKIP) == 0)
    left: int = np.int64(kept)  # type: ignore[assignment]  # signed, see `tokenize_plain`
    total = np.uint64(0)
    for place in range(left):
        sums[place] = total
        total += np.uint64(entries[place] & CODE_POINT) * powers[0, place]
    sums[left] = total
    return left


@kernel
def _find_edges(
    size: int,
    entries: NDArray[np.uint32],
    steps: NDArray[np.uint8],
    edges: NDArray[np.uint32],
    numbers: NDArray[np.uint32],
) -> tuple[int, int]:
    """(words, digits): `edges` takes start and end of each word, `numbers` the word of each digit.

    One byte a character tells a step into or out of a word, 64 of them become one machine word, and
    only its bits are walked: one badly predicted branch in 64 characters, not one in six.
    """
    steps[0] = np.uint8(
        ((entries[0] >> _PLAIN_SHIFT) & _STEP)
        | ((entries[0] >> _DIGIT_TO_NUMBER) & (entries[0] >> _PLAIN_TO_NUMBER) & _NUMBER)
    )
    for place in range(1, size):  # vectorised
        entry = entries[place]
        steps[place] = np.uint8(
            (((entry ^ entries[place - 1]) >> _PLAIN_SHIFT) & _STEP)
            | ((entry >> _DIGIT_TO_NUMBER) & (entry >> _PLAIN_TO_NUMBER) & _NUMBER)
        )
    steps[size : (size + 63) // 64 * 64] = 0
    eights = steps.view(np.uint64)
    edge, digits = np.uint64(0), 0
    for base in range(0, size, 64):
        first, bits, either = base // 8, np.uint64(0), np.uint64(0)
        for part in range(8):
            either |= eights[first + part]
            some = ((eights[first + part] & _BYTES) * _GATHER) >> _S56
            bits |= some << np.uint64(8 * part)
        if either & (_BYTES << _ONE):
            found = np.uint64(0)
            for part in range(8):
                some = (((eights[first + part] >> _ONE) & _BYTES) * _GATHER) >> _S56
                found |= some << np.uint64(8 * part)
            while found:
                at = _ONE << trailing_zeros(found)
                before = count_ones(bits & (at | (at - _ONE)))
                numbers[digits] = np.uint32((edge + before - _ONE) >> _ONE)
                digits += 1
                found &= found - _ONE
        while bits:
            edges[edge] = np.uint32(np.uint64(base) + trailing_zeros(bits))
            edge += _ONE
            bits &= bits - _ONE
    edges[edge] = size
    count: int = np.int64((edge + _ONE) >> _ONE)  # type: ignore[assignment]
    return count, digits


@kernel
def is_written(code: np.uint32) -> bool:
    """Whether a dropped character is seen on the letter before it, so that no span may part them.

    Vowel signs and tatweel are; soft hyphens, joiners, fillers and marks of direction are not.
    """
    return bool(np.uint32(0x0300) <= code < np.uint32(0x1100) and code != np.uint32(0x061C))


@kernel
def _end_with_marks(view: CodePoints, after: int, last: int, table: NDArray[np.uint32]) -> int:
    """Where a word ends whose last letter stands before `after`, with the marks on that letter."""
    end = after
    for place in range(after, last):
        code = np.uint32(view[place])
        if not table[min(code, LAST)] & SKIP:
            break
        if is_written(code):
            end = place + 1
    return end


@kernel
def tokenize_plain(
    view: CodePoints,
    first: int,
    last: int,
    table: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    room: Room,
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    out: int,
) -> int:
    """Words of `view[first:last]`, or -1 when a character is not a plain one.

    Plain are letters and digits of one code point, separators, and what is dropped. The
    hash of a word is a difference of prefix sums, times the inverse power of where it starts.
    """
    entries, places, edges, numbers, sums, steps = room
    size: Any = last - first  # Numba's int() keeps unsigned numbers unsigned
    seen = _look_up(view, first, size, table, powers, entries, sums)
    if seen & COMPLEX:
        return -1
    if seen & SKIP:
        size = _close_gaps(size, powers, entries, places, sums)
    if size == 0:
        return out
    count, digits = _find_edges(size, entries, steps, edges, numbers)
    for word in range(count):
        start, end = edges[2 * word], edges[2 * word + 1]
        value = (sums[end] - sums[start]) * powers[1, start]
        tokens[out + word] = pack_token(value, (entries[start] & CAPITAL) >> CAPITAL_TO_FLAG)
    for digit in range(digits):
        tokens[out + numbers[digit]] |= np.uint32(HAS_DIGIT)
    if len(starts) and seen & SKIP:
        for word in range(count):
            starts[out + word] = first + places[edges[2 * word]]
            after: Any = first + 1 + np.int64(places[edges[2 * word + 1] - 1])
            ends[out + word] = _end_with_marks(view, after, last, table)
    elif len(starts):
        for word in range(count):
            starts[out + word] = first + edges[2 * word]
            ends[out + word] = first + edges[2 * word + 1]
    return out + count
