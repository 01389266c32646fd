"""Matches and components -> labels, and labelled articles -> clusters with their provenance.

The partition rule looks no further than one component of uniting links, so components are shared
out over tasks and each task calls the rule of one machine on those it was given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import from_arrow_schema

from dedupe.clustering import STRONG, find_clusters
from dedupe.errors import ComponentTooLarge
from dedupe.frames import find_frames
from dedupe.matching import EMBEDS, TEMPLATE, UNITING
from dedupe.members import ClusterBuilder, PairRow, lead_out
from dedupe.models import Cluster
from dedupe.records import Record, decode_record
from dedupe.report.as_parquet import make_rows, make_schema
from dedupe.report.encode import encode_json

__all__ = ["assemble_clusters", "find_labels", "list_links"]

Arrow: TypeAlias = Any
_LINKS_A_TASK = 500_000
_MEMBERS_A_TASK = 8_192
_ROW = PairRow._fields
_LINK = ("left", "right", "probability", "slot_places", "unites")
_MEMBER_SCHEMA = make_schema(pa)
_CLUSTER_SCHEMA = pa.schema(
    {
        "cluster_id": pa.string(),
        "size": pa.int64(),
        "cluster": pa.string(),
        "members": pa.list_(pa.struct(list(_MEMBER_SCHEMA))),
    }
)


def list_links(matches: DataFrame) -> DataFrame:
    """Matches that decide on clusters: left, right, probability, slot_places, unites.

    Weak ones between two that both have a template match do not unite, nor do templates: they are
    listed where they may show a frame (`choose_links` is the same rule for one machine).
    """
    of_template = matches.where(F.col("relation") == TEMPLATE)
    templates = of_template.select(F.col("left").alias("rank")).unionAll(
        of_template.select(F.col("right").alias("rank"))
    )
    templates = templates.distinct()
    link = ("left", "right", "probability", "slot_places")
    uniting = matches.where(F.col("relation").isin(list(UNITING))).select(*link)
    weak = F.col("probability") < F.lit(STRONG).cast("float")
    both = uniting.where(weak).select("left", "right")
    for side in ("left", "right"):
        named = templates.select(F.col("rank").alias(side))
        both = both.join(named, side, "leftsemi")
    told = uniting.join(both.withColumn("between", F.lit(True)), ["left", "right"], "left")
    told = told.select(*link, F.col("between").isNull().alias("unites"))
    told = told.unionAll(of_template.select(*link, F.lit(False).alias("unites")))
    return told.where(F.col("unites") | (F.col("slot_places") != 0))


def find_labels(links: DataFrame, components: DataFrame, most_links: int) -> DataFrame:
    """(rank, label) of every article of `components`; a label is the lowest rank of the cluster.

    Links that do not unite go to the components of both ends: a frame may be seen from either.
    Raises ComponentTooLarge for a component of more than `most_links` links.
    """
    frames = links.where(~F.col("unites"))
    homed = links.join(components, links["left"] == components["rank"]).unionAll(
        frames.join(components, frames["right"] == components["rank"])
    )
    homed = homed.drop("rank").distinct()
    sizes = homed.groupBy("component").count().agg(F.sum("count"), F.max("count")).first()
    total, largest = (int(sizes[0] or 0), int(sizes[1] or 0)) if sizes else (0, 0)
    if largest > most_links:
        raise ComponentTooLarge(largest, most_links)
    part = _part("component", total, _LINKS_A_TASK)
    parts = homed.select(*_LINK, part).groupBy("part")
    return parts.applyInArrow(_label_part, "`rank` long, `label` long")


def _part(column: str, total: int, a_task: int) -> Column:
    parts = F.lit(max(1, total // a_task))
    return F.pmod(F.xxhash64(column), parts).cast("int").alias("part")


def _label_part(links: Arrow) -> Arrow:
    left, right = links.column("left").to_numpy(), links.column("right").to_numpy()
    ranks, numbers = np.unique(np.concatenate([left, right]), return_inverse=True)
    places: NDArray[np.uint32] = numbers.astype(np.uint32)
    lefts, rights = places[: len(left)], places[len(left) :]
    unites = links.column("unites").to_numpy(zero_copy_only=False)
    slots = links.column("slot_places").to_numpy()
    ends = lefts.astype(np.int64), rights.astype(np.int64)
    probability = links.column("probability").to_numpy().astype(np.float32)
    asked = unites & (probability < 1)
    used = unites & ~find_frames(len(ranks), *ends, slots, asked)
    labels = find_clusters(len(ranks), lefts[used], rights[used], probability[used])
    own = np.zeros(len(ranks), np.bool_)  # others are seen from here, and belong elsewhere
    own[lefts[unites]] = own[rights[unites]] = True
    return pa.table({"rank": ranks[own], "label": ranks[labels][own]})


def assemble_clusters(
    articles: DataFrame, matches: DataFrame, labels: DataFrame, min_size: int
) -> DataFrame:
    """One row a cluster: cluster_id, size, the cluster as JSON, and its members as report rows."""
    if min_size <= 1:
        every = articles.select("rank").join(labels, "rank", "left")
        labels = every.select("rank", F.coalesce("label", "rank").alias("label"))
    size = F.count(F.lit(1)).over(Window.partitionBy("label"))
    chosen = labels.withColumn("size", size).where(F.col("size") >= min_size)
    members = chosen.select("rank", "label").join(articles.select("rank", "record"), "rank")
    part = _part("label", chosen.count(), _MEMBERS_A_TASK)
    grouped = (
        members.select("rank", "label", "record", part)
        .groupBy("part")
        .cogroup(_list_ties(articles, matches, labels).select("*", part).groupBy("part"))
    )
    return grouped.applyInArrow(_assemble_part, from_arrow_schema(_CLUSTER_SCHEMA))


def _list_ties(articles: DataFrame, matches: DataFrame, labels: DataFrame) -> DataFrame:
    """Pairs inside a cluster, and pairs that lead out of it with the label and id of the other."""
    left = labels.select(F.col("rank").alias("left"), F.col("label").alias("left_label"))
    right = labels.select(F.col("rank").alias("right"), F.col("label").alias("right_label"))
    pairs = (
        matches.where(F.col("relation").isin([*UNITING, EMBEDS]))
        .join(left, "left", "left")
        .join(right, "right", "left")
        .withColumn("left_label", F.coalesce("left_label", "left"))
        .withColumn("right_label", F.coalesce("right_label", "right"))
    )
    same = F.col("left_label") == F.col("right_label")
    inside = pairs.where(same & F.col("relation").isin(list(UNITING))).select(
        F.col("left_label").alias("label"),
        *_ROW,
        F.lit(None).cast("long").alias("other_label"),
        F.lit(None).cast("string").alias("other_id"),
    )
    leading_out = pairs.where(~same & (F.col("relation") == EMBEDS))
    names = articles.select(F.col("rank").alias("other"), F.col("id").alias("other_id"))

    def seen_from(side: str, other: str) -> DataFrame:
        own = leading_out.withColumn("label", F.col(f"{side}_label"))
        own = own.withColumn("other", F.col(other)).join(names, "other")
        # the row is told as the member sees it: left is the member
        contains = F.col("left_longer") if side == "left" else ~F.col("left_longer")
        values = {
            "left": F.col(side),
            "right": F.col(other),
            "containment_left": F.col(f"containment_{side}"),
            "containment_right": F.col(f"containment_{other}"),
            "left_longer": contains,
        }
        columns = [values.get(name, F.col(name)).alias(name) for name in _ROW]
        return own.select(
            "label", *columns, F.col(f"{other}_label").alias("other_label"), "other_id"
        )

    return inside.unionAll(seen_from("left", "right")).unionAll(seen_from("right", "left"))


def _assemble_part(members: Arrow, ties: Arrow) -> Arrow:
    """The clusters of one task."""
    records = dict(
        zip(members.column("rank").to_pylist(), members.column("record").to_pylist(), strict=True)
    )
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for rank, label in zip(records, members.column("label").to_pylist(), strict=True):
        numbers[label].append(rank)
    rows: defaultdict[int, list[PairRow]] = defaultdict(list)
    embeddings: defaultdict[int, list[tuple[int, int, bool, float]]] = defaultdict(list)
    other_labels: dict[int, int] = {}
    other_ids: dict[int, str] = {}
    columns = [
        ties.column(name).to_pylist() for name in ("label", *_ROW, "other_label", "other_id")
    ]
    for label, *values, other_label, other_id in zip(*columns, strict=True):
        row = PairRow(*values)
        if other_id is None:
            rows[label].append(row)
            continue
        embeddings[label].append(next(lead_out(row)))
        other_labels[row.right], other_ids[row.right] = other_label, other_id
    for inside in rows.values():
        inside.sort()
    for leading_out in embeddings.values():
        leading_out.sort()
    builder = ClusterBuilder(
        _record_finder(records, other_ids), _cluster_id, other_labels.__getitem__, embeddings
    )
    clusters = (
        builder.build(label, sorted(own), rows[label]) for label, own in sorted(numbers.items())
    )
    return pa.Table.from_pylist(list(map(_describe, clusters)), schema=_CLUSTER_SCHEMA)


def _record_finder(records: dict[int, bytes], other_ids: dict[int, str]) -> Callable[[int], Record]:
    def find(rank: int) -> Record:
        if rank in records:
            return decode_record(records[rank])
        # of an article in another task's cluster only the id is asked for
        return Record(other_ids[rank], None, None, "", None, None, None, 0, None)

    return find


def _cluster_id(label: int) -> str:
    return f"c{label + (1 << 63):016x}"


def _describe(cluster: Cluster) -> dict[str, object]:
    columns: Sequence[str] = _MEMBER_SCHEMA.names
    return {
        "cluster_id": cluster.cluster_id,
        "size": cluster.size,
        "cluster": encode_json(cluster).decode(),
        "members": list(make_rows(cluster, list(columns))),
    }
