"""An archive <-> lines of JSON that hold all of it: `isnad export` and `isnad import`.

Each line names its `type`: a header, then texts with their bodies (superseded ones too), matches,
clusters, redirects, judgements and the ledger, and last how many lines there were. Signatures and
keys are left out: they follow from the texts. An export is read in short transactions, so a service
may go on; for a copy of one moment stop it, or copy the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, TypeVar

import orjson
from sqlalchemy import Table, select, tuple_
from sqlalchemy.exc import IntegrityError

from dedupe.archive.arrivals import Entry
from dedupe.archive.engine import Core
from dedupe.archive.origins import outlet_key
from dedupe.archive.reading import content_row, read_texts
from dedupe.archive.reindexing import UNFINISHED
from dedupe.catalog import Catalog, Writer, tables
from dedupe.catalog.blobs import moment, pack, unpack, unpack_text
from dedupe.catalog.rows import ClusterFacts, JudgementRow, LedgerRow, Link, TextRow
from dedupe.catalog.tables import PENDING
from dedupe.errors import ExportInvalid
from dedupe.models import Article, text_hash
from dedupe.report.encode import encode_json, encode_line

__all__ = ["export_archive", "import_archive"]

FORM = 1
_ROWS_AT_ONCE = 500
_LONGEST_LINE = 1 << 26
"""Bytes: no article that was let in is as long."""
Made = TypeVar("Made", bound=tuple[Any, ...])
_KINDS: dict[str, tuple[Table, type[Any]]] = {
    "match": (tables.matches, Link),
    "cluster": (tables.clusters, ClusterFacts),
    "judgement": (tables.judgements, JudgementRow),
    "change": (tables.ledger, LedgerRow),
}


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
    for rows in _walk(catalog, tables.texts):
        with catalog.reading() as reader:
            contents = reader.contents(row[0] for row in rows)
        for row in map(TextRow._make, rows):
            if row.state != PENDING and row.number in contents:  # else deleted since
                body, details = contents[row.number].body, contents[row.number].details
                yield _text_line(row, unpack_text(body), unpack(details))
    for kind, (table, shape) in _KINDS.items():
        for rows in _walk(catalog, table):
            for values in rows:
                yield _plain_line(kind, shape(*values)._asdict())
    for rows in _walk(catalog, tables.moved):
        for old, new in rows:
            yield {"type": "moved", "old": old, "new": new}


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
    core.catalog.use_configuration(UNFINISHED, adopt=True)
    count = 0
    while batch := list(islice(numbered, _ROWS_AT_ONCE)):
        try:
            with core.catalog.writing() as writer:
                count += _store_lines(core, writer, batch, path)
        except IntegrityError:
            why = f"up to line {batch[-1][0]} something comes twice or names a text that is missing"
            raise ExportInvalid(path, batch[0][0], why) from None
        if progress:
            progress(count)
    counters, config_id = header.get("counters"), str(header.get("config_id"))
    if not isinstance(counters, dict) or not all(type(v) is int for v in counters.values()):
        raise ExportInvalid(path, first, "the header has no counters")
    with core.catalog.writing() as writer:
        writer.put_counters({str(name): value for name, value in counters.items()})
    core.catalog.use_configuration(config_id, adopt=True)
    return count, config_id


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
        except orjson.JSONDecodeError as error:
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
    core: Core, writer: Writer, batch: Sequence[tuple[int, dict[str, Any]]], path: str
) -> int:
    """Store some lines; a line that does not fit its type is told by its number."""
    kinds: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in (*_KINDS, "moved")}
    rows: list[TextRow] = []
    entries: list[Entry] = []
    for number, value in batch:
        try:
            kind = value.pop("type")
            if kind == "text":
                row, entry = _read_text(value)
                rows.append(row)
                entries.append(entry)
            elif kind == "moved":
                kinds[kind].append((int(value["old"]), int(value["new"])))
            else:
                kinds[kind].append(_read_row(_KINDS[kind][1], value))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"[:200]
            raise ExportInvalid(path, number, f"not a line of an export: {reason}") from None
    work = read_texts(entries, core.config, core.extractor)
    wide = [content_row(e, work, place, core.configuration) for place, e in enumerate(entries)]
    writer.add_texts(rows, wide)
    writer.add_links([Link._make(row) for row in kinds["match"]])
    writer.put_clusters([ClusterFacts._make(row) for row in kinds["cluster"]])
    writer.add_judgements([JudgementRow._make(row) for row in kinds["judgement"]])
    writer.add_changes([LedgerRow._make(row) for row in kinds["change"]])
    writer.move_clusters([(old, new) for old, new in kinds["moved"]])
    return len(rows)


def _read_row(shape: type[Made], values: dict[str, Any]) -> Made:
    if values.get("provenance") is not None:
        values["provenance"] = pack(encode_json(values["provenance"]))
    return shape(**values)


def _read_text(values: dict[str, Any]) -> tuple[TextRow, Entry]:
    body, details = values.pop("body"), values.pop("details")
    values["revision"] = bytes.fromhex(values["revision"])
    values["rest"] = bytes.fromhex(values["rest"])
    values["outlet_key"] = outlet_key(values["outlet"], values["url"])
    row = TextRow(**values)
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
