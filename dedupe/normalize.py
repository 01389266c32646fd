"""Verbatim text -> tokens: word identities with their places, for comparison only.

One pass over code points with a fold table (`foldtable`), because anything per-character in Python
costs a hundred times the rest of the path. A word is a run of letters, marks and digits; in scripts
without spaces each letter with its marks is a token. Cuts (notices, furniture) are left out and
remembered, so that no shingle spans one.

A token packs a 28-bit word identity and four flags into a uint32 (`id << 4 | flags`): a million
different words give about two thousand pairs that share an identity, none of which matters inside
one pair of articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.foldtable import (
    CAPITAL,
    CODE_POINT,
    DIGIT,
    DROP,
    EXPAND,
    HANGUL,
    KIND_SHIFT,
    LAST,
    MARK,
    SEPARATOR,
    UNSPACED,
    load_table,
)
from dedupe.jit import kernel
from dedupe.models import Span
from dedupe.plain import (
    AFTER_CUT,
    CAPITAL_TO_FLAG,
    FLAG_BITS,
    HAS_DIGIT,
    IS_CAPITAL,
    IS_UNSPACED,
    LONGEST,
    PRIME,
    CodePoints,
    Room,
    is_written,
    make_room,
    mix64,
    pack_token,
    tokenize_plain,
)

__all__ = [
    "AFTER_CUT",
    "FLAG_BITS",
    "HAS_DIGIT",
    "IS_CAPITAL",
    "IS_UNSPACED",
    "CodePoints",
    "Room",
    "TextBatch",
    "Tokens",
    "encode_texts",
    "kernel_tables",
    "make_room",
    "mix64",
    "tokenize",
    "tokenize_span",
]

_S_BASE, _L_BASE, _V_BASE, _T_BASE = 0xAC00, 0x1100, 0x1161, 0x11A7  # Hangul (Unicode 3.12)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of one text, in order; four arrays of one length.

    `ids` uint32 (28-bit identities), `starts` and `ends` uint32 (code points in the verbatim
    text), `flags` uint8 (HAS_DIGIT, IS_CAPITAL, AFTER_CUT, IS_UNSPACED).
    """

    ids: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    flags: NDArray[np.uint8]

    @property
    def packed(self) -> NDArray[np.uint32]:
        """Identity and flags in one uint32 each, as the kernels take them."""
        return (self.ids << np.uint32(FLAG_BITS)) | self.flags.astype(np.uint32)


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Texts laid end to end for the kernels.

    `codes` uint16[n_codes] or, where a text needs it, uint32[n_codes] code points; `bounds`
    int64[n_texts + 1]; `cuts` int64[n_cuts, 2] sorted, not overlapping, absolute in `codes`;
    `cut_bounds` int64[n_texts + 1] into `cuts`.
    """

    codes: CodePoints
    bounds: NDArray[np.int64]
    cuts: NDArray[np.int64]
    cut_bounds: NDArray[np.int64]

    @classmethod
    def uncut(cls, codes: CodePoints, bounds: NDArray[np.int64]) -> TextBatch:
        """Texts of which nothing is left out."""
        return cls(codes, bounds, np.empty((0, 2), np.int64), np.zeros(len(bounds), np.int64))

    def text(self, index: int) -> str:
        """One of the texts; of two halves of a surrogate pair it makes one character."""
        codes = self.codes[self.bounds[index] : self.bounds[index + 1]]
        encoding = "utf-16-le" if codes.itemsize == 2 else "utf-32-le"
        return codes.tobytes().decode(encoding, "surrogatepass")

    def cut(self, cuts: Sequence[Sequence[Span] | None]) -> TextBatch:
        """The same texts with other cuts: sorted spans of each, or None."""
        return TextBatch(self.codes, self.bounds, *_lay_cuts(self.bounds, cuts))


def _lay_cuts(
    bounds: NDArray[np.int64], cuts: Sequence[Sequence[Span] | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`cuts` and `cut_bounds` of a batch."""
    flat: list[tuple[int, int]] = []
    cut_bounds = np.zeros(len(bounds), np.int64)
    for index, spans in enumerate(cuts):
        if spans:
            base = int(bounds[index])
            flat += [(base + start, base + end) for start, end in spans]
        cut_bounds[index + 1] = len(flat)
    return np.array(flat, np.int64).reshape(-1, 2), cut_bounds


