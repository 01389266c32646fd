"""Articles as they arrive -> verdicts, on a catalogue and an index: the online engine.

One transaction a batch: what a batch changes is worked out first, in memory, and written at once,
so a crash leaves all of it or nothing. The index of this process is told before the commit and
takes it back when that fails; a text it finds that is not in the catalogue is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dedupe.answers import Verdict
from dedupe.archive.arrivals import Arrivals, Entry, mend, sort_arrivals
from dedupe.archive.grouping import Node
from dedupe.archive.judging import Judged, read_judged
from dedupe.archive.origins import RecordCache
from dedupe.archive.prepared import Prepared, TextCache
from dedupe.archive.reading import Work, content_row, read_texts, text_row
from dedupe.archive.regrouping import Delta, Regrouped, regroup
from dedupe.archive.verdicts import Told, tell_stored, tell_verdict
from dedupe.archive.verifying import sift, verify
from dedupe.attribution import Extractor
from dedupe.catalog import Catalog, Reader, Writer
from dedupe.catalog.blobs import micros
from dedupe.catalog.rows import Link, Placement
from dedupe.catalog.tables import CURRENT, SUPERSEDED
from dedupe.config import Config
from dedupe.index import KeyBatch
from dedupe.index.embedded import EmbeddedIndex
from dedupe.models import Article
from dedupe.records import hash_text

__all__ = ["Core", "batch_keys", "node_of_entry"]

_SAVE_EVERY = 50_000
"""Texts after which the index is saved: a restart publishes at most these again (a second)."""


class Core:
    """What ingest, check, delete and judgements share: stores, caches, numbers."""

    def __init__(
        self,
        catalog: Catalog,
        index: EmbeddedIndex,
        config: Config,
        extractor: Extractor,
        clock: Callable[[], datetime],
        window: timedelta | None = None,
    ) -> None:
        self.catalog, self.index, self.config = catalog, index, config
        self.extractor, self.clock, self.window = extractor, clock, window
        self.texts, self.records = TextCache(config), RecordCache()
        with catalog.writing() as writer:
            self.configuration = writer.configuration(config.config_id)
            counters = writer.counters()
            self.judged = read_judged(writer)
        self.last_number = counters.get("text", 0)
        self.last_sequence = counters.get("ledger", 0)

    def give_number(self) -> int:
        """A number no text had before."""
        self.last_number += 1
        return self.last_number

    def key_batch(
        self, numbers: Sequence[int], entries: Sequence[Entry], texts: Sequence[Prepared]
    ) -> KeyBatch:
        """The keys of texts as the index takes them."""
        ranks = np.fromiter((hash_text(entry.id) for entry in entries), np.uint64, len(entries))
        seen = np.fromiter((entry.seen or 0 for entry in entries), np.int64, len(entries))
        keys = [text.keys for text in texts]
        return batch_keys(np.array(numbers, np.int64), ranks, seen, keys, self.config)

    # --- what a batch of texts leads to -----------------------------------------------------------

    def find_links(
        self,
        reader: Reader,
        entries: Sequence[Entry],
        texts: Sequence[Prepared],
        gone: Iterable[int],
        *,
        publish: bool,
    ) -> list[Link]:
        """Publish the keys of texts (or only look) and verify whoever shares some."""
        if not entries:
            return []
        numbers = [entry.number for entry in entries]
        batch = self.key_batch(numbers, entries, texts)
        found = self.index.publish(batch) if publish else self.index.look(batch)
        pairs = sift(found, np.diff(batch.bounds), list(gone))
        own = dict(zip(numbers, texts, strict=True))
        others = {number for _, number in pairs} - own.keys()
        rows = reader.texts(others)
        read = self.texts.get(rows.keys(), reader)
        ids = {number: row.id for number, row in rows.items() if row.state == CURRENT}
        ids.update((entry.number, entry.id) for entry in entries)
        usable = [
            (numbers[place], other)
            for place, other in pairs
            if other in ids and (other in own or other in read)
        ]
        return verify(usable, {**read, **own}, ids, self.config)

    def regroup(
        self,
        reader: Reader,
        delta: Delta,
        records: RecordCache | None = None,
        judged: Judged | None = None,
    ) -> Regrouped:
        """What clusters and ledger become."""
        judged, records = judged or self.judged, records or self.records
        at = micros(self.clock()) or 0
        return regroup(reader, delta, judged.pairs, judged.pins, records, self.last_sequence, at)

    def write_groups(
        self, writer: Writer, regrouped: Regrouped, written: Iterable[int] = ()
    ) -> None:
        """Write what regrouping led to; `written` are texts that have their place already."""
        own = set(written)
        writer.place([row for number, row in regrouped.placements.items() if number not in own])
        writer.put_clusters(regrouped.facts)
        writer.drop_clusters(regrouped.vanished)
        writer.move_clusters(regrouped.moved)
        writer.add_changes(regrouped.changes)

    def count_up(self, writer: Writer, regrouped: Regrouped) -> None:
        """Remember the last numbers given."""
        if regrouped.changes:
            self.last_sequence = regrouped.changes[-1].sequence
        writer.put_counters({"text": self.last_number, "ledger": self.last_sequence})

    # --- ingest -----------------------------------------------------------------------------------

    def take(self, articles: Sequence[Article]) -> list[Verdict]:
        """Store a batch in one transaction; verdicts without evidence."""
        articles = [mend(article) for article in articles]
        sequence = self.last_sequence
        new: list[int] = []
        try:
            with self.catalog.writing() as writer:
                heads = writer.heads(article.id for article in articles)
                arrivals = sort_arrivals(articles, heads, self.give_number, self.clock())
                new = [entry.number for entry in arrivals.new]
                verdicts = self._store(writer, arrivals)
        except BaseException:
            self.index.remove(new)
            self.last_sequence = sequence
            with self.catalog.reading() as reader:
                self.judged = read_judged(reader)
            raise
        gone = [*arrivals.retired, *arrivals.dropped]
        self.index.remove(gone)
        self.texts.forget(gone)
        self.records.forget(gone)
        self._keep_house()
        return verdicts

    def _store(self, writer: Writer, arrivals: Arrivals) -> list[Verdict]:
        work = read_texts(arrivals.new, self.config, self.extractor)
        place_of = {entry.number: place for place, entry in enumerate(arrivals.new)}
        for place, entry in enumerate(arrivals.new):
            self.texts.put(entry.number, work.texts[place])
            self.records.put(entry.number, work.record(place))
        gone = frozenset([*arrivals.retired, *arrivals.dropped])
        current = arrivals.current
        texts = [work.texts[place_of[entry.number]] for entry in current]
        links = self.find_links(writer, current, texts, gone, publish=True)
        fresh = {entry.number: node_of_entry(entry, arrivals.home) for entry in current}
        if not self.judged.ids.isdisjoint(entry.id for entry in current):
            self.judged = read_judged(writer, {entry.id: entry.number for entry in current})
        delta = Delta(
            fresh,
            links,
            gone,
            frozenset(arrivals.home.values()),
            frozenset(number for number in arrivals.home),
            frozenset(arrivals.home),
        )
        regrouped = self.regroup(writer, delta)
        self._write_texts(writer, arrivals, work, regrouped)
        writer.add_links(links)
        self.write_groups(writer, regrouped, fresh)
        self.count_up(writer, regrouped)
        return self._tell(writer, arrivals, work, links, regrouped)

    def _write_texts(
        self, writer: Writer, arrivals: Arrivals, work: Work, regrouped: Regrouped
    ) -> None:
        writer.drop_texts(arrivals.dropped)
        retired = [number for number in arrivals.retired if number not in arrivals.dropped]
        writer.place([Placement(None, None, None, SUPERSEDED, number) for number in retired])
        writer.drop_links(retired)
        rows, wide = [], []
        for place, entry in enumerate(arrivals.new):
            rows.append(text_row(entry, work, place, regrouped.placements.get(entry.number)))
            wide.append(content_row(entry, work, place, self.configuration))
        writer.add_texts(rows, wide)

    def _tell(
        self,
        writer: Writer,
        arrivals: Arrivals,
        work: Work,
        links: Sequence[Link],
        regrouped: Regrouped,
    ) -> list[Verdict]:
        """Answer every article of a batch, those of other texts from what is stored."""
        told = Told(links, regrouped, self.records, writer)
        fresh = {entry.number: entry for entry in arrivals.current}
        place_of = {entry.number: place for place, entry in enumerate(arrivals.new)}
        stored = tell_stored(writer, [n for n in arrivals.answers if n not in fresh], self.records)
        verdicts = []
        for index, number in enumerate(arrivals.answers):
            outcome, revision = arrivals.outcomes[index], arrivals.revisions[index].hex()
            source = told if number in fresh else stored
            warnings: tuple[str, ...] = ()
            if number in place_of:
                entry, place = arrivals.new[place_of[number]], place_of[number]
                own = entry.article.warnings if entry.article else ()
                warnings = (*own, *work.warning(place))
            verdicts.append(tell_verdict(source, number, revision, outcome, warnings))
        return verdicts

    def _keep_house(self) -> None:
        if self.window is not None:
            self.index.expire(micros(self.clock() - self.window) or 0)
        if self.index.unsaved >= _SAVE_EVERY:
            self.index.save()


def batch_keys(
    numbers: NDArray[np.int64],
    ranks: NDArray[np.uint64],
    seen: NDArray[np.int64],
    keys: Sequence[NDArray[np.uint64]],
    config: Config,
) -> KeyBatch:
    """Arrays of keys (bands before passages) as the index takes them."""
    bands = np.zeros((len(keys), config.bands), np.uint64)
    banded = np.fromiter((len(own) > 0 for own in keys), np.bool_, len(keys))
    for place, own in enumerate(keys):
        if len(own):
            bands[place] = own[: config.bands]
    passages = [own[config.bands :] for own in keys]
    bounds = np.zeros(len(keys) + 1, np.int64)
    np.cumsum([len(own) for own in passages], out=bounds[1:])
    flat = np.concatenate(passages) if passages else np.empty(0, np.uint64)
    return KeyBatch(numbers, ranks, seen, bands, banded, flat, bounds)


def node_of_entry(entry: Entry, home: Mapping[int, int]) -> Node:
    """The node of a text; `home` are clusters of the articles that were known."""
    rank = hash_text(entry.id)
    return Node(entry.number, rank, entry.id, entry.arrived, home.get(entry.number))
