"""An archive <-> lines of JSON that hold all of it: `isnad export` and `isnad import`.

Each line names its `type`: a header, then texts with their bodies (superseded ones too), matches,
clusters, redirects, judgements and the ledger, and last how many lines there were. Signatures and
keys are left out: they follow from the texts. An export is read in short transactions, so a service
may go on. What it changes meanwhile is sorted out by the import: the later text of an article
stands, and clusters that do not fit their members are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Column, SmallInteger, Table, select, tuple_
from sqlalchemy.exc import IntegrityError

from dedupe.answers import JudgementKind
from dedupe.archive.arrivals import Entry
from dedupe.archive.engine import Core
from dedupe.archive.fitting import fit_clusters, give_way
from dedupe.archive.origins import outlet_key, read_provenance
from dedupe.archive.reading import content_row, read_texts
from dedupe.archive.regrouping import CHANGES
from dedupe.archive.reindexing import UNFINISHED
from dedupe.catalog import Catalog, Writer, tables
from dedupe.catalog.blobs import moment, pack, unpack, unpack_text
from dedupe.catalog.rows import ClusterFacts, JudgementRow, LedgerRow, Link, TextRow
from dedupe.catalog.tables import CURRENT, PENDING, SUPERSEDED
from dedupe.errors import ExportInvalid
from dedupe.matching import RELATIONS
from dedupe.models import Article, text_hash
from dedupe.report.encode import encode_json, encode_line

__all__ = ["export_archive", "import_archive", "read_lines"]

FORM = 1
_ROWS_AT_ONCE = 500
_LONGEST_LINE = 1 << 26
"""Bytes: no article that was let in is as long."""


class MovedRow(NamedTuple):
    """A redirect; the columns of `tables.moved` in their order."""

    old: int
    new: int


_KINDS: dict[str, tuple[Table, type[Any]]] = {
    "match": (tables.matches, Link),
    "cluster": (tables.clusters, ClusterFacts),
    "judgement": (tables.judgements, JudgementRow),
    "moved": (tables.moved, MovedRow),
    "change": (tables.ledger, LedgerRow),
}
"""In the order of an export: lines of the ledger come last, they number what is before them."""
_UNFIT = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_COUNTED = {"text": "text", "change": "ledger", "judgement": "judgement"}
"""Counter of each kind of line that has a number of its own."""


def export_archive(catalog: Catalog, out: BinaryIO) -> int:
    """Write everything; returns how many texts."""
    count = lines = 0
    for line in _export_lines(catalog):
        out.write(encode_line(line))
        lines += 1
        count += line["type"] == "text"
    out.write(encode_line({"type": "end", "lines": lines}))
    return count


def _export_lines(catalog: Catalog) -> Iterator[dict[str, object]]:
    with catalog.reading() as reader:
        counters = reader.counters()
    header = {"type": "isnad-export", "form": FORM, "config_id": catalog.config_id}
    yield {**header, "counters": counters}
    written: list[NDArray[np.int64]] = []
    for rows in _walk(catalog, tables.texts):
        with catalog.reading() as reader:
            contents = reader.contents(row[0] for row in rows)
        texts = [row for row in map(TextRow._make, rows) if row.state != PENDING]
        texts = [row for row in texts if row.number in contents]  # else deleted since
        written.append(np.array([row.number for row in texts], np.int64))
        for row in texts:
            body, details = contents[row.number].body, contents[row.number].details
            yield _text_line(row, unpack_text(body), unpack(details))
    known = np.concatenate(written or [np.empty(0, np.int64)])
    for kind, (table, shape) in _KINDS.items():
        for rows in _walk(catalog, table):
            for values in rows if kind != "match" else _among(known, rows):
                yield _plain_line(kind, shape(*values)._asdict())


def _among(known: NDArray[np.int64], pairs: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Pairs of these texts, whose numbers are sorted: others were stored since."""
    if not len(known):
        return []
    ends = np.array([pair[:2] for pair in pairs], np.int64)
    places = np.minimum(np.searchsorted(known, ends), len(known) - 1)
    there = (known[places] == ends).all(axis=1)
    return [pair for pair, both in zip(pairs, there.tolist(), strict=True) if both]


