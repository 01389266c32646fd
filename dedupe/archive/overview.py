"""A catalogue -> what the pages show beside the articles: counts by day, flows, histories.

Read only, and bounded. What has to look at the whole catalogue is kept until the ledger has grown,
and then for a while that is long against what it took: looking never costs more than a twentieth
of the time, however large the catalogue is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from dedupe.answers import Change, ChangeKind, ClusterRow, JudgementRecord, Moved, OutletRow, Page
from dedupe.archive.browsing import change_of, cluster_row, find_cluster, list_outlets
from dedupe.archive.cursors import read_cursor, write_cursor
from dedupe.archive.engine import Core
from dedupe.archive.judging import judgement_of
from dedupe.archive.origins import read_provenance
from dedupe.archive.regrouping import CHANGES, cluster_name, cluster_number
from dedupe.catalog import Reader
from dedupe.catalog.blobs import micros, moment
from dedupe.catalog.counts import (
    DAY,
    Edge,
    article_days,
    born_since,
    cluster_days,
    count_between,
    edges,
    last_changes,
    ledger_of,
    living_since,
    merged_into,
    newest_time,
    time_steps,
    uncredited_page,
)
from dedupe.catalog.rows import ClusterFacts
from dedupe.catalog.tables import CURRENT, texts
from dedupe.models import Cluster, Credit

__all__ = [
    "ClusterSketch",
    "DayCounts",
    "Heading",
    "NewsOfTheDay",
    "Overview",
    "Totals",
    "Uncredited",
]

_DAYS = 90
_RANKED = 8
_CANDIDATES = 200  # clusters of a day among which the fastest are looked for
_EDGES = 2000
_MERGED = 100
_SHARE = 20  # a value that took a second is kept for twenty
_LONGEST = timedelta(minutes=1)  # where nothing happened: the day goes on without the ledger
_LARGE, _LARGE_KEPT = 100, 8

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What appeared on a day: articles by credit, and clusters of several that began on it."""

    day: datetime
    articles: Mapping[str, int]
    clusters: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All that is stored; `clustered` articles are in clusters of several.

    `credited` and `uncredited` count those that come from another one; `sequence` is the last line
    of the ledger.
    """

    articles: int
    clusters: int
    clustered: int
    credited: int
    uncredited: int
    sequence: int
    days: tuple[DayCounts, ...]


@dataclass(frozen=True, slots=True)
class NewsOfTheDay:
    """Clusters of the day before the newest article; `gains` are their articles of that day."""

    until: datetime | None
    largest: tuple[ClusterRow, ...] = ()
    fastest: tuple[ClusterRow, ...] = ()
    gains: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClusterSketch:
    """What a row of a list shows beside the row: when its articles appeared, origins, chain."""

    steps: tuple[int, ...]
    first: datetime | None
    last: datetime | None
    independent_origins: int
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list shows of an article; `time` is published, else seen."""

    id: str
    title: str
    outlet: str | None
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Uncredited:
    """An article that carries the text of `source` and does not say so."""

    id: str
    title: str
    carrier: str | None
    source: str
    time: datetime | None
    cluster_id: str | None


class _Kept(Generic[Value]):
    """A value that is made again when the ledger has grown, but not too often."""

    def __init__(self, make: Callable[[Reader], Value]) -> None:
        self._make = make
        self._turn = threading.Lock()
        self._held: tuple[Value, int, datetime, timedelta] | None = None

    def forget(self) -> None:
        """Let the next one wait for a new value."""
        self._held = None

    def get(self, core: Core) -> Value:
        """Give the value; whoever comes while it is made again gets the former one."""
        now = core.clock()
        with core.catalog.reading() as reader:
            sequence = reader.counters().get("ledger", 0)
        held = self._held
        if held is not None and _is_fresh(held[1:], sequence, now):
            return held[0]
        if not self._turn.acquire(blocking=held is None):
            assert held is not None
            return held[0]
        try:
            if self._held is not None and self._held is not held:  # made while we waited
                return self._held[0]
            with core.catalog.reading() as reader:
                value = self._make(reader)
            self._held = value, sequence, now, core.clock() - now
            return value
        finally:
            self._turn.release()


def _is_fresh(kept: tuple[int, datetime, timedelta], sequence: int, now: datetime) -> bool:
    made_at, began, took = kept
    age, least = now - began, took * _SHARE
    return age < least or (made_at == sequence and age < _LONGEST)


