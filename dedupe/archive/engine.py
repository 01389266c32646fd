"""A catalogue and an index -> what ingest, check, delete and judgements share of the online engine.

What is kept in memory of a text belongs to its number, which is never given again, so it stays true
whatever other processes do. Judgements and numbers do not: they are read in each transaction where
the catalogue is shared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dedupe.archive.arrivals import Entry
from dedupe.archive.grouping import Node
from dedupe.archive.judging import Judged, read_judged
from dedupe.archive.origins import RecordCache
from dedupe.archive.prepared import Prepared, TextCache
from dedupe.archive.preparing import PreparedHere, Preparer
from dedupe.archive.regrouping import Delta, Regrouped, regroup
from dedupe.archive.verifying import Compared, Pair, sift, verify
from dedupe.attribution import Extractor
from dedupe.catalog import Catalog, Reader, Writer
from dedupe.catalog.blobs import micros
from dedupe.catalog.tables import CURRENT
from dedupe.config import Config
from dedupe.index import Index, KeyBatch
from dedupe.records import hash_text

__all__ = ["Core", "Material", "batch_keys", "node_of_entry"]

_NUMBERS_AT_ONCE = 1024
"""A transaction less for most batches; at the end of a process the rest is never given."""
Material = tuple[list[Pair], dict[int, Prepared], dict[int, str]]
"""Pairs of numbers, texts and ids by number."""


class Core:
    """Stores, caches, numbers, and the steps from texts to clusters."""

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        config: Config,
        extractor: Extractor,
        clock: Callable[[], datetime],
        window: timedelta | None = None,
    ) -> None:
        self.catalog, self.index, self.config = catalog, index, config
        self.extractor, self.clock, self.window = extractor, clock, window
        self.preparer: Preparer = PreparedHere()
        self.texts, self.records = TextCache(config), RecordCache()
        with catalog.writing() as writer:
            self.configuration = writer.configuration(config.config_id)
            counters = writer.counters()
            self._judged = read_judged(writer)
        self._last_number = counters.get("text", 0)
        self._reserved = range(0)
        self._numbering = threading.Lock()

    def key_batch(
        self, numbers: Sequence[int], entries: Sequence[Entry], texts: Sequence[Prepared]
    ) -> KeyBatch:
        """The keys of texts as the index takes them."""
        ranks = np.fromiter((hash_text(entry.id) for entry in entries), np.uint64, len(entries))
        seen = np.fromiter((entry.seen or 0 for entry in entries), np.int64, len(entries))
        keys = [text.keys for text in texts]
        return batch_keys(np.array(numbers, np.int64), ranks, seen, keys, self.config)

    # --- what a batch of texts leads to -----------------------------------------------------------

    def seek(
        self,
        entries: Sequence[Entry],
        texts: Sequence[Prepared],
        gone: Iterable[int],
        *,
        publish: bool,
    ) -> list[Pair]:
        """Publish the keys of texts (or only look): pairs of numbers worth reading."""
        if not entries:
            return []
        numbers = [entry.number for entry in entries]
        batch = self.key_batch(numbers, entries, texts)
        found = self.index.publish(batch) if publish else self.index.look(batch)
        pairs = sift(found, np.diff(batch.bounds), list(gone))
        return [(numbers[place], other) for place, other in pairs]

    def fetch(
        self,
        reader: Reader,
        pairs: Sequence[Pair],
        entries: Sequence[Entry],
        texts: Sequence[Prepared],
        states: Collection[int] = (CURRENT,),
    ) -> Material:
        """What verifying pairs reads: texts and ids of all whose state is one of `states`."""
        own = {entry.number: text for entry, text in zip(entries, texts, strict=True)}
        ids = {entry.number: entry.id for entry in entries}
        others = {number for _, number in pairs} - own.keys()
        rows = {n: r for n, r in reader.places(others).items() if r.state in states}
        read = self.texts.get(rows.keys(), reader)
        ids.update((number, rows[number].id) for number in read)
        usable = [(a, b) for a, b in pairs if b in ids and ids[a] != ids[b]]
        return usable, {**read, **own}, ids

    def compare(
        self,
        reader: Reader,
        entries: Sequence[Entry],
        texts: Sequence[Prepared],
        gone: Iterable[int],
    ) -> Compared:
        """Publish the keys of texts and verify whoever shares some."""
        pairs = self.seek(entries, texts, gone, publish=True)
        return verify(*self.fetch(reader, pairs, entries, texts), self.config)

    def regroup(
        self,
        reader: Reader,
        delta: Delta,
        records: RecordCache | None = None,
        judged: Judged | None = None,
        last: int | None = None,
    ) -> Regrouped:
        """What clusters and ledger become; `last` is the ledger's last line, where it is known."""
        judged, records = judged or self.judged_in(reader), records or self.records
        last = self.last_sequence(reader) if last is None else last
        at = micros(self.clock()) or 0
        return regroup(reader, delta, judged.pairs, judged.pins, records, last, at)

    def write_groups(
        self, writer: Writer, regrouped: Regrouped, written: Iterable[int] = ()
    ) -> None:
        """Write what regrouping led to; `written` are texts that have their place already."""
        own = set(written)
        writer.place([row for number, row in regrouped.placements.items() if number not in own])
        writer.put_clusters(regrouped.facts)
        writer.drop_clusters(regrouped.vanished)
        writer.move_clusters(regrouped.moved)
        writer.drop_redirects(regrouped.returned)
        writer.add_changes(regrouped.changes)

    def count_up(self, writer: Writer, regrouped: Regrouped) -> None:
        """Remember the last numbers given."""
        given = {} if self.catalog.shared else {"text": self._last_number}
        if regrouped.changes:
            given["ledger"] = regrouped.last
        writer.put_counters(given)

    # --- what other processes may change ----------------------------------------------------------

    def last_sequence(self, reader: Reader) -> int:
        """The last line of the ledger, as the reader's transaction sees it."""
        return reader.counters().get("ledger", 0)  # not kept: a transaction may fail

    def judged_in(self, reader: Reader) -> Judged:
        """The judgements that stand, kept where nobody else can make one."""
        return read_judged(reader) if self.catalog.shared else self._judged

    def judged_with(self, reader: Reader, entries: Iterable[Entry]) -> Judged:
        """The same when these texts are current."""
        newer = {entry.id: entry.number for entry in entries}
        judged = self.judged_in(reader)
        return judged if judged.ids.isdisjoint(newer) else read_judged(reader, newer)

    def keep_judged(self, judged: Judged) -> None:
        """Say what stands from now on; to be taken back by `recall_judged` if nothing comes of it.

        In the transaction that changes it: the next one must not begin with less.
        """
        self._judged = judged

    def recall_judged(self) -> None:
        """Read again what stands."""
        with self.catalog.reading() as reader:
            self._judged = read_judged(reader)

    def recall_numbers(self) -> None:
        """Read again the last number given, where rows with theirs were stored."""
        with self.catalog.reading() as reader:
            self._last_number = reader.counters().get("text", 0)

    def give_number(self) -> int:
        """A number no text had before, in a catalogue that nobody else numbers."""
        self._last_number += 1
        return self._last_number

    def remember_numbers(self, writer: Writer) -> None:
        """Store the last number given; those of a shared catalogue were counted beforehand."""
        if not self.catalog.shared:
            writer.put_counters({"text": self._last_number})

    def reserve_numbers(self, count: int) -> list[int]:
        """So many numbers no text had before, in any catalogue; the rest is kept for the next.

        In a transaction of its own: numbers of one that fails would be given to others too.
        """
        if not self.catalog.shared:
            return [self.give_number() for _ in range(count)]
        with self._numbering:
            if len(self._reserved) < count:
                more = max(count, _NUMBERS_AT_ONCE)
                with self.catalog.storing() as writer:
                    last = writer.reserve("text", more)
                self._reserved = range(last - more + 1, last + 1)
            given, self._reserved = self._reserved[:count], self._reserved[count:]
        return list(given)


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
