"""The archive of one process: a catalogue in a file, the index beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
from dedupe.archive.engine import Core, batch_keys
from dedupe.archive.evidence import find_matches, show_evidence
from dedupe.archive.explaining import explain_article
from dedupe.archive.judging import judgement_of
from dedupe.archive.overview import Overview
from dedupe.archive.turns import Turns
from dedupe.attribution import Extractor, load_extractor
from dedupe.catalog import Catalog, open_catalog
from dedupe.catalog.blobs import keys_from, micros
from dedupe.catalog.lists import cluster_sizes, judgement_page, relation_counts, revision_count
from dedupe.catalog.tables import CURRENT
from dedupe.config import Config, default_config
from dedupe.differences import find_differences
from dedupe.index.embedded import EmbeddedIndex
from dedupe.matching import RELATIONS
from dedupe.models import Article, Cluster, Match
from dedupe.pipeline import compare
from dedupe.report.comparison import Comparison, turn_match

__all__ = ["LocalArchive", "open_archive", "open_core"]

_BATCH = 512
"""Articles of one transaction: above, the rate does not grow any more."""
_MOST_ROWS = 1000


class LocalArchive:
    """An `Archive`; see `open_archive`."""

    def __init__(self, core: Core) -> None:
        """Take over open stores, and publish what the index does not hold yet."""
        self._core = core
        self._turns: Turns[Article, Verdict] = Turns(core.take, _BATCH)
        self.overview = Overview(core)
        fill_index(core)

    def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[Verdict]:
        """See `Archive.ingest`."""
        verdicts: list[Verdict] = []
        for first in range(0, len(articles), _BATCH):
            verdicts += self._turns.submit(articles[first : first + _BATCH])
        if evidence:
            with self._core.catalog.reading() as reader:
                return show_evidence(self._core, reader, verdicts, {})
        return verdicts

    def check(self, articles: Sequence[Article], *, evidence: bool = True) -> list[Verdict]:
        """See `Archive.check`."""
        verdicts, read = check_articles(self._core, articles)
        if evidence:
            with self._core.catalog.reading() as reader:
                return show_evidence(self._core, reader, verdicts, read)
        return verdicts

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
            clusters, clustered, _ = cluster_sizes(reader, 2)
            kinds = relation_counts(reader)
        return Counts(
            current,
            current + superseded,
            clusters,
            clustered,
            {RELATIONS[code].value: count for code, count in sorted(kinds.items())},
            core.index.count(),
            core.last_sequence,
            core.config.config_id,
        )

    def report(self, min_size: int = 2) -> StoredReport:
        """See `Archive.report`."""
        return StoredReport(self._core, min_size)

    def index_bytes(self) -> int:
        """Bytes of the index, in memory or mapped from its files."""
        return self._core.index.size_bytes()

    def drop_index_files(self) -> None:
        """Forget the index; the next start builds it again from the catalogue."""
        with self._core.catalog.writing():
            self._core.index.clear()

    def close(self) -> None:
        """See `Archive.close`."""
        with self._core.catalog.writing():  # wait for the writer
            self._core.index.close()
        self._core.catalog.close()


def open_archive(
    path: Path,
    clock: Callable[[], datetime],
    config: Config | None = None,
    *,
    window: timedelta | None = None,
    create: bool = True,
    extractor: Extractor | None = None,
) -> LocalArchive:
    """Open the catalogue at `path` and the index in the folder `PATH.index`.

    `clock` tells when an article was seen that does not say so; texts seen longer than `window` ago
    leave the index, not the catalogue. Raises CatalogMismatch for a catalogue of another
    configuration, and what `open_catalog` raises.
    """
    config = config or default_config()
    catalog = open_catalog(path, create=create)
    try:
        catalog.use_configuration(config.config_id)
        return LocalArchive(_make_core(catalog, path, config, extractor, clock, window))
    except BaseException:
        catalog.close()
        raise


@contextmanager
def open_core(path: Path, clock: Callable[[], datetime], config: Config) -> Iterator[Core]:
    """The stores of an archive whatever its configuration, for `reindex` and `import`."""
    catalog = open_catalog(path)
    try:
        core = _make_core(catalog, path, config, None, clock, None)
        yield core
        core.index.close()
    finally:
        catalog.close()


def _make_core(
    catalog: Catalog,
    path: Path,
    config: Config,
    extractor: Extractor | None,
    clock: Callable[[], datetime],
    window: timedelta | None,
) -> Core:
    index = EmbeddedIndex(config, path.with_name(f"{path.name}.index"), catalog.catalog_id)
    return Core(catalog, index, config, extractor or load_extractor(), clock, window)


def fill_index(core: Core) -> None:
    """Publish the current texts that the index does not hold, from their stored keys."""
    with core.catalog.reading() as reader:
        current = reader.numbers(CURRENT)
        missing = core.index.reconcile(current)
        before = _window_start(core)
        for rows in reader.keys(missing):
            recent = sorted({row for row in rows if row[2] is None or row[2] >= before})
            numbers: NDArray[np.int64] = np.fromiter((r[0] for r in recent), np.int64)
            ranks = np.fromiter((r[1] & 0xFFFFFFFFFFFFFFFF for r in recent), np.uint64)
            seen = np.fromiter((r[2] or 0 for r in recent), np.int64)
            keys = [keys_from(r[3]) for r in recent]
            core.index.add(batch_keys(numbers, ranks, seen, keys, core.config))
    core.index.expire(before)


def _window_start(core: Core) -> int:
    if core.window is None:
        return -(1 << 62)
    return micros(core.clock() - core.window) or 0


def _bounded(limit: int) -> int:
    return max(1, min(limit, _MOST_ROWS))
