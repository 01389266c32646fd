"""Finished run -> frozen statistics: which words are common, which passages are boilerplate.

Frequencies are counted once a story, by the lowest-numbered member of each cluster, so that a much
carried wire report does not make its own words common. What is boilerplate tells `furniture`; what
the run's configuration knew already stays known, so that learning again changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.furniture import learn_boilerplate
from dedupe.batch.result import Result
from dedupe.foldtable import identity_version
from dedupe.jit import kernel
from dedupe.normalize import FLAG_BITS
from dedupe.statistics import Statistics

__all__ = ["learn_statistics"]

_LEAST_STORIES = 3
"""Stories a word must stand in to be counted at all."""
_LEAST_SHARE = 1 / 1000
"""Least share of a language's stories for a word to be kept."""
_LEAST_COLLECTION = 200
"""Stories a language must have before its shares mean anything."""


@kernel
def _distinct_words(
    tokens: NDArray[np.uint32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    out: NDArray[np.uint32],
) -> int:
    """The different word identities of each text, one text after another; returns how many."""
    count = 0
    for text in range(len(firsts)):
        own = np.sort(tokens[firsts[text] : lasts[text]] >> np.uint32(FLAG_BITS))
        for index in range(len(own)):
            if index == 0 or own[index] != own[index - 1]:
                out[count] = own[index]
                count += 1
    return count


def _count_words(
    result: Result, stories: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """(words, share of these stories that hold each)."""
    corpus = result.corpus
    firsts, lasts = corpus.firsts[stories], corpus.lasts[stories]
    found = np.empty(int((lasts - firsts).sum()), np.uint32)
    found = found[: _distinct_words(corpus.tokens, firsts, lasts, found)]
    words, counts = np.unique(found, return_counts=True)
    share = counts / max(1, len(stories))
    kept = (counts >= _LEAST_STORIES) & (share >= _LEAST_SHARE)
    return words[kept], share[kept]


def learn_statistics(result: Result) -> Statistics:
    """Statistics of the articles of a finished run.

    Words are counted a language at a time and the highest share kept; languages with fewer than
    200 stories are left out, and articles without a language count as one.
    """
    boilerplate, _ = learn_boilerplate(result.texts())
    labels = result.labels
    stories = np.flatnonzero(labels == np.arange(len(labels)))
    languages = result.articles["language"]
    words: list[NDArray[np.uint32]] = []
    shares: list[NDArray[np.float64]] = []
    for language in np.unique(languages[stories]):
        own = stories[languages[stories] == language]
        if len(own) >= _LEAST_COLLECTION:
            counted, share = _count_words(result, own)
            words.append(counted)
            shares.append(share)
    every = np.concatenate(words) if words else np.empty(0, np.uint32)
    share = np.concatenate(shares) if shares else np.empty(0, np.float64)
    distinct, place = np.unique(every, return_inverse=True)
    highest = np.zeros(len(distinct), np.float64)
    np.maximum.at(highest, place, share)
    return Statistics(
        distinct.astype(np.uint32),
        np.minimum(65535, highest * 65535).astype(np.uint16),
        np.union1d(result.config.statistics.boilerplate, boilerplate),
        len(stories),
        identity_version(),
    )
