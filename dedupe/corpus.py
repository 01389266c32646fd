"""Token and key arrays of many articles -> what verification reads of each, by its number.

In steps for an engine that compares few of its articles and aligns fewer: what is not asked of a
text is not computed, and its pages are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedupe.config import Config
from dedupe.jit import kernel
from dedupe.shinglemap import count_distinct
from dedupe.shingles import gram_hash, shingle_places

__all__ = ["Corpus", "add_shingles", "hash_texts", "prepare_corpus", "sort_passages"]


@dataclass(frozen=True, eq=False)
class Corpus:
    """The token arrays of all articles that may be compared, numbered from 0.

    `tokens` uint32[n_tokens]; `firsts`, `lasts` int64[n] bound each article in them;
    `contents` uint64[n] is a hash of its words; `passages` uint64[n_keys] its passage keys, sorted,
    between `passage_firsts` and `passage_lasts` int64[n]; `addresses` uint64[n] is a hash of outlet
    and URL, 0 without a URL. `shingles` uint32 holds one value a token, those of an article from
    `shingle_firsts` int64[n] on; `distinct` int32[n] are how many of them are different.
    """

    tokens: NDArray[np.uint32]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]
    contents: NDArray[np.uint64]
    passages: NDArray[np.uint64]
    passage_firsts: NDArray[np.int64]
    passage_lasts: NDArray[np.int64]
    addresses: NDArray[np.uint64]
    shingles: NDArray[np.uint32]
    shingle_firsts: NDArray[np.int64]
    distinct: NDArray[np.int32]


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


def hash_texts(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    passages: NDArray[np.uint64],
    passage_firsts: NDArray[np.int64],
    passage_lasts: NDArray[np.int64],
    addresses: NDArray[np.uint64],
    chosen: NDArray[np.int64],
) -> Corpus:
    """The corpus with the contents of the articles `chosen`: enough to tell which are one text."""
    contents, hashes = np.zeros(len(firsts), np.uint64), np.zeros(len(chosen), np.uint64)
    _hash_contents(tokens, firsts[chosen], lasts[chosen], hashes)
    contents[chosen] = hashes
    return Corpus(
        tokens,
        firsts,
        lasts,
        contents,
        passages,
        passage_firsts,
        passage_lasts,
        addresses,
        np.empty(0, np.uint32),
        np.zeros(len(firsts), np.int64),
        np.zeros(len(firsts), np.int32),
    )


def sort_passages(corpus: Corpus, chosen: NDArray[np.int64]) -> None:
    """Sort the passage keys of the articles `chosen` in place: they may be prefiltered then."""
    _sort_segments(corpus.passages, corpus.passage_firsts[chosen], corpus.passage_lasts[chosen])


def add_shingles(
    corpus: Corpus,
    chosen: NDArray[np.int64],
    config: Config,
    provide: Callable[[int], NDArray[np.uint32]] = lambda size: np.empty(size, np.uint32),
) -> Corpus:
    """The same corpus with the shingles of the articles `chosen`, which may be aligned then.

    `provide` gives room for so many uint32.
    """
    first, last = corpus.firsts[chosen], corpus.lasts[chosen]
    ends = np.cumsum(last - first)
    begins = ends - (last - first)
    shingles = provide(int(ends[-1]) if len(ends) else 0)
    words, letters = config.shingle_words, config.shingle_letters
    shingle_places(corpus.tokens, first, last, words, letters, shingles)
    counts = np.zeros(len(chosen), np.int32)
    count_distinct(shingles, begins, ends, counts)
    firsts, distinct = np.zeros(len(corpus.firsts), np.int64), np.zeros_like(corpus.distinct)
    firsts[chosen], distinct[chosen] = begins, counts
    return replace(corpus, shingles=shingles, shingle_firsts=firsts, distinct=distinct)


def prepare_corpus(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    passages: NDArray[np.uint64],
    passage_firsts: NDArray[np.int64],
    passage_lasts: NDArray[np.int64],
    addresses: NDArray[np.uint64],
    config: Config,
) -> Corpus:
    """The corpus in which every article may be compared; sorts `passages` in place."""
    everyone = np.arange(len(firsts))
    corpus = hash_texts(
        tokens, firsts, lasts, passages, passage_firsts, passage_lasts, addresses, everyone
    )
    sort_passages(corpus, everyone)
    return add_shingles(corpus, everyone, config)
