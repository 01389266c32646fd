"""Clusters: lists by filter, one with its members and provenance, its timeline."""

from __future__ import annotations

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from dedupe.answers import ClusterQuery, Moved
from service.answering import answer
from service.context import services
from service.errors import Problem
from service.links import href, link_next, pick_id
from service.parameters import ClustersQuery, IdPath, IdQuery
from service.schemas import (
    LINK,
    MOVED,
    ClusterAnswer,
    ClusterPage,
    TimelineAnswer,
    answers,
    open_area,
)
from service.shapes import cluster_object, point_object, row_object

__all__ = ["make_blueprint"]


def make_blueprint() -> APIBlueprint:
    """Make the paths under `/v1/clusters`."""
    area = open_area("clusters", "clusters", "/v1")
    area.get("/clusters", responses={200: answers(ClusterPage, headers=LINK)})(list_all)
    area.get("/clusters/<id>", responses={200: answers(ClusterAnswer), 308: MOVED})(show)
    area.get("/clusters/<id>/timeline", responses={200: answers(TimelineAnswer), 308: MOVED})(
        timeline
    )
    return area


def list_all(query: ClustersQuery) -> Response:
    """List clusters of two or more articles.

    `outlet` is a key or name; `since` and `until` bound when articles appeared; `credit` asks for a
    member credited so; `title` for a title that holds this text. Sorted by `size`, `newest` article
    or `spread` over outlets. The next page stands in `next` and in the `Link` header.
    """
    page = services().archive.clusters(ClusterQuery(**query.model_dump()))
    rows = [row_object(row) for row in page.rows]
    return answer({"clusters": rows, "next": page.next}, headers=lead_on(page.next))


def lead_on(cursor: str | None) -> dict[str, str]:
    """Give the `Link` header to the next page of the list that is asked for now."""
    if cursor is None:
        return {}
    return {"Link": link_next(request.path, request.args.to_dict(), cursor=cursor)}


def show(path: IdPath, query: IdQuery) -> Response:
    """Give a cluster; after a merge its id leads to the one that holds its articles now."""
    found = services().archive.cluster(pick_id("clusters", path.id, query.id))
    if isinstance(found, Moved):
        return _lead_to(found)
    if found is None:
        raise Problem("not-found", "there is no cluster with this id")
    return answer(cluster_object(found))


def timeline(path: IdPath, query: IdQuery) -> Response:
    """Give the members of a cluster in time, the earliest first."""
    id_ = pick_id("clusters", path.id, query.id, "timeline")
    found = services().archive.timeline(id_)
    if isinstance(found, Moved):
        return _lead_to(found, "timeline")
    if found is None:
        raise Problem("not-found", "there is no cluster with this id")
    return answer({"cluster_id": id_, "points": [point_object(point) for point in found]})


def _lead_to(moved: Moved, part: str = "") -> Response:
    to = href("clusters", moved.cluster_id, part)
    return answer({"cluster_id": moved.cluster_id, "href": to}, 308, {"Location": to})