def _walk(catalog: Catalog, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """All rows in the order of the primary key, some at a time."""
    keys = list(table.primary_key)
    order = tuple_(*keys) if len(keys) > 1 else keys[0]
    places = [list(table.columns).index(key) for key in keys]
    statement = select(table).order_by(*keys).limit(_ROWS_AT_ONCE)
    after: tuple[Any, ...] | None = None
    while True:
        asked = statement
        if after is not None:
            asked = statement.where(order > (after if len(keys) > 1 else after[0]))
        with catalog.reading() as reader:
            rows = [tuple(row) for row in reader.connection.execute(asked)]
        if not rows:
            return
        yield rows
        after = tuple(rows[-1][place] for place in places)


def _text_line(row: TextRow, body: str, details: bytes) -> dict[str, object]:
    values = {**row._asdict(), "revision": row.revision.hex(), "rest": row.rest.hex()}
    return {"type": "text", **values, "body": body, "details": orjson.loads(details)}


def _plain_line(kind: str, values: dict[str, Any]) -> dict[str, object]:
    if isinstance(values.get("provenance"), bytes):
        values["provenance"] = orjson.loads(unpack(values["provenance"]))
    return {"type": kind, **values}


# --- import ---------------------------------------------------------------------------------------


def import_archive(
    core: Core, lines: Iterable[bytes], path: str, progress: Callable[[int], None] | None = None
) -> tuple[int, str]:
    """(texts, configuration of the export) of an export read into an empty archive.

    Raises ExportInvalid, with the line, for what no export holds and for an archive that is not
    empty. An interrupted import leaves an archive that is refused.
    """
    numbered = _parse(lines, path)
    first, header = next(numbered, (1, {}))
    if header.get("type") != "isnad-export" or header.get("form") != FORM:
        raise ExportInvalid(path, first, f"not an export of form {FORM}")
    with core.catalog.reading() as reader:
        if reader.count(tables.texts) or reader.count(tables.ledger):
            raise ExportInvalid(path, first, "the archive is not empty: import into a new file")
    counters = _read_counters(header, path, first)
    core.catalog.use_configuration(UNFINISHED, adopt=True)
    count = 0
    while batch := list(islice(numbered, _ROWS_AT_ONCE)):
        try:
            with core.catalog.writing() as writer:
                count += _store_lines(core, writer, batch, path, counters)
        except IntegrityError:
            why = f"up to line {batch[-1][0]} something comes twice or names a text that is missing"
            raise ExportInvalid(path, batch[0][0], why) from None
        if progress:
            progress(count)
    config_id = str(header.get("config_id"))
    with core.catalog.writing() as writer:
        writer.put_counters(counters)
    core.recall_judged()
    core.recall_numbers()
    fit_clusters(core)
    core.catalog.use_configuration(config_id, adopt=True)
    return count, config_id


def _read_counters(header: dict[str, Any], path: str, line: int) -> dict[str, int]:
    counters = header.get("counters")
    if not isinstance(counters, dict) or not all(
        type(value) is int and 0 <= value < 1 << 62 for value in counters.values()
    ):
        raise ExportInvalid(path, line, "the header has no counters")
    return dict(counters)


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, none much longer than an import lets in."""
    while line := file.readline(_LONGEST_LINE + 1):
        yield line


def _parse(lines: Iterable[bytes], path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Walk the lines with their numbers, up to the last one, which tells that none is missing."""
    ended, number = False, 0
    for number, line in enumerate(lines, 1):
        if ended:
            raise ExportInvalid(path, number, "there are lines behind the last one")
        if len(line) > _LONGEST_LINE:
            raise ExportInvalid(path, number, f"longer than {_LONGEST_LINE} bytes")
        try:
            value = orjson.loads(line)
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise ExportInvalid(path, number, f"not JSON: {error}") from None
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            raise ExportInvalid(path, number, "not an object with a type")
        ended = value["type"] == "end"
        if not ended:
            yield number, value
        elif value.get("lines") != number - 1:
            raise ExportInvalid(path, number, f"{value.get('lines')} lines were written before it")
    if not ended:
        raise ExportInvalid(path, number, "cut off: the last line is missing")


def _store_lines(
    core: Core,
    writer: Writer,
    batch: Sequence[tuple[int, dict[str, Any]]],
    path: str,
    counters: dict[str, int],
) -> int:
    """Store some lines and keep `counters` above their numbers; returns how many are texts.

    A line that does not fit its type is told by its number.
    """
    kinds: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _KINDS}
    texts: list[tuple[TextRow, Entry]] = []
    for line, value in batch:
        try:
            kind = value.pop("type")
            if kind == "text":
                texts.append(_read_text(value))
                number = texts[-1][0].number
            else:
                kinds[kind].append(_read_row(kind, value))
                number = kinds[kind][-1][0]
        except _UNFIT as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            raise ExportInvalid(path, line, f"not a line of an export: {reason}") from None
        if counter := _COUNTED.get(kind):
            counters[counter] = max(counters.get(counter, 0), number)
    _store_texts(core, writer, texts)
    writer.add_links([Link._make(row) for row in kinds["match"]])
    writer.put_clusters([ClusterFacts._make(row) for row in kinds["cluster"]])
    writer.add_judgements([JudgementRow._make(row) for row in kinds["judgement"]])
    writer.move_clusters([(old, new) for old, new in kinds["moved"]])
    writer.add_changes([LedgerRow._make(row) for row in kinds["change"]])
    return len(texts)


