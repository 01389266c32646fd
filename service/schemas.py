"""The shapes of requests and answers, for the OpenAPI document.

An answer is the noun of the core it shows, with addresses: each class below adds only those. What
`dedupe/schemas` publishes already is taken from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from flask_openapi.blueprint import APIBlueprint

from dedupe.answers import (
    Change,
    ClusterRow,
    Explanation,
    JudgementKind,
    OutletFlow,
    OutletRecord,
    OutletRow,
    Revision,
    TimelinePoint,
    Verdict,
)
from dedupe.models import Article, Attribution, Cluster, ClusterLink, Match, Member
from service.answering import JSON

__all__ = [
    "ANSWERS",
    "ARTICLE_SENT",
    "LINK",
    "MOVED",
    "PROBLEMS_ANSWERED",
    "REPORTED",
    "Responses",
    "answers",
    "open_area",
    "problem",
    "takes",
]

REF = "#/components/schemas/"
NDJSON = "application/x-ndjson"
Responses = dict[str | int | HTTPStatus, Any]
_SHAPE = dataclass(frozen=True, kw_only=True)


@_SHAPE
class MatchAnswer(Match):
    """A verified pair; `href` leads to the other article."""

    href: str


@_SHAPE
class VerdictAnswer(Verdict):
    """What an article is to those that are stored."""

    matches: tuple[MatchAnswer, ...]
    href: str
    cluster_href: str | None


@_SHAPE
class JobAnswer:
    """An article on its way through the queue.

    It has a verdict when it is done, a reason when it failed.
    """

    id: str
    state: Literal["queued", "done", "failed"]
    article: str | None
    verdict: VerdictAnswer | None
    reason: str | None
    detail: str | None
    href: str
    article_href: str | None


@_SHAPE
class ArticleAnswer(Article):
    """A stored article: its current text and what is known of it."""

    revision: str
    revisions: tuple[Revision, ...]
    attribution: Attribution | None
    cluster_id: str
    href: str
    cluster_href: str
    matches_href: str
    explain_href: str


@_SHAPE
class MatchesAnswer:
    """Some verified pairs of an article; `next` is the cursor of the following page."""

    id: str
    matches: tuple[MatchAnswer, ...]
    next: str | None


@_SHAPE
class MemberAnswer(Member):
    """A member of a cluster."""

    href: str


@_SHAPE
class LinkAnswer(ClusterLink):
    """A link to another cluster."""

    href: str


@_SHAPE
class ClusterAnswer(Cluster):
    """A cluster with its members and provenance."""

    members: tuple[MemberAnswer, ...]
    links: tuple[LinkAnswer, ...]
    href: str
    timeline_href: str


@_SHAPE
class ClusterRowAnswer(ClusterRow):
    """A cluster in a list."""

    href: str


@_SHAPE
class ClusterPage:
    """Some clusters; `next` is the cursor of the following page."""

    clusters: tuple[ClusterRowAnswer, ...]
    next: str | None


@_SHAPE
class PointAnswer(TimelinePoint):
    """A member in time."""

    href: str


@_SHAPE
class TimelineAnswer:
    """The members of a cluster in time."""

    cluster_id: str
    points: tuple[PointAnswer, ...]


@_SHAPE
class OutletRowAnswer(OutletRow):
    """An outlet in a list."""

    href: str


@_SHAPE
class OutletPage:
    """Some outlets; `next` is the cursor of the following page."""

    outlets: tuple[OutletRowAnswer, ...]
    next: str | None


@_SHAPE
class FlowAnswer(OutletFlow):
    """What went between two outlets."""

    href: str


@_SHAPE
class OutletAnswer(OutletRecord):
    """An outlet, whom it carries and who carries it."""

    carries: tuple[FlowAnswer, ...]
    carried_by: tuple[FlowAnswer, ...]
    href: str


@_SHAPE
class ChangeAnswer(Change):
    """A line of the ledger; `title` only where asked for: its cluster's now, null where gone."""

    title: str | None = None


@_SHAPE
class ChangePage:
    """Lines of the ledger; `next` is the `after` of the next request."""

    changes: tuple[ChangeAnswer, ...]
    next: int


