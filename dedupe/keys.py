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
from dedupe.shingles import gram_hash, gram_length

__all__ = ["band_keys_into", "guaranteed_run", "passage_keys_into"]

_BAND_SEED = np.uint64(0x8CB92BA72F3D8DD7)
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = np.uint64(1)


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
    count = 0
    run = 0  # grams in the run so far, ending before `index`
    best = -1  # place in `grams` of the window's minimum
    emitted = -1
    for index in range(first, last + 1):
        length = 0
        if index < last:
            length = gram_length(tokens, index, last, words, letters)
        if length == 0:
            if 0 < run < window and best != emitted:
                out[count] = grams[best]
                count += 1
            run, best, emitted = 0, -1, -1
            continue
        # the shift by one keeps 2^64 - 1 free, so that a minimum always exists
        grams[run] = gram_hash(tokens, index, length) >> _ONE
        if best < 0 or grams[run] <= grams[best]:
            best = run
        elif best <= run - window:
            best = run - window + 1
            for place in range(best + 1, run + 1):
                if grams[place] <= grams[best]:
                    best = place
        run += 1
        if run >= window and best != emitted:
            out[count] = grams[best]
            count += 1
            emitted = best
    return count
