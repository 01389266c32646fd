"""Texts -> the places where a literal of some rule stands; most articles have none and are done.

An exact multi-pattern search in one pass over code points. Measured on windows of 2,250 characters
in six scripts, folding not counted: pyahocorasick 51 µs, the Rust `aho-corasick` 22-35 µs; this
kernel folds and searches in about 12, because both share one table look-up per character and a
bitmap of endings rejects nearly every position. Anchors are spelt in letters only: every other
character is a blank and blanks are collapsed, so no punctuation, tatweel or bidi mark hides one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.anchors import search_table
from dedupe.jit import kernel

__all__ = [
    "ANYWHERE",
    "APART",
    "FAR",
    "LEADING",
    "LINE",
    "Anchor",
    "AnchorIndex",
    "Hit",
]

Hit = tuple[int, int]
"""`(anchor, offset)`: index of the anchor and where in the text its last letter stands."""

ANYWHERE, APART, LEADING, LINE = range(4)
FAR = 2**31 - 1
_BITS = 18
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(64 - _BITS)
_COARSE_BITS = 22
_COARSE_SHIFT = np.uint64(64 - _COARSE_BITS)
_THREE, _SEVEN = np.uint64(3), np.uint64(7)
_FOUR, _TWO = np.uint64(1 << _BITS), np.uint64(2 << _BITS)
_TOP = np.uint64(48)
_LOW = np.uint64((1 << _BITS) - 1)
_HIGH = np.uint64(3 << _BITS)
_ONE = np.uint64(1)
_ALL_BITS = 0xFFFFFFFFFFFFFFFF
_PAIR_MASK = np.uint64(0xFFFFFFFF)
_STEP = np.uint64(16)


def _key(text: str) -> int:
    key = 0
    for char in text:
        key = (key << 16 | ord(char)) & _ALL_BITS
    return key


def _ending(text: str) -> tuple[int, int]:
    """The key of an anchor's ending, and which table it is filed in."""
    if len(text) >= 8:
        return _key(text[-4:]) ^ (_key(text[-8:-4]) * int(_MIXER) & _ALL_BITS), 0
    if len(text) >= 4:
        return _key(text[-4:]), 1
    return _key(text[-2:]), 2


@kernel
def _letter_beside(
    codes: NDArray[np.uint32], at: int, step: int, first: int, last: int, table: NDArray[np.uint16]
) -> bool:
    """Whether the next thing in this direction, past one blank, is a letter or digit."""
    skipped = 0
    while first <= at < last:
        code = codes[at]
        char = table[code] if code < 65536 else np.uint16(32)
        if char != 0 and char != 32:
            return True
        if char == 32:
            if code != 32 and code != 160:
                return False
            skipped += 1
            if skipped > 1:
                return False
        at += step
    return False


@kernel
def _begins_line(codes: NDArray[np.uint32], at: int, first: int, table: NDArray[np.uint16]) -> bool:
    """Whether only marks stand between a place and the start of its line."""
    for _ in range(8):
        if at < first:
            return True
        code = codes[at]
        if code == 10 or code == 13 or code == 0x2028 or code == 0x2029:
            return True
        char = table[code] if code < 65536 else np.uint16(32)
        if char != 0 and char != 32:
            return False
        at -= 1
    return True  # a long run of blanks or marks is a line break of its own


@kernel
def _check(
    anchor: int,
    size: int,
    codes: NDArray[np.uint32],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    spelling: NDArray[np.uint16],
    bounds: NDArray[np.int32],
    standing: NDArray[np.uint8],
    latest: NDArray[np.int32],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
) -> bool:
    """Whether the anchor ends at `text[size - 1]` and stands as it must."""
    low, high = bounds[anchor], bounds[anchor + 1]
    length = high - low
    if length > size or places[size - 1] - first > latest[anchor]:
        return False
    for j in range(length):
        if spelling[high - 1 - j] != text[size - 1 - j]:
            return False
    if standing[anchor] == 0:
        return True
    left, right = size - length, size - 1
    if text[left] == 32:
        left += 1
    if text[right] == 32:
        right -= 1
    if standing[anchor] == 3:
        return _begins_line(codes, places[left] - 1, first, table)
    if not _letter_beside(codes, places[left] - 1, -1, first, last, table):
        return True
    return standing[anchor] == 1 and not _letter_beside(
        codes, places[right] + 1, 1, first, last, table
    )


