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
    MARK,
    PLAIN,
    SEPARATOR,
    UNSPACED,
    load_table,
)
from dedupe.jit import kernel
from dedupe.models import Span

__all__ = [
    "AFTER_CUT",
    "FLAG_BITS",
    "HAS_DIGIT",
    "IS_CAPITAL",
    "IS_UNSPACED",
    "TextBatch",
    "Tokens",
    "encode_texts",
    "mix64",
    "tokenize",
    "tokenize_span",
]

HAS_DIGIT, IS_CAPITAL, AFTER_CUT, IS_UNSPACED = 1, 2, 4, 8
FLAG_BITS = 4
_IDENTITY_SHIFT = np.uint64(36)  # the top 28 bits of the mixed hash
_SEED = np.uint64(0x9AE16A3B2F90404F)
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)  # MurmurHash3 fmix64
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_CAPITAL_TO_FLAG = np.uint32(26)  # bit 27 to IS_CAPITAL
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

    `codes` uint32[n_codes] code points; `bounds` int64[n_texts + 1]; `cuts` int64[n_cuts, 2]
    sorted, not overlapping, absolute in `codes`; `cut_bounds` int64[n_texts + 1] into `cuts`.
    """

    codes: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    cuts: NDArray[np.int64]
    cut_bounds: NDArray[np.int64]


def encode_texts(texts: Sequence[str], cuts: Sequence[Sequence[Span] | None] = ()) -> TextBatch:
    """Lay texts end to end; `cuts` holds per text its sorted spans to leave out, or None."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    raw = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(raw, np.uint32)
    flat: list[tuple[int, int]] = []
    cut_bounds = np.zeros(len(texts) + 1, np.int64)
    for index, spans in enumerate(cuts):
        if spans:
            base = int(bounds[index])
            flat += [(base + start, base + end) for start, end in spans]
        cut_bounds[index + 1] = len(flat)
    cut_array = np.array(flat, np.int64).reshape(-1, 2)
    return TextBatch(codes, bounds, cut_array, cut_bounds)


@kernel
def mix64(value: np.uint64) -> np.uint64:
    """The finaliser of MurmurHash3 for 64 bits, a bijection."""
    value ^= value >> _S33
    value *= _MIX_1
    value ^= value >> _S33
    value *= _MIX_2
    return value ^ (value >> _S33)


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


# long: the innermost loop of the product; splitting it costs a call per character
@kernel
def _tokenize_segment(  # noqa: C901, PLR0912, PLR0915
    view: NDArray[np.uint32],
    first: int,
    last: int,
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    out: int,
    after_cut: np.uint32,
) -> int:
    clamp = np.uint32(len(table) - 1)
    state = _SEED
    flags = np.uint32(0)
    word_start = -1
    word_end = 0
    position = first
    while position < last:
        code = view[position]
        entry = table[min(code, clamp)]
        if entry & PLAIN and not (flags & np.uint32(IS_UNSPACED)):
            if word_start < 0:
                word_start = position
                state = _SEED
                flags = (entry & CAPITAL) >> _CAPITAL_TO_FLAG
            seen = np.uint32(0)
            while entry & PLAIN:
                state = (state ^ np.uint64(entry & CODE_POINT)) * _PRIME
                seen |= entry
                position += 1
                if position == last:
                    break
                code = view[position]
                entry = table[min(code, clamp)]
            word_end = position
            flags |= (seen >> KIND_SHIFT) & np.uint32(HAS_DIGIT)  # DIGIT is odd, LETTER even
            if entry == 0 or position == last:  # nearly every word: a separator or the end
                identity = np.uint32(mix64(state) >> _IDENTITY_SHIFT)
                tokens[out] = (identity << np.uint32(FLAG_BITS)) | flags | after_cut
                starts[out] = word_start
                ends[out] = word_end
                out += 1
                after_cut = np.uint32(0)
                word_start = -1
                position += 1
                continue
        elif entry == 0 and word_start < 0:
            position += 1
            flags = np.uint32(0)
            continue
        kind = _kind(entry, expansions)
        ends_word = kind == SEPARATOR or kind == UNSPACED
        if ends_word or (flags & np.uint32(IS_UNSPACED) and kind != DROP and kind != MARK):
            if word_start >= 0:
                identity = np.uint32(mix64(state) >> _IDENTITY_SHIFT)
                tokens[out] = (identity << np.uint32(FLAG_BITS)) | flags | after_cut
                starts[out] = word_start
                ends[out] = word_end
                out += 1
                after_cut = np.uint32(0)
                word_start = -1
            flags = np.uint32(0)
            if kind == SEPARATOR:
                position += 1
                continue
            if entry & PLAIN:
                continue  # a letter behind an unspaced one: the fast path starts a word here
        if kind != DROP and not (kind == MARK and word_start < 0):
            if word_start < 0:
                word_start = position
                state = _SEED
                flags = (entry & CAPITAL) >> _CAPITAL_TO_FLAG
                if kind == UNSPACED:
                    flags = np.uint32(IS_UNSPACED)
            parts, offset = _parts(entry, code)
            for part in range(parts):
                piece = _piece(entry, code, part, offset, expansions)
                if (piece >> KIND_SHIFT) & np.uint32(7) == DIGIT:
                    flags |= np.uint32(HAS_DIGIT)
                state = (state ^ np.uint64(piece & CODE_POINT)) * _PRIME
            word_end = position + 1
        position += 1
    if word_start >= 0:
        identity = np.uint32(mix64(state) >> _IDENTITY_SHIFT)
        tokens[out] = (identity << np.uint32(FLAG_BITS)) | flags | after_cut
        starts[out] = word_start
        ends[out] = word_end
        out += 1
    return out


@kernel
def tokenize_span(
    codes: NDArray[np.uint32],
    first: int,
    last: int,
    cuts: NDArray[np.int64],
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    out: int,
) -> int:
    """Tokens of `codes[first:last]` without `cuts`, written from index `out`; returns the new end.

    `tokens`, `starts`, `ends` uint32 with room for `last - first` more (no code point gives two);
    starts count from `first`.
    """
    view = codes[first:last]
    size = len(view)
    after_cut = np.uint32(0)
    segment_start = 0
    for cut in range(len(cuts) + 1):
        segment_end = size
        if cut < len(cuts):
            segment_end = max(segment_start, min(size, cuts[cut, 0] - first))
        out = _tokenize_segment(
            view,
            segment_start,
            segment_end,
            table,
            expansions,
            tokens,
            starts,
            ends,
            out,
            after_cut,
        )
        if cut < len(cuts):
            segment_start = max(segment_start, min(size, cuts[cut, 1] - first))
            after_cut = np.uint32(AFTER_CUT)
    return out


def tokenize(text: str, cuts: Sequence[Span] = ()) -> Tokens:
    """The words of one text outside `cuts` (sorted, not overlapping spans of code points)."""
    batch = encode_texts([text], [cuts])
    table, expansions = load_table()
    packed, starts, ends = (np.empty(len(batch.codes), np.uint32) for _ in range(3))
    count = tokenize_span(
        batch.codes, 0, len(batch.codes), batch.cuts, table, expansions, packed, starts, ends, 0
    )
    packed = packed[:count]
    flags = (packed & np.uint32((1 << FLAG_BITS) - 1)).astype(np.uint8)
    return Tokens(packed >> np.uint32(FLAG_BITS), starts[:count].copy(), ends[:count].copy(), flags)
