"""Texts -> the places where a literal of some rule stands; most articles have none and are done.

An exact multi-pattern search in one pass over code points. Measured on windows of 2,250 characters
in six scripts, folding not counted: pyahocorasick 51 µs, the Rust `aho-corasick` 22-35 µs; this
kernel folds and searches in about 10, because both share one table look-up per character and a
coarse bitmap of endings leaves few places of a text to look at. Anchors are spelt in
letters only: every other character is a blank and blanks are collapsed, so that no punctuation,
tatweel or bidi mark hides one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.anchors import search_table
from dedupe.attribution.layouts import letter_table
from dedupe.attribution.mastheads import masthead_keys
from dedupe.attribution.search import (
    BITS,
    COARSE_BITS,
    ENDINGS,
    FIRST_BITS,
    FOUR,
    JOIN,
    LETTER,
    LOW,
    MIXER,
    MULTIPLIER,
    SEVEN,
    SHIFT,
    STEP,
    THREE,
    find_anchors,
)

__all__ = [
    "ANYWHERE",
    "APART",
    "FAR",
    "LEADING",
    "LINE",
    "OPENING",
    "WHOLE",
    "Anchor",
    "AnchorIndex",
    "Hit",
    "Standing",
]

Hit = tuple[int, int]
"""`(anchor, offset)`: index of the anchor and where in the text its last letter stands."""

ANYWHERE, APART, LEADING, OPENING, LINE = range(5)
FAR = 2**31 - 1
WHOLE = (FAR, 0)
"""Ends of which every text is one."""
_HITS = 4096
"""Room for the hits of a call: where it is not enough, all is searched a second time."""


def _endings(
    spelling: NDArray[np.uint16], bounds: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """Of each anchor: the key of its ending, which of `ENDINGS` it is, and the coarse key."""
    ends, lengths = bounds[1:].astype(np.int64), np.diff(bounds)
    which = np.searchsorted(-np.array(ENDINGS[:-1]), -lengths, side="left")
    near, far = np.zeros(ends.size, dtype=np.uint64), np.zeros(ends.size, dtype=np.uint64)
    taken = np.minimum(np.array(ENDINGS)[which], 6)
    for back in range(6, 0, -1):
        letters = spelling[np.maximum(ends - back, 0)].astype(np.uint64) & LETTER
        near = np.where(back <= taken, (near << STEP) | letters, near)
        letters = spelling[np.maximum(ends - 6 - back, 0)].astype(np.uint64) & LETTER
        far = np.where(which == 0, (far << STEP) | letters, far)
    return near ^ (far * MIXER), which, near


def _fronts(
    spelling: NDArray[np.uint16], bounds: NDArray[np.int32], taken: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Of each anchor the key of up to six letters before its `taken` last, and a mask of them."""
    ends, lengths = bounds[1:].astype(np.int64) - taken, np.diff(bounds) - taken
    fronts, masks = np.zeros(ends.size, dtype=np.uint64), np.zeros(ends.size, dtype=np.uint64)
    for back in range(6, 0, -1):
        letters = spelling[np.maximum(ends - back, 0)].astype(np.uint64) & LETTER
        fronts = np.where(back <= lengths, (fronts << STEP) | letters, fronts)
        masks = np.where(back <= lengths, (masks << STEP) | LETTER, masks)
    return fronts, masks


def _choose_slots(which: NDArray[np.int64], keys: NDArray[np.uint64]) -> list[int]:
    """A slot of its own for each ending, in the table of its length: the first that is free."""
    taken: dict[int, None] = {}
    chosen = ((keys * MULTIPLIER) >> SHIFT).astype(np.int64)
    for base, slot in zip((which << BITS).tolist(), chosen.tolist(), strict=True):
        while base + slot in taken:
            slot = (slot + 1) & int(LOW)  # noqa: PLW2901 - the walk of open addressing
        taken[base + slot] = None
    return list(taken)


class Standing(NamedTuple):
    """Where an anchor counts; many anchors share one.

    `standing` is ANYWHERE, APART (not with letters on both sides: an agency's name in the middle
    of a sentence is a citation), LEADING (no letter before it), OPENING (first on its line or in a
    bracket) or LINE (first on its line). `latest` is the last offset in the text at which it is of
    use, `reach` the same from the end; the line of a `short` one ends soon after it.
    """

    standing: int = ANYWHERE
    latest: int = FAR
    reach: int = FAR
    short: bool = False


Anchor = tuple[str, Standing]
"""A literal to look for, spelt by `anchor_text`, and where it counts."""


def _encode(text: str) -> NDArray[Any]:
    """Code points of a text: two bytes each where all are of the basic plane, else four."""
    narrow = text.encode("utf-16-le", "surrogatepass")
    if len(narrow) == 2 * len(text):
        return np.frombuffer(narrow, dtype=np.uint16)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _bitmap(keys: NDArray[np.uint64], bits: int) -> NDArray[np.uint8]:
    """One bit for the hash of each key, of `2 ** bits`."""
    bitmap = np.zeros(1 << (bits - 3), dtype=np.uint8)
    places = (keys * MULTIPLIER) >> np.uint64(64 - bits)
    shifts = (places & SEVEN).astype(np.uint8)
    np.bitwise_or.at(bitmap, places >> THREE, np.uint8(1) << shifts)
    return bitmap


