"""What an export holds that was written beside a running service -> one state that fits.

Its lines are of different moments: an article may come in two texts that were each current, a
cluster with members that have left it since, a text with a cluster that is not told of.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from dedupe.archive.engine import Core
from dedupe.archive.reindexing import cluster_all
from dedupe.catalog import Reader, Writer
from dedupe.catalog.rows import Placement, TextRow
from dedupe.catalog.tables import CURRENT, SUPERSEDED, clusters, texts

__all__ = ["fit_clusters", "give_way"]


def give_way(writer: Writer, rows: Sequence[TextRow]) -> list[TextRow]:
    """Those of `rows` that are to be stored; what they replace is dropped or superseded.

    They were read in this order, so that a later record of a text, and a later text of an article,
    is the one that stands.
    """
    last = {(row.id, row.revision): row.number for row in rows}
    current = {row.id: row.number for row in rows if row.state == CURRENT}
    heads = writer.heads(row.id for row in rows)
    again = {head.number for head in heads if (head.id, head.revision) in last}
    writer.drop_texts(again)
    old = [h.number for h in heads if h.state == CURRENT and h.id in current]
    writer.place([Placement(None, None, None, SUPERSEDED, n) for n in old if n not in again])
    return [
        row
        if row.state != CURRENT or current[row.id] == row.number
        else row._replace(state=SUPERSEDED, cluster=None, credit=None, origin=None)
        for row in rows
        if last[row.id, row.revision] == row.number
    ]


def fit_clusters(core: Core) -> None:
    """Cluster again whoever is in a cluster that is unknown or has another number of members."""
    with core.catalog.writing() as writer:
        strays, empty, others = _find_misfits(writer)
        writer.place([Placement(None, None, None, CURRENT, number) for number in strays])
        writer.drop_clusters(empty)
    cluster_all(core, sorted([*strays, *others]))


def _find_misfits(reader: Reader) -> tuple[list[int], list[int], list[int]]:
    """(texts without a known cluster, clusters without texts, texts of those of another size)."""
    ask = reader.connection.execute
    current = texts.c.state == CURRENT
    counted = (
        select(texts.c.cluster, func.count().label("size"))
        .where(current)
        .group_by(texts.c.cluster)
        .subquery()
    )
    known = select(clusters.c.number)
    stray = or_(texts.c.cluster.is_(None), texts.c.cluster.not_in(known))
    strays = ask(select(texts.c.number).where(current, stray)).scalars()
    sizes = clusters.outerjoin(counted, counted.c.cluster == clusters.c.number)
    wrong = select(clusters.c.number).select_from(sizes)
    empty = ask(wrong.where(counted.c.size.is_(None))).scalars()
    misfit = wrong.where(counted.c.size != clusters.c.size)
    others = ask(select(texts.c.number).where(current, texts.c.cluster.in_(misfit))).scalars()
    return list(strays), list(empty), list(others)
