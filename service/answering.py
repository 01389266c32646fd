"""A value -> the response that carries it: JSON bytes, a strong ETag, 304 where nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from flask import Response, request

from dedupe.report.encode import encode_json
from service.errors import Problem

__all__ = ["JSON", "Reply", "answer", "answer_bytes", "answer_spool", "check_match"]

_PIECE = 1 << 16

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """JSON that answers what is no GET, before anybody has made a response of it."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def respond(self) -> Response:
        """Make the response."""
        return answer_bytes(self.data, JSON, self.status, self.headers)


def _make_etag(data: bytes) -> str:
    """Give the strong tag of a representation: equal tags, equal bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON; a GET whose `If-None-Match` names this state is answered with 304."""
    return answer_bytes(encode_json(value), JSON, status, headers)


def answer_bytes(
    data: bytes, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with bytes, as `answer` does."""
    response = Response(data, status, content_type=content_type)
    if headers:
        response.headers.update(headers)
    if request.method in ("GET", "HEAD"):
        response.set_etag(_make_etag(data))
        response.headers.setdefault("Cache-Control", "no-cache")
        response.make_conditional(request)
    return response


def check_match(value: object) -> None:
    """Raise Problem where `If-Match` names another state than that which GET would answer with."""
    if "If-Match" in request.headers and not request.if_match.contains(
        _make_etag(encode_json(value))
    ):
        raise Problem("precondition-failed", "it is not as If-Match says: get it again")


def answer_spool(spool: IO[bytes], content_type: str, status: int = 200) -> Response:
    """Answer with a temporary file, which is closed when it was sent or the client went away."""
    size = spool.seek(0, 2)
    spool.seek(0)
    response = Response(_send(spool), status, content_type=content_type)
    response.content_length = size
    response.call_on_close(spool.close)  # for a body that nobody begins to read
    return response


def _send(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while piece := spool.read(_PIECE):
            yield piece