class AnchorIndex:
    """Anchors compiled for searching many texts at once. Threads may share one."""

    def __init__(
        self,
        anchors: Sequence[Anchor],
        names: Iterable[str] = (),
        *,
        bys: Iterable[str] = (),
        posted: Iterable[str] = (),
    ) -> None:
        """Take the anchors; hits name them by their place in this sequence.

        `names` are those of outlets, which count where they stand alone on a line; `bys` and
        `posted` are words as they begin bylines and stand before a day.
        """
        self._names = masthead_keys(names)
        self._bys, self._posted = letter_table(bys), letter_table(posted)
        numbers: dict[Standing, int] = {}
        which = [numbers.setdefault(where, len(numbers)) for _, where in anchors]
        where = np.array(list(numbers) or [Standing()], dtype=np.int32)[which or [0]]
        self._standing = where[:, 0].astype(np.uint8)
        self._latest = where[:, 1].copy()
        self._reach = np.where(where[:, 3], -where[:, 2], where[:, 2])
        texts = [text for text, _ in anchors]
        self._bounds = np.zeros(len(anchors) + 1, dtype=np.int32)
        np.cumsum(list(map(len, texts)), out=self._bounds[1:])
        letters = "".join(texts) or " "
        self._spelling = np.frombuffer(letters.encode("utf-16-le"), dtype=np.uint16)
        self._file()

    def _file(self) -> None:
        """File anchors under their endings: an open-addressed table for each length of ending.

        Those with one ending stand side by side in `_filed`, the later ones first; a slot holds the
        ending, where they begin there and how many they are: what is looked at lies together.
        """
        keys, which, coarse = _endings(self._spelling, self._bounds)
        self._coarse = _bitmap(coarse, COARSE_BITS)
        self._early = _bitmap(coarse[which < 3] & FOUR, FIRST_BITS)
        self._finer = _bitmap(keys[which < 2], COARSE_BITS)
        order = np.lexsort((-np.arange(keys.size), keys, which))
        fronts, masks = _fronts(self._spelling, self._bounds, np.array(ENDINGS)[which])
        self._filed = np.stack([order.astype(np.uint64), fronts[order], masks[order]], axis=1)
        changes = np.diff(keys[order]).astype(np.bool_) | np.diff(which[order]).astype(np.bool_)
        firsts = np.flatnonzero(np.append(True, changes)[: keys.size])
        counts = np.diff(np.append(firsts, keys.size))
        if firsts.size > int(LOW) // 2:
            msg = f"{firsts.size} different endings of anchors; raise BITS"
            raise ValueError(msg)
        self._slots = np.zeros((len(ENDINGS) << BITS, 3), dtype=np.uint64)
        slots = _choose_slots(which[order[firsts]], keys[order[firsts]])
        self._slots[slots] = np.stack([keys[order[firsts]], *map(np.uint64, (firsts, counts))], 1)

    def scan(self, parts: Sequence[str]) -> dict[int, list[Hit]]:
        """Search texts; returns for each text with hits, by its index, the hits in order."""
        starts = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=starts[1:])
        return self.scan_codes(_encode("".join(parts)), starts)[0]

    def scan_codes(
        self, codes: NDArray[Any], starts: NDArray[np.int64], ends: tuple[int, int] = WHOLE
    ) -> tuple[dict[int, list[Hit]], dict[int, int]]:
        """Search texts that stand one behind the other, of long ones only the `ends`.

        `codes` uint16 or uint32[n_codes] code points, `starts` int64[n_texts + 1]; `ends` are the
        lengths of head and tail. Returns the hits as `scan` does, with offsets in the window that
        `view.window_text` makes; and of each text that has some, by its index, as bits: HIDING =
        may hold HTML entities or mark-up, behind which an anchor may hide; SIGNED = has
        marks or blanks at an end as a credit may have them; those of `layouts.LAID_OUT`, for
        `brackets.has_opening`; NAMED = has a name alone on a line.
        """
        count = len(starts) - 1
        longest = min(int(np.diff(starts).max(initial=0)), sum(ends) + len(JOIN)) + 2
        window = np.empty(longest, dtype=codes.dtype)
        text, places = np.empty(longest, dtype=np.uint16), np.empty(longest, dtype=np.int32)
        candidates, keys = np.empty(longest, dtype=np.int32), np.empty(longest, dtype=np.uint64)
        marked = np.zeros(count, dtype=np.uint8)
        hits = np.empty((_HITS, 3), dtype=np.int32)
        while True:
            found = find_anchors(codes, starts, ends, window, search_table(), self._slots,
                          self._filed, self._spelling, self._bounds, self._standing,
                          self._latest, self._reach, self._early, self._coarse, self._finer,
                          self._names, self._bys, self._posted, marked, text, places,
                          candidates, keys, hits)  # fmt: skip
            if found <= hits.shape[0]:
                break
            hits = np.empty((found, 3), dtype=np.int32)
        by_part: dict[int, list[Hit]] = {}
        for part, anchor, offset in hits[:found].tolist():
            by_part.setdefault(part, []).append((anchor, offset))
        places_marked = np.flatnonzero(marked)
        marks = dict(zip(places_marked.tolist(), marked[places_marked].tolist(), strict=True))
        return by_part, marks
