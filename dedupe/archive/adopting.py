"""A finished report and its articles -> a new archive: `isnad import --clusters`.

Texts are attributed and fingerprinted, because the archive keeps and publishes both; who is whose
copy is taken over from the report instead of being searched and verified again. Clusters keep the
report's ids. What a report decided and what an archive decides are one function of the same pairs,
so articles that come later find everything as if it had arrived one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from dedupe.answers import ChangeKind
from dedupe.archive.arrivals import mend, sort_arrivals
from dedupe.archive.engine import Core
from dedupe.archive.reading import content_row, read_texts, text_row
from dedupe.archive.regrouping import CHANGES, cluster_name, cluster_number
from dedupe.archive.reindexing import UNFINISHED, cluster_all
from dedupe.catalog import Writer, tables
from dedupe.catalog.blobs import micros
from dedupe.catalog.rows import ClusterFacts, LedgerRow, Link, Placement
from dedupe.catalog.tables import CURRENT, SUPERSEDED
from dedupe.errors import ResultMismatch
from dedupe.members import FinishedPair
from dedupe.models import Article
from dedupe.records import hash_text

__all__ = ["adopt_report"]

_TEXTS_AT_ONCE = 512
_PAIRS_AT_ONCE = 4096
_CLUSTERS_AT_ONCE = 500
Item = TypeVar("Item")


def adopt_report(
    core: Core,
    articles: Iterable[Article],
    verdicts: Iterable[FinishedPair],
    clusters: Iterable[tuple[str, Sequence[str]]],
    expected: int,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Fill an empty archive; returns how many articles it holds.

    `articles` are what the report was made of, `expected` how many it counted, `clusters` those of
    two and more with their ids. Nothing is acknowledged before the end: an archive of which this
    was interrupted is refused.

    Raises ResultMismatch for an archive that is not empty and for articles other than the report's.
    """
    with core.catalog.reading() as reader:
        if reader.count(tables.texts) or reader.count(tables.ledger):
            raise ResultMismatch("the archive is not empty: import into a new file")
    core.catalog.use_configuration(UNFINISHED, adopt=True)
    stored, now = 0, core.clock()  # one moment for all: the order of INPUT says nothing
    for batch in _batches(articles, _TEXTS_AT_ONCE):
        _store_texts(core, batch, now)
        stored += len(batch)
        if progress:
            progress(stored)
    with core.catalog.reading() as reader:
        current = reader.numbers(CURRENT).tolist()
    if len(current) != expected:
        raise ResultMismatch(
            f"INPUT holds {len(current):,} articles, the report was made of {expected:,}"
        )
    for pairs in _batches(verdicts, _PAIRS_AT_ONCE):
        _store_links(core, pairs)
    for named in _batches(clusters, _CLUSTERS_AT_ONCE):
        _store_clusters(core, named)
    for numbers in _batches(current, _CLUSTERS_AT_ONCE):
        _store_clusters(core, _name_singles(core, numbers))
    cluster_all(core, current)
    core.catalog.use_configuration(core.config.config_id, adopt=True)
    return len(current)


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch


def _name_singles(core: Core, numbers: Sequence[int]) -> list[tuple[str, list[str]]]:
    """(cluster id in a report, its article) of the texts that are in no cluster."""
    with core.catalog.reading() as reader:
        places = reader.places(numbers).values()
    alone = [place.id for place in places if place.cluster is None]
    return [(cluster_name(hash_text(name)), [name]) for name in alone]


def _store_texts(core: Core, batch: Sequence[Article], now: datetime) -> None:
    """Store and publish texts, current ones without a cluster yet."""
    articles = [mend(article) for article in batch]
    give = iter(core.reserve_numbers(len(articles))).__next__
    with core.catalog.writing() as writer:
        heads = writer.heads(article.id for article in articles)
        arrivals = sort_arrivals(articles, heads, give, now)
        work = read_texts(arrivals.new, core.config, core.extractor)
        current = {entry.number for entry in arrivals.current}
        writer.drop_texts(arrivals.dropped)
        retired = [number for number in arrivals.retired if number not in arrivals.dropped]
        writer.place([Placement(None, None, None, SUPERSEDED, number) for number in retired])
        rows, wide, texts = [], [], []
        for place, entry in enumerate(arrivals.new):
            here = Placement(None, None, None, CURRENT, entry.number)
            rows.append(text_row(entry, work, place, here if entry.number in current else None))
            wide.append(content_row(entry, work, place, core.configuration))
            if entry.number in current:
                texts.append(work.readings[place].text)
        writer.add_texts(rows, wide)
        core.remember_numbers(writer)
    by_number = [entry for entry in arrivals.new if entry.number in current]
    core.index.remove([*arrivals.retired, *arrivals.dropped])
    if by_number:
        numbers = [entry.number for entry in by_number]
        core.index.add(core.key_batch(numbers, by_number, texts))


def _numbers(writer: Writer, ids: Iterable[str]) -> dict[str, int]:
    """Numbers of current texts; raises ResultMismatch for an id that is not there."""
    wanted = set(ids)
    found = {head.id: head.number for head in writer.heads(wanted) if head.state == CURRENT}
    missing = sorted(wanted - found.keys())
    if missing:
        raise ResultMismatch(
            f"{missing[0][:100]!r} is in the report and not in INPUT: give all its inputs"
        )
    return found


def _store_links(core: Core, pairs: Sequence[FinishedPair]) -> None:
    with core.catalog.writing() as writer:
        numbers = _numbers(writer, (name for pair in pairs for name in pair[:2]))
        writer.add_links([Link(numbers[one[0]], numbers[one[1]], *one[2:]) for one in pairs])


def _store_clusters(core: Core, named: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Make clusters under their ids, and say in the ledger that they were made and of whom."""
    at = micros(core.clock()) or 0
    with core.catalog.writing() as writer:
        numbers = _numbers(writer, (name for _, ids in named for name in ids))
        changes: list[LedgerRow] = []
        facts: list[ClusterFacts] = []
        places: list[Placement] = []
        last = core.last_sequence(writer)
        for name, ids in named:
            cluster = cluster_number(name)
            if cluster is None:
                raise ResultMismatch(f"{name[:100]!r} is no cluster id")
            members = sorted(ids, key=numbers.__getitem__)
            born = last + 1
            for kind, member in zip(_kinds(len(members)), members, strict=True):
                last += 1
                changes.append(LedgerRow(last, at, kind, cluster, member, None))
            facts.append(_blank(cluster, born, len(members)))
            places += [Placement(cluster, None, None, CURRENT, numbers[own]) for own in members]
        writer.add_changes(changes)
        writer.put_clusters(facts)
        writer.place(places)
        writer.put_counters({"ledger": last})


def _kinds(count: int) -> list[int]:
    """The first member makes a cluster, the others join it."""
    return [CHANGES.index(ChangeKind.CREATED)] + [CHANGES.index(ChangeKind.JOINED)] * (count - 1)


def _blank(number: int, born: int, size: int) -> ClusterFacts:
    """A cluster of which nothing is known yet but its members; `cluster_all` fills it in."""
    return ClusterFacts(number, born, size, 0, "", None, None, 0, 0, None, None, 0.0, None)
