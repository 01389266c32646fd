"""Questions of people -> rows of a page: clusters by filter and order, outlets by size, counts.

Pages go on after the last row shown (keyset), so they stay quick however far one reads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, case, cast, exists, func, or_, select, tuple_

from dedupe.answers import ClusterQuery
from dedupe.catalog import tables
from dedupe.catalog.blobs import micros
from dedupe.catalog.counts import CREDITED
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import ClusterFacts, JudgementRow, Link
from dedupe.catalog.statements import in_steps
from dedupe.catalog.tables import CURRENT, SEVERAL, SUPERSEDED
from dedupe.foldtable import fold_words
from dedupe.models import Credit

__all__ = [
    "OutletCounts",
    "cluster_links",
    "cluster_page",
    "cluster_sizes",
    "count_outlet",
    "judgement_page",
    "language_counts",
    "outlet_page",
    "relation_counts",
    "revision_count",
]

clusters, texts, matches, titles = tables.clusters, tables.texts, tables.matches, tables.titles
_SORTED_BY = {
    "size": clusters.c.size,
    "newest": clusters.c.newest,
    "spread": clusters.c.outlets,
}


class OutletCounts(NamedTuple):
    """How much an outlet published, and how much of it came from others."""

    key: str
    articles: int
    copied: int
    credited: int


def cluster_page(
    reader: Reader, query: ClusterQuery, outlet: str | None, after: tuple[int, int] | None
) -> list[ClusterFacts]:
    """Up to `limit` clusters; `outlet` is the key of the one asked for, `after` the last shown."""
    order = _SORTED_BY[query.sort]
    statement = select(clusters).where(SEVERAL, order.is_not(None))
    if query.min_size > 2:
        statement = statement.where(clusters.c.size >= query.min_size)
    if query.since is not None:
        statement = statement.where(clusters.c.newest >= micros(query.since))
    if query.until is not None:
        statement = statement.where(clusters.c.first <= micros(query.until))
    statement = _filter_members(statement, query, outlet)
    if after is not None:
        statement = statement.where(tuple_(order, clusters.c.number) < after)
    statement = statement.order_by(order.desc(), clusters.c.number.desc()).limit(query.limit)
    return [ClusterFacts._make(row) for row in reader.connection.execute(statement)]


def _filter_members(statement: Select[Any], query: ClusterQuery, outlet: str | None) -> Select[Any]:
    """Each filter asks for a member that fits, not for one member that fits all."""
    asked = []
    if query.outlet is not None:
        asked.append(or_(texts.c.outlet_key == outlet, texts.c.outlet == query.outlet))
    if query.lang is not None:
        longer = texts.c.lang.startswith(f"{query.lang}-", autoescape=True)
        asked.append(or_(texts.c.lang == query.lang, longer))
    if query.credit is not None:
        asked.append(texts.c.credit == query.credit.value)
    if query.title:  # all titles once, in their order: a quarter of looking at cluster by cluster
        statement = statement.where(clusters.c.number.in_(_find_titles(query.title)))
    for condition in asked:
        member = exists().where(and_(texts.c.cluster == clusters.c.number, condition))
        statement = statement.where(member)
    return statement


def _find_titles(asked: str) -> Select[Any]:
    """The clusters with a title that holds these words; where there are none, these signs."""
    words = fold_words(asked)
    if not words:
        return select(texts.c.cluster).where(texts.c.title.contains(asked, autoescape=True))
    held = titles.c.words.contains(words, autoescape=True)
    return select(texts.c.cluster).join(titles, titles.c.number == texts.c.number).where(held)


def cluster_links(
    reader: Reader, numbers: Collection[int], inside: Collection[int], across: int
) -> list[Link]:
    """Pairs of the texts of clusters, each once, sorted, read by the cluster and not by the text.

    Of the relations `inside` those whose left text is in one of the clusters, of `across` those
    with either text: a cluster of a thousand equal texts has half a million pairs.
    """
    found: set[tuple[Any, ...]] = set()
    for step in in_steps(sorted(set(numbers))):
        for end, relations in ((matches.c.left, [*inside, across]), (matches.c.right, [across])):
            statement = (
                select(matches)
                .join(texts, texts.c.number == end)
                .where(texts.c.cluster.in_(set(step)), matches.c.relation.in_(sorted(relations)))
            )
            found.update(map(tuple, reader.connection.execute(statement).all()))
    return list(map(Link._make, sorted(found)))


def _counted() -> Sequence[Any]:
    copied = and_(texts.c.origin.is_not(None), texts.c.credit != Credit.ORIGINAL.value)
    credited = and_(copied, texts.c.credit.in_(CREDITED))
    return (
        texts.c.outlet_key,
        func.count().label("articles"),
        cast(func.sum(case((copied, 1), else_=0)), Integer),
        cast(func.sum(case((credited, 1), else_=0)), Integer),
    )


def outlet_page(reader: Reader, limit: int, after: tuple[int, str] | None) -> list[OutletCounts]:
    """Outlets with most articles first, then by key."""
    statement = (
        select(*_counted())
        .where(texts.c.state == CURRENT, texts.c.outlet_key.is_not(None))
        .group_by(texts.c.outlet_key)
    )
    if after is not None:
        count = func.count()
        later = and_(count == after[0], texts.c.outlet_key > after[1])
        statement = statement.having(or_(count < after[0], later))
    statement = statement.order_by(func.count().desc(), texts.c.outlet_key).limit(limit)
    return [OutletCounts._make(row) for row in reader.connection.execute(statement)]


def count_outlet(reader: Reader, key: str) -> OutletCounts | None:
    """The counts of one outlet; None where it published nothing."""
    statement = (
        select(*_counted())
        .where(texts.c.state == CURRENT, texts.c.outlet_key == key)
        .group_by(texts.c.outlet_key)
    )
    row = reader.connection.execute(statement).first()
    return OutletCounts._make(row) if row else None


def judgement_page(
    reader: Reader, limit: int, after: int | None, *, withdrawn: bool
) -> list[JudgementRow]:
    """Judgements, the newest first."""
    table = tables.judgements
    statement = select(table).order_by(table.c.number.desc()).limit(limit)
    if after is not None:
        statement = statement.where(table.c.number < after)
    if not withdrawn:
        statement = statement.where(table.c.withdrawn.is_(None))
    return [JudgementRow._make(row) for row in reader.connection.execute(statement)]


def relation_counts(reader: Reader) -> dict[int, int]:
    """How many pairs there are of each relation."""
    rows = reader.connection.execute(
        select(matches.c.relation, func.count()).group_by(matches.c.relation)
    )
    return {row[0]: row[1] for row in rows}


def language_counts(reader: Reader) -> dict[str | None, int]:
    """How many current texts there are in each language."""
    statement = (
        select(texts.c.lang, func.count()).where(texts.c.state == CURRENT).group_by(texts.c.lang)
    )
    return {row[0]: row[1] for row in reader.connection.execute(statement)}


def cluster_sizes(reader: Reader, min_size: int) -> tuple[int, int]:
    """(clusters of so many members, two at least; their members)."""
    statement = select(func.count(), func.sum(clusters.c.size)).where(
        clusters.c.size >= max(min_size, 2), SEVERAL
    )
    row = reader.connection.execute(statement).one()
    return row[0], int(row[1] or 0)


def revision_count(reader: Reader) -> tuple[int, int]:
    """(current texts, superseded texts)."""
    statement = select(texts.c.state, func.count()).group_by(texts.c.state)
    counts = {row[0]: row[1] for row in reader.connection.execute(statement)}
    return counts.get(CURRENT, 0), counts.get(SUPERSEDED, 0)
