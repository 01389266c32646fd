"""Articles in -> verdicts; articles, their matches and the explanation out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from flask import Flask, Response, request
from flask_openapi.blueprint import APIBlueprint

from dedupe.answers import Explanation, Outcome, Verdict
from dedupe.archive.preparing import Offered
from dedupe.errors import TextLost
from dedupe.models import Article
from dedupe.report.encode import encode_json
from service.answering import JSON, Reply, answer, check_match
from service.bodies import accept_type, drain, parse_json, plain_pieces, read_body
from service.context import Services, services
from service.errors import Problem
from service.halves import Ask, Prepare, Question, Rest, is_gathered
from service.jobs import Jobs, job_object
from service.links import pick_id
from service.ndjson import (
    NDJSON,
    LineAnswer,
    Take,
    answer_stream,
    tell_job,
    tell_problem,
    tell_verdict,
)
from service.parameters import IdPath, IdQuery, IfMatch, MatchesQuery, StreamQuery
from service.routes.clusters import lead_on
from service.schemas import (
    ARTICLE_SENT,
    LINK,
    ArticleAnswer,
    JobAnswer,
    MatchesAnswer,
    Responses,
    VerdictAnswer,
    answers,
    open_area,
    problem,
)
from service.shapes import article_object, match_object, verdict_object

__all__ = ["asks_of", "make_blueprint"]

Tell = Callable[[Verdict], Reply]
Judge = Callable[[Sequence[Offered]], Sequence[Verdict]]

_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The article."}}
_JOB_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The job."}}
_TAKEN: Responses = {
    200: answers(VerdictAnswer, "The same article came before, or a stream was answered.", NDJSON),
    201: answers(VerdictAnswer, "The article was stored.", headers=_LOCATION),
    202: answers(
        JobAnswer, "In distributed mode: it waits for a worker.", NDJSON, headers=_JOB_LOCATION
    ),
}

_DELETED: Responses = {204: {"description": "It is gone."}, 412: problem("It has changed.")}


def make_blueprint() -> APIBlueprint:
    """Make the paths under `/v1/articles`, and `/v1/check`."""
    area = open_area("articles", "articles", "/v1")
    area.post("/articles", request_body=ARTICLE_SENT, responses=_TAKEN)(ingest)
    area.get("/articles/<id>", responses={200: answers(ArticleAnswer)})(show)
    area.delete("/articles/<id>", responses=_DELETED)(delete)
    area.get("/articles/<id>/matches", responses={200: answers(MatchesAnswer, headers=LINK)})(
        matches
    )
    area.get("/articles/<id>/explain", responses={200: answers(Explanation)})(explain)
    checked: Responses = {
        200: answers(VerdictAnswer, "What `POST /v1/articles` would say.", NDJSON)
    }
    area.post("/check", request_body=ARTICLE_SENT, responses=checked)(check)
    return area


def ingest(query: StreamQuery) -> Response:
    """Take articles: one as JSON, or many as a stream.

    An article that came before is answered with 200 and changes nothing; a new text of a known id
    becomes a revision of it. A stream (`application/x-ndjson`, also compressed with gzip or zstd)
    is answered line by line after all of it was read; the last line holds the counts.

    In distributed mode articles go to workers: the answer is 202 with a job, whose address is in
    `Location`; with `Prefer: wait=SECONDS` the verdict, if it is there in time.
    """
    found = services()
    if _is_stream():
        return _ingest_stream(found, evidence=bool(query.evidence))
    evidence = query.evidence is not False
    if found.jobs is not None:
        return _enqueue(found.jobs, _read_article(found), evidence=evidence)
    return _ask(found, partial(_ingest, found), evidence, _tell_stored)


def _ask(
    found: Services, judge: Callable[..., list[Verdict]], evidence: bool, tell: Tell
) -> Response:
    """Read an article and answer with its verdict, together with others where the server can."""

    def answer_alone(record: object) -> Response:
        return tell(judge([found.intake.read(record)], evidence=evidence)[0]).respond()

    def ask(data: bytes) -> Question | Rest:
        record = parse_json(data, found.limits.body_bytes)
        if found.intake.is_page(record):
            return Rest(partial(answer_alone, record))
        return Question(found.intake.read(record), evidence, tell, ask_again)

    def ask_again(data: bytes) -> Question | None:
        asked = ask(data)
        return asked if isinstance(asked, Question) else None

    data = _read_body(found)
    if is_gathered():
        return cast(Response, ask(data))
    return answer_alone(parse_json(data, found.limits.body_bytes))


def asks_of(app: Flask) -> dict[str, Ask]:
    """What articles that were sent to a path one by one are asked about together."""
    found: Services = app.extensions["isnad"]
    archive = found.archive
    return {
        "/v1/articles": Ask(partial(_ingest, found), archive.prepare),
        "/v1/check": Ask(archive.check, partial(archive.prepare, stored=False)),
    }


def _tell_stored(verdict: Verdict) -> Reply:
    return _reply_verdict(verdict_object(verdict))


def _tell_checked(verdict: Verdict) -> Reply:
    return Reply(encode_json(verdict_object(verdict)))


def _reply_verdict(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    data, more = encode_json(body), headers or {}
    if body["outcome"] == Outcome.REPEATED:
        return Reply(data, 200, more)
    return Reply(data, 201, {"Location": str(body["href"]), **more})


def _enqueue(jobs: Jobs, article: Article, *, evidence: bool) -> Response:
    with jobs.waiting(request.headers.get("Prefer")) as wait_s:
        (job,) = jobs.take([article], evidence=evidence, wait_s=wait_s)
    headers = _preference(wait_s)
    if job.state.answer is not None:
        return _reply_verdict(job.state.answer, headers).respond()
    body = job_object(job)
    return answer(body, 202, {"Location": str(body["href"]), **headers})


def _preference(wait_s: float) -> dict[str, str]:
    applied = {"Preference-Applied": f"wait={wait_s:.0f}"} if wait_s else {}
    return {"Vary": "Prefer", **applied}


def _ingest_stream(found: Services, *, evidence: bool) -> Response:
    jobs = found.jobs
    if jobs is None:
        judge = partial(_ingest, found, evidence=evidence)
        return _answer_verdicts(found, judge, found.archive.prepare)
    with jobs.waiting(request.headers.get("Prefer")) as wait_s:
        end = time.monotonic() + wait_s  # for the stream as a whole

        def take(some: Sequence[Article]) -> list[LineAnswer]:
            left = max(0.0, end - time.monotonic())
            return [tell_job(job) for job in jobs.take(some, evidence=evidence, wait_s=left)]

        response = _answer_stream(found, take)
    response.headers.update(_preference(wait_s))
    return response


def check(query: StreamQuery) -> Response:
    """Say what an article is to those that are stored, and store nothing."""
    found = services()
    if _is_stream():
        archive = found.archive
        judge = partial(archive.check, evidence=bool(query.evidence))
        return _answer_verdicts(found, judge, partial(archive.prepare, stored=False))
    return _ask(found, found.archive.check, query.evidence is not False, _tell_checked)


def show(path: IdPath, query: IdQuery) -> Response:
    """Give an article: its current text and all that is known of it."""
    stored = services().archive.article(pick_id("articles", path.id, query.id))
    if stored is None:
        raise _unknown()
    return answer(article_object(stored))


def matches(path: IdPath, query: MatchesQuery) -> Response:
    """Give the verified pairs of an article, by the other id, with the passages in common."""
    id_ = pick_id("articles", path.id, query.id, "matches")
    page = services().archive.match_page(id_, cursor=query.cursor, limit=query.limit)
    if page is None:
        raise _unknown()
    rows = [match_object(match, id_) for match in page.rows]
    body = {"id": id_, "matches": rows, "next": page.next}
    return answer(body, headers=lead_on(page.next))


def explain(path: IdPath, query: IdQuery) -> Response:
    """Give every step from the keys of an article to its cluster; the same bytes every time."""
    found = services().archive.explain(pick_id("articles", path.id, query.id, "explain"))
    if found is None:
        raise _unknown()
    return answer(found)


def delete(path: IdPath, query: IdQuery, header: IfMatch) -> Response:
    """Remove an article for good: text, signature, keys and matches; its cluster is made anew.

    With `If-Match` only while it is as GET gave it with this `ETag`; else the answer is 412.
    """
    found, id_ = services(), pick_id("articles", path.id, query.id)
    if header.if_match is not None:
        stored = found.archive.article(id_)
        if stored is None:
            raise _unknown()
        check_match(article_object(stored))
    if not found.archive.delete(id_):
        raise _unknown()
    found.bell.ring()
    gone = Response(status=204)
    del gone.headers["Content-Type"]  # of nothing
    return gone


def _is_stream() -> bool:
    return accept_type(request, JSON, NDJSON) == NDJSON


def _read_body(found: Services) -> bytes:
    with drain(request):
        return read_body(request, found.limits, found.limits.body_bytes)


def _read_article(found: Services) -> Article:
    return found.intake.read(parse_json(_read_body(found), found.limits.body_bytes))


def _answer_verdicts(found: Services, judge: Judge, prepare: Prepare) -> Response:
    def take(some: Sequence[Offered]) -> list[LineAnswer]:
        try:
            return [tell_verdict(one) for one in judge(some)]
        except TextLost as lost:  # what one does must not cost the others
            if len(some) == 1:
                return [tell_problem(lost)]
        return [answer for one in some for answer in take([one])]

    return _answer_stream(found, take, prepare)


def _answer_stream(found: Services, take: Take, prepare: Prepare = list) -> Response:
    limits = found.limits
    with drain(request):
        pieces = plain_pieces(request, limits, limits.stream_bytes)
        return answer_stream(pieces, found.intake, take, limits, prepare)


def _ingest(found: Services, articles: Sequence[Offered], *, evidence: bool) -> list[Verdict]:
    verdicts = found.archive.ingest(articles, evidence=evidence)
    found.meters.count(verdicts)
    found.bell.ring()
    return verdicts


def _unknown() -> Problem:
    return Problem("not-found", "there is no article with this id")
