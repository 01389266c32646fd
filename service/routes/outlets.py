"""Outlets: who published what, who carries whom, with or without credit; two articles compared."""

from __future__ import annotations

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from service.answering import answer
from service.context import services
from service.errors import Problem
from service.links import pick_id
from service.parameters import CompareQuery, IdPath, IdQuery, PageQuery
from service.routes.clusters import lead_on
from service.schemas import LINK, OutletAnswer, OutletPage, answers, open_area
from service.shapes import outlet_object

__all__ = ["make_blueprint"]


def make_blueprint() -> APIBlueprint:
    """Make the paths under `/v1/outlets`, and `/v1/compare`."""
    area = open_area("outlets", "outlets", "/v1")
    area.get("/outlets", responses={200: answers(OutletPage, headers=LINK)})(list_all)
    area.get("/outlets/<id>", responses={200: answers(OutletAnswer)})(show)
    area.get("/compare", responses={200: answers("comparison")})(compare)
    return area


def list_all(query: PageQuery) -> Response:
    """List outlets, those with most articles first."""
    page = services().archive.outlets(cursor=query.cursor, limit=query.limit)
    rows = [outlet_object(row) for row in page.rows]
    return answer({"outlets": rows, "next": page.next}, headers=lead_on(page.next))


def show(path: IdPath, query: IdQuery) -> Response:
    """Give an outlet: what it published, whom it carried and who carried it, credited or not."""
    found = services().archive.outlet(pick_id("outlets", path.id, query.id))
    if found is None:
        raise Problem("not-found", "there is no outlet with this key or name")
    return answer(outlet_object(found))


def compare(query: CompareQuery) -> Response:
    """Compare two stored articles: their relation, and what turns the left into the right one."""
    archive = services().archive
    if query.left == query.right and archive.article(query.left) is not None:
        raise Problem("parameters-invalid", "left and right are the same article")
    found = archive.compare(query.left, query.right)
    if found is None:
        raise Problem("not-found", "there is no article with one of these ids")
    return answer(found)
