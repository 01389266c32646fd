"""Whatever goes wrong -> a problem object (RFC 9457) with a stable `type`.

A problem is named once, in `PROBLEMS`, with its status and title; the same object answers a request
and stands in a stream's line. Nothing that was sent is repeated, but for names of fields.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, Response, request
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from dedupe.errors import ArticleMissing, CursorInvalid, IsnadError, JudgementInvalid, TextLost
from dedupe.readers.parts import Refusal
from dedupe.report.encode import encode_json
from service.keys import KeysUnreadable
from service.redis_client import REDIS_AWAY

__all__ = [
    "PROBLEMS",
    "PROBLEM_JSON",
    "STORES_AWAY",
    "Problem",
    "Show",
    "answer_invalid",
    "explain",
    "handle_errors",
]

PROBLEM_JSON = "application/problem+json"
PREFIX = "urn:isnad:problem:"
_log = logging.getLogger("isnad.errors")

PROBLEMS: Mapping[str, tuple[int, str]] = {
    # what was sent
    "json-invalid": (400, "The body is not JSON"),
    "encoding-invalid": (400, "The text is not UTF-8"),
    "surrogate": (400, "The text holds half of a surrogate pair"),
    "body-broken": (400, "The body ended early"),
    "request-invalid": (400, "This is not a valid HTTP request"),
    "uri-too-long": (414, "The address is too long"),
    "headers-too-large": (431, "The headers are too long"),
    "expectation-failed": (417, "This expectation is not met"),
    "transfer-unsupported": (501, "This transfer encoding is not taken"),
    "too-slow": (408, "The request did not come in time"),
    "compression-broken": (400, "The compressed body is damaged"),
    "compression-bomb": (413, "The body grows too much when it is decompressed"),
    "too-large": (413, "Too large"),
    "type-unsupported": (415, "This content type is not taken"),
    "encoding-unsupported": (415, "This content encoding is not taken"),
    "not-acceptable": (406, "None of the accepted types can be given"),
    "parameters-invalid": (400, "A parameter is not valid"),
    "cursor-invalid": (400, "The cursor was not given out by this list"),
    "id-not-in-path": (400, "This id cannot stand in a path"),
    # articles
    "not-an-object": (422, "An article is a JSON object"),
    "field-invalid": (422, "A field is of the wrong type"),
    "fields-too-many": (422, "Too many fields, or too long names"),
    "body-missing": (422, "The article has no text"),
    "body-empty": (422, "The text is empty"),
    "body-too-large": (413, "The text is too long"),
    "id-invalid": (422, "The id is not valid"),
    "nul": (422, "The text holds U+0000"),
    "text-unreadable": (422, "The text cannot be read"),
    "html-unavailable": (422, "Pages are not taken here"),
    "html-invalid": (422, "No article was found in the page"),
    "judgement-invalid": (409, "The judgement cannot be taken"),
    # what is asked for
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "This method is not offered here"),
    "precondition-failed": (412, "It has changed meanwhile"),
    "unauthorised": (401, "A key is needed"),
    "forbidden": (403, "This key may not do that"),
    "rate-limited": (429, "Too many requests"),
    "queue-full": (429, "The queue is full"),
    "busy": (503, "Busy: try again later"),
    "unavailable": (503, "The archive cannot be reached"),
    "internal": (500, "Something went wrong here"),
}
"""Stable name -> status and title."""

_OF_ARTICLE = re.compile(r"/v1/articles/(.{1,512})", re.DOTALL)
_IN_QUERY = "no such path; an id with slashes goes into the query: see href"

_BY_STATUS = {
    400: "json-invalid",
    401: "unauthorised",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "type-unsupported",
    429: "rate-limited",
    503: "busy",
}

STORES_AWAY = (*REDIS_AWAY, OperationalError, InterfaceError, PoolTimeout)
"""What a server raises that is down, full or busy."""

_BY_ERROR: Mapping[type[Exception], str] = {
    ArticleMissing: "not-found",
    CursorInvalid: "cursor-invalid",
    JudgementInvalid: "judgement-invalid",
    TextLost: "text-unreadable",
}


class Problem(Exception):
    """A refusal with its stable name, a sentence, further members and headers of the answer.

    Pages say it in their own words: those of `said`, a key of `[problem.said]`, else of the name.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        said: str | None = None,
        **members: object,
    ) -> None:
        """Keep all; raises KeyError for a name that `PROBLEMS` does not have."""
        self.name, self.detail, self.said = name, detail, said or name
        self.status, self.title = PROBLEMS[name]
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(f"{name}: {detail}")

    def describe(self) -> dict[str, object]:
        """Give the object of RFC 9457."""
        return {
            "type": PREFIX + self.name,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def answer(self) -> Response:
        """Make the response."""
        response = Response(encode_json(self.describe()), self.status, content_type=PROBLEM_JSON)
        response.headers.update(self.headers)
        response.headers["Cache-Control"] = "no-store"
        return response


def explain(error: Exception) -> Problem:
    """Give the problem of any error; one that nobody foresaw is logged and says nothing."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _explain_http(error)
    if isinstance(error, Refusal):
        return Problem(error.reason.replace("_", "-"), error.detail)
    if name := _BY_ERROR.get(type(error)):
        said = "no-article" if isinstance(error, ArticleMissing) else None
        return Problem(name, str(error), said=said)
    return _explain_trouble(error)


def _explain_trouble(error: Exception) -> Problem:
    """Give the problem of what is no fault of the request."""
    if isinstance(error, STORES_AWAY):
        _log.warning("a store is away: %s", type(error).__name__, exc_info=error)
        return Problem("unavailable", "a store is away: try again", headers={"Retry-After": "5"})
    _log.error("unforeseen: %s", type(error).__name__, exc_info=error)
    if isinstance(error, KeysUnreadable):
        return Problem("unavailable", "the file of API keys cannot be read: the log tells why")
    if isinstance(error, IsnadError):
        return Problem("unavailable", "the archive refused: its log tells why")
    return Problem("internal", "the log of the service tells more")


def _explain_http(error: HTTPException) -> Problem:
    status = error.code or 500
    name = _BY_STATUS.get(status)
    if name is None:
        return Problem("internal" if status >= 500 else "parameters-invalid", _phrase(status))
    headers = {key: value for key, value in error.get_headers() if key in ("Allow", "Retry-After")}
    if status == 404 and request and (found := _OF_ARTICLE.match(request.path)):
        return Problem("not-found", _IN_QUERY, href=_move_id(found[1]))
    return Problem(name, error.description or _phrase(status), headers=headers)


def _move_id(asked: str) -> str:
    """The address of an article whose id has slashes; a part of it may be asked for behind it."""
    id_, _, part = asked.rpartition("/")
    if not id_ or part not in ("matches", "explain"):
        return f"/v1/articles/-?id={quote(asked, safe='')}"
    return f"/v1/articles/-/{part}?id={quote(id_, safe='')}"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def answer_invalid(error: ValidationError, kind: str | None = None) -> Response:
    """Answer parameters that pydantic refused, each by name.

    Where the field `kind` tells which of several models is meant, pydantic names the model before
    the field, and nothing where it is none of them.
    """
    wrong = [
        {"name": _name_field(found["loc"], kind), "reason": found["msg"]}
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    detail = "; ".join(f"{found['name']}: {found['reason']}" for found in wrong[:5])
    return Problem("parameters-invalid", detail, errors=wrong[:50]).answer()


def _name_field(place: tuple[int | str, ...], kind: str | None) -> str:
    named = place if kind is None else place[1:] or (kind,)
    return ".".join(map(str, named))[:128]


Show = Callable[[Problem], Response | None]
"""Answers a problem in another form, for those who asked for it."""


def handle_errors(app: Flask, show: Show = lambda _: None) -> None:
    """Answer every error of an app with a problem object, or as `show` does."""

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            made = error.get_response()  # redirects, and what flask-openapi aborted with
            if made.status_code < 400 or made.mimetype == PROBLEM_JSON:
                return Response(
                    made.get_data(),
                    made.status_code,
                    headers=list(made.headers.items()),
                )
        problem = explain(error)
        return show(problem) or problem.answer()

    app.register_error_handler(Exception, answer)