@_SHAPE
class JudgementAnswer:
    """What a person decided, when, and when it was taken back."""

    number: int
    kind: JudgementKind
    left: str
    right: str | None
    who: str
    note: str
    at: datetime
    withdrawn: datetime | None
    href: str


@_SHAPE
class JudgementPage:
    """Some judgements; `next` is the cursor of the following page."""

    judgements: tuple[JudgementAnswer, ...]
    next: str | None


@_SHAPE
class HealthAnswer:
    """The process answers."""

    status: str


@_SHAPE
class DependencyState:
    """Whether a dependency answered, and how fast or why not."""

    ready: bool
    seconds: float | None = None
    error: str | None = None


@_SHAPE
class ReadinessAnswer:
    """Whether requests can be served."""

    ready: bool
    stopping: bool
    dependencies: Mapping[str, DependencyState]


@_SHAPE
class MovedAnswer:
    """Where the articles of a merged cluster are now."""

    cluster_id: str
    href: str


@_SHAPE
class Problem:
    """What is wrong (RFC 9457). Branch on `type`; the words may change."""

    type: str
    title: str
    status: int
    detail: str


@_SHAPE
class StreamCounts:
    """Lines of a stream by outcome."""

    lines: int
    created: int
    repeated: int
    revised: int
    superseded: int
    refused: int
    queued: int | None = None
    failed: int | None = None


@_SHAPE
class StreamLine:
    """One line of the answer to a stream: verdict, job or problem, and at the end the counts.

    `complete` tells whether all of the stream was read.
    """

    line: int | None = None
    verdict: VerdictAnswer | None = None
    job: JobAnswer | None = None
    problem: Problem | None = None
    counts: StreamCounts | None = None
    complete: bool | None = None


ANSWERS: tuple[type, ...] = (
    ArticleAnswer, ChangePage, ClusterAnswer, ClusterPage, Explanation, HealthAnswer,
    JobAnswer, JudgementAnswer, JudgementPage, MatchesAnswer, MovedAnswer, OutletAnswer,
    OutletPage, Problem, ReadinessAnswer, StreamLine, TimelineAnswer, VerdictAnswer,
)  # fmt: skip
"""Every shape an operation answers with."""


def _content(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": REF + name}}


def answers(
    kind: type | str,
    description: str = "As asked.",
    *others: str,
    headers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a response: a shape as JSON, and other content types of it."""
    name = kind if isinstance(kind, str) else kind.__name__
    content: dict[str, Any] = {JSON: _content(name)}
    for other in others:
        content[other] = (
            _content("StreamLine") if other == NDJSON else {"schema": {"type": "string"}}
        )
    described: dict[str, Any] = {"description": description, "content": content}
    return described | ({"headers": dict(headers)} if headers else {})


def takes(name: str, *others: str) -> dict[str, Any]:
    """Describe a request body."""
    content = {kind: _content(name) for kind in (JSON, *others)}
    return {"required": True, "content": content}


_TEXT_HEADER = {"schema": {"type": "string"}}
LINK = {"Link": {**_TEXT_HEADER, "description": "The next page (RFC 8288)."}}
ARTICLE_SENT = takes("ArticleIn", NDJSON)
MOVED = answers(
    MovedAnswer,
    "It was merged into another cluster.",
    headers={"Location": {**_TEXT_HEADER, "description": "That cluster."}},
)
REPORTED = {
    "description": "The report.",
    "content": {
        JSON: _content("report"),
        "text/csv": {"schema": {"type": "string"}},
        "text/html": {"schema": {"type": "string"}},
    },
}


def problem(description: str = "What is wrong.") -> dict[str, Any]:
    """Describe a problem."""
    return {
        "description": description,
        "content": {"application/problem+json": _content("Problem")},
    }


_PROBLEM = problem()
PROBLEMS_ANSWERED: Responses = {"400": _PROBLEM, "4XX": _PROBLEM, "5XX": _PROBLEM}
"""What every operation may answer."""


def open_area(name: str, tag: str, prefix: str | None = None) -> APIBlueprint:
    """Make the blueprint of an area, whose operations may all answer with a problem."""
    return APIBlueprint(
        name, __name__, url_prefix=prefix, abp_tags=[{"name": tag}], abp_responses=PROBLEMS_ANSWERED
    )
