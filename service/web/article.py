"""One article: its text with what it states about its origin, its revisions, how it was judged."""

from __future__ import annotations

from flask import Blueprint, Response, request

from dedupe.report.marking import web_address
from service.context import services
from service.errors import Problem
from service.links import pick_id
from service.web.frame import show
from service.web.reading import list_claims, mark_attribution, mark_text

__all__ = ["make_blueprint"]

_RELATIVES = 12
_CANDIDATES = 60


def make_blueprint() -> Blueprint:
    """Make `/articles/ID` and `/articles/ID/explain`."""
    area = Blueprint("article", __name__)
    area.get("/articles/<id_>")(article)
    area.get("/articles/<id_>/explain")(explain)
    return area


def article(id_: str) -> Response:
    """Show an article."""
    asked = pick_id("articles", id_, request.args.get("id"))
    archive = services().archive
    stored, closest = archive.article(asked), archive.closest(asked, _RELATIVES)
    if stored is None or closest is None:
        raise Problem("not-found", "there is no article with this id", said="no-article")
    matches, count = closest
    others = [match.right if match.left == asked else match.left for match in matches]
    named = archive.overview.headings(others)
    pairs = zip(matches, others, strict=True)
    relatives = [(match, named[other]) for match, other in pairs if other in named]
    claims = list_claims(stored.attribution)
    return show(
        "article.html.j2",
        stored=stored,
        attribution=stored.attribution,
        marked=mark_text(stored.article.body, mark_attribution(stored.attribution)),
        claims=claims,
        unlisted=max(0, len(stored.attribution.claims) - len(claims)) if stored.attribution else 0,
        relatives=relatives,
        more_relatives=max(0, count - _RELATIVES),
        address=web_address(stored.article.url),
    )


def explain(id_: str) -> Response:
    """Show every step from the text of an article to its cluster."""
    asked = pick_id("articles", id_, request.args.get("id"), "explain")
    archive = services().archive
    found = archive.explain(asked)
    if found is None:
        raise Problem("not-found", "there is no article with this id", said="no-article")
    ranked = sorted(
        found.candidates,
        key=lambda c: (c.match is None, -(c.match.probability if c.match else 0.0),
                       -c.shared_passages - c.shared_bands, c.id),
    )[:_CANDIDATES]  # fmt: skip
    ids = [asked, *(each.id for each in ranked)]
    named = archive.overview.headings(ids)
    names = {id_: named[id_].title if id_ in named else "" for id_ in ids}
    return show("explain.html.j2", found=found, candidates=ranked, names=names)
