"""What is stored -> what people look at: articles, clusters, timelines, outlets, the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import orjson
from numpy.typing import NDArray

from dedupe.answers import (
    Change,
    ClusterQuery,
    ClusterRow,
    Moved,
    OutletFlow,
    OutletRecord,
    OutletRow,
    Page,
    Revision,
    StoredArticle,
    TimelinePoint,
)
from dedupe.archive.cursors import read_cursor, write_cursor
from dedupe.archive.engine import Core
from dedupe.archive.origins import outlet_key
from dedupe.archive.regrouping import CHANGES, cluster_name, cluster_number
from dedupe.attribution.outlets import load_outlets
from dedupe.catalog import Reader
from dedupe.catalog.blobs import keys_from, moment, unpack, unpack_text
from dedupe.catalog.counts import edges
from dedupe.catalog.lists import (
    OutletCounts,
    cluster_links,
    cluster_page,
    cluster_sizes,
    count_outlet,
    language_counts,
    outlet_page,
    relation_counts,
    revision_count,
)
from dedupe.catalog.rows import ClusterFacts, ContentRow, LedgerRow, Link, TextRow
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.matching import EMBEDS, RELATIONS, UNITING
from dedupe.members import DIRECTED, ClusterBuilder, PairRow, lead_out
from dedupe.models import Article, Cluster, Summary
from dedupe.records import read_attribution

__all__ = [
    "StoredReport",
    "article_of",
    "change_of",
    "cluster_row",
    "find_cluster",
    "find_timeline",
    "list_clusters",
    "list_outlets",
    "read_article",
    "read_outlet",
]

_MOST_ROWS = 1000
_CLUSTERS_AT_ONCE = 100
_MANY = 100  # members: half a million pairs may stand between a thousand of them, few are needed
_UNKNOWN_LANGUAGE = "und"


def article_of(row: TextRow, content: ContentRow) -> Article:
    """The article of a stored text."""
    details = orjson.loads(unpack(content.details))
    return Article(
        row.id,
        row.outlet,
        row.url,
        row.title,
        unpack_text(content.body),
        row.lang,
        tuple(details["authors"]),
        moment(row.published),
        moment(row.modified),
        moment(row.seen),
        details["metadata"],
        tuple(details["warnings"]),
    )


def read_article(reader: Reader, article: str, revision: str | None = None) -> StoredArticle | None:
    """The current text of an article, or that of a revision, and which others there are."""
    heads = reader.heads([article])
    rows = reader.texts(head.number for head in heads)
    rows = {number: row for number, row in rows.items() if row.state != PENDING}
    current = next((row for row in rows.values() if row.state == CURRENT), None)
    if current is None or current.cluster is None:
        return None
    cluster = cluster_name(current.cluster)
    if revision is not None:
        current = next((row for row in rows.values() if row.revision.hex() == revision), None)
        if current is None:
            return None
    content = reader.contents([current.number])[current.number]
    attribution = orjson.loads(unpack(content.details))["attribution"]
    return StoredArticle(
        article_of(current, content),
        current.revision.hex(),
        tuple(_revision(row) for row in sorted(rows.values(), key=_latest_first)),
        None if attribution is None else read_attribution(attribution),
        cluster,
    )


def _latest_first(row: TextRow) -> tuple[bool, float, bytes]:
    age = row.age if row.age is not None else float("-inf")
    return (row.state != CURRENT, -age, row.revision)


def _revision(row: TextRow) -> Revision:
    times = (moment(row.published), moment(row.modified), moment(row.seen))
    return Revision(row.revision.hex(), row.state == CURRENT, row.title, *times)


# --- clusters -------------------------------------------------------------------------------------


def find_cluster(core: Core, reader: Reader, name: str) -> Cluster | Moved | None:
    """A cluster with its members, made from the pairs as the report makes it."""
    number = cluster_number(name)
    if number is None:
        return None
    if not reader.members([number]):
        new = reader.moved(number)
        return Moved(cluster_name(new)) if new is not None else None
    return build_clusters(core, reader, [number])[0]


def build_clusters(core: Core, reader: Reader, clusters: Sequence[int]) -> list[Cluster]:
    """Clusters with all their members, in the order asked for."""
    members = reader.members(clusters)
    numbers = {number for own in members.values() for number in own}
    large = {cluster for cluster, own in members.items() if len(own) > _MANY}
    links = cluster_links(reader, members.keys() - large, UNITING, EMBEDS)
    if large:
        links = sorted({*links, *cluster_links(reader, large, DIRECTED, EMBEDS)})
    label = {number: cluster for cluster, own in members.items() for number in own}
    far = {n for link in links for n in (link.left, link.right)} - numbers
    embedded = {n for link in links if link.relation == EMBEDS for n in (link.left, link.right)}
    outside = reader.texts(far & embedded)
    label.update((row.number, row.cluster) for row in outside.values() if row.cluster is not None)
    records = core.records.get(label, reader)
    leading: dict[int, list[tuple[int, int, bool, float]]] = {}
    for link in links:
        left, right = label.get(link.left), label.get(link.right)
        if link.relation == EMBEDS and None not in (left, right) and left != right:
            for end in lead_out(PairRow(*link)):
                leading.setdefault(label[end[0]], []).append(end)
    inside: dict[int, list[PairRow]] = {cluster: [] for cluster in clusters}
    for cluster, row in _inside(links, label):
        inside[cluster].append(row)

    def pairs_of(asked: Sequence[int]) -> Iterator[PairRow]:
        return (row for _, row in _inside(reader.links(asked), label))

    builder = ClusterBuilder(
        records.__getitem__, cluster_name, label.__getitem__, leading, core.judged_in(reader).pins
    )
    return [
        builder.build(c, members[c], inside[c], pairs_of if c in large else None)
        for c in clusters
        if c in members
    ]


def _inside(links: Iterable[Link], label: Mapping[int, int]) -> Iterator[tuple[int, PairRow]]:
    """(cluster, pair) of the uniting pairs that do not lead out of a cluster."""
    for link in links:
        cluster = label.get(link.left)
        if link.relation in UNITING and cluster is not None and cluster == label.get(link.right):
            yield cluster, PairRow(*link)


def find_timeline(core: Core, reader: Reader, name: str) -> list[TimelinePoint] | Moved | None:
    """The members of a cluster in the order they appeared, those without a time last."""
    cluster = find_cluster(core, reader, name)
    if not isinstance(cluster, Cluster):
        return cluster
    points = [
        TimelinePoint(m.published or m.seen, m.id, m.outlet, m.title, m.relation, m.credit)
        for m in cluster.members
    ]
    points.sort(key=lambda p: (p.time is None, p.time.timestamp() if p.time else 0.0, p.id))
    return points


def list_clusters(reader: Reader, query: ClusterQuery) -> Page[ClusterRow]:
    """Clusters by filter and order."""
    limit = max(1, min(query.limit, _MOST_ROWS))
    after = read_cursor(query.cursor, query.sort, (int, int))
    wanted = None if query.outlet is None else outlet_key(query.outlet, None)
    asked = ClusterQuery(
        query.outlet, query.lang, query.since, query.until, query.min_size, query.credit,
        query.title, query.sort, None, limit + 1,
    )  # fmt: skip
    found = cluster_page(reader, asked, wanted, after)
    rows = tuple(cluster_row(facts) for facts in found[:limit])
    if len(found) <= limit:
        return Page(rows)
    last = found[limit - 1]
    value = {"size": last.size, "newest": last.newest, "spread": last.outlets}[query.sort]
    return Page(rows, write_cursor(query.sort, (value, last.number)))


def cluster_row(facts: ClusterFacts) -> ClusterRow:
    """The row of a list."""
    return ClusterRow(
        cluster_name(facts.number),
        facts.size,
        facts.outlets,
        facts.title,
        facts.original,
        facts.outlet,
        facts.confidence,
        moment(facts.first),
        moment(facts.newest),
        facts.credited,
        facts.uncredited,
    )


def change_of(row: LedgerRow) -> Change:
    """The line of the ledger in a row."""
    at = moment(row.at)
    if at is None:
        raise ValueError("a line of the ledger without a time")
    cluster = None if row.cluster is None else cluster_name(row.cluster)
    return Change(row.sequence, at, CHANGES[row.kind], cluster, row.article, row.other)


# --- outlets --------------------------------------------------------------------------------------


def list_outlets(reader: Reader, cursor: str | None, limit: int) -> Page[OutletRow]:
    """Outlets with most articles first."""
    limit = max(1, min(limit, _MOST_ROWS))
    after = read_cursor(cursor, "outlets", (int, str))
    found = outlet_page(reader, limit + 1, after)
    shown = found[:limit]
    carried = Counter[str]()
    for edge in edges(reader, sources=[counts.key for counts in shown]) if shown else ():
        carried[edge.source] += edge.articles
    rows = tuple(
        OutletRow(
            counts.key,
            load_outlets().name_of(counts.key),
            counts.articles,
            counts.copied,
            counts.credited,
            carried[counts.key],
        )
        for counts in shown
    )
    if len(found) <= limit:
        return Page(rows)
    return Page(rows, write_cursor("outlets", (shown[-1].articles, shown[-1].key)))


def read_outlet(reader: Reader, name: str) -> OutletRecord | None:
    """An outlet by key or name; one that published nothing here may have been carried."""
    key = name if name in load_outlets() else outlet_key(name, None) or name
    carries = edges(reader, carriers=[key])
    carried_by = edges(reader, sources=[key])
    counts = count_outlet(reader, key)
    if counts is None and not carried_by:
        return None
    counts = counts or OutletCounts(key, 0, 0, 0)
    return OutletRecord(
        key,
        load_outlets().name_of(key),
        counts.articles,
        counts.copied,
        counts.credited,
        sum(edge.articles for edge in carried_by),
        tuple(OutletFlow(edge.source, *edge[2:]) for edge in carries),
        tuple(OutletFlow(edge.carrier, *edge[2:]) for edge in carried_by),
    )


# --- report ---------------------------------------------------------------------------------------


def _read_keys(
    core: Core, numbers: Sequence[int]
) -> dict[int, tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
    """The stored keys of texts by number: (bands, passages)."""
    bands, found = core.config.bands, {}
    with core.catalog.reading() as reader:
        for rows in reader.keys(np.array(numbers, np.int64)):
            for number, _, _, data in rows:
                keys = keys_from(data)
                found[number] = keys[:bands], keys[bands:]
    return found


class StoredReport:
    """What the writers of `dedupe.report` take, read in short transactions while it is written.

    A report of a service that goes on taking articles is not of one moment. Candidates that were
    not verified are not stored, so both counts of the summary are those of the stored pairs.
    """

    def __init__(self, core: Core, min_size: int) -> None:
        self._core, self._min_size = core, max(2, min_size)
        with core.catalog.reading() as reader:
            current, superseded = revision_count(reader)
            kinds = relation_counts(reader)
            clusters, clustered = cluster_sizes(reader, self._min_size)
            languages = language_counts(reader)
        crowded = core.index.count_crowded(partial(_read_keys, core))
        pairs = sum(kinds.values())
        counted = sorted(languages.items(), key=lambda item: (-item[1], item[0] or ""))
        self.summary = Summary(
            articles=current,
            rejected=0,
            repeated=0,
            revisions=superseded,
            warnings=0,
            languages={lang or _UNKNOWN_LANGUAGE: count for lang, count in counted},
            candidates=pairs,
            verified=pairs,
            matches={r.value: kinds[code] for code, r in enumerate(RELATIONS) if code in kinds},
            clusters=clusters,
            clustered=clustered,
            capped_keys=None if crowded is None else crowded[0],
            skipped_keys=None if crowded is None else crowded[1],
            seconds={},
            config_id=core.config.config_id,
        )

    def clusters(self) -> Iterator[Cluster]:
        """Walk the clusters, largest first."""
        query = ClusterQuery(min_size=self._min_size, limit=_CLUSTERS_AT_ONCE)
        after: tuple[int, int] | None = None
        while True:
            with self._core.catalog.reading() as reader:
                found = cluster_page(reader, query, None, after)
                made = build_clusters(self._core, reader, [facts.number for facts in found])
            yield from made
            if len(found) < _CLUSTERS_AT_ONCE:
                return
            after = (found[-1].size, found[-1].number)
