"""JSON Lines -> articles, one object a line; plain files are cut into byte ranges.

A line is found by its line end alone and parsed once by orjson; what the line is not is worked out
only after orjson has refused it, and its number in the file only when it must be reported.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import orjson

from dedupe.models import Article, Reject
from dedupe.readers.json_values import explain_invalid
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import (
    StreamBroken,
    bounded_lines,
    compression_of,
    count_lines,
    open_stream,
)

__all__ = ["JsonLines", "read_line", "reject_line"]


class JsonLines:
    """`{...}` a line, UTF-8; blank lines are skipped and counted."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson", ".jsonlines", ".json")
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """Whether the first line with something on it is one JSON object, or begins a long one."""
        line, end, _ = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
        if not line.startswith(b"{") or not end:
            return line.startswith(b"{")
        try:
            return isinstance(orjson.loads(line), dict)
        except orjson.JSONDecodeError:
            return False

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """Ranges of `part_bytes`; a compressed file is one part, it cannot be entered midway."""
        size = Path(source.path).stat().st_size
        if size <= part_bytes or compression_of(source.path):
            return [Part(self.name, (source,), size_bytes=size)]
        cuts = [*range(0, size, part_bytes), size]
        return [
            Part(self.name, (source,), start, end, end - start) for start, end in pairwise(cuts)
        ]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the lines that begin in the part, in order."""
        build = ArticleBuilder(options).build
        limit = options.max_record_bytes
        number = 0
        with open_stream(source.path) as stream:
            lines = bounded_lines(stream, limit, part.start, part.end)
            try:
                for number, line in enumerate(lines, 1):
                    item = read_line(line, build, limit)
                    if isinstance(item, Article):
                        yield item
                    elif item is not None:
                        yield reject_line(source, part, number, item)
            except StreamBroken as broken:
                refusal = Refusal("compression_truncated", str(broken))
                yield reject_line(source, part, number + 1, refusal)


def read_line(
    line: bytes | None, build: Callable[[dict[str, object]], Article], limit: int
) -> Article | Refusal | None:
    """What a line holds, or why it is refused; None for a blank one.

    `line` is None for one longer than `limit` bytes; `build` is that of an `ArticleBuilder`.
    """
    try:
        record = orjson.loads(line)  # type: ignore[arg-type]  # None is refused below
        if type(record) is dict:
            return build(record)
        return Refusal("not_an_object", "the line is JSON but not an object")
    except orjson.JSONDecodeError as error:
        if line is not None and not line.strip():
            return None
        return _refuse(line, limit, error)
    except Refusal as refused:
        return refused


def _refuse(line: bytes | None, limit: int, error: orjson.JSONDecodeError) -> Refusal:
    if line is None:
        return Refusal("record_too_large", f"the line is longer than {limit:,} bytes")
    return explain_invalid(line, error)


def reject_line(source: Source, part: Part, number: int, refusal: Refusal) -> Reject:
    """`number` counts from the part's first line; the reject carries the line of the file."""
    line = _lines_before(source.path, part.start) + number
    return Reject(source.shown, line, refusal.reason, refusal.detail)


_counted: dict[tuple[str, int, int], tuple[list[int], list[int]]] = {}
"""What this process has counted of a file: offsets, ascending, and the lines that end before each.
Parts come in ascending order, so a file full of bad lines is counted through once, not once a part.
"""


def _lines_before(path: str, start: int) -> int:
    """Lines of the file that begin before the first line of the part that starts at `start`."""
    if start == 0:
        return 0
    stat = Path(path).stat()
    offsets, counts = _counted.setdefault((path, stat.st_size, stat.st_mtime_ns), ([0], [0]))
    at = bisect_right(offsets, start - 1) - 1
    if offsets[at] < start - 1:
        count = counts[at] + count_lines(path, offsets[at], start - 1)
        at += 1
        offsets.insert(at, start - 1)
        counts.insert(at, count)
    return counts[at] + 1
