"""Two articles, or two texts of one -> side by side, with everything that differs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request

from dedupe.answers import StoredArticle
from dedupe.differences import Difference, find_differences
from dedupe.models import SpanPair
from dedupe.report.side_by_side import Aligned, SideText, align_texts
from service.context import services
from service.errors import Problem
from service.links import MAX_ID, pick_id
from service.web.frame import show, words

__all__ = ["make_blueprint"]


def make_blueprint() -> Blueprint:
    """Make `/compare` and `/articles/ID/revisions`."""
    area = Blueprint("compare", __name__)
    area.get("/compare")(compare)
    area.get("/articles/<id_>/revisions")(revisions)
    return area


def compare() -> Response:
    """Show two articles beside each other, in the order asked for; without both, ask for them."""
    left, right = (request.args.get(name, "").strip() for name in ("left", "right"))
    if not left or not right or max(len(left), len(right)) > MAX_ID:
        return show("compare.html.j2", aligned=None, match=None, left_id=left, right_id=right)
    archive = services().archive
    first, second = _find(left), _find(right)
    found = archive.compare(left, right)
    if found is None:
        raise Problem("not-found", "there is no article with this id", said="no-article")
    match = found.match
    return show(
        "compare.html.j2",
        aligned=_align(first, second, found.differences, match.spans),
        match=match,
        left=first.article,
        right=second.article,
        left_revision="",
        right_revision="",
    )


def revisions(id_: str) -> Response:
    """Show what one text of an article changed in another."""
    asked = pick_id("articles", id_, request.args.get("id"), "revisions")
    archive = services().archive
    found = [archive.revision(asked, request.args.get(name, "")) for name in ("old", "new")]
    if found[0] is None or found[1] is None:
        raise Problem("not-found", "this article has no such revision", said="no-revision")
    old, new = found[0], found[1]
    differences = find_differences(old.article.body, new.article.body, _cuts(old), _cuts(new))
    return show(
        "compare.html.j2",
        aligned=_align(old, new, differences, ()),
        match=None,
        left=old.article,
        right=new.article,
        left_revision=old.revision,
        right_revision=new.revision,
    )


def _find(id_: str) -> StoredArticle:
    stored = services().archive.article(id_)
    if stored is None:
        raise Problem("not-found", "there is no article with this id", said="no-article")
    return stored


def _align(
    left: StoredArticle,
    right: StoredArticle,
    differences: Sequence[Difference],
    spans: tuple[SpanPair, ...],
) -> Aligned:
    texts = [SideText(each.article.body, _cuts(each)) for each in (left, right)]
    return align_texts(texts[0], texts[1], differences, spans, words()["compare"])


def _cuts(stored: StoredArticle) -> list[tuple[int, int]]:
    return stored.attribution.cuts() if stored.attribution else []
