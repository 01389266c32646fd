"""Tokens -> shingle hashes: 32 bits each, for signatures and for exact comparison alike.

A shingle is three words, or five letters in a script without spaces; which of the two is decided by
the token it starts at, so a shingle depends on nothing but its own text. The hash is public: build
the same sketches elsewhere from `shingle_hashes(tokenize(text))`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel
from dedupe.normalize import AFTER_CUT, FLAG_BITS, IS_UNSPACED, Tokens

__all__ = [
    "PASSAGE",
    "gram_hash",
    "gram_length",
    "hash_grams",
    "hash_passages",
    "needs_care",
    "shingle_hashes",
    "shingle_places",
    "shingle_span",
]

_BASE = np.uint64(0xD6E8FEB86659FD93)  # odd; from the mixer rrmxmx (Evensen, 2018)
_S32 = np.uint64(32)
_SHINGLE, PASSAGE = 3, 6  # `Config`: words of a shingle and of a passage's gram
_CUBE = np.uint64(int(_BASE) ** 3 % (1 << 64))
_BEGIN = np.uint64(PASSAGE * int(_BASE) ** PASSAGE % (1 << 64))
_NEEDS_CARE = np.uint32(AFTER_CUT | IS_UNSPACED)


@kernel
def gram_length(tokens: NDArray[np.uint32], index: int, last: int, words: int, letters: int) -> int:
    """Tokens in the gram that starts at `index`: `words` or `letters`; 0 when it does not fit.

    It fits when it ends by `last` and no token after the first stands behind a cut.
    """
    length = letters if tokens[index] & np.uint32(IS_UNSPACED) else words
    if index + length > last:
        return 0
    for other in range(index + 1, index + length):
        if tokens[other] & np.uint32(AFTER_CUT):
            return 0
    return length


@kernel
def gram_hash(tokens: NDArray[np.uint32], index: int, length: int) -> np.uint64:
    """64-bit hash of `length` token identities from `index` on: a polynomial, then mixed.

    The identities are hashes already, so one multiplication a token keeps order and spreads.
    """
    state = np.uint64(length)
    for other in range(index, index + length):
        state = state * _BASE + np.uint64(tokens[other] >> np.uint32(FLAG_BITS))
    state ^= state >> _S32
    state *= _BASE
    return state ^ (state >> _S32)


@kernel
def hash_grams(
    tokens: NDArray[np.uint32],
    first: int,
    count: int,
    words: int,
    out: NDArray[np.uint32] | NDArray[np.uint64],
) -> None:
    """Hashes of the grams of `words` tokens that start at `first` and the places after it.

    The length in use stands in the code: a loop of a length that the compiler knows is unrolled and
    vectorised, which takes a fifth off the whole of signing.
    """
    if words == _SHINGLE:
        for index in range(count):
            out[index] = gram_hash(tokens, first + index, _SHINGLE)
    else:
        for index in range(count):
            out[index] = gram_hash(tokens, first + index, words)


@kernel
def hash_passages(
    tokens: NDArray[np.uint32], first: int, count: int, out: NDArray[np.uint64]
) -> None:
    """`hash_grams` of PASSAGE words into `out` uint64, which has room for `count` + 3 values.

    Two halves of three words make a gram, and each half serves two: a polynomial in fewer steps.
    """
    if count <= 0:
        return
    for index in range(count + 3):
        state = np.uint64(tokens[first + index] >> np.uint32(FLAG_BITS))
        for other in range(1, 3):
            state = state * _BASE + np.uint64(tokens[first + index + other] >> np.uint32(FLAG_BITS))
        out[index] = state
    for index in range(count):
        state = out[index] * _CUBE + out[index + 3] + _BEGIN
        state ^= state >> _S32
        state *= _BASE
        out[index] = state ^ (state >> _S32)


@kernel
def needs_care(tokens: NDArray[np.uint32], first: int, last: int) -> bool:
    """Whether grams of `tokens[first:last]` may differ in length or meet a cut."""
    seen = np.uint32(0)
    for index in range(first, last):
        seen |= tokens[index]
    return bool(seen & _NEEDS_CARE)


@kernel
def shingle_span(
    tokens: NDArray[np.uint32],
    first: int,
    last: int,
    words: int,
    letters: int,
    out: NDArray[np.uint32],
) -> int:
    """Shingle hashes of `tokens[first:last]` in order, into `out`; returns how many.

    A text too short for one shingle gives the hash of all its tokens, so that it is not lost.
    """
    count = 0
    if not needs_care(tokens, first, last):
        count = max(0, last - first - words + 1)
        hash_grams(tokens, first, count, words, out)
    else:
        for index in range(first, last):
            length = gram_length(tokens, index, last, words, letters)
            if length:
                out[count] = np.uint32(gram_hash(tokens, index, length))
                count += 1
    if count == 0 and last > first:
        out[0] = np.uint32(gram_hash(tokens, first, last - first))
        count = 1
    return count


@kernel
def shingle_places(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    words: int,
    letters: int,
    out: NDArray[np.uint32],
) -> None:
    """Shingle hash at the token it starts at, 0 where none does, into `out` uint32.

    `out` has one value for each token of the texts, one text behind the other. A hash of 0 is
    written as 1, so that 0 can stand for none.
    """
    at = 0
    for text in range(len(firsts)):
        first, last = firsts[text], lasts[text]
        size = last - first
        if not needs_care(tokens, first, last):
            count = max(0, size - words + 1)
            hash_grams(tokens, first, count, words, out[at : at + size])
            for index in range(at, at + count):
                out[index] = max(out[index], np.uint32(1))
            for index in range(at + count, at + size):
                out[index] = 0
            found = count > 0
        else:
            found = False
            for index in range(size):
                length = gram_length(tokens, first + index, last, words, letters)
                out[at + index] = 0
                if length:
                    value = np.uint32(gram_hash(tokens, first + index, length))
                    out[at + index] = max(value, np.uint32(1))
                    found = True
        if not found and size > 0:
            value = np.uint32(gram_hash(tokens, first, size))
            out[at] = max(value, np.uint32(1))
        at += size


def shingle_hashes(tokens: Tokens, words: int = 3, letters: int = 5) -> NDArray[np.uint32]:
    """The shingle hashes of one text in order, repeats included: uint32[n_shingles]."""
    packed = tokens.packed
    out = np.empty(max(1, len(packed)), np.uint32)
    return out[: shingle_span(packed, 0, len(packed), words, letters, out)].copy()
