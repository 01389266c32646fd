"""Flows between outlets -> a drawn network of who carries whom.

The spring layout of networkx starts from a circle, not from chance: the same flows always give the
same picture. Groups without a tie between them are laid out apart and stand side by side. (Kamada
and Kawai's layout looks a little calmer and took 2.4 s of CPU for 40 outlets, this one 0.02 s.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import atan2, ceil, cos, hypot, log, pi, sin, sqrt
from typing import NamedTuple

import networkx as nx

from dedupe.report.display import clean
from dedupe.report.pictures.canvas import PHONE, Canvas, Picture, fit_width
from dedupe.report.reportable import UiLanguage
from dedupe.report.wording import load_messages

__all__ = ["NetworkFlow", "draw_network"]

NODES = 40
"""Outlets drawn: more are a ball of wool."""
SMALL_NODES = 12
"""Outlets drawn for a phone: a picture that is scrolled shows no network, a scaled one no names."""
_MARGIN = 34.0
_ARROW = 8.0
_MOSTLY = 0.5
_STEPS, _SPACING = 150, 2.0

Point = tuple[float, float]


class _Sheet(NamedTuple):
    """What a network is drawn on, in pixels: width, room of an outlet, room of a name, height."""

    width: float
    cell: float
    label: float
    tallest: float


_WIDE = _Sheet(960.0, 150.0, 150.0, 620.0)
_SMALL = _Sheet(PHONE, 116.0, 92.0, 620.0)


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """`carrier` has `articles` texts of `source`: so many credited, so many not.

    Outlets are told apart by `source` and `carrier`, which order them too; the names, where there
    are any, are what is written, in whatever language.
    """

    source: str
    carrier: str
    articles: int
    credited: int
    uncredited: int
    source_name: str = ""
    carrier_name: str = ""


def draw_network(flows: Sequence[NetworkFlow], language: UiLanguage, limit: int = NODES) -> Picture:
    """Draw the flows between the `limit` busiest outlets (and never more than 40; small 12).

    Busy is who is carried and carries most in all; the same outlets whatever they are called.

    A line is as thick as the flow; its colour says whether most of it is credited. A circle is as
    large as what others carry of the outlet.
    """
    wide = _draw(flows, language, max(2, min(limit, NODES)), _WIDE)
    return replace(wide, small=_draw(flows, language, max(2, min(limit, SMALL_NODES)), _SMALL))


def _draw(flows: Sequence[NetworkFlow], language: UiLanguage, limit: int, sheet: _Sheet) -> Picture:
    words = load_messages(language)
    own = words["pictures"]
    ranked = sorted(
        (flow for flow in flows if flow.source != flow.carrier and flow.articles > 0),
        key=lambda f: (-f.articles, f.source, f.carrier, f.credited, f.uncredited),
    )
    kept = _bound(ranked, limit)
    names = _name(kept)
    places, height = _lay_out(kept, sheet)
    label = own["network"].format(outlets=f"{len(places):,}", flows=f"{len(kept):,}")
    canvas = Canvas(language, height, kind="network fixed", label=label, width=sheet.width)
    sizes = _measure(kept)
    most = max((flow.articles for flow in kept), default=1)
    for flow in reversed(kept):  # the largest lie on top
        _draw_flow(canvas, flow, names, places, sizes, most, sheet.width)
    for key, place in places.items():
        _draw_outlet(canvas, names[key], place, sizes[key], sheet)
    return Picture(
        canvas.finish(),
        label,
        (words["source"], words["carrier"], words["copies"],
         words["credits"]["credited"], words["credits"]["uncredited"]),
        tuple(
            (clean(names[f.source], 120), clean(names[f.carrier], 120),
             f"{f.articles:,}", f"{f.credited:,}", f"{f.uncredited:,}")
            for f in kept
        ),
        tuple((kind, own[kind]) for kind in ("mostly_credited", "mostly_uncredited", "mixed")),
        len(ranked) - len(kept),
        int(sheet.width),
    )  # fmt: skip


def _bound(ranked: Sequence[NetworkFlow], limit: int) -> list[NetworkFlow]:
    """Keep the flows between the busiest outlets; each has a flow with another one of them."""
    totals: Counter[str] = Counter()
    partners: dict[str, list[str]] = {}
    for flow in ranked:
        for own, other in ((flow.source, flow.carrier), (flow.carrier, flow.source)):
            totals[own] += flow.articles
            partners.setdefault(own, []).append(other)

    def rank(key: str) -> tuple[int, str]:
        return (-totals[key], key)

    chosen: set[str] = set()
    for key in sorted(totals, key=rank):
        if key in chosen:
            continue
        tied = any(other in chosen for other in partners[key])
        more = {key} if tied else {key, min(partners[key], key=rank)}
        if len(chosen) + len(more) <= limit:
            chosen |= more
    return [flow for flow in ranked if flow.source in chosen and flow.carrier in chosen]


def _name(flows: Sequence[NetworkFlow]) -> dict[str, str]:
    """What is written for every outlet."""
    names: dict[str, str] = {}
    for flow in flows:
        names.setdefault(flow.source, flow.source_name or flow.source)
        names.setdefault(flow.carrier, flow.carrier_name or flow.carrier)
    return names


def _measure(flows: Sequence[NetworkFlow]) -> dict[str, float]:
    """Radius of every outlet in pixels."""
    carried: dict[str, int] = {}
    for flow in flows:
        carried[flow.source] = carried.get(flow.source, 0) + flow.articles
        carried.setdefault(flow.carrier, 0)
    most = max(carried.values(), default=0) or 1
    return {name: 5.0 + 11.0 * sqrt(count / most) for name, count in carried.items()}


def _lay_out(flows: Sequence[NetworkFlow], sheet: _Sheet) -> tuple[dict[str, Point], float]:
    """Places in pixels, and the height that they need: groups in rows, the largest first."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((flow.source, flow.carrier) for flow in flows)
    order = {name: number for number, name in enumerate(graph)}
    groups = sorted(
        (sorted(group, key=order.__getitem__) for group in nx.connected_components(graph)),
        key=lambda group: (-len(group), order[group[0]]),
    )
    places: dict[str, Point] = {}
    left, top, row = 0.0, 0.0, 0.0
    for group in groups:
        width, height = _size(len(group), sheet)
        if left and left + width > sheet.width:
            left, top, row = 0.0, top + row, 0.0
        own = list(graph.edges(group))
        places |= _fit(group, own, (left, top), (width, height), sheet.label)
        left, row = left + width, max(row, height)
    return places, max(top + row, 40.0)


