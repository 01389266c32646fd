"""Columns of a run and learned boilerplate -> the same columns, cut and fingerprinted again.

The tokens are in the spool already, so learning from an input before it is compared costs one more
pass over tokens, not over files: reading and attributing are four fifths of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.furniture import Texts, headline_reader, learn_boilerplate
from dedupe.batch.spool import Spool
from dedupe.boilerplate import cut_known
from dedupe.config import Config
from dedupe.jit import kernel
from dedupe.keys import band_keys_into, passage_keys_into
from dedupe.minhash import coefficients, sign_into
from dedupe.records import decode_title
from dedupe.shingles import shingle_span

__all__ = ["cut_learned", "with_boilerplate"]


@kernel
def _cut_all(
    tokens: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    ends: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    counts: NDArray[np.uint32],
    known: NDArray[np.uint64],
    sieve: NDArray[np.uint8],
    changed: NDArray[np.bool_],
) -> None:
    """Cut every article in place; `counts` and `changed` tell what is left and who lost words."""
    longest = 1
    for count in counts:
        longest = max(longest, int(count))
    marks = np.empty(longest, np.uint8)
    for index in range(len(firsts)):
        first, last = firsts[index], firsts[index] + counts[index]
        end = cut_known(tokens, starts, ends, first, last, known, sieve, marks)
        changed[index] = end != last
        counts[index] = end - first


@kernel
def _sign_again(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    shape: tuple[int, int, int, int, int, int, int],
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    bands: NDArray[np.uint64],
    passages: NDArray[np.uint64],
    passage_counts: NDArray[np.int64],
) -> int:
    """Keys of texts that have tokens: `bands` uint64[n, bands]; returns how many passage keys."""
    words, letters, band_count, rows, gram_words, gram_letters, window = shape
    longest = 1
    for text in range(len(firsts)):
        longest = max(longest, lasts[text] - firsts[text])
    hashes = np.empty(longest, np.uint32)
    grams = np.empty(longest, np.uint64)
    signature = np.empty(len(a), np.uint32)
    written = 0
    for text in range(len(firsts)):
        first, last = firsts[text], lasts[text]
        count = shingle_span(tokens, first, last, words, letters, hashes)
        sign_into(hashes, count, a, b, signature)
        band_keys_into(signature, band_count, rows, bands[text])
        passage_counts[text] = passage_keys_into(
            tokens, first, last, gram_words, gram_letters, window, grams, passages[written:]
        )
        written += passage_counts[text]
    return written


def with_boilerplate(config: Config, known: Sequence[int] | NDArray[np.uint64]) -> Config:
    """The configuration that knows these grams; the same one where it does already."""
    grams = np.array(known, np.uint64)
    if len(grams) <= len(config.statistics.boilerplate):
        return config
    return replace(config, statistics=replace(config.statistics, boilerplate=grams))


def cut_learned(
    articles: dict[str, NDArray[Any]], spool: Spool, config: Config, *, spans: bool
) -> NDArray[np.uint64]:
    """Learn the boilerplate of these articles and cut it out of them.

    Returns all grams that are known now: what is made from here on belongs to a configuration
    that has them.
    """
    records = spool.column("records").data

    def title(number: int) -> str:
        first = int(articles["record_first"][number])
        size = int(articles["record_size"][number])
        return decode_title(records[first : first + size])

    firsts, lasts = articles["token_first"], articles["token_first"] + articles["token_count"]
    passage_firsts = articles["passage_first"]
    learned, _ = learn_boilerplate(
        Texts(
            spool.column("tokens"),
            firsts,
            lasts,
            spool.column("passages"),
            passage_firsts,
            passage_firsts + articles["passage_count"],
            articles["outlet"],
            headline_reader(title, config.statistics.common),
        )
    )
    known = np.union1d(config.statistics.boilerplate, learned)
    if len(learned):
        _cut(articles, spool, with_boilerplate(config, known), spans=spans)
    return known


def _cut(articles: dict[str, NDArray[Any]], spool: Spool, config: Config, *, spans: bool) -> None:
    tokens = spool.column("tokens", writable=True)
    none = np.empty(0, np.uint32)
    starts = spool.column("starts", writable=True) if spans else none
    ends = spool.column("ends", writable=True) if spans else none
    changed = np.zeros(len(articles["token_first"]), np.bool_)
    known, sieve = config.statistics.boilerplate, config.statistics.sieve
    _cut_all(
        tokens,
        starts,
        ends,
        articles["token_first"],
        articles["token_count"],
        known,
        sieve,
        changed,
    )
    gone = changed & (articles["token_count"] == 0)
    articles["band_first"][gone] = -1
    articles["passage_count"][gone] = 0
    again = np.flatnonzero(changed & ~gone)
    firsts = articles["token_first"][again]
    counts = articles["token_count"][again].astype(np.int64)
    bands = np.empty((len(again), config.bands), np.uint64)
    passages, found = np.empty(int(counts.sum()), np.uint64), np.zeros(len(again), np.int64)
    written = _sign_again(
        tokens,
        firsts,
        firsts + counts,
        config.shape,
        *coefficients(config.permutations, config.seed),
        bands,
        passages,
        found,
    )
    place = np.arange(config.bands)
    band_column = spool.column("bands", writable=True)
    band_column[articles["band_first"][again][:, None] + place] = bands
    first = spool.append("passages", passages[:written])
    articles["passage_first"][again] = first + np.cumsum(found) - found
    articles["passage_count"][again] = found
