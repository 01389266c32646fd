"""A catalogue and an index -> an archive: what is the same wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from dedupe.answers import (
    Change,
    ClusterQuery,
    ClusterRow,
    Counts,
    Explanation,
    Judgement,
    JudgementRecord,
    Moved,
    OutletRecord,
    OutletRow,
    Page,
    StoredArticle,
    TimelinePoint,
    Verdict,
)
from dedupe.archive.browsing import (
    StoredReport,
    change_of,
    find_cluster,
    find_timeline,
    list_clusters,
    list_outlets,
    read_article,
    read_outlet,
)
from dedupe.archive.changing import delete_article, judge, withdraw
from dedupe.archive.checking import check_articles
from dedupe.archive.cursors import read_cursor, write_cursor
from dedupe.archive.engine import Core
from dedupe.archive.evidence import find_closest, find_matches
from dedupe.archive.explaining import explain_article
from dedupe.archive.judging import judgement_of
from dedupe.archive.overview import Overview
from dedupe.archive.preparing import Awaited, Offered, Preparer, await_all, begin_all, read_all
from dedupe.archive.protocol import Finish
from dedupe.archive.turns import Turns
from dedupe.catalog.lists import cluster_sizes, judgement_page, relation_counts, revision_count
from dedupe.differences import find_differences
from dedupe.matching import RELATIONS
from dedupe.models import Article, Cluster, Match
from dedupe.pipeline import compare
from dedupe.report.comparison import Comparison, turn_match

__all__ = ["StoredArchive"]

_BATCH = 512
"""Articles of one transaction: above, the rate does not grow any more."""
_CHECKED = 32
"""Articles that are checked together: callers share what each step costs, and a stream does not
keep them waiting. Twenty threads that compute at once take twice the time (docs/decisions/0036)."""
_MOST_ROWS = 1000


Take = Callable[[Sequence[Awaited], Sequence[bool]], list[Verdict]]
"""Stores articles and answers each, those with evidence that are to have it."""


class _Wanted(NamedTuple):
    """An article to store or check, and whether its verdict is to have evidence."""

    awaited: Awaited
    evidence: bool


class StoredArchive:
    """An `Archive` but for how a batch is taken."""

    def __init__(self, core: Core, take: Take) -> None:
        """Take over open stores; `take` stores a batch."""
        self._core, self._store = core, take
        self._turns: Turns[_Wanted, Verdict] = Turns(self._answer, _BATCH)
        self._checks: Turns[_Wanted, Verdict] = Turns(self._foretell, _CHECKED)
        self.overview = Overview(core)

    def prepare_with(self, preparer: Preparer) -> None:
        """Have articles read by somebody else from now on, who is closed with the archive."""
        self._core.preparer = preparer

    def prepare(
        self, articles: Sequence[Article], *, stored: bool = True, here: bool = False
    ) -> Sequence[Offered]:
        """See `Archive.prepare`."""
        core = self._core
        if here:
            return read_all(core.preparer, articles, core.config, core.extractor)
        return begin_all(core.preparer, articles, packed=stored)

    def ingest(self, articles: Sequence[Offered], *, evidence: bool = True) -> list[Verdict]:
        """See `Archive.ingest`."""
        verdicts: list[Verdict] = []
        awaited = await_all(self._core.preparer, articles, packed=True)
        wanted = [_Wanted(each, evidence) for each in awaited]
        for first in range(0, len(articles), _BATCH):
            verdicts += self._turns.submit(wanted[first : first + _BATCH])
        return verdicts

    def begin(self, articles: Sequence[Offered], *, evidence: bool = True) -> Finish:
        """See `Archive.begin`."""
        return partial(self.ingest, articles, evidence=evidence)

    def _answer(self, wanted: Sequence[_Wanted]) -> list[Verdict]:
        """Store what came together; evidence is found for all at once, which costs little more."""
        return self._store([one.awaited for one in wanted], [one.evidence for one in wanted])

    def check(self, articles: Sequence[Offered], *, evidence: bool = True) -> list[Verdict]:
        """See `Archive.check`."""
        verdicts: list[Verdict] = []
        awaited = await_all(self._core.preparer, articles, packed=False)
        wanted = [_Wanted(each, evidence) for each in awaited]
        for first in range(0, len(articles), _CHECKED):
            verdicts += self._checks.submit(wanted[first : first + _CHECKED])
        return verdicts

    def _foretell(self, wanted: Sequence[_Wanted]) -> list[Verdict]:
        """Check what came together, as `_answer` stores it."""
        awaited, evidence = [one.awaited for one in wanted], [one.evidence for one in wanted]
        return check_articles(self._core, awaited, evidence)

    def article(self, article: str) -> StoredArticle | None:
        """See `Archive.article`."""
        with self._core.catalog.reading() as reader:
            return read_article(reader, article)

    def revision(self, article: str, revision: str) -> StoredArticle | None:
        """See `Archive.revision`."""
        with self._core.catalog.reading() as reader:
            return read_article(reader, article, revision)

    def matches(self, article: str) -> list[Match] | None:
        """See `Archive.matches`."""
        with self._core.catalog.reading() as reader:
            return find_matches(self._core, reader, article)

    def match_page(
        self, article: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page[Match] | None:
        """See `Archive.match_page`."""
        limit, after = _bounded(limit), read_cursor(cursor, "matches", (str,))
        with self._core.catalog.reading() as reader:
            behind = None if after is None else after[0]
            found = find_matches(self._core, reader, article, behind, limit + 1)
        if found is None:
            return None
        shown = tuple(found[:limit])
        if len(found) <= limit:
            return Page(shown)
        last = shown[-1].right if shown[-1].left == article else shown[-1].left
        return Page(shown, write_cursor("matches", (last,)))

    def closest(self, article: str, limit: int) -> tuple[list[Match], int] | None:
        """See `Archive.closest`."""
        with self._core.catalog.reading() as reader:
            return find_closest(self._core, reader, article, limit)

    def explain(self, article: str) -> Explanation | None:
        """See `Archive.explain`."""
        with self._core.catalog.reading() as reader:
            return explain_article(self._core, reader, article)

    def delete(self, article: str) -> bool:
        """See `Archive.delete`."""
        return delete_article(self._core, article)

    def clusters(self, query: ClusterQuery) -> Page[ClusterRow]:
        """See `Archive.clusters`."""
        with self._core.catalog.reading() as reader:
            return list_clusters(reader, query)

    def cluster(self, cluster_id: str) -> Cluster | Moved | None:
        """See `Archive.cluster`."""
        with self._core.catalog.reading() as reader:
            return find_cluster(self._core, reader, cluster_id)

    def timeline(self, cluster_id: str) -> list[TimelinePoint] | Moved | None:
        """See `Archive.timeline`."""
        with self._core.catalog.reading() as reader:
            return find_timeline(self._core, reader, cluster_id)

    def outlets(self, *, cursor: str | None = None, limit: int = 50) -> Page[OutletRow]:
        """See `Archive.outlets`."""
        with self._core.catalog.reading() as reader:
            return list_outlets(reader, cursor, limit)

    def outlet(self, key: str) -> OutletRecord | None:
        """See `Archive.outlet`."""
        with self._core.catalog.reading() as reader:
            return read_outlet(reader, key)

    def compare(self, left: str, right: str) -> Comparison | None:
        """See `Archive.compare`."""
        with self._core.catalog.reading() as reader:
            stored = read_article(reader, left), read_article(reader, right)
        if stored[0] is None or stored[1] is None:
            return None
        first, second = stored[0], stored[1]
        match = compare(first.article, second.article, self._core.config)
        if match.left != left:
            match = turn_match(match)
        cuts = [each.attribution.cuts() if each.attribution else [] for each in (first, second)]
        bodies = (first.article.body, second.article.body)
        return Comparison(match, find_differences(*bodies, *cuts))

    def changes(self, after: int = 0, limit: int = 100) -> list[Change]:
        """See `Archive.changes`."""
        with self._core.catalog.reading() as reader:
            rows = reader.changes(max(0, min(after, (1 << 63) - 1)), _bounded(limit))
        return [change_of(row) for row in rows]

    def judge(self, judgement: Judgement) -> JudgementRecord:
        """See `Archive.judge`."""
        return judge(self._core, judgement)

    def judgements(
        self, *, cursor: str | None = None, limit: int = 50, withdrawn: bool = True
    ) -> Page[JudgementRecord]:
        """See `Archive.judgements`."""
        limit = _bounded(limit)
        after = read_cursor(cursor, "judgements", (int,))
        place = None if after is None else after[0]
        with self._core.catalog.reading() as reader:
            rows = judgement_page(reader, limit + 1, place, withdrawn=withdrawn)
        shown = tuple(judgement_of(row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(shown, write_cursor("judgements", (shown[-1].number,)) if more else None)

    def withdraw(self, number: int, who: str = "") -> JudgementRecord | None:
        """See `Archive.withdraw`."""
        return withdraw(self._core, number, who)

    def summary(self) -> Counts:
        """See `Archive.summary`."""
        core = self._core
        with core.catalog.reading() as reader:
            current, superseded = revision_count(reader)
            clusters, clustered = cluster_sizes(reader, 2)
            kinds = relation_counts(reader)
            sequence = core.last_sequence(reader)
        return Counts(
            current,
            current + superseded,
            clusters,
            clustered,
            {RELATIONS[code].value: count for code, count in sorted(kinds.items())},
            core.index.count(),
            sequence,
            core.config.config_id,
        )

    def report(self, min_size: int = 2) -> StoredReport:
        """See `Archive.report`."""
        return StoredReport(self._core, min_size)

    def close(self) -> None:
        """See `Archive.close`."""
        self._core.preparer.close()
        self._core.index.close()
        self._core.catalog.close()


def _bounded(limit: int) -> int:
    return max(1, min(limit, _MOST_ROWS))
