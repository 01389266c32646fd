"""Candidates -> matches: pairs and the texts they need are brought together, then judged as ever.

A pair goes to the block of the lowest neighbour of its left article, so that the pairs of one story
meet in one block and a text travels about once, not once a pair (docs/decisions/0016). The pairs of
a very large star are spread over several blocks by their right article.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from dedupe.config import Config
from dedupe.corpus import Corpus, prepare_corpus
from dedupe.matching import INDEPENDENT, Judged, judge_pairs, prefilter_pairs

__all__ = ["find_blocks", "verify_blocks"]

Arrow: TypeAlias = Any
_BLOCK_TEXTS = 8_192
"""Texts of a block on average: some 25 MB of tokens and keys, which a worker holds at once."""
_STAR_PAIRS = 32_768
"""Pairs around one article from which on they are spread over several blocks."""
_PAIRS_A_STEP = 100_000
_MATCHES = (
    "`left` long, `right` long, `relation` tinyint, `probability` float, `similarity` float,"
    " `containment_left` float, `containment_right` float, `left_longer` boolean,"
    " `slot_places` long, `aligned` long"
)


def find_blocks(pairs: DataFrame) -> DataFrame:
    """Pairs (left, right) -> (left, right, block): which pairs are verified together."""
    ends = pairs.select(F.col("left").alias("rank"), F.col("left").alias("low")).unionAll(
        pairs.select(F.col("right").alias("rank"), F.col("left").alias("low"))
    )
    lowest = ends.groupBy("rank").agg(F.min("low").alias("low"))
    homed = pairs.join(lowest, pairs["left"] == lowest["rank"]).select("left", "right", "low")
    around = F.count(F.lit(1)).over(Window.partitionBy("low"))
    spread = F.ceil(around / F.lit(_STAR_PAIRS))
    share = F.pmod(F.xxhash64("right"), spread)
    return homed.select("left", "right", F.xxhash64("low", share).alias("home"))


def verify_blocks(homed: DataFrame, articles: DataFrame, config: Config) -> DataFrame:
    """Judge all pairs; rows with left = right only count, in `aligned`, what passed the prefilter.

    `homed` as of `find_blocks`; `articles` must have rank, tokens, passages and address.
    """
    needs = homed.select("home", F.col("left").alias("rank")).unionAll(
        homed.select("home", F.col("right").alias("rank"))
    )
    needs = needs.distinct()
    blocks = max(1, needs.count() // _BLOCK_TEXTS)
    block = F.pmod(F.col("home"), F.lit(blocks)).cast("int").alias("block")
    texts = (
        needs.select("rank", block)
        .distinct()
        .join(articles.select("rank", "address", "tokens", "passages"), "rank")
    )
    pairs = homed.select("left", "right", block)
    grouped = pairs.groupBy("block").cogroup(texts.groupBy("block"))

    def verify(pairs: Arrow, texts: Arrow) -> Arrow:  # Spark counts the parameters
        return _verify_block(pairs, texts, config)

    return grouped.applyInArrow(verify, _MATCHES)


def _verify_block(pairs: Arrow, texts: Arrow, config: Config) -> Arrow:
    """The pairs and texts of one block -> its matches."""
    ranks, corpus = _make_corpus(texts, config)
    left, right = (
        np.searchsorted(ranks, pairs.column(name).to_numpy()).astype(np.uint32)
        for name in ("left", "right")
    )
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    judged, aligned = [], 0
    for first in range(0, len(left), _PAIRS_A_STEP):
        step = slice(first, first + _PAIRS_A_STEP)
        kept = prefilter_pairs(corpus, left[step], right[step])
        found = judge_pairs(corpus, left[step][kept], right[step][kept], config)
        judged.append(found.select(found.relation != INDEPENDENT))
        aligned += int(kept.sum())
    return _table(Judged.concatenate(judged), ranks, aligned)


def _make_corpus(texts: Arrow, config: Config) -> tuple[NDArray[np.int64], Corpus]:
    """(ranks ascending, the corpus numbered in their order)."""
    ranks = texts.column("rank").to_numpy()
    order = np.argsort(ranks)
    tokens, token_bounds = _join(texts.column("tokens"), np.uint32)
    passages, passage_bounds = _join(texts.column("passages"), np.uint64)
    corpus = prepare_corpus(
        tokens,
        token_bounds[:-1][order],
        token_bounds[1:][order],
        passages,
        passage_bounds[:-1][order],
        passage_bounds[1:][order],
        texts.column("address").to_numpy().view(np.uint64)[order],
        config,
    )
    return ranks[order], corpus


def _join(column: Arrow, dtype: type[np.generic]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A column of binary values as one writable array, and where each begins and ends in it."""
    parts = column.to_pylist()
    sizes = np.fromiter(map(len, parts), np.int64, len(parts)) // np.dtype(dtype).itemsize
    return np.frombuffer(bytearray(b"".join(parts)), dtype), np.concatenate([[0], sizes.cumsum()])


def _table(judged: Judged, ranks: NDArray[np.int64], aligned: int) -> Arrow:
    def with_count(values: NDArray[Any]) -> Arrow:
        return pa.array(np.concatenate([values, np.zeros(1, values.dtype)]))

    columns = {name: with_count(getattr(judged, name)) for name in judged.__dataclass_fields__}
    columns["left"] = with_count(ranks[judged.left])
    columns["right"] = with_count(ranks[judged.right])
    columns["aligned"] = pa.array([0] * len(judged.left) + [aligned], pa.int64())
    return pa.table(columns)
