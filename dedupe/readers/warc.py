"""A web archive (WARC) -> one article for each page it holds.

fastwarc finds the records, nothing else: it never sees a length it could trust, and the HTTP
message inside is read by the standard library with a bound. Responses that are no page (images,
redirects, errors) are not articles and are passed over in silence.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any, TypeAlias

from dedupe.errors import DependencyMissing
from dedupe.models import Article, Reject
from dedupe.readers.page import decode_page, unpack_page
from dedupe.readers.page_pool import read_apart
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream

__all__ = ["Warc"]

Foreign: TypeAlias = Any
"""A fastwarc object; fastwarc is optional."""

_HTTP = "application/http"
_HTTP_HEADER = 64 << 10
_READ = 1 << 16
_KEPT = 1 << 20
_RECORD = b"\nWARC/1."
_MAX_DAMAGES = 1000
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


class Warc:
    """WARC 1.0 and 1.1: the pages of `response` records with status 200."""

    name = "warc"
    suffixes = (".warc",)
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """By the version line."""
        return head.startswith(b"WARC/")

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One part: only an index says where a record begins."""
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the archive; `record` counts its records of all types from 1."""
        build = ArticleBuilder(replace(options, fields={})).build
        limit = options.max_body_bytes
        number = 0
        with open_stream(source.path) as stream:
            archive = _Archive(stream, limit)
            for block in archive.blocks():
                try:
                    if page := _read_page(block, limit, options.page_timeout_s):
                        yield build(page)
                except Refusal as refusal:
                    if archive.broken and refusal.reason == "record_truncated":
                        break  # one cause, one reject
                    yield Reject(source.shown, number + 1, refusal.reason, refusal.detail)
                number += 1
            if archive.broken:
                yield Reject(source.shown, number + 1, "compression_truncated", archive.broken)


class _Archive(io.RawIOBase):
    """The stream as fastwarc may have it, and the records that fastwarc finds in it.

    fastwarc dies of exceptions in `read`, so the stream ends where it breaks and says so
    afterwards; it stops for good at bytes that are no record, so the last bytes are kept and
    searched for the next record from which it can go on.
    """

    def __init__(self, stream: io.BufferedReader, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._limit = limit
        self._ahead = b""
        self._kept = bytearray()
        self._at = 0
        self.broken = ""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        wanted = size if 0 < size <= _READ else _READ
        if self._ahead:
            data, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
        else:
            data = self._read_on(wanted)
        self._at += len(data)
        self._kept += data
        if len(self._kept) > _KEPT:
            del self._kept[: len(self._kept) - _KEPT // 2]
        return data

    def _read_on(self, size: int) -> bytes:
        try:
            return self._stream.read1(size)
        except (StreamBroken, OSError) as broken:
            self.broken = str(broken)
            return b""

    def seekable(self) -> bool:
        """Only to where it is."""
        return False

    def tell(self) -> int:
        """Bytes delivered."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Stay: fastwarc asks for the position in this way."""
        if (offset, whence) not in ((0, io.SEEK_CUR), (self._at, io.SEEK_SET)):
            raise io.UnsupportedOperation("seek")
        return self._at

    def blocks(self) -> Iterator[_Block]:
        """Every record; in place of each damaged stretch one block that says so."""
        for _ in range(_MAX_DAMAGES):
            begun, done = self._at, 0
            try:
                for record in _records(self):
                    done = record.stream_pos + 1
                    # The header of the HTTP message stands before the page: 64 KiB more.
                    yield _Block(record, self._limit + _HTTP_HEADER)
            except OSError as damage:
                if self.broken:
                    return
                yield _Block(None, 0, str(damage))
                if not self._resume(begun + done):
                    return
            else:
                return

    def _resume(self, after: int) -> bool:
        """Go to the next line behind the offset `after` that begins a record."""
        start = max(0, after - (self._at - len(self._kept)))
        while (found := self._kept.find(_RECORD, start)) < 0:
            start = max(0, len(self._kept) - len(_RECORD))
            if len(self._kept) + _READ > _KEPT:
                start = 0
                del self._kept[: len(self._kept) - len(_RECORD)]
            if not self.read(_READ):
                return False
        back = bytes(self._kept[found + 1 :])
        self._ahead = back + self._ahead
        self._at -= len(back)
        self._kept.clear()
        return True


def _records(stream: _Archive) -> Iterator[Foreign]:
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError:
        raise DependencyMissing("reading WARC", "html") from None
    try:
        yield from ArchiveIterator(stream, parse_http=False)
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # how fastwarc 2 says that a bug was met
            raise
        raise OSError("the parser failed") from None


class _Block:
    """One record: `data` is None when it is no HTTP response; `damage` when it is no record."""

    __slots__ = ("damage", "data", "date", "size", "url")

    def __init__(self, record: Foreign, limit: int, damage: str = "") -> None:
        self.damage = damage
        self.data: bytes | None = None
        self.size = -1
        if record is None:
            return
        named = record.headers.get
        self.url = (named("WARC-Target-URI") or "").strip("<>")
        self.date = named("WARC-Date")
        length = named("Content-Length") or ""
        self.size = int(length) if re.fullmatch("[0-9]{1,18}", length) else -1
        is_response = (named("WARC-Type") or "").lower() == "response"
        if is_response and (named("Content-Type") or _HTTP).lower().startswith(_HTTP):
            self.data = _read_up_to(record.reader, min(self.size, limit + 1))


def _read_up_to(reader: Foreign, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := reader.read(size - len(data))):
        data += more
    return data


def _read_page(block: _Block, limit: int, timeout_s: float) -> dict[str, object] | None:
    """The record of a page, or None where there is none.

    Raises:
        Refusal: `record_invalid`, `record_truncated`, `http_invalid`, `compression_truncated`,
            `body_too_large`, `body_missing`, `html_invalid`.
    """
    if block.damage:
        raise Refusal("record_invalid", f"no record begins here: {block.damage}")
    if block.data is None:
        return None
    if len(block.data) < min(block.size, limit):
        raise Refusal("record_truncated", "the archive ends inside the record")
    status, headers, payload = _parse_http(block.data, limit)
    if status != 200 or headers.get_content_type() not in _PAGE_TYPES:
        return None
    if len(payload) > limit or block.size > limit + _HTTP_HEADER:
        raise Refusal("body_too_large", f"the page is longer than {limit:,} bytes")
    # Archives keep the header of a compression that they have undone.
    if headers.get("Content-Encoding") and payload.lstrip()[:1] != b"<":
        payload = unpack_page(payload, limit)
    charset = _CHARSET.search(headers.get("Content-Type", ""))
    markup = decode_page(payload, charset[1] if charset else None)
    page = read_apart(markup, block.url or None, timeout_s)
    return {**page, "seen": block.date}


class _Socket:
    """What `HTTPResponse` wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        """The message as a file."""
        return io.BytesIO(self._data)


def _parse_http(data: bytes, limit: int) -> tuple[int, HTTPMessage, bytes]:
    response = HTTPResponse(_Socket(data))  # type: ignore[arg-type]
    try:
        response.begin()
        # An archive may hold the body already unchunked under its old headers.
        body = data.partition(b"\r\n\r\n")[2]
        chunked = response.chunked and re.match(rb"[0-9A-Fa-f]{1,8}[;\r ]", body)
        payload = response.read(limit + 1) if chunked else body
    except (HTTPException, ValueError, OSError) as error:
        raise Refusal("http_invalid", f"no HTTP response: {type(error).__name__}") from None
    return response.status, response.headers, payload