@kernel
def _spell(
    codes: NDArray[np.uint32],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    coarse: NDArray[np.uint8],
    bitmap: NDArray[np.uint8],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    candidates: NDArray[np.int32],
) -> tuple[int, bool]:
    """Spell one part as it is searched into `text`, with the `places` of its letters.

    Fills `candidates` with the sizes of `text` at which an anchor may end: where `coarse` has a bit
    for the last four letters (8 KB, which stay in the first-level cache), or `bitmap` for a pair of
    letters of a script without blanks. Returns how many there are, and whether the part may hold
    HTML entities or mark-up rulers.
    """
    previous = np.uint16(32)
    key, size, found = np.uint64(32), np.uint64(1), np.uint64(0)
    marked = False
    text[0] = 32
    places[0] = first - 1
    i, end = np.uint64(first), np.uint64(last)
    while i < end:
        code = codes[i]
        char = table[code] if code < 65536 else np.uint16(32)
        i += _ONE
        if char == 32:
            if (code == 38 or code == 126 or code == 35) and i < end:
                marked = marked or codes[i] > 32
            if previous == 32:
                continue
        elif char == 0:
            continue
        text[size] = char
        places[size] = i - _ONE
        size += _ONE
        previous = char
        key = (key << _STEP) | np.uint64(char)
        bit = (key * _MULTIPLIER) >> _COARSE_SHIFT
        hit = (coarse[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1)
        if char >= 11904:
            hit |= bitmap[((key & _PAIR_MASK) * _MULTIPLIER) >> _SHIFT] & np.uint8(4)
        if hit:
            candidates[found] = size
            found += _ONE
    if previous != 32:
        text[size] = 32
        places[size] = last
        candidates[found] = size + _ONE
        found += _ONE
    count: Any = np.int64(found)
    return count, marked


@kernel
def _chain(
    text: NDArray[np.uint16],
    size: int,
    length: int,
    heads: NDArray[np.int32],
    endings: NDArray[np.uint64],
    bitmap: NDArray[np.uint8],
) -> int:
    """First of the anchors filed under the last eight, four or two letters of `text[:size]`."""
    key, older = np.uint64(0), np.uint64(0)
    for j in range(size - min(length, 4), size):
        key = (key << _STEP) | np.uint64(text[j])
    if length == 8:
        for j in range(size - 8, size - 4):
            older = (older << _STEP) | np.uint64(text[j])
    ending = key ^ (older * _MIXER)
    slot = (ending * _MULTIPLIER) >> _SHIFT
    which = np.uint64(0) if length == 8 else (_ONE if length == 4 else np.uint64(2))
    if not bitmap[slot] >> np.uint8(which) & np.uint8(1):
        return -1
    slot += which << np.uint64(_BITS)
    while heads[slot] >= 0 and endings[slot] != ending:
        slot = (slot & _HIGH) | ((slot + _ONE) & _LOW)
    return int(heads[slot])


@kernel
def _find(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    table: NDArray[np.uint16],
    heads: NDArray[np.int32],
    endings: NDArray[np.uint64],
    following: NDArray[np.int32],
    spelling: NDArray[np.uint16],
    bounds: NDArray[np.int32],
    standing: NDArray[np.uint8],
    latest: NDArray[np.int32],
    bitmap: NDArray[np.uint8],
    coarse: NDArray[np.uint8],
    marked: NDArray[np.uint8],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    candidates: NDArray[np.int32],
    hits: NDArray[np.int32],
) -> int:
    """Fill `hits` with rows `(part, anchor, offset)`; returns how many there are in all.

    `bitmap` has bit 0 where an ending of eight letters hashes to, bit 1 for four, bit 2 for two.
    """
    found = 0
    for part in range(starts.size - 1):
        first, last = starts[part], starts[part + 1]
        count, entities = _spell(codes, first, last, table, coarse, bitmap, text, places,
                                 candidates)  # fmt: skip
        marked[part] = entities
        for at in range(count):
            size = candidates[at]
            for length in (2, 4, 8):
                if size < length:
                    continue
                anchor = _chain(text, size, length, heads, endings, bitmap)
                while anchor >= 0:
                    if _check(anchor, size, codes, first, last, table, spelling, bounds, standing,
                              latest, text, places):  # fmt: skip
                        if found < hits.shape[0]:
                            hits[found, 0], hits[found, 1] = part, anchor
                            hits[found, 2] = places[size - 1] - first
                        found += 1
                    anchor = following[anchor]
    return found


@dataclass(frozen=True, slots=True)
class Anchor:
    """A literal to look for, spelt by `anchor_text`, and where it counts.

    `standing` is ANYWHERE, APART (not with letters on both sides: an agency's name in the middle
    of a sentence is a citation), LEADING (no letter before it) or LINE (first on its line);
    `latest` is the last offset in the text at which it is of use.
    """

    text: str
    standing: int = ANYWHERE
    latest: int = FAR


class AnchorIndex:
    """Anchors compiled for searching many texts at once. Threads may share one."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        """Take the anchors; hits name them by their place in this sequence."""
        self._standing = np.array([a.standing for a in anchors] or [0], dtype=np.uint8)
        self._latest = np.array([a.latest for a in anchors] or [0], dtype=np.int32)
        self._bounds = np.zeros(len(anchors) + 1, dtype=np.int32)
        np.cumsum([len(anchor.text) for anchor in anchors], out=self._bounds[1:])
        letters = "".join(anchor.text for anchor in anchors)
        self._spelling = np.array([ord(char) for char in letters] or [0], dtype=np.uint16)
        self._file([anchor.text for anchor in anchors])

    def _file(self, texts: Sequence[str]) -> None:
        """File anchors under their endings of eight, four or two letters: an open-addressed table.

        Anchors with one ending are chained by `_following`.
        """
        heads: dict[int, int] = {}
        endings: dict[int, int] = {}
        following = [-1] * max(len(texts), 1)
        self._bitmap = np.zeros(1 << _BITS, dtype=np.uint8)
        self._coarse = np.zeros(1 << (_COARSE_BITS - 3), dtype=np.uint8)
        for number, text in enumerate(texts):
            key, which = _ending(text)
            if which < 2:
                bit = (_key(text[-4:]) * int(_MULTIPLIER) & _ALL_BITS) >> int(_COARSE_SHIFT)
                self._coarse[bit >> 3] |= 1 << (bit & 7)
            home = (key * int(_MULTIPLIER) & _ALL_BITS) >> int(_SHIFT)
            self._bitmap[home] |= 1 << which
            slot = home + (which << _BITS)
            while endings.get(slot, key) != key:
                slot = (which << _BITS) + ((slot + 1) & int(_LOW))
            following[number] = heads.get(slot, -1)
            endings[slot], heads[slot] = key, number
        self._following = np.array(following, dtype=np.int32)
        self._heads = np.full(3 << _BITS, -1, dtype=np.int32)
        self._endings = np.zeros(3 << _BITS, dtype=np.uint64)
        if heads:
            slots = np.fromiter(heads, dtype=np.int64)
            self._heads[slots] = np.fromiter(heads.values(), dtype=np.int32)
            self._endings[slots] = np.fromiter((endings[s] for s in heads), dtype=np.uint64)

    def scan(self, parts: Sequence[str]) -> dict[int, list[Hit]]:
        """Search texts; returns for each text with hits, by its index, the hits in order."""
        return self.scan_joined("".join(parts), [len(part) for part in parts])[0]

    def scan_joined(
        self, joined: str, lengths: Sequence[int]
    ) -> tuple[dict[int, list[Hit]], list[int]]:
        """Search texts that stand one behind the other.

        Returns the hits as `scan` does, and the indices of texts that may hold HTML entities or
        mark-up rulers: an anchor may hide behind one.
        """
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        starts = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        longest = max(lengths, default=0) + 2
        text, places = np.empty(longest, dtype=np.uint16), np.empty(longest, dtype=np.int32)
        candidates = np.empty(longest, dtype=np.int32)
        marked = np.zeros(len(lengths), dtype=np.uint8)
        hits = np.empty((256, 3), dtype=np.int32)
        while True:
            found = _find(codes, starts, search_table(), self._heads, self._endings,
                          self._following, self._spelling, self._bounds, self._standing,
                          self._latest, self._bitmap, self._coarse, marked, text, places,
                          candidates, hits)  # fmt: skip
            if found <= hits.shape[0]:
                break
            hits = np.empty((found, 3), dtype=np.int32)
        by_part: dict[int, list[Hit]] = {}
        for part, anchor, offset in hits[:found].tolist():
            by_part.setdefault(part, []).append((anchor, offset))
        return by_part, np.flatnonzero(marked).tolist()
