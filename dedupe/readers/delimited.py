"""CSV and TSV with a header line -> articles.

The standard library's parser in strict mode, fed with bounded lines. A row that cannot be parsed
costs one reject: the lines after its first are read again as rows of their own, so that a quote
nobody closed does not swallow its neighbours.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from dedupe.errors import InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers.fields import check_columns, resolve
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, bounded_lines, open_stream

__all__ = ["DelimitedText"]


class DelimitedText:
    """A header line, then one article a row; UTF-8, quotes doubled, line ends kept in quotes."""

    def __init__(self, name: str, suffixes: tuple[str, ...], delimiters: str) -> None:
        self.name = name
        self.suffixes = suffixes
        self.seeks = False
        self._delimiters = delimiters

    def recognises(self, head: bytes) -> bool:
        """Whether the first line names at least two columns, one of them a body or a page."""
        line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
        columns = _cells(line, self._delimiter_of(line))
        shape = resolve(columns, {})
        return len(columns) > 1 and (shape.carries("body") or shape.carries("html"))

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One part: a line end inside quotes looks like any other. Checks the columns.

        Raises:
            FieldUnknown: see `fields.check_columns`.
            InputUnreadable: there is no header line.
        """
        with open_stream(source.path) as stream:
            try:
                header = self._open(stream, options)[1]
            except (StreamBroken, Refusal) as broken:
                raise InputUnreadable(source.shown, f"no header line: {broken}") from None
        check_columns(header, options.fields)
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the file; `record` counts rows from 1, the header not among them."""
        build = ArticleBuilder(options).build
        number = 0
        with open_stream(source.path) as stream:
            try:
                rows, header = self._open(stream, options)
                for number, row in enumerate(rows.parse(len(header)), 1):
                    try:
                        if isinstance(row, Refusal):
                            raise row
                        cells = (cell or None for cell in row)
                        yield build(dict(zip(header, cells, strict=True)))
                    except Refusal as refusal:
                        # The columns were checked before: what is missing is an empty cell.
                        empty = refusal.reason == "body_missing"
                        reason = "body_empty" if empty else refusal.reason
                        yield Reject(source.shown, number, reason, refusal.detail)
            except StreamBroken as broken:
                yield Reject(source.shown, number + 1, "compression_truncated", str(broken))
            except Refusal as refusal:  # the header is no longer what the plan saw
                yield Reject(source.shown, None, refusal.reason, refusal.detail)

    def _open(self, stream: io.BufferedReader, options: ReadOptions) -> tuple[_Rows, list[str]]:
        """The rows after the header, and the header's column names."""
        limit = 2 * options.max_body_bytes + (1 << 20)  # every character may be a doubled quote
        lines = bounded_lines(stream, limit)
        first = next(lines, b"")
        if not first or not first.strip():
            raise Refusal("row_invalid", "the first line is empty or too long")
        text = first.decode("utf-8", "replace")
        delimiter = self._delimiter_of(text)
        return _Rows(lines, delimiter, limit), _cells(text, delimiter)

    def _delimiter_of(self, line: str) -> str:
        """The one that makes the most article fields of the header, then the most columns."""

        def score(delimiter: str) -> tuple[int, int]:
            columns = _cells(line, delimiter)
            return sum(map(bool, resolve(columns, {}).candidates)), len(columns)

        return max(self._delimiters, key=score)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


class _Rows:
    """Parses rows; is itself the iterator of text lines that the parser draws from."""

    def __init__(self, lines: Iterator[bytes | None], delimiter: str, limit: int) -> None:
        self._fresh = lines
        self._again: deque[bytes] = deque()
        self._delimiter = delimiter
        self._limit = limit
        self._taken: list[bytes] = []
        self._size = 0
        self._undecodable = False
        # What may be read twice: as much as was read once, or hostile quotes cost n² time.
        self._credit = 1 << 20

    def parse(self, columns: int) -> Iterator[list[str] | Refusal]:
        """Rows of `columns` cells, or why one is refused; blank lines are skipped."""
        csv.field_size_limit(self._limit)
        reader = csv.reader(self, delimiter=self._delimiter, strict=True)
        while True:
            self._taken.clear()
            self._size, self._undecodable = 0, False
            try:
                row = next(reader)
                if row and len(row) != columns:
                    raise Refusal("row_invalid", f"{len(row)} cells under {columns} columns")
                if self._undecodable:
                    raise Refusal("encoding_invalid", "the row is not UTF-8")
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse(Refusal("row_invalid", f"the quotes do not close: {error}"))
            except Refusal as refusal:
                yield self._refuse(refusal)
            else:
                if row:
                    yield row

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            fresh = next(self._fresh)
            if fresh is None:
                raise Refusal("record_too_large", f"a line is longer than {self._limit:,} bytes")
            line = fresh
            self._credit += len(line)
        self._taken.append(line)
        self._size += len(line)
        if self._size > self._limit:
            raise Refusal("record_too_large", f"the row is longer than {self._limit:,} bytes")
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._undecodable = True
            return line.decode("utf-8", "replace")

    def _refuse(self, refusal: Refusal) -> Refusal:
        """Give the lines after the first back, where the row did not end where it should."""
        rest = self._taken[1:]
        size = sum(map(len, rest))
        if refusal.reason != "encoding_invalid" and size <= self._credit:
            self._credit -= size
            self._again.extendleft(reversed(rest))
        return refusal
