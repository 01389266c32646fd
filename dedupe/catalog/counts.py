"""A reader -> counts and lists over the whole catalogue, for people who look at it.

Each statement is answered from an index alone, or from a bounded number of rows; the indexes stand
in `tables` beside their tables. Days are whole days of UTC since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from dedupe.catalog import tables
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import ClusterFacts, LedgerRow
from dedupe.catalog.statements import in_steps
from dedupe.catalog.tables import CURRENT, IS_CURRENT, SEVERAL
from dedupe.models import Credit

__all__ = [
    "CREDITED",
    "DAY",
    "STEPS",
    "ClusterDay",
    "Edge",
    "UncreditedRow",
    "article_days",
    "born_since",
    "cluster_days",
    "count_between",
    "edges",
    "last_changes",
    "ledger_of",
    "living_since",
    "merged_into",
    "newest_time",
    "time_steps",
    "uncredited_page",
]

DAY = 86_400_000_000
"""Microseconds of a day."""

texts, clusters, ledger = tables.texts, tables.clusters, tables.ledger
_DAY: ColumnElement[int] = literal_column(str(DAY), BigInteger())  # the same text in both clauses
_TIME = func.coalesce(texts.c.published, texts.c.seen)
CREDITED = [credit.value for credit in Credit if credit.is_given]
STEPS = 24
"""Parts of a cluster's time in a small picture of it."""
_STEPS: ColumnElement[int] = literal_column(str(STEPS), BigInteger())


class ClusterDay(NamedTuple):
    """Clusters whose first article appeared on a day (None: unknown), summed."""

    day: int | None
    clusters: int
    articles: int
    credited: int
    uncredited: int


class Edge(NamedTuple):
    """How many articles of `carrier` come from `source`, and how they say so."""

    source: str
    carrier: str
    articles: int
    credited: int
    uncredited: int


class UncreditedRow(NamedTuple):
    """An article that does not say where its text comes from."""

    number: int
    id: str
    title: str
    carrier: str | None
    source: str
    time: int | None
    cluster: int | None


def _total(value: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(value), 0), Integer)


def article_days(reader: Reader) -> list[tuple[int, str | None, int]]:
    """(day, credit, articles that appeared on it), for articles whose time is known."""
    day = _TIME // _DAY
    statement = (
        select(day, texts.c.credit, func.count())
        .where(IS_CURRENT, _TIME.is_not(None))
        .group_by(day, texts.c.credit)
        .order_by(day, texts.c.credit)
    )
    return [(row[0], row[1], row[2]) for row in reader.connection.execute(statement)]


def cluster_days(reader: Reader) -> list[ClusterDay]:
    """Clusters of several articles by the day of the first one."""
    day = clusters.c.first // _DAY
    statement = select(
        day,
        func.count(),
        _total(clusters.c.size),
        _total(clusters.c.credited),
        _total(clusters.c.uncredited),
    )
    statement = statement.where(SEVERAL).group_by(day).order_by(day)
    return [ClusterDay._make(row) for row in reader.connection.execute(statement)]


def newest_time(reader: Reader, until: int) -> int | None:
    """When the newest article of a cluster appeared, of clusters with none dated after `until`."""
    newest = select(func.max(clusters.c.newest)).where(SEVERAL, clusters.c.newest <= until)
    found: int | None = reader.connection.execute(newest).scalar()
    return found


def living_since(reader: Reader, since: int, limit: int) -> list[ClusterFacts]:
    """Clusters with an article of this time or later, the largest first.

    One that is dated in the future hides no other of its cluster: `count_between` tells them apart.
    """
    statement = (
        select(clusters)
        .where(SEVERAL, clusters.c.newest >= since)
        .order_by(clusters.c.size.desc(), clusters.c.number.desc())
        .limit(limit)
    )
    return [ClusterFacts._make(row) for row in reader.connection.execute(statement)]


def born_since(reader: Reader, since: int, until: int, limit: int) -> list[ClusterFacts]:
    """Clusters whose first article appeared in a span of time, most outlets first."""
    statement = (
        select(clusters)
        .where(SEVERAL, clusters.c.first >= since, clusters.c.first <= until)
        .order_by(clusters.c.outlets.desc(), clusters.c.size.desc(), clusters.c.number.desc())
        .limit(limit)
    )
    return [ClusterFacts._make(row) for row in reader.connection.execute(statement)]


