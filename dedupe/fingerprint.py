"""Texts -> fingerprints: tokens, signature and keys of each text in one pass over it.

The stages are those of `normalize`, `shingles`, `minhash` and `keys`; they are fused here because a
text that is still in the processor's cache costs a third of one that is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.config import Config
from dedupe.jit import kernel
from dedupe.keys import band_keys_into, passage_keys_into
from dedupe.minhash import coefficients, sign_into
from dedupe.normalize import CodePoints, TextBatch, kernel_tables, tokenize_span
from dedupe.shingles import shingle_span

__all__ = ["Fingerprints", "fingerprint_batch"]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of n texts.

    `tokens`, `starts`, `ends` uint32[n_tokens] (see `normalize`); `token_bounds` int64[n + 1];
    `signatures` uint32[n, permutations]; `keys` uint64[n_keys], the band keys of a text before its
    passage keys; `key_bounds` int64[n + 1]. A text without words has no keys.
    """

    tokens: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    token_bounds: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    keys: NDArray[np.uint64]
    key_bounds: NDArray[np.int64]


@kernel
def _fingerprint_all(
    codes: CodePoints,
    bounds: NDArray[np.int64],
    cuts: NDArray[np.int64],
    cut_bounds: NDArray[np.int64],
    table: NDArray[np.uint32],
    expansions: NDArray[np.uint32],
    powers: NDArray[np.uint64],
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    shape: tuple[int, int, int, int, int, int, int],
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    token_bounds: NDArray[np.int64],
    signatures: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    key_bounds: NDArray[np.int64],
) -> None:
    words, letters, bands, rows, passage_words, passage_letters, window = shape
    longest = 1
    for text in range(len(bounds) - 1):
        longest = max(longest, bounds[text + 1] - bounds[text])
    hashes = np.empty(longest, np.uint32)
    grams = np.empty(longest, np.uint64)
    token, key = 0, 0
    for text in range(len(bounds) - 1):
        first, last = bounds[text], bounds[text + 1]
        own = cuts[cut_bounds[text] : cut_bounds[text + 1]]
        end = tokenize_span(
            codes, first, last, own, table, expansions, powers, tokens, starts, ends, token
        )
        count = shingle_span(tokens, token, end, words, letters, hashes)
        sign_into(hashes, count, a, b, signatures[text])
        if end > token:
            key += band_keys_into(signatures[text], bands, rows, keys[key:])
            key += passage_keys_into(
                tokens, token, end, passage_words, passage_letters, window, grams, keys[key:]
            )
        token = end
        token_bounds[text + 1] = token
        key_bounds[text + 1] = key


def _drop_boilerplate(
    keys: NDArray[np.uint64], key_bounds: NDArray[np.int64], config: Config
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """(keys, bounds) without the passages that the frozen statistics know as boilerplate."""
    known = config.statistics.boilerplate
    if len(known) == 0:
        return keys, key_bounds
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    kept = known[place] != keys
    counts = np.concatenate([[0], np.cumsum(kept)])
    return keys[kept], counts[key_bounds]


def fingerprint_batch(batch: TextBatch, config: Config) -> Fingerprints:
    """Fingerprint every text of a batch with the parameters of `config`."""
    texts, codes = len(batch.bounds) - 1, len(batch.codes)
    tokens, starts, ends = (np.empty(codes, np.uint32) for _ in range(3))
    signatures = np.empty((texts, config.permutations), np.uint32)
    # winnowing writes one key for each step of the window's minimum: at most one a token
    keys = np.empty(texts * config.bands + codes, np.uint64)
    token_bounds, key_bounds = np.zeros(texts + 1, np.int64), np.zeros(texts + 1, np.int64)
    shape = (
        config.shingle_words,
        config.shingle_letters,
        config.bands,
        config.rows,
        config.passage_words,
        config.passage_letters,
        config.passage_window,
    )
    _fingerprint_all(
        batch.codes,
        batch.bounds,
        batch.cuts,
        batch.cut_bounds,
        *kernel_tables(),
        *coefficients(config.permutations, config.seed),
        shape,
        tokens,
        starts,
        ends,
        token_bounds,
        signatures,
        keys,
        key_bounds,
    )
    keys, key_bounds = _drop_boilerplate(keys[: key_bounds[-1]], key_bounds, config)
    count = token_bounds[-1]
    return Fingerprints(
        tokens[:count],
        starts[:count],
        ends[:count],
        token_bounds,
        signatures,
        keys,
        key_bounds,
    )