def _store_texts(core: Core, writer: Writer, texts: Sequence[tuple[TextRow, Entry]]) -> None:
    rows = give_way(writer, [row for row, _ in texts])
    stored = {row.number for row in rows}
    entries = [entry for _, entry in texts if entry.number in stored]
    work = read_texts(entries, core.config, core.extractor)
    wide = [content_row(e, work, place, core.configuration) for place, e in enumerate(entries)]
    writer.add_texts(rows, wide)


def _read_row(kind: str, values: dict[str, Any]) -> tuple[Any, ...]:
    table, shape = _KINDS[kind]
    if values.get("provenance") is not None:
        values["provenance"] = pack(encode_json(values["provenance"]))
        read_provenance(values["provenance"])
    row: tuple[Any, ...] = shape(**values)
    _check_row(table, row)
    if isinstance(row, Link):
        _check_code(row.relation, RELATIONS)
    elif isinstance(row, LedgerRow):
        _check_code(row.kind, CHANGES)
    elif isinstance(row, JudgementRow):
        JudgementKind(row.kind)
    return row


def _check_code(code: int, known: Sequence[object]) -> None:
    if not 0 <= code < len(known):
        raise ValueError(f"{code} is no kind")


def _check_row(table: Table, row: tuple[Any, ...]) -> None:
    """Raise ValueError for a value that its column cannot hold, in any kind of database."""
    for column, value in zip(table.columns, row, strict=True):
        if not (column.nullable if value is None else _fits(column, value)):
            raise ValueError(f"{column.name} cannot be {value!r:.40}")


def _fits(column: Column[Any], value: object) -> bool:
    wanted = column.type.python_type
    if isinstance(value, int) and type(value) is wanted is int:
        small = isinstance(column.type, SmallInteger)
        bits = 63 if isinstance(column.type, BigInteger) else 15 if small else 31
        return -(1 << bits) <= value < 1 << bits
    return type(value) is wanted or (wanted is float and type(value) is int)


def _read_text(values: dict[str, Any]) -> tuple[TextRow, Entry]:
    body, details = values.pop("body"), values.pop("details")
    values["revision"] = bytes.fromhex(values["revision"])
    values["rest"] = bytes.fromhex(values["rest"])
    values["outlet_key"] = outlet_key(values["outlet"], values["url"])
    row = TextRow(**values)
    _check_row(tables.texts, row)
    if row.state not in (CURRENT, SUPERSEDED):
        raise ValueError(f"{row.state} is no state of a text")
    if not all(isinstance(name, str) for name in (body, *details["authors"], *details["warnings"])):
        raise ValueError("body, authors and warnings are text")
    if row.revision.hex() != text_hash(row.title, body):
        raise ValueError("the revision is not the hash of the text")
    article = Article(
        row.id,
        row.outlet,
        row.url,
        row.title,
        body,
        row.lang,
        tuple(details["authors"]),
        moment(row.published),
        moment(row.modified),
        moment(row.seen),
        dict(details["metadata"]),
        tuple(details["warnings"]),
    )
    own = (row.number, row.id, row.revision, row.age, row.rest, row.arrived, row.seen)
    return row, Entry(*own, article)
