"""The list of clusters: the search and the filters of the API as a form, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from pydantic import ValidationError

from dedupe.answers import ClusterQuery, ClusterRow, Page
from dedupe.models import Credit
from dedupe.report.pictures import draw_spark
from dedupe.report.views import BarPart, stack_bar
from service.context import services
from service.parameters import ClustersQuery
from service.web.frame import page_language, show

__all__ = ["make_blueprint"]

_FIELDS = ("title", "outlet", "lang", "since", "until", "min_size", "credit", "sort", "cursor")
_ROWS = 25
_SORTS = ("size", "newest", "spread")


def make_blueprint() -> Blueprint:
    """Make `/clusters`."""
    area = Blueprint("clusters", __name__)
    area.get("/clusters")(clusters)
    return area


def clusters() -> Response:
    """Show the clusters that fit; what cannot be read is named, and nothing is listed."""
    given = {name: request.args.get(name, "").strip() for name in _FIELDS}
    wrong: list[str] = []
    page: Page[ClusterRow] = Page(())
    try:
        query = ClustersQuery.model_validate({**_complete(given), "limit": _ROWS})
        page = services().archive.clusters(ClusterQuery(**query.model_dump()))
    except ValidationError as error:
        wrong = sorted({str(found["loc"][0]) for found in error.errors()})
    language = page_language()
    sketches = services().archive.overview.sketches([row.cluster_id for row in page.rows])
    sparks = {
        id_: draw_spark(sketch.steps, sketch.first, sketch.last, language)
        for id_, sketch in sketches.items()
    }
    asked = {name: text for name, text in given.items() if text and name != "cursor"}
    return show(
        "clusters.html.j2",
        400 if wrong else 200,
        page=page,
        sketches=sketches,
        sparks=sparks,
        bars={row.cluster_id: _draw_credit(row) for row in page.rows},
        given=given,
        asked=asked,
        wrong=wrong,
        credits=[credit.value for credit in Credit],
        sorts=_SORTS,
    )


def _complete(given: Mapping[str, str]) -> dict[str, str]:
    """Take a day for its first or its last moment."""
    whole = {name: text for name, text in given.items() if text}
    for name, end in (("since", "T00:00:00Z"), ("until", "T23:59:59.999999Z")):
        if name in whole and "T" not in whole[name].upper():
            whole[name] += end
    return whole


def _draw_credit(row: ClusterRow) -> tuple[BarPart, ...]:
    """Draw how the articles of a cluster credit; what is left is original or unclear."""
    return stack_bar((("credited", row.credited), ("uncredited", row.uncredited)), row.size)
