"""Keys of articles -> candidates, by the bucket rule of one machine.

A window over each key numbers its members by id hash and counts them; a member then meets the
members before it, at most `bucket_cap` of them. That is everyone with everyone up to the cap, and
the hubs above it, so a hot key costs its members times the cap and is never held in memory. The
meetings themselves are made from the ordered stream by a kernel that keeps the hubs of one key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark import TaskContext
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from dedupe.config import Config
from dedupe.jit import kernel

__all__ = ["count_limits", "find_meetings", "meet_in_buckets"]

Arrow: TypeAlias = Any
_BAND = 1
"""The lowest bit of a key tells its family: bands and passages never meet, 63 bits are left."""
_KEYS = "`key` long, `rank` long"
_MEETINGS = "`left` long, `right` long, `capped` long, `skipped` long, `task` int"
_REMEMBERED = 1 << 18
"""Pairs a task remembers: near-copies share dozens of keys, and most repeats need not be sent."""
_SPREAD = 0x9E3779B97F4A7C15
_WIDEST = 1 << 22
"""Pairs made at once."""


def find_meetings(articles: DataFrame, config: Config) -> DataFrame:
    """Distinct pairs `left` < `right` of ranks, and rows with left = right that only count keys."""
    keys = articles.select("rank", "bands", "passages").mapInArrow(_list_keys, _KEYS)
    bucket = Window.partitionBy("key").orderBy("rank")
    whole = bucket.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    counted = keys.withColumn("place", F.row_number().over(bucket)).withColumn(
        "members", F.count(F.lit(1)).over(whole)
    )
    is_band = F.col("key").bitwiseAND(F.lit(_BAND)) == _BAND
    met = counted.where(
        (F.col("members") > 1)
        & (is_band | (F.col("members") <= config.passage_limit) | (F.col("place") == 1))
    )
    meetings = met.mapInArrow(_Meet(config.bucket_cap, config.passage_limit), _MEETINGS)
    return meetings.distinct()


def count_limits(meetings: DataFrame) -> tuple[int, int]:
    """(capped, skipped) keys."""
    row = meetings.where("left = right").agg(F.sum("capped"), F.sum("skipped")).first()
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)


def _list_keys(batches: Iterator[Arrow]) -> Iterator[Arrow]:
    """One row a key of an article; a passage that an article holds twice is one."""
    for batch in batches:
        ranks = batch.column("rank").to_numpy()
        keys, owners = [], []
        for name, bit in (("bands", _BAND), ("passages", 0)):
            values, counts = _unpack(batch.column(name))
            keys.append(values & np.uint64(0xFFFFFFFFFFFFFFFE) | np.uint64(bit))
            owners.append(np.repeat(np.arange(len(ranks)), counts))
        key, owner = np.concatenate(keys), np.concatenate(owners)
        order = np.lexsort((key, owner))
        key, owner = key[order], owner[order]
        fresh = np.ones(len(key), np.bool_)
        fresh[1:] = (key[1:] != key[:-1]) | (owner[1:] != owner[:-1])
        columns = [key[fresh].view(np.int64), ranks[owner[fresh]]]
        yield pa.RecordBatch.from_arrays(list(map(pa.array, columns)), ["key", "rank"])


def _unpack(column: Arrow) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """All values of a column of binary uint64 one after another, and how many each row has."""
    parts = column.to_pylist()
    counts = np.fromiter((len(part) // 8 for part in parts), np.int64, len(parts))
    return np.frombuffer(b"".join(parts), np.uint64), counts


@kernel
def meet_in_buckets(
    keys: NDArray[np.int64],
    ranks: NDArray[np.int64],
    places: NDArray[np.int64],
    members: NDArray[np.int64],
    first: int,
    cap: int,
    limit: int,
    hubs: NDArray[np.int64],
    remembered: NDArray[np.int64],
    counts: NDArray[np.int64],
    out: NDArray[np.int64],
) -> tuple[int, int]:
    """Pairs of a stretch of buckets from row `first` on, into `out` int64[m, 2].

    Rows come by (key, rank), `places` from 1; a bucket may begin in an earlier stretch: `hubs`
    int64[cap] keeps what is needed of it. `counts` int64[2] adds up capped and skipped keys;
    `remembered` int64[k, 2] holds pairs given lately. Returns (rows used, pairs written); rows are
    left over when `out` is full.
    """
    written, row = 0, first
    slots = np.uint64(len(remembered) - 1)
    while row < len(keys) and written + cap <= len(out):
        place, rank = places[row], ranks[row]
        band = keys[row] & 1
        if place == 1:
            if not band and members[row] > limit:
                counts[1] += 1
            elif members[row] > cap:
                counts[0] += 1
        for hub in range(min(place - 1, cap)):
            left = hubs[hub]
            mixed = (np.uint64(left) * np.uint64(_SPREAD)) ^ np.uint64(rank)
            slot = np.int64((mixed * np.uint64(_SPREAD)) >> np.uint64(32) & slots)
            if remembered[slot, 0] != left or remembered[slot, 1] != rank:
                remembered[slot, 0], remembered[slot, 1] = left, rank
                out[written, 0], out[written, 1] = left, rank
                written += 1
        if place <= cap:
            hubs[place - 1] = rank
        row += 1
    return row, written


class _Meet:
    """Rows (key, rank, place, members) in the order of key and rank -> pairs and counts."""

    def __init__(self, cap: int, limit: int) -> None:
        self._cap, self._limit = cap, limit

    def __call__(self, batches: Iterator[Arrow]) -> Iterator[Arrow]:
        hubs, counts = np.zeros(self._cap, np.int64), np.zeros(2, np.int64)
        # 0, 0 in every slot: no pair of an article with itself is ever looked for
        remembered = np.zeros((_REMEMBERED, 2), np.int64)
        out = np.empty((_WIDEST, 2), np.int64)
        last = (0, 0)
        for batch in batches:
            names = ("key", "rank", "place", "members")
            keys, ranks, places, members = (batch.column(n).to_numpy() for n in names)
            places = places.astype(np.int64)
            last = _check_order(keys, places, last)
            row = 0
            while row < len(keys):
                row, written = meet_in_buckets(
                    keys,
                    ranks,
                    places,
                    members,
                    row,
                    self._cap,
                    self._limit,
                    hubs,
                    remembered,
                    counts,
                    out,
                )
                yield _meetings(out[:written])
        context = TaskContext.get()
        yield _meetings(np.zeros((1, 2), np.int64), counts, context.partitionId() if context else 0)


def _check_order(
    keys: NDArray[np.int64], places: NDArray[np.int64], last: tuple[int, int]
) -> tuple[int, int]:
    """Refuse a stream in which a bucket is torn apart; returns its last (key, place)."""
    if len(keys) == 0:
        return last
    before = np.concatenate([[last[0]], keys[:-1]])
    previous = np.concatenate([[last[1]], places[:-1]])
    follows = (places == 1) | ((keys == before) & (places == previous + 1))
    if not follows.all():
        raise RuntimeError("Spark gave the members of a key out of order")
    return int(keys[-1]), int(places[-1])


def _meetings(
    pairs: NDArray[np.int64], counts: NDArray[np.int64] | None = None, task: int = -1
) -> Arrow:
    size = len(pairs)
    capped, skipped = (0, 0) if counts is None else counts.tolist()
    return pa.RecordBatch.from_pydict(
        {
            "left": pa.array(pairs[:, 0].copy()),
            "right": pa.array(pairs[:, 1].copy()),
            "capped": pa.array(np.full(size, capped, np.int64)),
            "skipped": pa.array(np.full(size, skipped, np.int64)),
            "task": pa.array(np.full(size, task, np.int32)),
        }
    )
