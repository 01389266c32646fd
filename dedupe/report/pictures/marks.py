"""Relation -> the shape that stands for it: nobody has to tell two colours apart."""

from __future__ import annotations

from math import cos, pi, sin

from dedupe.models import Relation
from dedupe.report.pictures.canvas import polygon

__all__ = ["ORIGINAL", "shape_of"]

ORIGINAL = "original"
"""The kind of the mark of an original or earliest article; the others are relations."""


def _circle(radius: float) -> str:
    arc = f"a{radius:g} {radius:g} 0 1 0"
    return f"M{-radius:g} 0{arc} {2 * radius:g} 0{arc} {-2 * radius:g} 0Z"


def _star(radius: float) -> str:
    turns = ((n * pi / 5 - pi / 2, radius if n % 2 == 0 else radius * 0.45) for n in range(10))
    return polygon([(round(r * cos(a), 2), round(r * sin(a), 2)) for a, r in turns])


_SHAPES = {
    ORIGINAL: _star(9),
    Relation.IDENTICAL.value: _circle(5.5),
    Relation.EDITED.value: polygon([(0, -7), (7, 0), (0, 7), (-7, 0)]),
    Relation.EXCERPT.value: polygon([(-5, -5), (5, -5), (5, 5), (-5, 5)]),
    Relation.EMBEDS.value: polygon([(-6, -5), (6, -5), (0, 6)]),
    Relation.REVISION.value: polygon([(-6, 5), (6, 5), (0, -6)]),
}


def shape_of(kind: str) -> str:
    """Give the path of a mark around its middle; a circle for what has no shape of its own."""
    return _SHAPES.get(kind, _SHAPES[Relation.IDENTICAL.value])
