"""The report of duplicates over all that is stored, as JSON, CSV or a page."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, cast

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from dedupe.archive import Archive
from dedupe.attribution.outlets import load_outlets
from dedupe.report import BodyText, ReportOptions, write_report
from service.answering import JSON, answer_spool
from service.context import services
from service.errors import Problem
from service.parameters import ReportQuery
from service.schemas import REPORTED, open_area
from service.web.frame import page_language

__all__ = ["make_blueprint"]

_FORMS = {JSON: "json", "text/csv": "csv", "text/html": "html"}
_PIECE = 1 << 16
_IN_MEMORY = 4 << 20


def make_blueprint() -> APIBlueprint:
    """Make `/v1/report`."""
    area = open_area("reports", "report", "/v1")
    area.get("/report", responses={200: REPORTED})(report)
    return area


def report(query: ReportQuery) -> Response:
    """Report the duplicates among all that is stored; `Accept` chooses JSON, CSV or HTML.

    It is what `isnad report --no-learn` writes for the same articles. It is written to a temporary
    file first, so that an error is an error and not half a report. One is written at a time, else
    the answer is 503; a report that needs more room than a stream's answers may have is refused.
    """
    accepted = request.accept_mimetypes
    kind = accepted.best_match(list(_FORMS)) if accepted else JSON
    if kind is None:
        raise Problem("not-acceptable", f"{', '.join(_FORMS)} are offered")
    found = services()
    if not found.reports.acquire(blocking=False):
        told = {"Retry-After": "10"}
        raise Problem("busy", "another report is being written", headers=told)
    try:
        spool = _BoundedSpool(found.limits.spool_bytes)
        try:
            stored = found.archive.report(query.min_size)
            write_report(
                stored, _FORMS[kind], cast(BinaryIO, spool), _choose_options(found.archive)
            )
            return _send(spool, kind)
        except BaseException:
            spool.close()
            raise
    finally:
        found.reports.release()


class _BoundedSpool(SpooledTemporaryFile[bytes]):
    """A temporary file that raises Problem instead of filling the disk."""

    def __init__(self, limit: int) -> None:
        super().__init__(_IN_MEMORY)
        self._room = limit

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Write bytes, as far as there is room."""
        self._room -= len(data)
        if self._room < 0:
            raise Problem(
                "too-large",
                "the report is larger than ISNAD_SPOOL_BYTES: raise it, or ask with min_size",
            )
        return super().write(data)


def _choose_options(archive: Archive) -> ReportOptions:
    """Speak the language of a browser; who names none gets that of most articles."""
    asked = request.accept_languages or request.cookies.get("hl")
    return ReportOptions(
        language=page_language() if asked else None,
        name_outlet=load_outlets().name_of,
        read_bodies=lambda ids: _read_bodies(archive, ids),
    )


def _read_bodies(archive: Archive, ids: frozenset[str]) -> dict[str, BodyText]:
    """The stored texts of some articles, for what a page shows of their changes."""
    stored = ((name, archive.article(name)) for name in sorted(ids))
    return {
        name: BodyText(found.article.body, found.attribution.cuts() if found.attribution else [])
        for name, found in stored
        if found is not None
    }


def _send(spool: IO[bytes], kind: str) -> Response:
    spool.seek(0)
    tag = hashlib.blake2b(digest_size=16)
    while piece := spool.read(_PIECE):
        tag.update(piece)
    text = kind if kind == JSON else f"{kind}; charset=utf-8"
    response = answer_spool(spool, text)
    response.set_etag(tag.hexdigest())
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    if kind == "text/csv":
        response.headers["Content-Disposition"] = 'attachment; filename="isnad-report.csv"'
    response.make_conditional(request)
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        spool.close()
    return response