def encode_texts(texts: Sequence[str], cuts: Sequence[Sequence[Span] | None] = ()) -> TextBatch:
    """Lay texts end to end; `cuts` holds per text its sorted spans to leave out, or None."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    joined = "".join(texts)
    raw = joined.encode("utf-16-le", "surrogatepass")
    codes: CodePoints = np.frombuffer(raw, np.uint16)
    if len(codes) != len(joined):  # a character beyond the basic plane takes two
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    return TextBatch(codes, bounds, *_lay_cuts(bounds, cuts))


@cache
def kernel_tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint64]]:
    """(table, expansions, powers): what `tokenize_span` needs besides text.

    `powers` uint64[2, 65,536]: those of the hash's base, and their inverses modulo 2^64.
    """
    table, expansions = load_table()
    powers = np.ones((2, LONGEST), np.uint64)
    for row, base in enumerate((int(PRIME), pow(int(PRIME), -1, 1 << 64))):
        powers[row, 1:] = base
        np.multiply.accumulate(powers[row], out=powers[row])
    return table, expansions, powers


@kernel
def _kind(entry: np.uint32, expansions: NDArray[np.uint32]) -> np.uint32:
    """Kind of a table entry; of an expansion, the kind of its first character."""
    kind = (entry >> KIND_SHIFT) & np.uint32(7)
    if kind == EXPAND:
        kind = (expansions[(entry & CODE_POINT) >> np.uint32(5)] >> KIND_SHIFT) & np.uint32(7)
    return kind


@kernel
def _parts(entry: np.uint32, code: np.uint32) -> tuple[int, np.uint32]:
    """(how many folded characters a code point becomes, where an expansion starts)."""
    kind = (entry >> KIND_SHIFT) & np.uint32(7)
    if kind == EXPAND:
        return int(entry & np.uint32(31)), (entry & CODE_POINT) >> np.uint32(5)
    if kind == HANGUL:
        return (3 if (code - np.uint32(_S_BASE)) % np.uint32(28) else 2), np.uint32(0)
    return 1, np.uint32(0)


@kernel
def _piece(
    entry: np.uint32,
    code: np.uint32,
    part: int,
    offset: np.uint32,
    expansions: NDArray[np.uint32],
) -> np.uint32:
    """Packed entry of the `part`-th folded character of a code point."""
    kind = (entry >> KIND_SHIFT) & np.uint32(7)
    if kind == EXPAND:
        return np.uint32(expansions[offset + np.uint32(part)])
    if kind != HANGUL:
        return entry
    index = code - np.uint32(_S_BASE)
    if part == 0:
        return np.uint32(_L_BASE) + index // np.uint32(588)
    if part == 1:
        return np.uint32(_V_BASE) + (index % np.uint32(588)) // np.uint32(28)
    return np.uint32(_T_BASE) + index % np.uint32(28)


# long: one pass over characters of every kind; its state does not fit through calls
@kernel
def _tokenize_any(
    view: CodePoints,
    first: int,
    last: int,
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    out: int,
) -> int:
    """Words of `view[first:last]`, whatever characters it holds."""
    placed = len(starts) > 0
    state, power = np.uint64(0), np.uint64(1)
    flags = np.uint32(0)
    word_start, word_end = -1, 0
    for position in range(first, last + 1):
        code = np.uint32(view[position]) if position < last else LAST
        entry = table[min(code, LAST)]
        kind = _kind(entry, expansions)
        if kind == DROP or (kind == MARK and word_start < 0):
            if word_start >= 0 and is_written(code):
                word_end = position + 1
            continue
        unspaced = (flags & np.uint32(IS_UNSPACED)) != 0
        if word_start >= 0 and kind != MARK and (kind == SEPARATOR or kind == UNSPACED or unspaced):
            tokens[out] = pack_token(state, flags)
            if placed:
                starts[out], ends[out] = word_start, word_end
            out += 1
            word_start = -1
        if kind == SEPARATOR:
            continue
        if word_start < 0:
            word_start = position
            state, power = np.uint64(0), np.uint64(1)
            flags = (entry & CAPITAL) >> CAPITAL_TO_FLAG
            if kind == UNSPACED:
                flags = np.uint32(IS_UNSPACED)
        parts, offset = _parts(entry, code)
        for part in range(parts):
            piece = _piece(entry, code, part, offset, expansions)
            if (piece >> KIND_SHIFT) & np.uint32(7) == DIGIT:
                flags |= np.uint32(HAS_DIGIT)
            state += np.uint64(piece & CODE_POINT) * power
            power *= PRIME
        word_end = position + 1
    return out


@kernel
def tokenize_span(
    codes: CodePoints,
    first: int,
    last: int,
    cuts: NDArray[np.int64],
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    room: Room,
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    out: int,
) -> int:
    """Tokens of `codes[first:last]` without `cuts`, written from index `out`; returns the new end.

    `tokens`, `starts`, `ends` uint32 with room for `last - first` more (no code point gives two);
    starts count from `first`. Empty `starts` and `ends` are not asked for. `room` as `make_room`
    makes it for at least `last - first`.
    """
    view = codes[first:last]
    size = len(view)
    start = 0
    for cut in range(len(cuts) + 1):
        end = size
        if cut < len(cuts):
            end = max(start, min(size, cuts[cut, 0] - first))
        before = out
        out = -1
        if end - start <= powers.shape[1]:
            out = tokenize_plain(
                view, start, end, table, powers, room, tokens, starts, ends, before
            )
        if out < 0:
            out = _tokenize_any(view, start, end, table, expansions, tokens, starts, ends, before)
        if cut and out > before:
            tokens[before] |= np.uint32(AFTER_CUT)
        if cut < len(cuts):
            start = max(start, min(size, cuts[cut, 1] - first))
    return out


def tokenize(text: str, cuts: Sequence[Span] = ()) -> Tokens:
    """The words of one text outside `cuts` (sorted, not overlapping spans of code points)."""
    batch = encode_texts([text], [cuts])
    packed, starts, ends = (np.empty(len(batch.codes), np.uint32) for _ in range(3))
    size = len(batch.codes)
    count = tokenize_span(
        batch.codes,
        0,
        size,
        batch.cuts,
        *kernel_tables(),
        make_room(size),
        packed,
        starts,
        ends,
        0,
    )
    packed = packed[:count]
    flags = (packed & np.uint32((1 << FLAG_BITS) - 1)).astype(np.uint8)
    return Tokens(packed >> np.uint32(FLAG_BITS), starts[:count].copy(), ends[:count].copy(), flags)
