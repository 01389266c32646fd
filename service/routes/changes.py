"""The ledger of clusters as a cursor feed, and as server-sent events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from dedupe.answers import Change
from dedupe.report.encode import encode_json
from service.answering import JSON, answer
from service.connections import has_left
from service.context import Services, services
from service.errors import Problem
from service.links import link_next
from service.parameters import ChangesQuery
from service.schemas import LINK, ChangePage, answers, open_area

__all__ = ["EVENTS", "make_blueprint"]

EVENTS = "text/event-stream"
_PAGE = 500
_LOOK_S = 1.0  # what other processes write is seen at least this often
_BEAT_S = 15.0  # proxies close what is silent for 30 or 60 s


def make_blueprint() -> APIBlueprint:
    """Make `/v1/changes`."""
    area = open_area("changes", "changes", "/v1")
    listed = answers(ChangePage, "The lines, or the events of a feed.", EVENTS, headers=LINK)
    area.get("/changes", responses={200: listed})(feed)
    return area


def feed(query: ChangesQuery) -> Response:
    """Give what happened after a line of the ledger, in order.

    `next` is the `after` of the next request. With `Accept: text/event-stream` the feed stays open
    and sends each change as it happens; `Last-Event-ID` goes on after a break. With `titles` each
    line names the title that its cluster has now.
    """
    accepted = request.accept_mimetypes
    wanted = accepted.best_match([JSON, EVENTS]) if accepted else JSON
    if wanted is None:
        raise Problem("not-acceptable", f"{JSON} and {EVENTS} are offered")
    if wanted == EVENTS:
        return _stream(services(), query.after, query.titles)
    changes = services().archive.changes(query.after, query.limit)
    last = changes[-1].sequence if changes else query.after
    link = link_next(request.path, request.args.to_dict(), after=last)
    body = {"changes": _show(services(), changes, query.titles), "next": last}
    return answer(body, headers={"Link": link, "Vary": "Accept"})


def _show(found: Services, changes: Sequence[Change], titles: bool) -> Sequence[object]:
    """Give changes as they are sent."""
    if not titles:
        return changes
    ids = {change.cluster_id for change in changes if change.cluster_id}
    known = found.archive.overview.titles(ids)
    return [asdict(change) | {"title": known.get(change.cluster_id or "")} for change in changes]


def _stream(found: Services, after: int, titles: bool) -> Response:
    named = request.headers.get("Last-Event-ID", "")
    if named.isascii() and named.isdigit() and len(named) <= 16:
        after = int(named)
    if not found.feeds.acquire(blocking=False):
        raise Problem("busy", "too many feeds are open", headers={"Retry-After": "10"})
    left = partial(has_left, request.environ)
    response = Response(_events(found, after, titles, left), content_type=EVENTS)
    response.call_on_close(found.feeds.release)
    response.headers.update({"Cache-Control": "no-store", "Vary": "Accept"})
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _events(found: Services, after: int, titles: bool, left: Callable[[], bool]) -> Iterator[bytes]:
    """Send changes until the feed is old, the process ends, or the client leaves."""
    end = time.monotonic() + found.limits.feed_s
    beat = time.monotonic() + _BEAT_S
    yield b"retry: 1000\n\n"
    while not found.bell.stopping and time.monotonic() < end and not left():
        heard = found.bell.count()
        changes = found.archive.changes(after, _PAGE)
        if changes:
            lines = []
            for change, shown in zip(changes, _show(found, changes, titles), strict=True):
                head = f"id: {change.sequence}\nevent: {change.kind.value}\ndata: "
                lines.append(head.encode() + encode_json(shown) + b"\n\n")
            after = changes[-1].sequence
            beat = time.monotonic() + _BEAT_S
            yield b"".join(lines)
            continue
        if time.monotonic() >= beat:
            beat = time.monotonic() + _BEAT_S
            yield b": still here\n\n"
        found.bell.wait(heard, min(_LOOK_S, max(0.0, end - time.monotonic())))