def count_between(reader: Reader, numbers: Iterable[int], since: int, until: int) -> dict[int, int]:
    """By cluster: how many of its articles appeared in a span of time."""
    found = dict.fromkeys(numbers, 0)
    for step in in_steps(sorted(found)):
        statement = (
            select(texts.c.cluster, func.count())
            .where(texts.c.cluster.in_(set(step)), since <= _TIME, until >= _TIME)
            .group_by(texts.c.cluster)
        )
        found.update((row[0], row[1]) for row in reader.connection.execute(statement))
    return found


def time_steps(reader: Reader, numbers: Iterable[int]) -> dict[int, list[int]]:
    """By cluster: how many articles appeared in each of `STEPS` parts of its time."""
    found = {number: [0] * STEPS for number in numbers}
    span = clusters.c.newest - clusters.c.first + literal_column("1", BigInteger())
    place = (_TIME - clusters.c.first) * _STEPS // span
    for step in in_steps(sorted(found)):
        statement = (
            select(texts.c.cluster, place, func.count())
            .join(clusters, clusters.c.number == texts.c.cluster)
            .where(texts.c.cluster.in_(set(step)), _TIME.is_not(None))
            .group_by(texts.c.cluster, place)
        )
        for cluster, at, count in reader.connection.execute(statement):
            found[cluster][max(0, min(STEPS - 1, at or 0))] += count
    return found


def edges(
    reader: Reader,
    limit: int | None = None,
    *,
    carriers: Collection[str] = (),
    sources: Collection[str] = (),
) -> list[Edge]:
    """Who carries whom, most articles first; with keys only pairs with one of them on its side."""
    carrier, source = texts.c.outlet_key, texts.c.origin
    credited = _total(case((texts.c.credit.in_(CREDITED), 1), else_=0))
    uncredited = _total(case((texts.c.credit == Credit.UNCREDITED.value, 1), else_=0))
    statement = select(source, carrier, func.count(), credited, uncredited).where(
        texts.c.state == CURRENT,
        source.is_not(None),
        carrier.is_not(None),
        carrier != source,
        texts.c.credit != Credit.ORIGINAL.value,
    )
    sides = [(carrier, carriers), (source, sources)]
    if asked := [column.in_(sorted(keys)) for column, keys in sides if keys]:
        statement = statement.where(or_(*asked))
    statement = (
        statement.group_by(source, carrier)
        .order_by(func.count().desc(), source, carrier)
        .limit(limit)
    )
    return [Edge._make(row) for row in reader.connection.execute(statement)]


def uncredited_page(
    reader: Reader, key: str, limit: int, after: int | None, *, carried: bool
) -> list[UncreditedRow]:
    """Uncredited articles of an outlet, or with `carried` those of others that come from it.

    The latest stored first; `after` is the number of the last one shown.
    """
    own, other = texts.c.outlet_key, texts.c.origin
    if carried:
        own, other = other, own
    statement = select(
        texts.c.number,
        texts.c.id,
        texts.c.title,
        texts.c.outlet_key,
        texts.c.origin,
        _TIME,
        texts.c.cluster,
    ).where(
        own == key,
        texts.c.state == CURRENT,
        texts.c.credit == Credit.UNCREDITED.value,
        texts.c.origin.is_not(None),
        or_(other.is_(None), other != key),
    )
    if after is not None:
        statement = statement.where(texts.c.number < after)
    statement = statement.order_by(texts.c.number.desc()).limit(limit)
    return [UncreditedRow._make(row) for row in reader.connection.execute(statement)]


def last_changes(reader: Reader, limit: int) -> list[LedgerRow]:
    """The newest lines of the ledger, the newest first."""
    statement = select(ledger).order_by(ledger.c.sequence.desc()).limit(limit)
    return [LedgerRow._make(row) for row in reader.connection.execute(statement)]


def merged_into(reader: Reader, cluster: int, limit: int) -> list[int]:
    """Clusters whose articles went to this one, the latest first."""
    moved = tables.moved
    statement = (
        select(moved.c.old).where(moved.c.new == cluster).order_by(moved.c.old.desc()).limit(limit)
    )
    return list(reader.connection.execute(statement).scalars())


def ledger_of(
    reader: Reader, numbers: Iterable[int], limit: int, kinds: Sequence[int] = ()
) -> list[LedgerRow]:
    """The newest lines of the ledger about clusters, the newest first; of these kinds, if any."""
    asked = [ledger.c.cluster.in_(sorted(set(numbers)))]
    if kinds:
        asked.append(ledger.c.kind.in_(list(kinds)))
    statement = select(ledger).where(and_(*asked)).order_by(ledger.c.sequence.desc()).limit(limit)
    return [LedgerRow._make(row) for row in reader.connection.execute(statement)]
