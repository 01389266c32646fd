"""A text that somebody pastes, drops or sends as a file -> what it shares with what is stored.

Nothing is stored. The form works without a script; the script only lets a file be dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from dedupe.answers import Verdict
from dedupe.archive.overview import Heading
from dedupe.models import Article, Match
from dedupe.readers.parts import Refusal
from dedupe.report.marking import Mark
from service.context import services
from service.errors import Problem, explain
from service.web.failures import say_problem
from service.web.frame import show
from service.web.reading import mark_attribution, mark_text

__all__ = ["make_blueprint"]

_LISTED = 30
_MARKED = 9
_MARKUP = re.compile(
    r"\s*(?:<!doctype html|<html|<head|<body|<article|<p[ >]|<div[ >])", re.IGNORECASE
)
_PAGE_NAMES = (".html", ".htm", ".xhtml")
_KEPT = 200_000  # code points of the text that stand in the form again


@dataclass(frozen=True, slots=True)
class Source:
    """A stored article that shares text; `share` of the checked text stands in it."""

    id: str
    title: str
    outlet: str | None
    time: datetime | None
    share: float
    match: Match
    spans: tuple[tuple[int, int], ...]


def make_blueprint() -> Blueprint:
    """Make `/check`."""
    area = Blueprint("check", __name__)
    area.get("/check")(ask)
    area.post("/check")(check)
    return area


def ask() -> Response:
    """Ask for a text."""
    return _answer("", "")


def check() -> Response:
    """Say what a text shares with what is stored."""
    text, is_page = _read_text()
    url = request.form.get("url", "").strip()[:2000]
    if not text.strip():
        return _answer(
            text, url, 400, failed=say_problem(Problem("body-empty", "there is no text"))
        )
    try:
        article = services().intake.read({"html" if is_page else "body": text, "url": url or None})
    except Problem as problem:
        return _answer(text, url, problem.status, failed=say_problem(problem))
    except Refusal as refusal:
        return _answer(text, url, 400, failed=say_problem(explain(refusal)))
    verdict = services().archive.check([article])[0]
    return _answer(text, url, 200, article=article, verdict=verdict)


def _read_text() -> tuple[str, bool]:
    """(text, whether it is markup): of the file, else of the form."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        text = sent.stream.read().decode("utf-8", "replace").removeprefix("\ufeff")
        named = sent.filename.lower().endswith(_PAGE_NAMES) or sent.mimetype == "text/html"
        return text, named or _MARKUP.match(text[:1000]) is not None
    text = request.form.get("text", "").replace("\r\n", "\n")
    return text, _MARKUP.match(text[:1000]) is not None


def _answer(
    text: str,
    url: str,
    status: int = 200,
    *,
    article: Article | None = None,
    verdict: Verdict | None = None,
    failed: str = "",
) -> Response:
    sources = _list_sources(verdict) if verdict else []
    body = article.body if article else ""
    attribution = verdict.attribution if verdict else None
    marks = [*mark_attribution(attribution), *_mark_sources(sources)]
    return show(
        "check.html.j2",
        status,
        text=text[:_KEPT],
        url=url,
        failed=failed,
        verdict=verdict,
        attribution=attribution,
        sources=sources,
        unlisted=max(0, len(verdict.matches) - _LISTED) if verdict else 0,
        covered=_measure_cover(sources),
        marked=mark_text(body, marks),
    )


def _list_sources(verdict: Verdict) -> list[Source]:
    """Give the matches of a text with what is known of the other side, the largest share first."""
    found = []
    sides = [(m, m.left == verdict.id) for m in verdict.matches[:_LISTED]]
    others = [match.right if ours_left else match.left for match, ours_left in sides]
    named = services().archive.overview.headings(others)
    for (match, ours_left), other in zip(sides, others, strict=True):
        share = match.containment_left if ours_left else match.containment_right
        spans = tuple(s[:2] if ours_left else s[2:] for s in match.spans)
        head = named.get(other) or Heading(other, "", None, None)  # deleted meanwhile
        found.append(
            Source(
                other,
                head.title,
                head.outlet,
                head.time,
                share,
                match,
                spans,
            )
        )
    found.sort(key=lambda source: (-source.share, source.id))
    return found


def _measure_cover(sources: Sequence[Source]) -> float:
    """The largest share of one source: the shares of several overlap."""
    return max((source.share for source in sources), default=0.0)


def _mark_sources(sources: Sequence[Source]) -> list[Mark]:
    return [
        Mark(start, end, "passage", (source.outlet or source.title or source.id)[:120])
        for source in sources[:_MARKED]
        for start, end in source.spans
    ]
