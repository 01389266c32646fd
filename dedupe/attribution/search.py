"""Code points of texts -> the places where anchors stand: the kernels of `prefilter`.

An exact multi-pattern search: the text is spelt as anchors are, two small bitmaps of the endings of
anchors leave few places of a text to look at, and there the anchors are looked up in tables by
their last letters and compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.edges import is_laid_out
from dedupe.attribution.folding import BARRIER
from dedupe.attribution.layouts import layouts_of
from dedupe.attribution.mastheads import has_masthead
from dedupe.attribution.surroundings import ends_soon, stands_as_asked
from dedupe.jit import inner_kernel, kernel

__all__ = [
    "BITS",
    "COARSE_BITS",
    "ENDINGS",
    "FIRST_BITS",
    "FOUR",
    "HIDING",
    "JOIN",
    "LETTER",
    "LOW",
    "MIXER",
    "MULTIPLIER",
    "NAMED",
    "SEVEN",
    "SHIFT",
    "SIGNED",
    "STEP",
    "THREE",
    "find_anchors",
]

BITS, COARSE_BITS, FIRST_BITS = 16, 20, 17
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
MIXER = np.uint64(0xC2B2AE3D27D4EB4F)
SHIFT, COARSE_SHIFT = np.uint64(64 - BITS), np.uint64(64 - COARSE_BITS)
FIRST_SHIFT = np.uint64(64 - FIRST_BITS)
LOW, HIGH = np.uint64((1 << BITS) - 1), np.uint64(7 << BITS)
_ONE, THREE, SEVEN = np.uint64(1), np.uint64(3), np.uint64(7)
STEP, LETTER = np.uint64(10), np.uint64(1023)
"""A letter is told by its low ten bits where endings are compared: six letters are one word."""
SIX, FOUR, TWO = np.uint64((1 << 60) - 1), np.uint64((1 << 40) - 1), np.uint64((1 << 20) - 1)
ENDINGS = (12, 6, 4, 2)
_BIT_OF = (1, 2, 4, 8)
"""For each length of ending the bit of a candidate."""
_CANDIDATE, _BITS = 4, 15
HIDING, SIGNED, NAMED = 1, 2, 4
JOIN = tuple(map(ord, f"\n{BARRIER}\n"))
"""What stands between the two ends of a long text."""
_OPENING_WITHIN, _SIGNED_WITHIN = 300, 300
"""As `brackets.has_opening`."""


@inner_kernel
def _check(
    anchor: int,
    size: int,
    codes: NDArray[Any],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    spelling: NDArray[np.uint16],
    bounds: NDArray[np.int32],
    standing: NDArray[np.uint8],
    latest: NDArray[np.int32],
    reach: NDArray[np.int32],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
) -> bool:
    """Whether the anchor ends at `text[size - 1]` and stands as it must."""
    low, high = bounds[anchor], bounds[anchor + 1]
    length = high - low
    end = places[size - 1]
    if length > size or end - first > latest[anchor] or last - end > abs(reach[anchor]):
        return False
    for j in range(length):
        if spelling[high - 1 - j] != text[size - 1 - j]:
            return False
    if reach[anchor] < 0 and not ends_soon(codes, end, last):
        return False
    return standing[anchor] == 0 or stands_as_asked(
        standing[anchor], codes, first, last, table, text, places, size - length, size - 1
    )


@inner_kernel
def _look_around(part: NDArray[Any]) -> np.uint8:
    """What a part may hold that no anchor tells: `HIDING` and `SIGNED` as bits.

    HTML entities, mark-up and letters spelt in parts hide anchors; a bracket among the first
    characters, one or © among the last (or nothing but blanks, which may follow one), a year or an
    address may stand beside a name.
    """
    size = len(part)
    hiding, signed, solid = False, False, False
    for at in range(size - 1):
        code = part[at]
        beside = part[at + 1]
        hiding |= ((code == 38) | (code == 126) | (code == 35) | (code == 60)) & (beside > 32)
        hiding |= (code == 92) & (beside == 42)
        hiding |= ((code == 93) & (beside == 40)) | ((code == 42) & (beside == 42))
        hiding |= (code >> 8 == 0x11) | (code == 0x3099) | (code == 0x309A)
    for at in range(min(size - 2, _OPENING_WITHIN)):
        code, beside = part[at], part[at + 1]
        dated = ((code == 50) & (beside == 48)) | ((code == 49) & (beside == 57))
        dated &= (part[at + 2] >= 48) & (part[at + 2] <= 57)
        signed |= (code == 40) | dated | ((code == 47) & (beside == 47))
    for at in range(max(0, size - _SIGNED_WITHIN), size):
        code = part[at]
        signed |= (
            (code == 0xA9) | (code == 41) | (code == 0xFF09) | ((code == 47) & (part[at - 1] == 47))
        )
        solid |= ((code > 32) & (code < 0x85)) | ((code > 0xA0) & (code < 0x1680)) | (code > 0x3000)
    return np.uint8((HIDING if hiding else 0) | (SIGNED if signed or not solid else 0))


@inner_kernel
def _mark(
    part: NDArray[Any],
    table: NDArray[np.uint16],
    names: NDArray[np.uint64],
    bys: NDArray[np.uint32],
    posted: NDArray[np.uint32],
) -> np.uint8:
    """All that is told of a part without its anchors, as bits."""
    bits = _look_around(part)
    if bits & SIGNED == 0 and is_laid_out(part):
        bits |= SIGNED
    if bits & SIGNED:
        bits |= layouts_of(part, bys, posted)
    if has_masthead(part, table, names):
        bits |= NAMED
    return np.uint8(bits)


@inner_kernel
def _spell(
    part: NDArray[Any],
    first: int,
    table: NDArray[np.uint16],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
) -> np.uint64:
    """Spell one part as it is searched into `text`, with the `places` of its letters.

    Places count from `first` before the part. Returns the length, without the blank that may follow
    the part. Every character is written and the end moved on behind those that stay: a branch would
    be guessed wrongly at every second word.
    """
    previous = np.uint16(32)
    size = _ONE
    text[0] = 32
    places[0] = first - 1
    for at in range(len(part)):
        code = part[at]
        char = table[code] if code < 65536 else np.uint16(32)
        text[size] = char
        places[size] = first + at
        size += np.uint64((char != 0) & ((char | previous) != 32))
        previous = char if char else previous
    return size


@inner_kernel
def _has_bit(coarse: NDArray[np.uint8], key: np.uint64) -> np.int32:
    bit = (key * MULTIPLIER) >> COARSE_SHIFT
    return np.int32((coarse[bit >> THREE] >> np.uint8(bit & SEVEN)) & np.uint8(1))


@inner_kernel
def _letters(text: NDArray[np.uint16], first: int, last: int) -> np.uint64:
    """The low bits of some letters as one key; what is before the text counts as nothing."""
    key = np.uint64(0)
    for at in range(max(first, 0), last):
        key = (key << STEP) | (np.uint64(text[at]) & LETTER)
    return key


@inner_kernel
def _find_endings(
    text: NDArray[np.uint16],
    size: np.uint64,
    early: NDArray[np.uint8],
    coarse: NDArray[np.uint8],
    finer: NDArray[np.uint8],
    candidates: NDArray[np.int32],
    keys: NDArray[np.uint64],
) -> np.uint64:
    """Fill `candidates` with where an anchor may end; returns how many there are.

    Each is sixteen times the size of the text up to there, and for each of ENDINGS the bit of
    `_BIT_OF` if a bitmap has it. `early`, which stays in the first-level cache, has the last four
    letters of all but pairs of a script without blanks; `coarse` six letters, four or such a pair;
    `finer` all twelve and the six of those that are looked up by six. The tables that are looked
    into for what is left lie outside the caches. `keys` is room for the last letters of each.
    """
    key, found = np.uint64(32), np.uint64(0)
    for at in range(_ONE, size):
        char = text[at]
        key = (key << STEP) | (np.uint64(char) & LETTER)
        bit = ((key & FOUR) * MULTIPLIER) >> FIRST_SHIFT
        hit = (early[bit >> THREE] >> np.uint8(bit & SEVEN)) & np.uint8(1)
        candidates[found] = at
        keys[found] = key
        found += np.uint64(hit | np.uint8(char >= 11904))
    likely = np.uint64(0)
    for index in range(found):
        end: Any = candidates[index]
        key = keys[index]
        bits = _has_bit(coarse, key & FOUR) << 2
        if _has_bit(coarse, key & SIX):
            front = _letters(text, end - 11, end - 5)
            bits |= _has_bit(finer, (key & SIX) ^ (front * MIXER)) | (
                _has_bit(finer, key & SIX) << 1
            )
        if text[end] >= 11904:
            bits |= _has_bit(coarse, key & TWO) << 3
        candidates[likely] = ((end + 1) << _CANDIDATE) | bits
        likely += np.uint64(bits != 0)
    return likely


@inner_kernel
def _find_slot(
    text: NDArray[np.uint16], size: int, which: int, slots: NDArray[np.uint64]
) -> np.uint64:
    """The slot of the anchors filed under the last letters of `text[:size]`: `ENDINGS[which]`."""
    ending = _letters(text, size - min(ENDINGS[which], 6), size)
    if which == 0:
        ending ^= _letters(text, size - 12, size - 6) * MIXER
    slot = ((ending * MULTIPLIER) >> SHIFT) + (np.uint64(which) << np.uint64(BITS))
    while slots[slot, 2] != 0 and slots[slot, 0] != ending:
        slot = (slot & HIGH) | ((slot + _ONE) & LOW)
    return slot


@inner_kernel
def _copy(source: NDArray[Any], target: NDArray[Any]) -> None:
    """Copy without asking whether the one is part of the other, as an assigned slice does."""
    for at in range(len(source)):
        target[at] = source[at]


@inner_kernel
def _look_through(
    codes: NDArray[Any], first: int, last: int, ends: tuple[int, int], window: NDArray[Any]
) -> int:
    """Copy the ends of a long text into `window` with `JOIN` between them, all of a short one.

    Returns how many code points there are.
    """
    size = last - first
    head, tail = ends
    if size <= head + tail:
        _copy(codes[first:last], window)
        return size
    _copy(codes[first : first + head], window)
    for at in range(len(JOIN)):
        window[head + at] = JOIN[at]
    behind = head + len(JOIN)
    _copy(codes[last - tail : last], window[behind:])
    return behind + tail


# long: the tables of the index are many arguments
@kernel
def find_anchors(
    codes: NDArray[Any],
    starts: NDArray[np.int64],
    ends: tuple[int, int],
    window: NDArray[Any],
    table: NDArray[np.uint16],
    slots: NDArray[np.uint64],
    filed: NDArray[np.uint64],
    spelling: NDArray[np.uint16],
    bounds: NDArray[np.int32],
    standing: NDArray[np.uint8],
    latest: NDArray[np.int32],
    reach: NDArray[np.int32],
    early: NDArray[np.uint8],
    coarse: NDArray[np.uint8],
    finer: NDArray[np.uint8],
    names: NDArray[np.uint64],
    bys: NDArray[np.uint32],
    posted: NDArray[np.uint32],
    marked: NDArray[np.uint8],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    candidates: NDArray[np.int32],
    keys: NDArray[np.uint64],
    hits: NDArray[np.int32],
) -> int:
    """Fill `hits` with rows `(part, anchor, offset)`; returns how many there are in all.

    Of a part longer than both `ends` only these are searched, as `view.window_text` joins them.
    `names` are `mastheads.masthead_keys`, `bys` and `posted` `layouts.letter_table`s; `marked`
    uint8[n_parts] takes the bits HIDING, SIGNED, NAMED and those of `layouts.LAID_OUT` of each
    part, which are told of SIGNED parts and of those with hits; `window` is room for what is
    searched of the longest part and `text`, `places`, `candidates` and `keys` for two more.
    """
    found = 0
    for part in range(starts.size - 1):
        size = _look_through(codes, starts[part], starts[part + 1], ends, window)
        marked[part] = _mark(window[:size], table, names, bys, posted)
        length = _spell(window[:size], 0, table, text, places)
        count = _find_endings(text, length, early, coarse, finer, candidates, keys)
        before = found
        if text[length - _ONE] != 32:  # the blank behind the part may always end an anchor
            text[length] = 32
            places[length] = size
            candidates[count] = ((length + _ONE) << np.uint64(_CANDIDATE)) | np.uint64(_BITS)
            count += _ONE
        for at in range(count):
            spelt, bits = candidates[at] >> _CANDIDATE, candidates[at] & _BITS
            for which in range(4):
                if spelt < ENDINGS[which] or not bits & _BIT_OF[which]:
                    continue
                slot = _find_slot(text, spelt, which, slots)
                first: Any = slots[slot, 1]
                taken = spelt - ENDINGS[which]
                front = _letters(text, taken - 6, taken)
                for row in range(first, first + slots[slot, 2]):
                    anchor: Any = filed[row, 0]
                    if (front & filed[row, 2]) == filed[row, 1] and _check(
                        anchor, spelt, window, 0, size, table, spelling, bounds, standing,
                        latest, reach, text, places):  # fmt: skip
                        if found < hits.shape[0]:
                            hits[found, 0], hits[found, 1] = part, anchor
                            hits[found, 2] = places[spelt - 1]
                        found += 1
        if found > before and marked[part] & SIGNED == 0:  # it is read closely: what of its ends?
            marked[part] |= layouts_of(window[:size], bys, posted)
    return found