def _size(count: int, sheet: _Sheet) -> Point:
    """Pixels that a group of outlets takes."""
    cell = sheet.cell
    width = min(sheet.width, ceil(sqrt(count)) * cell * 1.25)
    return width, max(cell, min(sheet.tallest, count / (width / cell) * cell * 0.8))


def _fit(
    names: Sequence[str], ties: Sequence[tuple[str, str]], corner: Point, size: Point, label: float
) -> dict[str, Point]:
    """Lay out one group and stretch it over its rectangle."""
    graph = nx.Graph(ties)
    start = nx.circular_layout(names)
    found = nx.spring_layout(graph, pos=start, iterations=_STEPS, k=_SPACING / sqrt(len(names)))
    raw = [(float(found[name][0]), float(found[name][1])) for name in names]
    spans = []
    for axis in (0, 1):
        values = [point[axis] for point in raw]
        margin = label / 2 if axis == 0 else _MARGIN
        low, high = min(values), max(values)
        room = size[axis] - 2 * margin
        flat = high - low < 1e-6
        spans.append(
            (low, 0.0 if flat else room / (high - low), margin + (room / 2 if flat else 0))
        )
    return {
        name: (
            round(corner[0] + spans[0][2] + (point[0] - spans[0][0]) * spans[0][1], 1),
            round(corner[1] + spans[1][2] + (point[1] - spans[1][0]) * spans[1][1], 1),
        )
        for name, point in zip(names, raw, strict=True)
    }


def _draw_flow(
    canvas: Canvas,
    flow: NetworkFlow,
    names: dict[str, str],
    places: dict[str, Point],
    sizes: dict[str, float],
    most: int,
    width: float,
) -> None:
    start, end = places[flow.source], places[flow.carrier]
    length = hypot(end[0] - start[0], end[1] - start[1])
    if length < 1:
        return
    away = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    side = 2.5  # both directions of a pair lie beside each other
    start = (start[0] - away[1] * side, start[1] + away[0] * side)
    near = sizes[flow.carrier] + 2
    tip = (end[0] - away[1] * side - away[0] * near, end[1] + away[0] * side - away[1] * near)
    back = (tip[0] - away[0] * (_ARROW - 1), tip[1] - away[1] * (_ARROW - 1))
    weight = 1 + round(4 * log(flow.articles) / log(most)) if most > 1 else 1
    kind = _kind_of(flow)
    told = f"{clean(names[flow.source], 80)}\n→ {clean(names[flow.carrier], 80)}\n{flow.articles:,}"
    canvas.line(
        (start[0] / width, start[1]), (back[0] / width, back[1]), f"flow w{weight} {kind}", told
    )
    turn = atan2(away[1], -away[0] if canvas.mirrored else away[0])
    points = [(0.0, 0.0), *(_turned(turn + pi + lean, _ARROW) for lean in (-0.45, 0.45))]
    path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points) + "Z"
    canvas.mark(tip[0] / width, tip[1], path, f"tip {kind}")


def _turned(angle: float, length: float) -> Point:
    return length * cos(angle), length * sin(angle)


def _kind_of(flow: NetworkFlow) -> str:
    if flow.credited > _MOSTLY * flow.articles:
        return "mostly_credited"
    return "mostly_uncredited" if flow.uncredited > _MOSTLY * flow.articles else "mixed"


def _draw_outlet(canvas: Canvas, name: str, place: Point, radius: float, sheet: _Sheet) -> None:
    r = f"{radius:.2f}"
    circle = f"M-{r} 0a{r} {r} 0 1 0 {2 * radius:.2f} 0a{r} {r} 0 1 0 -{2 * radius:.2f} 0Z"
    canvas.mark(place[0] / sheet.width, place[1], circle, "outlet", clean(name, 200))
    shown = fit_width(name, sheet.label)
    canvas.text(place[0] / sheet.width, place[1] + radius + 14, shown, "middle", kind="name")
