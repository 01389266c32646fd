"""Token and key arrays of many articles -> what verification reads of each, by its number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.blocks import count_distinct
from dedupe.config import Config
from dedupe.jit import kernel
from dedupe.shingles import gram_hash, shingle_places

__all__ = ["Corpus", "prepare_corpus"]


@dataclass(frozen=True, eq=False)
class Corpus:
    """The token arrays of all articles that may be compared, numbered from 0.

    `tokens`, `shingles` uint32[n_tokens]; `firsts`, `lasts` int64[n] bound each article in them;
    `contents` uint64[n] is a hash of its words; `distinct` int32[n] how many shingles it has;
    `passages` uint64[n_keys] its passage keys, sorted, between `passage_firsts` and
    `passage_lasts` int64[n]; `addresses` uint64[n] is a hash of outlet and URL, 0 without a URL.
    """

    tokens: NDArray[np.uint32]
    shingles: NDArray[np.uint32]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    contents: NDArray[np.uint64]
    distinct: NDArray[np.int32]
    passages: NDArray[np.uint64]
    passage_firsts: NDArray[np.int64]
    passage_lasts: NDArray[np.int64]
    addresses: NDArray[np.uint64]


@kernel
def _sort_segments(
    values: NDArray[np.uint64], firsts: NDArray[np.int64], lasts: NDArray[np.int64]
) -> None:
    for index in range(len(firsts)):
        values[firsts[index] : lasts[index]].sort()


@kernel
def _hash_contents(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> None:
    """One hash a text of its words in order."""
    for text in range(len(firsts)):
        out[text] = gram_hash(tokens, firsts[text], lasts[text] - firsts[text])


def prepare_corpus(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    passages: NDArray[np.uint64],
    passage_firsts: NDArray[np.int64],
    passage_lasts: NDArray[np.int64],
    addresses: NDArray[np.uint64],
    shingles: NDArray[np.uint32],
    config: Config,
    compared: NDArray[np.int64] | None = None,
) -> Corpus:
    """Hash and count the shingles of every article and sort its passage keys.

    Writes into `shingles` uint32[n_tokens] and, in place, `passages`. With `compared` int64, only
    these articles are prepared and may be compared.
    """
    count = len(firsts)
    own = np.arange(count) if compared is None else compared
    first, last = firsts[own], lasts[own]
    shingle_places(tokens, first, last, config.shingle_words, config.shingle_letters, shingles)
    distinct, contents = np.zeros(count, np.int32), np.zeros(count, np.uint64)
    counts, hashes = np.zeros(len(own), np.int32), np.zeros(len(own), np.uint64)
    count_distinct(shingles, first, last, counts)
    _hash_contents(tokens, first, last, hashes)
    distinct[own], contents[own] = counts, hashes
    _sort_segments(passages, passage_firsts[own], passage_lasts[own])
    return Corpus(
        tokens,
        shingles,
        firsts,
        lasts,
        contents,
        distinct,
        passages,
        passage_firsts,
        passage_lasts,
        addresses,
    )
