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
from dedupe.readers.page import decode_page, read_page, unpack_page
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream

__all__ = ["Warc"]

Foreign: TypeAlias = Any
"""A fastwarc object; fastwarc is optional."""

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
        number = 0
        with open_stream(source.path) as stream:
            plain = _Patient(stream)
            try:
                for number, block in enumerate(_blocks(plain, options.max_body_bytes), 1):
                    try:
                        if page := _read_page(block, options.max_body_bytes):
                            yield build(page)
                    except Refusal as refusal:
                        if plain.broken and refusal.reason == "record_truncated":
                            break  # one cause, one reject
                        yield Reject(source.shown, number, refusal.reason, refusal.detail)
            except OSError as damage:
                detail = f"the archive is damaged from here on: {damage}"
                yield Reject(source.shown, number + 1, "record_invalid", detail)
            if plain.broken:
                yield Reject(source.shown, number, "compression_truncated", plain.broken)


class _Patient(io.RawIOBase):
    """A stream that ends where it breaks and says so afterwards: fastwarc dies of exceptions."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self._at = 0
        self.broken = ""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        try:
            data = self._stream.read1(size if size > 0 else 1 << 16)
        except (StreamBroken, OSError) as broken:
            self.broken = str(broken)
            return b""
        self._at += len(data)
        return data

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


class _Block:
    """One record: `data` is None when it is not a response or longer than allowed."""

    __slots__ = ("data", "date", "size", "url")

    def __init__(self, record: Foreign, limit: int) -> None:
        self.url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
        self.date = record.headers.get("WARC-Date")
        length = record.headers.get("Content-Length") or ""
        self.size = int(length) if re.fullmatch("[0-9]{1,18}", length) else -1
        self.data: bytes | None = None
        if (record.headers.get("WARC-Type") or "").lower() == "response":
            self.data = _read_up_to(record.reader, min(self.size, limit + 1))


def _read_up_to(reader: Foreign, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := reader.read(size - len(data))):
        data += more
    return data


def _blocks(stream: _Patient, limit: int) -> Iterator[_Block]:
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError:
        raise DependencyMissing("reading WARC", "html") from None
    try:
        # The header of the HTTP message stands before the page: 64 KiB more.
        for record in ArchiveIterator(stream, parse_http=False):
            yield _Block(record, limit + (64 << 10))
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # how fastwarc 2 says that a bug was met
            raise
        raise OSError("the parser failed") from None


def _read_page(block: _Block, limit: int) -> dict[str, object] | None:
    """The record of a page, or None where there is none.

    Raises:
        Refusal: `record_truncated`, `http_invalid`, `body_too_large`, `body_missing`.
    """
    if block.data is None:
        return None
    if len(block.data) < min(block.size, limit):
        raise Refusal("record_truncated", "the archive ends inside the record")
    status, headers, payload = _parse_http(block.data, limit)
    if status != 200 or headers.get_content_type() not in _PAGE_TYPES:
        return None
    if len(payload) > limit or block.size > limit + (64 << 10):
        raise Refusal("body_too_large", f"the page is longer than {limit:,} bytes")
    # Archives keep the header of a compression that they have undone.
    if headers.get("Content-Encoding") and payload.lstrip()[:1] != b"<":
        payload = unpack_page(payload, limit)
    charset = _CHARSET.search(headers.get("Content-Type", ""))
    page = read_page(decode_page(payload, charset[1] if charset else None), block.url or None)
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
