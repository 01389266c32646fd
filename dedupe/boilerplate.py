"""Tokens and learned boilerplate -> the tokens that are an article's own.

Furniture that no rule knows (a comment policy, a sponsor's line, a closing formula) is known by
repetition: `isnad statistics learn` keeps the hashes of its grams. A stretch of a text that is made
of known grams is cut like a notice: it gives no shingle, no passage key and no aligned word, and
nothing spans the place. Which articles it stood in first does not matter, so a match stays a
function of two texts and the configuration.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel
from dedupe.models import Span
from dedupe.normalize import AFTER_CUT, Tokens
from dedupe.shingles import PASSAGE, gram_hash, gram_length, hash_passages, needs_care

__all__ = [
    "GRAM_LETTERS",
    "GRAM_WORDS",
    "cut_known",
    "find_boilerplate",
    "gram_places",
    "mark_known",
    "sieve_of",
]

GRAM_WORDS, GRAM_LETTERS = PASSAGE, 12
"""Length of the grams that are looked up, in words and in letters of scripts without spaces."""
_BEYOND = 6
"""Tokens that a stretch must have beyond one gram: a king's name and titles are eleven words."""
_SIEVE_BITS = 16


@kernel
def gram_places(tokens: NDArray[np.uint32], first: int, last: int, out: NDArray[np.uint64]) -> None:
    """Gram hash at the token it starts at, 0 where none does: `out` uint64[last - first]."""
    for index in range(first, last):
        length = gram_length(tokens, index, last, GRAM_WORDS, GRAM_LETTERS)
        out[index - first] = gram_hash(tokens, index, length) if length else np.uint64(0)


def sieve_of(known: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """uint8[2^16] of bits: one for each known gram, by its low bits; spares nearly every search."""
    sieve = np.zeros(1 << _SIEVE_BITS, np.uint8)
    slots = (known & np.uint64((1 << _SIEVE_BITS) - 1)).astype(np.int64)
    bits = (known >> np.uint64(_SIEVE_BITS) & np.uint64(7)).astype(np.uint8)
    np.bitwise_or.at(sieve, slots, np.uint8(1) << bits)
    return sieve


@kernel
def _is_known(value: np.uint64, known: NDArray[np.uint64], sieve: NDArray[np.uint8]) -> bool:
    byte = np.uint64(sieve[value & np.uint64(len(sieve) - 1)])
    if (byte >> (value >> np.uint64(_SIEVE_BITS) & np.uint64(7))) & np.uint64(1) == 0:
        return False
    at = np.searchsorted(known, value)
    return bool(at < len(known) and known[at] == value)


@kernel
def _gram_at(
    tokens: NDArray[np.uint32], index: int, last: int, care: bool
) -> tuple[int, np.uint64]:
    """(tokens in the gram that starts at `index`, its hash); without `care` it is one of words."""
    if care:
        length = gram_length(tokens, index, last, GRAM_WORDS, GRAM_LETTERS)
        return length, gram_hash(tokens, index, length)
    if index + GRAM_WORDS > last:
        return 0, np.uint64(0)
    return GRAM_WORDS, gram_hash(tokens, index, GRAM_WORDS)


@kernel
def _may_hold(
    tokens: NDArray[np.uint32],
    first: int,
    last: int,
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
) -> bool:
    """Whether a text of words, without cuts, holds a known gram: nearly all hold none."""
    count = max(0, last - first - GRAM_WORDS + 1)
    grams = np.empty(count + 3, np.uint64)
    hash_passages(tokens, first, count, grams)
    for index in range(count):  # noqa: SIM110 - kernels have no generators
        if _is_known(grams[index], known, sieve):
            return True
    return False


@kernel
def mark_known(
    tokens: NDArray[np.uint32],
    first: int,
    last: int,
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
    marks: NDArray[np.uint8],
) -> int:
    """Mark in `marks` uint8[>= last - first] the tokens in known stretches; returns how many.

    `known` uint64[n] is sorted, `sieve` as `sieve_of` makes it.
    """
    for place in range(last - first):
        marks[place] = 0
    care = needs_care(tokens, first, last)
    if not care and not _may_hold(tokens, first, last, known, sieve):
        return 0
    total, start, end = 0, -1, -1  # the stretch that is being read, in places
    shortest = 0
    for place in range(last - first + 1):
        length, value = 0, np.uint64(0)
        if place < last - first:
            length, value = _gram_at(tokens, first + place, last, care)
        if length and not _is_known(value, known, sieve):
            length = 0
        if length and place <= end:
            end = max(end, place + length)
        elif length or place == last - first:
            if end - start >= shortest and start >= 0:
                for other in range(start, end):
                    marks[other] = 1
                total += end - start
            start, end, shortest = place, place + length, length + _BEYOND
    return total


@kernel
def cut_known(
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    first: int,
    last: int,
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
    marks: NDArray[np.uint8],
) -> int:
    """Take known stretches out of `tokens[first:last]`, moving the rest up; returns the new end.

    `starts` and `ends` move along unless they are empty.
    """
    if mark_known(tokens, first, last, known, sieve, marks) == 0:
        return last
    placed, behind = first, False
    for index in range(first, last):
        if marks[index - first]:
            behind = True
            continue
        tokens[placed] = tokens[index] | np.uint32(AFTER_CUT if behind else 0)
        if len(starts):
            starts[placed] = starts[index]
            ends[placed] = ends[index]
        placed += 1
        behind = False
    return placed


def find_boilerplate(words: Tokens, known: NDArray[np.uint64]) -> tuple[Span, ...]:
    """The spans of a text's learned boilerplate, in code points: the evidence for what is cut."""
    packed = words.packed
    if len(packed) == 0 or len(known) == 0:
        return ()
    marks = np.zeros(len(packed), np.uint8)
    mark_known(packed, 0, len(packed), known, sieve_of(known), marks)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]])))
    return tuple(
        (int(words.starts[start]), int(words.ends[end - 1]))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    )
