"""Links -> connected components, by large-star and small-star.

Kiveris et al., "Connected Components in MapReduce and Beyond" (SoCC 2014): each round moves every
neighbour of an article to the lowest one it knows; what is left at the end is one star a component.
Each round is one shuffle a step and is written out before the next begins.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from dedupe.batch.spark.stages import Stages

__all__ = ["find_components"]

_MOST_ROUNDS = 60
"""A chain of 2^60 articles would need more; it takes about log2 of the longest chain."""


def find_components(links: DataFrame, stages: Stages) -> DataFrame:
    """(rank, component) of every article that has a link; a component is its lowest rank.

    `links` has left < right.
    """
    edges = stages.keep("round-00", lambda: _point_down(links.select("left", "right")))
    before = _digest(edges)
    for number in range(1, _MOST_ROUNDS):
        edges = stages.keep(f"round-{number:02}", _round(edges))
        after = _digest(edges)
        if after == before:
            break
        before = after
    else:
        raise RuntimeError(f"components have not settled in {_MOST_ROUNDS} rounds")
    others = edges.select(F.col("high").alias("rank"), F.col("low").alias("component"))
    roots = edges.select(F.col("low").alias("rank"), F.col("low").alias("component"))
    return others.unionAll(roots.distinct())


def _point_down(links: DataFrame) -> DataFrame:
    return links.select(F.col("right").alias("high"), F.col("left").alias("low")).distinct()


def _round(edges: DataFrame) -> Callable[[], DataFrame]:
    return lambda: _small_star(_large_star(edges))


def _large_star(edges: DataFrame) -> DataFrame:
    """Every higher neighbour of an article is linked to the lowest of its neighbours and itself."""
    both = edges.select(F.col("high").alias("at"), F.col("low").alias("other")).unionAll(
        edges.select(F.col("low").alias("at"), F.col("high").alias("other"))
    )
    lowest = F.least("at", F.min("other").over(Window.partitionBy("at")))
    moved = both.select("at", "other", lowest.alias("low")).where("other > at")
    return moved.select(F.col("other").alias("high"), "low").distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """An article and all its lower neighbours are linked to the lowest of them."""
    lowest = F.min("low").over(Window.partitionBy("high"))
    seen = edges.select("high", "low", lowest.alias("lowest"))
    own = seen.select("high", F.col("lowest").alias("low"))
    others = seen.where("low != lowest").select(F.col("low").alias("high"), F.col("lowest"))
    return own.unionAll(others.select("high", F.col("lowest").alias("low"))).distinct()


def _digest(edges: DataFrame) -> tuple[int, int]:
    """(edges, a sum of their hashes): equal for equal sets of edges."""
    row = edges.agg(
        F.count(F.lit(1)), F.sum(F.xxhash64("high", "low").cast("decimal(38,0)"))
    ).first()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)
