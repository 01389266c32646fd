"""Whatever is logged -> one JSON object a line on standard error.

What is logged are facts about requests, never what was sent: the route and not the path (ids are
others' words), the public id of a key and not the key, and of an exception its type and the lines
of code it passed, not its message, which may quote an article.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
import structlog
from flask import Flask, Response, g, request

from service.heads import Moment, Step, add_step

__all__ = ["log_requests", "start_log"]

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FRAMES = 30
_requests = logging.getLogger("isnad.requests")


def start_log(level: str = "info", stream: TextIO | None = None) -> None:
    """Send every record of this process to `stream` as JSON, standard error by default."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_write_json),
            ],
            keep_exc_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(True)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes lines that are whole as they are."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line of a record."""
        if isinstance(record.msg, _Answered):
            return _write_json(record.msg)
        return super().format(record)


def _write_json(event: object, **_: object) -> str:
    try:
        return orjson.dumps(event, default=repr).decode()
    except TypeError:  # a lone surrogate, a number of more than 64 bits
        return json.dumps(event, default=repr)


def _tell_exception(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - structlog's own type
    """Put type and frames in place of an exception; its message may hold anything."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event["error"] = type(error).__name__
        event["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["cause"] = type(cause).__name__
    return event


def log_requests(app: Flask) -> None:
    """Give every request an id, told in `X-Request-ID`, and log how it was answered.

    When it began `service.metrics` has noted, which sees every request of an app first.
    """
    add_step(app, _learn, _begin, _end)


def _begin() -> None:
    g.request_id = _given_id() or uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _given_id() -> str | None:
    given = request.headers.get("X-Request-ID", "")
    return given if _ID.fullmatch(given) else None


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    moment = Moment(g.begun_s, request.content_length, g.request_id, getattr(g, "key_id", None))
    _tell(request.method, _route(), response.status_code, moment)
    return response


def _route() -> str | None:
    return request.url_rule.rule if request.url_rule else None


class _Answered(dict[str, Any]):
    """A line of the log that is whole: one a request, 40 us of structlog otherwise."""


def _tell(method: str, route: str | None, status: int, moment: Moment) -> None:
    if not _requests.isEnabledFor(logging.INFO):
        return
    line = _Answered(
        event="answered",
        method=method,
        route=route,
        status=status,
        seconds=round(time.perf_counter() - moment.begun_s, 6),
        bytes_in=moment.bytes_in,
        key=moment.key_id,
        request_id=moment.request_id,
        logger=_requests.name,
        level="info",
        timestamp=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    )
    _requests.handle(logging.LogRecord(_requests.name, logging.INFO, "", 0, line, None, None))


@dataclass(frozen=True, slots=True)
class _Telling(Step):
    """The requests of a head, by their ids."""

    method: str
    route: str | None
    given: str | None

    def enter(self, moment: Moment) -> bool:
        """Name the request."""
        moment.request_id = self.given or uuid.uuid4().hex
        return True

    def leave(self, moment: Moment, status: int) -> bytes:
        """Log the answer."""
        _tell(self.method, self.route, status, moment)
        return b"X-Request-ID: %b\r\n" % moment.request_id.encode()


def _learn() -> Step:
    return _Telling(request.method, _route(), _given_id())