class Overview:
    """What the pages ask of an archive; safe for many threads."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._totals = _Kept(self._count)
        self._news = _Kept(self._find_news)
        self._outlets = _Kept(lambda reader: list_outlets(reader, None, _RANKED).rows)
        self._edges = _Kept(lambda reader: edges(reader, _EDGES))
        self._turn = threading.Lock()
        self._large: OrderedDict[int, tuple[Cluster | Moved | None, object, datetime]] = (
            OrderedDict()
        )

    def forget(self) -> None:
        """Keep nothing that was counted."""
        for kept in (self._totals, self._news, self._outlets, self._edges):
            kept.forget()
        with self._turn:
            self._large.clear()

    def totals(self) -> Totals:
        """How much there is, and by day for the 90 days up to the newest article."""
        return self._totals.get(self._core)

    def news(self) -> NewsOfTheDay:
        """The largest clusters of the day, and those that grew most on it."""
        return self._news.get(self._core)

    def outlets(self) -> tuple[OutletRow, ...]:
        """The outlets with most articles."""
        return self._outlets.get(self._core)

    def edges(self) -> list[Edge]:
        """Who carries whom, most articles first: the 2,000 busiest pairs."""
        return self._edges.get(self._core)

    def cluster(self, cluster_id: str) -> Cluster | Moved | None:
        """A cluster as `Archive.cluster` gives it; a large one is kept while nothing happens to it.

        It is turned over page by page, and making one of a thousand members takes seconds. A link
        to another cluster, which is no event of its own, may be a minute late.
        """
        number, now = cluster_number(cluster_id) or 0, self._core.clock()
        with self._core.catalog.reading() as reader:
            row = reader.clusters([number]).get(number)
            if row is None or row.size < _LARGE:
                return find_cluster(self._core, reader, cluster_id)
            state = row, tuple(ledger_of(reader, [number], 1))
            held = self._large.get(number)
            if held is None or held[1] != state or now - held[2] > _LONGEST:
                held = find_cluster(self._core, reader, cluster_id), state, now
        with self._turn:
            self._large[number] = held
            self._large.move_to_end(number)
            while len(self._large) > _LARGE_KEPT:
                self._large.popitem(last=False)
        return held[0]

    def edges_of(self, key: str, limit: int = 60) -> list[Edge]:
        """The pairs that one outlet is part of."""
        with self._core.catalog.reading() as reader:
            return edges(reader, limit, carriers=[key], sources=[key])

    def sketches(self, cluster_ids: Collection[str]) -> dict[str, ClusterSketch]:
        """Sketches by cluster; unknown clusters are left out."""
        numbers = {n: id_ for id_ in cluster_ids if (n := cluster_number(id_)) is not None}
        with self._core.catalog.reading() as reader:
            facts = reader.clusters(numbers)
            steps = time_steps(reader, facts.keys())
        return {numbers[number]: _sketch(row, steps[number]) for number, row in facts.items()}

    def titles(self, cluster_ids: Collection[str]) -> dict[str, str]:
        """Titles by cluster; unknown clusters are left out."""
        numbers = {n for id_ in cluster_ids if (n := cluster_number(id_)) is not None}
        with self._core.catalog.reading() as reader:
            rows = reader.clusters(numbers)
        return {cluster_name(number): row.title for number, row in rows.items()}

    def headings(self, ids: Collection[str]) -> dict[str, Heading]:
        """What lists show of articles, by id, their texts unread; unknown ids are left out."""
        with self._core.catalog.reading() as reader:
            numbers = [head.number for head in reader.heads(ids) if head.state == CURRENT]
            rows = reader.texts(numbers).values()
        times = [moment(row.published) or moment(row.seen) for row in rows]
        return {
            row.id: Heading(row.id, row.title, row.outlet, time)
            for row, time in zip(rows, times, strict=True)
        }

    def latest(self, limit: int = 12) -> list[Change]:
        """The newest lines of the ledger, the newest first."""
        with self._core.catalog.reading() as reader:
            return [change_of(row) for row in last_changes(reader, limit)]

    def history(self, cluster_id: str, limit: int = 100) -> list[Change]:
        """What happened to a cluster and to those merged into it, the newest first."""
        number = cluster_number(cluster_id)
        if number is None:
            return []
        with self._core.catalog.reading() as reader:
            own = [number, *merged_into(reader, number, _MERGED)]
            rows = ledger_of(reader, own, limit)
            rare = [CHANGES.index(kind) for kind in ChangeKind if kind is not ChangeKind.JOINED]
            rows += ledger_of(reader, own, limit, rare)  # joining must not crowd out the rest
        found = {row.sequence: row for row in rows}
        return [change_of(found[sequence]) for sequence in sorted(found, reverse=True)]

    def uncredited(
        self, key: str, *, carried: bool = False, cursor: str | None = None, limit: int = 50
    ) -> Page[Uncredited]:
        """Articles of an outlet that do not say where their text comes from.

        With `carried` those of others that come from the outlet. Raises CursorInvalid.
        """
        kind = "carried" if carried else "uncredited"
        after = read_cursor(cursor, kind, (int,))
        place = None if after is None else after[0]
        with self._core.catalog.reading() as reader:
            rows = uncredited_page(reader, key, limit + 1, place, carried=carried)
        shown = tuple(
            Uncredited(
                row.id,
                row.title,
                row.carrier,
                row.source,
                moment(row.time),
                None if row.cluster is None else cluster_name(row.cluster),
            )
            for row in rows[:limit]
        )
        more = write_cursor(kind, (rows[limit - 1].number,)) if len(rows) > limit else None
        return Page(shown, more)

    def all_uncredited(self, key: str, *, carried: bool = False) -> Iterator[Uncredited]:
        """Walk all of them, in short transactions."""
        cursor: str | None = None
        while True:
            page = self.uncredited(key, carried=carried, cursor=cursor, limit=1000)
            yield from page.rows
            if page.next is None:
                return
            cursor = page.next

    def judgements_about(self, ids: Collection[str]) -> list[JudgementRecord]:
        """Judgements that stand and speak of one of these articles, the newest first."""
        with self._core.catalog.reading() as reader:
            rows = reader.standing_judgements()
        asked = frozenset(ids)
        return [judgement_of(row) for row in reversed(rows) if not asked.isdisjoint(row[2:4])]

    # --- what looks at the whole catalogue ----------------------------------------------------

    def _count(self, reader: Reader) -> Totals:
        articles: dict[int, dict[str, int]] = {}
        for day, credit, count in article_days(reader):
            articles.setdefault(day, {})[credit or Credit.UNCLEAR.value] = count
        days = cluster_days(reader)
        begun = {row.day: row.clusters for row in days if row.day is not None}
        today = (micros(self._core.clock()) or 0) // DAY
        last = max((day for day in articles if day <= today), default=None)
        shown = range(last - _DAYS + 1, last + 1) if last is not None else ()
        return Totals(
            reader.count(texts, texts.c.state == CURRENT),
            sum(row.clusters for row in days),
            sum(row.articles for row in days),
            sum(row.credited for row in days),
            sum(row.uncredited for row in days),
            reader.counters().get("ledger", 0),
            tuple(
                DayCounts(time, articles.get(day, {}), begun.get(day, 0))
                for day in shown
                if (time := moment(day * DAY)) is not None
            ),
        )

    def _find_news(self, reader: Reader) -> NewsOfTheDay:
        until = newest_time(reader, micros(self._core.clock()) or 0)
        if until is None:
            return NewsOfTheDay(None)
        since = until - DAY
        living = living_since(reader, since, _CANDIDATES)
        born = born_since(reader, since, until, _CANDIDATES)
        rows = {row.number: row for row in [*living, *born]}
        gains = count_between(reader, rows, since, until)
        largest = [row for row in living if gains[row.number]]
        rows = {number: row for number, row in rows.items() if gains[number]}
        fastest = sorted(rows.values(), key=lambda row: (-gains[row.number], -row.size, row.number))
        return NewsOfTheDay(
            moment(until),
            tuple(map(cluster_row, largest[:_RANKED])),
            tuple(map(cluster_row, fastest[:_RANKED])),
            {cluster_name(row.number): gains[row.number] for row in fastest[:_RANKED]},
        )


def _sketch(row: ClusterFacts, steps: list[int]) -> ClusterSketch:
    drawn = tuple(steps), moment(row.first), moment(row.newest)
    if row.provenance is None:
        return ClusterSketch(*drawn, 1, ())
    provenance = read_provenance(row.provenance)
    return ClusterSketch(*drawn, provenance.independent_origins, provenance.chain)
