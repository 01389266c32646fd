"""The body of a request -> plain bytes in bounded pieces, lines of it, or one JSON value.

Nothing is believed about lengths: bytes are counted as they come, before and after decompression,
so that neither a bomb nor a body without a length takes more memory than the limits say.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import orjson
from flask import Request

from dedupe.readers.json_values import explain_invalid
from dedupe.readers.streams import StreamBroken, inflate
from service.connections import is_awaited
from service.errors import Problem, explain
from service.limits import Limits

__all__ = [
    "accept_type",
    "discard",
    "drain",
    "parse_json",
    "plain_pieces",
    "read_body",
    "read_json",
    "split_lines",
]

_PIECE = 1 << 16
_FREE_BYTES = 1 << 20  # a small body may grow as it likes
_DRAINED = 64 << 20
_WINDOW_LOG = 23  # 8 MiB, what RFC 8878 asks every sender over HTTP to keep to
_PACKED = {"": None, "identity": None, "gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd"}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Counted:
    """A stream that knows how much came out of it, and says so when it breaks.

    `length` is what the client said it would send. A server whose client has closed gives less.
    """

    def __init__(self, stream: _Readable, length: int | None) -> None:
        self._stream, self._length = stream, length
        self.count = 0

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; a client that goes away is a problem, whatever the server raises."""
        try:
            data = self._stream.read(size)
        except TimeoutError:
            raise Problem("too-slow", "the body did not come in time") from None
        except Exception:
            raise Problem("body-broken", "the body ended before its end") from None
        self.count += len(data)
        if not data and self._length is not None and self.count < self._length:
            raise Problem("body-broken", "the body is shorter than its Content-Length")
        return data


def accept_type(request: Request, *types: str) -> str:
    """Give the content type if it is one of these, parameters aside; raises Problem.

    A charset other than UTF-8 is refused; other parameters say nothing.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in types or charset not in ("utf-8", "utf8", "us-ascii"):
        taken = ", ".join(types)
        raise Problem("type-unsupported", f"send {taken} in UTF-8", headers={"Accept-Post": taken})
    return request.mimetype


@contextmanager
def drain(request: Request) -> Iterator[None]:
    """Read what is left of a body before it is answered, up to 64 MiB.

    A client that is still writing when the connection closes loses the answer (RFC 9112, 9.6).
    """
    try:
        yield
    finally:
        discard(request)


def discard(request: Request) -> None:
    """Read what is left of a body, up to 64 MiB; nothing of one that waits to be wanted."""
    left = 0 if is_awaited(request.environ) else _DRAINED
    with suppress(Exception):  # the client may be gone
        while left > 0 and (data := request.stream.read(_PIECE)):
            left -= len(data)


def plain_pieces(request: Request, limits: Limits, limit: int) -> Iterator[bytes]:
    """Decompress the body as it comes, up to `limit` plain bytes; raises Problem."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _PACKED:
        raise Problem("encoding-unsupported", "use gzip, zstd or none")
    packed = _PACKED[encoding]
    if packed is None and (request.content_length or 0) > limit:
        raise _too_large(limit)
    counted = _Counted(request.stream, request.content_length)
    return _pieces(counted, packed, limits.ratio, limit)


def _pieces(counted: _Counted, packed: str | None, ratio: int, limit: int) -> Iterator[bytes]:
    plain = 0
    pieces = inflate(counted, packed, _WINDOW_LOG) if packed else iter(_reader(counted), b"")
    try:
        for piece in pieces:
            plain += len(piece)
            if plain > limit:
                raise _too_large(limit)
            if packed and plain > max(_FREE_BYTES, ratio * counted.count):
                raise Problem("compression-bomb", f"more than {ratio} bytes out for one in")
            yield piece
    except StreamBroken as broken:
        raise Problem("compression-broken", str(broken)) from None


def _reader(counted: _Counted) -> Callable[[], bytes]:
    return lambda: counted.read(_PIECE)


def _too_large(limit: int) -> Problem:
    return Problem("too-large", f"at most {limit:,} bytes are taken", limit_bytes=limit)


def _skip_mark(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out the byte order mark that some editors write before UTF-8 (RFC 8259, 8.1)."""
    held = b""
    for piece in pieces:
        held += piece
        if len(held) >= len(BOM_UTF8):
            break
    yield held.removeprefix(BOM_UTF8)
    yield from pieces


def split_lines(pieces: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Cut at line feeds; None stands for a line longer than `limit`, which is not kept."""
    held: list[bytes] = []
    size = 0
    for piece in _skip_mark(pieces):
        first, *others = piece.split(b"\n")
        size += len(first)
        if size <= limit:
            held.append(first)
        else:
            held.clear()
        for line in others:
            yield b"".join(held) if size <= limit else None
            held, size = [line], len(line)
    if size:
        yield b"".join(held) if size <= limit else None


def read_json(request: Request, limits: Limits, limit: int) -> object:
    """Read one JSON value of at most `limit` plain bytes; raises Problem."""
    return parse_json(read_body(request, limits, limit), limit)


def read_body(request: Request, limits: Limits, limit: int) -> bytes:
    """Read a body of at most `limit` plain bytes; raises Problem."""
    return b"".join(plain_pieces(request, limits, limit))


def parse_json(data: bytes, limit: int) -> object:
    """Read one JSON value of at most `limit` bytes; raises Problem."""
    if len(data) > limit:
        raise _too_large(limit)
    data = data.removeprefix(BOM_UTF8)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise explain(explain_invalid(data, error)) from None
