"""Parquet -> articles, by row groups, only the columns that carry article fields.

Needs the extra `parquet`. Parquet is read from its end, so a file inside gzip or zstd is unpacked
to a temporary file by the plan (`seeks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from dedupe.errors import DependencyMissing, InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers.fields import check_columns
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder

__all__ = ["Parquet", "as_plain_types", "moment", "row_of"]

Arrow: TypeAlias = Any
"""A pyarrow object; pyarrow is not typed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH_ROWS = 64
"""Rows held at once: at most 64 bodies of the allowed length; larger batches were not faster."""


class Parquet:
    """One article a row; timestamps of any unit and zone, structs, lists and maps are read."""

    name = "parquet"
    suffixes = (".parquet", ".pq")
    seeks = True

    def recognises(self, head: bytes) -> bool:
        """By the magic number."""
        return head.startswith(b"PAR1")

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """Runs of row groups of about `part_bytes` each. Checks the columns.

        Raises:
            FieldUnknown: see `fields.check_columns`.
            InputUnreadable: it is not a Parquet file.
            DependencyMissing: the extra is not installed.
        """
        with _open(source) as file:
            check_columns(file.schema_arrow.names, options.fields)
            sizes = [
                file.metadata.row_group(group).total_byte_size
                for group in range(file.num_row_groups)
            ]
        parts: list[Part] = []
        start = size = 0
        for group, group_size in enumerate(sizes, 1):
            size += group_size
            if size >= part_bytes or group == len(sizes):
                parts.append(Part(self.name, (source,), start, group, size))
                start, size = group, 0
        return parts

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the part's row groups; `record` counts rows of the file from 1."""
        build = ArticleBuilder(options).build
        with _open(source) as file:
            columns = _wanted(file.schema_arrow.names, options)
            groups = range(part.start, file.num_row_groups if part.end is None else part.end)
            number = sum(file.metadata.row_group(group).num_rows for group in range(part.start))
            for group in groups:
                first = number
                number += file.metadata.row_group(group).num_rows
                for row, record in enumerate(_rows(file, group, columns), first + 1):
                    try:
                        if isinstance(record, Refusal):
                            raise record
                        yield build(record)
                    except Refusal as refusal:
                        yield Reject(source.shown, row, refusal.reason, refusal.detail)


def _open(source: Source) -> Arrow:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise DependencyMissing("reading Parquet", "parquet") from None
    try:
        return ParquetFile(source.path, memory_map=False, pre_buffer=False)
    except (ArrowException, OSError, ValueError) as error:
        raise InputUnreadable(source.shown, f"not a Parquet file: {_brief(error)}") from None


def _brief(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200]


def _wanted(names: list[str], options: ReadOptions) -> list[str]:
    """The columns that carry a field, in the file's order."""
    shape = check_columns(names, options.fields)
    tops = {key if key in names else key.partition(".")[0] for key in shape.keys}
    return [name for name in names if name in tops]


def _rows(file: Arrow, group: int, columns: list[str]) -> Iterator[dict[str, object] | Refusal]:
    """Rows as mappings; a damaged page ends its row group, not the file."""
    from pyarrow import ArrowException

    try:
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns):
            plain, times = as_plain_types(batch)
            try:
                rows: Iterator[dict[str, object] | Refusal] = iter(plain.to_pylist())
            except (UnicodeDecodeError, ArrowException, ValueError, OverflowError):
                rows = (row_of(plain, at) for at in range(plain.num_rows))
            for row in rows:
                if isinstance(row, dict):
                    for name in times:
                        row[name] = moment(row[name])
                yield row
    except (ArrowException, OSError) as error:
        yield Refusal("input_unreadable", f"row group {group + 1} is damaged: {_brief(error)}")


def row_of(batch: Arrow, at: int) -> dict[str, object] | Refusal:
    """One row of a batch of which some row holds what Python cannot."""
    try:
        row: dict[str, object] = batch.slice(at, 1).to_pylist()[0]
    except UnicodeDecodeError:
        return Refusal("encoding_invalid", "a text of the row is not UTF-8")
    except (ValueError, OverflowError) as error:
        return Refusal("row_invalid", _brief(error))
    return row


def as_plain_types(batch: Arrow) -> tuple[Any, list[str]]:
    """Bytes as text, timestamps as microseconds, and the names of the latter.

    Arrow's nanoseconds and far years do not fit `datetime` and would fail a whole batch.
    """
    import pyarrow as pa

    times = []
    for at, kind in enumerate(batch.schema.types):
        column, name = batch.column(at), batch.schema.names[at]
        if pa.types.is_timestamp(kind):
            times.append(name)
            column = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        elif pa.types.is_binary(kind):
            column = column.view(pa.string())
        elif pa.types.is_large_binary(kind):
            column = column.view(pa.large_string())
        batch = batch.set_column(at, name, column)
    return batch, times


def moment(micros: object) -> object:
    """A datetime, or a text that no reader of times understands, so that a warning shows it."""
    if not isinstance(micros, int):
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return f"{micros} µs"
