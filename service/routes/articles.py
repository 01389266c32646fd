"""Articles in -> verdicts; articles, their matches and the explanation out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from dedupe.answers import Explanation, Outcome, Verdict
from dedupe.models import Article
from service.answering import JSON, answer
from service.bodies import accept_type, drain, plain_pieces, read_json
from service.context import Services, services
from service.errors import Problem
from service.links import pick_id
from service.ndjson import NDJSON, Take, answer_stream
from service.parameters import IdPath, IdQuery, StreamQuery
from service.schemas import (
    ARTICLE_SENT,
    ArticleAnswer,
    MatchesAnswer,
    Responses,
    VerdictAnswer,
    answers,
    open_area,
)
from service.shapes import article_object, match_object, verdict_object

__all__ = ["make_blueprint"]

_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The article."}}
_TAKEN: Responses = {
    200: answers(VerdictAnswer, "The same article came before, or a stream was answered.", NDJSON),
    201: answers(VerdictAnswer, "The article was stored.", headers=_LOCATION),
}


def make_blueprint() -> APIBlueprint:
    """Make the paths under `/v1/articles`, and `/v1/check`."""
    area = open_area("articles", "articles", "/v1")
    area.post("/articles", request_body=ARTICLE_SENT, responses=_TAKEN)(ingest)
    area.get("/articles/<id>", responses={200: answers(ArticleAnswer)})(show)
    area.delete("/articles/<id>", responses={204: {"description": "It is gone."}})(delete)
    area.get("/articles/<id>/matches", responses={200: answers(MatchesAnswer)})(matches)
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
    """
    found = services()
    if _is_stream():
        return _answer_stream(found, partial(_ingest, found, evidence=bool(query.evidence)))
    article = _read_article(found)
    verdict = _ingest(found, [article], evidence=query.evidence is not False)[0]
    body = verdict_object(verdict)
    if verdict.outcome is Outcome.REPEATED:
        return answer(body)
    return answer(body, 201, {"Location": str(body["href"])})


def check(query: StreamQuery) -> Response:
    """Say what an article is to those that are stored, and store nothing."""
    found = services()
    if _is_stream():
        take = partial(found.archive.check, evidence=bool(query.evidence))
        return _answer_stream(found, take)
    article = _read_article(found)
    verdict = found.archive.check([article], evidence=query.evidence is not False)[0]
    return answer(verdict_object(verdict))


def show(path: IdPath, query: IdQuery) -> Response:
    """Give an article: its current text and all that is known of it."""
    stored = services().archive.article(pick_id("articles", path.id, query.id))
    if stored is None:
        raise _unknown()
    return answer(article_object(stored))


def matches(path: IdPath, query: IdQuery) -> Response:
    """Give the verified pairs of an article, with the passages in common."""
    id_ = pick_id("articles", path.id, query.id, "matches")
    found = services().archive.matches(id_)
    if found is None:
        raise _unknown()
    return answer({"id": id_, "matches": [match_object(match, id_) for match in found]})


def explain(path: IdPath, query: IdQuery) -> Response:
    """Give every step from the keys of an article to its cluster; the same bytes every time."""
    found = services().archive.explain(pick_id("articles", path.id, query.id, "explain"))
    if found is None:
        raise _unknown()
    return answer(found)


def delete(path: IdPath, query: IdQuery) -> Response:
    """Remove an article for good: text, signature, keys and matches; its cluster is made anew."""
    found = services()
    if not found.archive.delete(pick_id("articles", path.id, query.id)):
        raise _unknown()
    found.bell.ring()
    return Response(status=204)


def _is_stream() -> bool:
    return accept_type(request, JSON, NDJSON) == NDJSON


def _read_article(found: Services) -> Article:
    with drain(request):
        return found.intake.read(read_json(request, found.limits))


def _answer_stream(found: Services, take: Take) -> Response:
    limits = found.limits
    with drain(request):
        pieces = plain_pieces(request, limits, limits.stream_bytes)
        return answer_stream(pieces, found.intake, take, limits)


def _ingest(found: Services, articles: Sequence[Article], *, evidence: bool) -> list[Verdict]:
    verdicts = found.archive.ingest(articles, evidence=evidence)
    found.meters.count(verdicts)
    found.bell.ring()
    return verdicts


def _unknown() -> Problem:
    return Problem("not-found", "there is no article with this id")
