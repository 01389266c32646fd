"""Outlets: who carries whom as a network, what each credits, and what it does not, as CSV too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from flask import Blueprint, Response, request

from dedupe.answers import OutletRecord, OutletRow, Page
from dedupe.archive.overview import Uncredited
from dedupe.catalog.counts import Edge
from dedupe.report.as_csv import guard
from dedupe.report.pictures import NetworkFlow, Picture, draw_network
from dedupe.report.views import BarPart, stack_bar
from service.context import services
from service.errors import Problem
from service.links import pick_id
from service.web.frame import name_outlet, page_language, show

__all__ = ["make_blueprint"]

_ROWS = 50
_DRAWN = (12, 24, 40)
_LEAST = 1_000_000
_COLUMNS = ("article", "title", "carrier", "source", "time", "cluster")


def make_blueprint() -> Blueprint:
    """Make `/outlets`, `/outlets/KEY` and its uncredited articles as CSV."""
    area = Blueprint("outlets", __name__)
    area.get("/outlets")(outlets)
    area.get("/outlets/<id_>")(outlet)
    area.get("/outlets/<id_>/uncredited.csv")(uncredited)
    return area


def outlets() -> Response:
    """Show all outlets, those with most articles first, and the network between them."""
    found = services().archive
    cursor = request.args.get("cursor") or None
    page: Page[OutletRow] = found.outlets(cursor=cursor, limit=_ROWS)
    drawn = request.args.get("drawn", _DRAWN[1], int)
    drawn = drawn if drawn in _DRAWN else _DRAWN[1]
    least = min(max(1, request.args.get("least", 1, int)), _LEAST)
    around = request.args.get("around", "").strip()[:512]
    edges = _filter(found.overview.edges(), least, around)
    return show(
        "outlets.html.j2",
        page=page,
        first=cursor is None,
        bars={row.key: _draw_record(row) for row in page.rows},
        network=_draw(edges, drawn),
        drawn=drawn,
        choices=_DRAWN,
        least=least,
        around=around,
    )


def _filter(edges: Sequence[Edge], least: int, around: str) -> list[Edge]:
    """Keep busy pairs, and with `around` those that an outlet so named is part of."""
    name = name_outlet(page_language())
    wanted = around.casefold()

    def fits(key: str) -> bool:
        return wanted in key.casefold() or wanted in name(key).casefold()

    return [
        edge
        for edge in edges
        if edge.articles >= least and (not wanted or fits(edge.source) or fits(edge.carrier))
    ]


def _draw(edges: Iterable[Edge], limit: int) -> Picture | None:
    name = name_outlet(page_language())
    flows = tuple(
        NetworkFlow(
            e.source,
            e.carrier,
            e.articles,
            e.credited,
            e.uncredited,
            name(e.source),
            name(e.carrier),
        )
        for e in edges
    )
    return _draw_kept(flows, page_language(), limit) if flows else None


_draw_kept = lru_cache(maxsize=32)(draw_network)  # the layout of 40 outlets takes 50 ms


def _draw_record(row: OutletRow | OutletRecord) -> tuple[BarPart, ...]:
    """Draw an outlet's articles: its own, those that credit where they come from, those not."""
    own, other = row.articles - row.copied, row.copied - row.credited
    parts = (("original", own), ("credited", row.credited), ("uncredited", other))
    return stack_bar(parts, row.articles)


def outlet(id_: str) -> Response:
    """Show an outlet: whom it carries, who carries it, and what is not credited."""
    record = _find(id_)
    overview = services().archive.overview
    carried = request.args.get("side") == "carried"
    cursor = request.args.get("cursor") or None
    return show(
        "outlet.html.j2",
        record=record,
        bar=_draw_record(record),
        network=_draw(overview.edges_of(record.key), _DRAWN[1]),
        carried=carried,
        page=overview.uncredited(record.key, carried=carried, cursor=cursor, limit=_ROWS),
        first=cursor is None,
    )


def _find(id_: str) -> OutletRecord:
    found = services().archive.outlet(pick_id("outlets", id_, request.args.get("id")))
    if found is None:
        raise Problem("not-found", "there is no outlet with this key or name", said="no-outlet")
    return found


def uncredited(id_: str) -> Response:
    """Give all uncredited articles of an outlet, or of those that carry it, as CSV."""
    record = _find(id_)
    carried = request.args.get("side") == "carried"
    rows = services().archive.overview.all_uncredited(record.key, carried=carried)
    response = Response(_write(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="uncredited.csv"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _write(rows: Iterable[Uncredited]) -> Iterator[bytes]:
    """Write CSV (RFC 4180) in pieces; cells that a spreadsheet would run are disarmed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        time = row.time.isoformat() if row.time else ""
        cells = (row.id, row.title, row.carrier or "", row.source, time, row.cluster_id or "")
        writer.writerow([guard(cell) for cell in cells])
        if out.tell() > 1 << 16:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")
