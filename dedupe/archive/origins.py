"""Groups and the records of their members -> what a cluster says: provenance, credits, counts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dedupe.catalog.blobs import micros, moment, pack, unpack
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import ClusterFacts, Link, TextRow
from dedupe.matching import UNITING
from dedupe.members import PairRow, decide_origin, resolve_outlet
from dedupe.models import Contradiction, Credit, Evidence, Provenance
from dedupe.records import Record, read_attribution
from dedupe.report.encode import encode_json

__all__ = [
    "Origin",
    "RecordCache",
    "bound_key",
    "decide_alone",
    "decide_group",
    "outlet_key",
    "read_provenance",
]

_RECORDS = 20_000
_LONGEST_KEY = 256
"""Code points: 1,024 bytes at most; a row of an index takes 2,704."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text of a cluster comes from and how each member (by id) says so."""

    provenance: Provenance
    credits: Mapping[str, Credit]
    representative: str

    def facts(self, number: int, born: int, records: Sequence[Record]) -> ClusterFacts:
        """The row of the cluster."""
        times = [time for r in records if (time := micros(r.published or r.seen)) is not None]
        credits = [self.credits[record.id] for record in records]
        title = next((r.title for r in records if r.id == self.representative), "")
        homes = {outlet_key(record.outlet, record.url) for record in records} - {None}
        alone = len(records) == 1
        return ClusterFacts(
            number,
            born,
            len(records),
            len(homes),
            title,
            min(times, default=None),
            max(times, default=None),
            0 if alone else sum(credit.is_given for credit in credits),
            0 if alone else credits.count(Credit.UNCREDITED),
            self.provenance.original,
            self.provenance.outlet,
            self.provenance.confidence,
            None if alone else pack(encode_json(self.provenance)),
        )


def outlet_key(outlet: str | None, url: str | None) -> str | None:
    """The key of a known outlet, else its name as written, else None."""
    if not outlet and not url:
        return None
    found = resolve_outlet(outlet or "", url)
    return found.key if found else bound_key(outlet or None)


def bound_key(name: str | None) -> str | None:
    """As much of a name as an index takes: two of them fit into a row of PostgreSQL's."""
    return None if name is None else name[:_LONGEST_KEY]


def decide_group(
    records: Mapping[int, Record], links: Iterable[Link], pins: Mapping[str, str]
) -> Origin:
    """Decide for a cluster; `links` are pairs of any kind between anyone."""
    rows = [
        PairRow(*link)
        for link in links
        if link.relation in UNITING and link.left in records and link.right in records
    ]
    verdict = decide_origin(records, rows, pins)
    return Origin(verdict.provenance, verdict.credits, verdict.representative)


def decide_alone(record: Record, pins: Mapping[str, str]) -> Origin:
    """Decide for an article that nothing else matches."""
    return decide_group({0: record}, (), pins)


def read_provenance(data: bytes) -> Provenance:
    """Undo what `Origin.facts` packs."""
    values: dict[str, Any] = orjson.loads(unpack(data))
    values["chain"] = tuple(values["chain"])
    values["evidence"] = tuple(Evidence(**item) for item in values["evidence"])
    values["contradictions"] = tuple(Contradiction(**item) for item in values["contradictions"])
    return Provenance(**values)


def record_of(row: TextRow, details: bytes) -> Record:
    """The record of a stored text."""
    attribution = orjson.loads(unpack(details))["attribution"]
    return Record(
        row.id,
        row.outlet,
        row.url,
        row.title,
        moment(row.published),
        moment(row.modified),
        moment(row.seen),
        row.words,
        None if attribution is None else read_attribution(attribution),
    )


class RecordCache:
    """Records by number of the text, the latest used ones."""

    def __init__(self, limit: int = _RECORDS) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Record] = OrderedDict()
        self._above: Mapping[int, Record] = {}

    def overlay(self, records: Mapping[int, Record]) -> RecordCache:
        """The same cache, with records on top that are seen through the new one only."""
        view = RecordCache.__new__(RecordCache)
        view._limit, view._lock, view._kept = self._limit, self._lock, self._kept
        view._above = records
        return view

    def put(self, number: int, record: Record) -> None:
        """Keep a record."""
        with self._lock:
            self._kept[number] = record
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def forget(self, numbers: Iterable[int]) -> None:
        """Let go of records."""
        with self._lock:
            for number in numbers:
                self._kept.pop(number, None)

    def get(self, numbers: Iterable[int], reader: Reader) -> dict[int, Record]:
        """Records by number; unknown numbers are left out."""
        found: dict[int, Record] = {}
        missing = []
        with self._lock:
            for number in numbers:
                if number in self._above:
                    found[number] = self._above[number]
                elif number in self._kept:
                    self._kept.move_to_end(number)
                    found[number] = self._kept[number]
                else:
                    missing.append(number)
        if not missing:
            return found
        rows, details = reader.texts(missing), reader.details(missing)
        for number, row in rows.items():
            found[number] = record_of(row, details[number])
            self.put(number, found[number])
        return found
