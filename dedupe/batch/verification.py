"""Candidates of a run -> verdicts, each step for no more texts than it asks for.

Contents of all that are compared tell which are one text; of different texts the passage keys are
sorted for the prefilter; of what it leaves, a third less again, the shingles are made for the
alignment. Kernels release the GIL, so steps of pairs go to threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.against import Previous, take_over
from dedupe.batch.spool import Spool
from dedupe.candidates import Candidates, pair_left, pair_right
from dedupe.config import Config
from dedupe.corpus import Corpus, add_shingles, hash_texts, sort_passages
from dedupe.matching import INDEPENDENT, Judged, judge_pairs, prefilter_pairs
from dedupe.twins import fold_pairs

__all__ = ["hash_compared", "judge_candidates"]

Tell = Callable[[str, int, int | None], None]
_PAIRS_A_TASK = 100_000


def hash_compared(
    articles: dict[str, NDArray[Any]], candidates: Candidates, spool: Spool
) -> Corpus:
    """The corpus of a run, in which it can be told which of the candidates are one text."""
    return hash_texts(
        spool.column("tokens"),
        articles["token_first"],
        articles["token_first"] + articles["token_count"],
        spool.draft("passages"),
        articles["passage_first"],
        articles["passage_first"] + articles["passage_count"],
        articles["address"],
        _articles_of(candidates.pairs, len(articles["id_hash"])),
    )


def _articles_of(pairs: NDArray[np.uint64], count: int) -> NDArray[np.int64]:
    """Which of `count` articles stand in a pair, in order."""
    chosen = np.zeros(count, np.bool_)
    chosen[pair_left(pairs)] = True
    chosen[pair_right(pairs)] = True
    return np.flatnonzero(chosen)


def judge_candidates(
    previous: Previous | None,
    articles: dict[str, NDArray[Any]],
    corpus: Corpus,
    candidates: Candidates,
    spool: Spool,
    config: Config,
    threads: ThreadPoolExecutor,
    tell: Tell,
) -> tuple[Judged, int]:
    """`_verify`, but for the pairs that a previous run has verified."""
    if previous is None:
        return _verify(corpus, candidates, spool, config, threads, tell)
    known, open_pairs = take_over(previous, articles["was"], candidates.pairs)
    wanted = replace(candidates, pairs=open_pairs)
    fresh, aligned = _verify(corpus, wanted, spool, config, threads, tell)
    both = Judged.concatenate([known, fresh])
    return both.select(np.lexsort((both.right, both.left))), aligned


def _verify(
    corpus: Corpus,
    candidates: Candidates,
    spool: Spool,
    config: Config,
    threads: ThreadPoolExecutor,
    tell: Tell,
) -> tuple[Judged, int]:
    """(matches, pairs aligned): every candidate is prefiltered, then aligned and judged."""
    left, right = pair_left(candidates.pairs), pair_right(candidates.pairs)
    folded = fold_pairs(corpus, left, right)
    count = len(corpus.firsts)
    tell("verify", 0, len(folded.pairs))
    sort_passages(corpus, _articles_of(folded.pairs, count))

    def prefilter(first: int) -> NDArray[np.bool_]:
        chunk = folded.pairs[first : first + _PAIRS_A_TASK]
        return prefilter_pairs(folded.corpus, pair_left(chunk), pair_right(chunk))

    steps = range(0, len(folded.pairs), _PAIRS_A_TASK)
    kept = np.concatenate([np.empty(0, np.bool_), *threads.map(prefilter, steps)])
    pairs = folded.pairs[kept]
    shingled = add_shingles(
        folded.corpus,
        _articles_of(pairs, count),
        config,
        lambda size: spool.scratch("shingles", size, np.uint32),
    )

    def judge(first: int) -> Judged:
        chunk = pairs[first : first + _PAIRS_A_TASK]
        judged = judge_pairs(shingled, pair_left(chunk), pair_right(chunk), config)
        return judged.select(judged.relation != INDEPENDENT)

    parts: list[Judged] = []
    for number, judged in enumerate(threads.map(judge, range(0, len(pairs), _PAIRS_A_TASK))):
        parts.append(judged)
        tell("verify", min(len(pairs), (number + 1) * _PAIRS_A_TASK), len(pairs))
    verdicts = folded.unfold(Judged.concatenate(parts), left, right, corpus.addresses)
    return verdicts, int(kept[folded.place].sum())
