"""Texts -> the places where a literal of some rule stands; most articles have none and are done.

An exact multi-pattern search in one pass over code points. Measured on windows of 2,250 characters
in six scripts, folding not counted: pyahocorasick 51 µs, the Rust `aho-corasick` 22-35 µs; this
kernel folds and searches in about 10, because both share one table look-up per character and a
coarse bitmap of endings leaves some twenty places of a text to look at. Anchors are spelt in
letters only: every other character is a blank and blanks are collapsed, so that no punctuation,
tatweel or bidi mark hides one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.anchors import search_table
from dedupe.attribution.surroundings import ends_soon, stands_as_asked
from dedupe.jit import kernel

__all__ = [
    "ANYWHERE",
    "APART",
    "FAR",
    "LEADING",
    "LINE",
    "OPENING",
    "Anchor",
    "AnchorIndex",
    "Hit",
]

Hit = tuple[int, int]
"""`(anchor, offset)`: index of the anchor and where in the text its last letter stands."""

ANYWHERE, APART, LEADING, OPENING, LINE = range(5)
FAR = 2**31 - 1
_BITS, _COARSE_BITS, _FIRST_BITS = 16, 20, 17
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT, _COARSE_SHIFT = np.uint64(64 - _BITS), np.uint64(64 - _COARSE_BITS)
_FIRST_SHIFT = np.uint64(64 - _FIRST_BITS)
_LOW, _HIGH = np.uint64((1 << _BITS) - 1), np.uint64(7 << _BITS)
_ONE, _THREE, _SEVEN = np.uint64(1), np.uint64(3), np.uint64(7)
_STEP, _LETTER = np.uint64(10), np.uint64(1023)
"""A letter is told by its low ten bits where endings are compared: six letters are one word."""
_SIX, _FOUR, _TWO = np.uint64((1 << 60) - 1), np.uint64((1 << 40) - 1), np.uint64((1 << 20) - 1)
_ENDINGS = (12, 6, 4, 2)
_ALL_BITS = 0xFFFFFFFFFFFFFFFF


def _endings(
    spelling: NDArray[np.uint16], bounds: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """Of each anchor: the key of its ending, which of `_ENDINGS` it is, and the coarse key."""
    ends, lengths = bounds[1:].astype(np.int64), np.diff(bounds)
    which = np.searchsorted(-np.array(_ENDINGS[:-1]), -lengths, side="left")
    near, far = np.zeros(ends.size, dtype=np.uint64), np.zeros(ends.size, dtype=np.uint64)
    taken = np.minimum(np.array(_ENDINGS)[which], 6)
    for back in range(6, 0, -1):
        letters = spelling[np.maximum(ends - back, 0)].astype(np.uint64) & _LETTER
        near = np.where(back <= taken, (near << _STEP) | letters, near)
        letters = spelling[np.maximum(ends - 6 - back, 0)].astype(np.uint64) & _LETTER
        far = np.where(which == 0, (far << _STEP) | letters, far)
    return near ^ (far * _MIXER), which, near


@kernel
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


@kernel
def _spell(
    codes: NDArray[Any],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    early: NDArray[np.uint8],
    coarse: NDArray[np.uint8],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    candidates: NDArray[np.int32],
) -> tuple[np.int64, bool]:
    """Spell one part as it is searched into `text`, with the `places` of its letters.

    Fills `candidates` with the sizes of `text` at which an anchor may end: where `coarse` has a bit
    for the last six or four letters, or for a pair of a script without blanks; `early`, which stays
    in the first-level cache, has one for the last four of either. Returns how many
    there are, and whether the part may hold HTML entities or mark-up rulers.
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
        key = (key << _STEP) | (np.uint64(char) & _LETTER)
        four = (key & _FOUR) * _MULTIPLIER
        bit = four >> _FIRST_SHIFT
        hit = (early[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1)
        if hit:
            bit = ((key & _SIX) * _MULTIPLIER) >> _COARSE_SHIFT
            hit = (coarse[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1)
            bit = four >> _COARSE_SHIFT
            hit |= (coarse[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1)
        if char >= 11904:
            bit = ((key & _TWO) * _MULTIPLIER) >> _COARSE_SHIFT
            hit |= (coarse[bit >> _THREE] >> np.uint8(bit & _SEVEN)) & np.uint8(1)
        if hit:
            candidates[found] = size
            found += _ONE
    if previous != 32:
        text[size] = 32
        places[size] = last
        candidates[found] = size + _ONE
        found += _ONE
    return np.int64(found), marked


@kernel
def _chain(
    text: NDArray[np.uint16],
    size: int,
    which: int,
    heads: NDArray[np.int32],
    endings: NDArray[np.uint64],
) -> int:
    """First of the anchors filed under the last letters of `text[:size]`: `_ENDINGS[which]`."""
    ending, front = np.uint64(0), np.uint64(0)
    for j in range(size - min(_ENDINGS[which], 6), size):
        ending = (ending << _STEP) | (np.uint64(text[j]) & _LETTER)
    if which == 0:
        for j in range(size - 12, size - 6):
            front = (front << _STEP) | (np.uint64(text[j]) & _LETTER)
        ending ^= front * _MIXER
    slot = ((ending * _MULTIPLIER) >> _SHIFT) + (np.uint64(which) << np.uint64(_BITS))
    while heads[slot] >= 0 and endings[slot] != ending:
        slot = (slot & _HIGH) | ((slot + _ONE) & _LOW)
    return int(heads[slot])


@kernel
def _find(
    codes: NDArray[Any],
    starts: NDArray[np.int64],
    table: NDArray[np.uint16],
    heads: NDArray[np.int32],
    endings: NDArray[np.uint64],
    following: NDArray[np.int32],
    spelling: NDArray[np.uint16],
    bounds: NDArray[np.int32],
    standing: NDArray[np.uint8],
    latest: NDArray[np.int32],
    reach: NDArray[np.int32],
    early: NDArray[np.uint8],
    coarse: NDArray[np.uint8],
    marked: NDArray[np.uint8],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    candidates: NDArray[np.int32],
    hits: NDArray[np.int32],
) -> int:
    """Fill `hits` with rows `(part, anchor, offset)`; returns how many there are in all."""
    found = 0
    for part in range(starts.size - 1):
        first, last = starts[part], starts[part + 1]
        count, entities = _spell(codes, first, last, table, early, coarse, text, places, candidates)
        marked[part] = entities
        for at in range(count):
            size = candidates[at]
            for which in range(4):
                if size < _ENDINGS[which]:
                    continue
                anchor = _chain(text, size, which, heads, endings)
                while anchor >= 0:
                    if _check(anchor, size, codes, first, last, table, spelling, bounds, standing,
                              latest, reach, text, places):  # fmt: skip
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
    of a sentence is a citation), LEADING (no letter before it), OPENING (first on its line or in a
    bracket) or LINE (first on its line). `latest` is the last offset in the text at which it is of
    use, `reach` the same from the end; the line of a `short` one ends soon after it.
    """

    text: str
    standing: int = ANYWHERE
    latest: int = FAR
    reach: int = FAR
    short: bool = False


def _encode(text: str) -> NDArray[Any]:
    """Code points of a text: two bytes each where all are of the basic plane, else four."""
    narrow = text.encode("utf-16-le", "surrogatepass")
    if len(narrow) == 2 * len(text):
        return np.frombuffer(narrow, dtype=np.uint16)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _bitmap(keys: NDArray[np.uint64], bits: int) -> NDArray[np.uint8]:
    """One bit for the hash of each key, of `2 ** bits`."""
    bitmap = np.zeros(1 << (bits - 3), dtype=np.uint8)
    places = (keys * _MULTIPLIER) >> np.uint64(64 - bits)
    shifts = (places & _SEVEN).astype(np.uint8)
    np.bitwise_or.at(bitmap, places >> _THREE, np.uint8(1) << shifts)
    return bitmap


class AnchorIndex:
    """Anchors compiled for searching many texts at once. Threads may share one."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        """Take the anchors; hits name them by their place in this sequence."""
        self._standing = np.array([a.standing for a in anchors] or [0], dtype=np.uint8)
        self._latest = np.array([a.latest for a in anchors] or [0], dtype=np.int32)
        reach = [-a.reach if a.short else a.reach for a in anchors]
        self._reach = np.array(reach or [0], dtype=np.int32)
        self._bounds = np.zeros(len(anchors) + 1, dtype=np.int32)
        np.cumsum([len(anchor.text) for anchor in anchors], out=self._bounds[1:])
        letters = "".join(anchor.text for anchor in anchors) or " "
        self._spelling = np.frombuffer(letters.encode("utf-16-le"), dtype=np.uint16)
        self._file()

    def _file(self) -> None:
        """File anchors under their endings: an open-addressed table for each length of ending.

        Anchors with one ending are chained by `_following`.
        """
        keys, which, coarse = _endings(self._spelling, self._bounds)
        self._coarse = _bitmap(coarse, _COARSE_BITS)
        self._early = _bitmap(coarse[which < 3] & _FOUR, _FIRST_BITS)
        order = np.lexsort((np.arange(keys.size), keys, which))
        same = (keys[order][1:] == keys[order][:-1]) & (which[order][1:] == which[order][:-1])
        self._following = np.full(max(keys.size, 1), -1, dtype=np.int32)
        self._following[order[1:][same]] = order[:-1][same]
        heads = order[np.append(~same, True)] if keys.size else order
        if heads.size > int(_LOW) // 2:
            msg = f"{heads.size} different endings of anchors; raise _BITS"
            raise ValueError(msg)
        self._heads = np.full(len(_ENDINGS) << _BITS, -1, dtype=np.int32)
        self._endings = np.zeros(len(_ENDINGS) << _BITS, dtype=np.uint64)
        for head in heads.tolist():
            base = int(which[head]) << _BITS
            slot = (int(keys[head]) * int(_MULTIPLIER) & _ALL_BITS) >> int(_SHIFT)
            while self._heads[base + slot] >= 0:
                slot = (slot + 1) & int(_LOW)
            self._heads[base + slot], self._endings[base + slot] = head, keys[head]

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
        codes = _encode(joined)
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
                          self._latest, self._reach, self._early, self._coarse, marked, text,
                          places, candidates, hits)  # fmt: skip
            if found <= hits.shape[0]:
                break
            hits = np.empty((found, 3), dtype=np.int32)
        by_part: dict[int, list[Hit]] = {}
        for part, anchor, offset in hits[:found].tolist():
            by_part.setdefault(part, []).append((anchor, offset))
        return by_part, np.flatnonzero(marked).tolist()
