"""Who has a text from whom -> boxes and arrows in the reading direction, the source first.

Claims may go in a circle (two outlets that credit each other): a circle shares one column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from dedupe.report.display import clean
from dedupe.report.pictures.canvas import PHONE, Canvas, Picture, fit_width
from dedupe.report.reportable import UiLanguage
from dedupe.report.wording import load_messages

__all__ = ["ChainLink", "draw_chain", "list_links"]

BOXES = 40
_COLUMN, _BOX, _ROW, _BOX_HEIGHT = 190.0, 150.0, 54.0, 36.0
_INNER = 12.0
_ARROW = 7.0


@dataclass(frozen=True, slots=True)
class ChainLink:
    """`carrier` has the text from `source`."""

    source: str
    carrier: str


def list_links(chain: Sequence[str]) -> list[ChainLink]:
    """Make the links of a chain of names, the source first, as `Provenance.chain` has it."""
    return [ChainLink(source, carrier) for source, carrier in pairwise(chain)]


def draw_chain(links: Sequence[ChainLink], language: UiLanguage) -> Picture:
    """Draw who has it from whom, at most 40 names."""
    words = load_messages(language)
    kept, names = _bound(links)
    label = words["pictures"]["chain"].format(count=f"{len(names):,}")
    columns = _arrange(kept, names)
    height = max((len(column) for column in columns), default=0) * _ROW + 8
    width = max(1, len(columns)) * _COLUMN
    canvas = Canvas(language, height, kind="chain fixed", label=label, width=width)
    places = _place(columns, width, height)
    for link in kept:
        _draw_arrow(canvas, places[link.source], places[link.carrier], width)
    for number, name in enumerate(names):
        kind = "source" if number == 0 else "carrier"
        _draw_box(canvas, places[name], width, name, kind)
    in_line = 1 < len(names) == len(columns) == len(kept) + 1
    down = [column[0] for column in columns]
    head = words["source"], words["carrier"]
    rows = tuple((clean(link.source, 120), clean(link.carrier, 120)) for link in kept)
    return Picture(
        canvas.finish(),
        label,
        head,
        rows,
        unshown=len(set(links)) - len(kept),
        width=int(width),
        small=_draw_down(down, language, label) if in_line else None,
    )


def _draw_down(names: Sequence[str], language: UiLanguage, label: str) -> Picture:
    """Draw a chain in which everyone has one source, from top to bottom, as wide as a phone."""
    canvas = Canvas(language, len(names) * _ROW, kind="chain fixed", label=label, width=PHONE)
    for number, name in enumerate(names):
        down = (number + 0.5) * _ROW
        if number:
            head = down - _BOX_HEIGHT / 2
            canvas.line((0.5, head - _ROW + _BOX_HEIGHT), (0.5, head), "arrow")
            canvas.mark(0.5, head, f"M0 0L-4 {-_ARROW:g}L4 {-_ARROW:g}Z", "arrowhead")
        kind = "source" if number == 0 else "carrier"
        _draw_box(canvas, (0.5, down), PHONE, name, kind, PHONE - 30)
    return Picture(canvas.finish(), label, (), (), width=int(PHONE))


def _bound(links: Sequence[ChainLink]) -> tuple[list[ChainLink], list[str]]:
    """Keep the first links and names, in the order they come, each once."""
    names: dict[str, None] = {}
    kept: dict[tuple[str, str], ChainLink] = {}
    for link in links:
        new = {link.source, link.carrier} - names.keys()
        if link.source == link.carrier or len(names) + len(new) > BOXES:
            continue
        names.update(dict.fromkeys((link.source, link.carrier)))
        kept.setdefault((link.source, link.carrier), link)
    return list(kept.values()), list(names)


def _arrange(links: Sequence[ChainLink], names: Sequence[str]) -> list[list[str]]:
    """Columns of names: everyone stands behind those it has the text from."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from((link.source, link.carrier) for link in links)
    order = {name: number for number, name in enumerate(names)}
    folded = nx.condensation(graph)
    columns: list[list[str]] = []
    for generation in nx.topological_generations(folded):
        members = [name for part in generation for name in folded.nodes[part]["members"]]
        columns.append(sorted(members, key=order.__getitem__))
    return columns


def _place(
    columns: Sequence[Sequence[str]], width: float, height: float
) -> dict[str, tuple[float, float]]:
    """Middles of the boxes: share across, pixels down."""
    places = {}
    for number, column in enumerate(columns):
        top = (height - len(column) * _ROW) / 2
        for row, name in enumerate(column):
            places[name] = ((number + 0.5) * _COLUMN / width, top + (row + 0.5) * _ROW)
    return places


def _draw_box(
    canvas: Canvas,
    place: tuple[float, float],
    width: float,
    name: str,
    kind: str,
    box: float = _BOX,
) -> None:
    half = box / 2 / width
    top = place[1] - _BOX_HEIGHT / 2
    told = clean(name, 200)
    canvas.bar(place[0] - half, place[0] + half, top, _BOX_HEIGHT, f"box {kind}", told)
    shown = fit_width(name, box - 2 * _INNER)
    canvas.text(place[0], place[1] + 5, shown, "middle", kind="name")


def _draw_arrow(
    canvas: Canvas, start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    half = _BOX / 2 / width
    forward = end[0] > start[0]
    if end[0] == start[0]:  # a circle: beside each other in one column
        low, high = sorted((start[1], end[1]))
        across = (start[0], low + _BOX_HEIGHT / 2), (start[0], high - _BOX_HEIGHT / 2)
        canvas.line(*across, "arrow")
        return
    tail = start[0] + (half if forward else -half)
    head = end[0] - (half if forward else -half)
    canvas.line((tail, start[1]), (head, end[1]), "arrow")
    side = -_ARROW if forward != canvas.mirrored else _ARROW
    path = f"M0 0L{side:g} {-_ARROW * 0.6:g}L{side:g} {_ARROW * 0.6:g}Z"
    canvas.mark(head, end[1], path, "arrowhead")
