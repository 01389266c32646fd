"""Signature and tokens -> keys; two articles that share a key become a candidate.

Bands of the signature find whole-article similarity: with `b` bands of `r` rows a pair of Jaccard
J shares one with probability 1 - (1 - J^r)^b. Passage keys find text carried over in part, where
MinHash fails: winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) keeps the smallest gram hash
of every window, so any run of `window + gram - 1` tokens that two articles share without a cut
inside gives a common key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel
from dedupe.normalize import mix64
from dedupe.shingles import (
    PASSAGE,
    gram_hash,
    gram_length,
    hash_grams,
    hash_passages,
    needs_care,
)

__all__ = ["band_keys_into", "guaranteed_run", "passage_keys_into"]

_BAND_SEED = np.uint64(0x8CB92BA72F3D8DD7)


def guaranteed_run(gram: int, window: int) -> int:
    """Length in tokens of a shared run that always gives a common passage key."""
    return window + gram - 1


@kernel
def band_keys_into(
    signature: NDArray[np.uint32], bands: int, rows: int, out: NDArray[np.uint64]
) -> int:
    """One key a band of `rows` consecutive values, into `out`; returns `bands`."""
    for band in range(bands):
        state = _BAND_SEED + np.uint64(band)
        for row in range(rows):
            state = mix64(state ^ np.uint64(signature[band * rows + row]))
        out[band] = state
    return bands


@kernel
def _winnow(
    grams: NDArray[np.uint64], size: int, window: int, out: NDArray[np.uint64], count: int
) -> int:
    """Append the winnowed values of `grams[:size]` to `out[:count]`; returns the new count."""
    if 0 < size < window:
        window = size
    best, emitted = -1, -1
    for place in range(size):
        if best < 0 or grams[place] <= grams[best]:
            best = place
        elif best <= place - window:
            best = place - window + 1
            for other in range(best + 1, place + 1):
                if grams[other] <= grams[best]:
                    best = other
        if place >= window - 1 and best != emitted:
            out[count] = grams[best]
            count += 1
            emitted = best
    return count


@kernel
def passage_keys_into(
    tokens: NDArray[np.uint32],
    first: int,
    last: int,
    words: int,
    letters: int,
    window: int,
    grams: NDArray[np.uint64],
    out: NDArray[np.uint64],
) -> int:
    """Winnowed gram hashes of `tokens[first:last]`, into `out`; returns how many.

    `grams` uint64 is room for `last - first` values. A run shorter than the window keeps its
    smallest gram. Equal neighbours are written once; the last of equal minima is taken.
    """
    if not needs_care(tokens, first, last):
        size = max(0, last - first - words + 1)
        if words == PASSAGE:
            hash_passages(tokens, first, size, grams)
        else:
            hash_grams(tokens, first, size, words, grams)
        return _winnow(grams, size, window, out, 0)
    count, size = 0, 0
    for index in range(first, last):
        length = gram_length(tokens, index, last, words, letters)
        if length:
            grams[size] = gram_hash(tokens, index, length)
            size += 1
        else:
            count = _winnow(grams, size, window, out, count)
            size = 0
    return _winnow(grams, size, window, out, count)
