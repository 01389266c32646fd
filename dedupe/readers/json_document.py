"""A JSON document -> articles: one array of objects, or objects one after another, in any layout.

The document is cut at the brackets into values that orjson then parses, so that memory holds one
value at a time and one bad value does not spoil the rest.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from dedupe.models import Article, Reject
from dedupe.readers.json_values import load_object
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream

__all__ = ["JsonDocument"]

_BLANK = b" \t\r\n"
_READ = 1 << 18
_QUOTED = re.compile(rb'["\\]')
_OUTSIDE = re.compile(rb'["{}\[\]]')


class JsonDocument:
    """`[{...}, {...}]`, or pretty-printed objects one after another."""

    name = "json"
    suffixes = (".json",)
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """Whether it begins with a bracket; JSON Lines are asked first."""
        return head.lstrip(b"\xef\xbb\xbf" + _BLANK).startswith((b"[", b"{"))

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One part: a bracket says nothing about the text before it."""
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the document; `record` counts its values from 1."""
        build = ArticleBuilder(options).build
        limit = options.max_record_bytes
        number = 0
        with open_stream(source.path) as stream:
            try:
                for number, value in enumerate(_Values(limit).cut(stream), 1):
                    try:
                        if value is None:
                            raise Refusal("record_too_large", f"longer than {limit:,} bytes")
                        yield build(load_object(value))
                    except Refusal as refusal:
                        yield Reject(source.shown, number, refusal.reason, refusal.detail)
            except StreamBroken as broken:
                yield Reject(source.shown, number + 1, "compression_truncated", str(broken))


class _Values:
    """Cuts a stream into the values at one depth: 1 inside a leading array, else 0."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._begin = self._at = self._depth = self._base = 0
        self._quoted = self._dropping = False

    def cut(self, stream: io.BufferedReader) -> Iterator[bytes | None]:
        """Each value's bytes; None for one over the limit, of which nothing is held."""
        self._enter(stream)
        while piece := stream.read1(_READ):
            self._held += piece
            yield from self._scan()
            del self._held[: self._begin]
            self._at, self._begin = self._at - self._begin, 0
            if len(self._held) > self._limit:
                self._at -= len(self._held)
                self._held.clear()
                self._dropping = True
        rest = list(self._take(len(self._held)))
        # An array that is never closed is not JSON, whatever it held.
        yield from rest or ([b"["] if self._base else [])

    def _enter(self, stream: io.BufferedReader) -> None:
        """Step over blanks and into a leading array."""
        while head := stream.peek(1)[:1]:
            if head == b"[":
                self._depth = self._base = 1
            elif head not in _BLANK + b"\xef\xbb\xbf":
                return
            stream.read(1)
            if self._base:
                return

    def _scan(self) -> Iterator[bytes | None]:
        while found := (_QUOTED if self._quoted else _OUTSIDE).search(self._held, self._at):
            mark, self._at = found[0], found.end()
            del found  # a match keeps the buffer from being resized
            if self._quoted:
                self._at += mark == b"\\"
                self._quoted = mark == b"\\"
            elif mark == b'"':
                self._quoted = True
            elif mark in b"{[":
                if self._depth == self._base:
                    yield from self._take(self._at - 1)
                self._depth += 1
            else:
                yield from self._close()
        self._at = max(self._at, len(self._held))

    def _close(self) -> Iterator[bytes | None]:
        self._depth -= 1
        if self._depth == self._base:
            yield from self._take(self._at)
        elif self._depth < self._base:
            # The leading array ends; or a bracket closes nothing and is reported with its value.
            yield from self._take(self._at - self._base)
            self._begin = self._at
            self._depth = self._base = 0

    def _take(self, end: int) -> Iterator[bytes | None]:
        """What stands between the last cut and `end`, unless it is only commas and blanks."""
        value = bytes(self._held[self._begin : end]).strip(_BLANK + b",")
        self._begin = end
        if self._dropping:
            self._dropping = False
            yield None
        elif value:
            yield value
