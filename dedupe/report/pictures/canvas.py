"""Shapes and words -> one SVG element that a strict content policy lets through.

No script, no `style` attribute or element, no address: colours and fonts come from the classes that
`pictures.css` knows, so a picture follows the theme of the page around it. Across, places are
percentages, so that a picture is as wide as its page while its letters keep their size; downwards
they are pixels. Where the page reads from right to left the canvas mirrors the places, not the
letters. Every piece of text stands in an element of its own with the direction of its first strong
letter: it cannot reorder its neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from dedupe.report.display import clean, is_rightward
from dedupe.report.reportable import UiLanguage

__all__ = [
    "PHONE",
    "Align",
    "Canvas",
    "Picture",
    "estimate_width",
    "fit_width",
    "polygon",
]

PHONE = 290.0
"""Pixels that a phone of 360 leaves between the margins of a page and of a panel."""

Align = Literal["start", "middle", "end"]
_EM = 13.0  # the font size of pictures.css, in pixels
_NARROW, _WIDE = 0.58, 1.05  # of an em, a little above the mean of sans-serif faces
_MARKS = frozenset({"Mn", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture, and the same in words for who cannot see it.

    `svg` is safe markup. `caption` says what is shown; `head` and `rows` are the table that stands
    for the picture, text as it came, to be escaped and isolated by the template. `legend` lists
    (class, words) of the colours; `unshown` counts what the bound of the picture left out.
    `width` is the least width in pixels it can be read at: a narrower page scrolls it, or shows
    `small` in its place where there is one, which is as wide as a phone.
    """

    svg: Markup
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()
    unshown: int = 0
    width: int = 0
    small: Picture | None = None


def estimate_width(text: str) -> float:
    """Estimate the width of a line in pixels; the server does not know the reader's font."""
    ems = 0.0
    for character in text:
        if unicodedata.category(character) in _MARKS:
            continue
        ems += _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW
    return ems * _EM


def fit_width(text: str, width: float) -> str:
    """Clean a name and cut it to a width in pixels, an ellipsis in place of what is cut."""
    line = clean(text, max(1, int(width / _EM * 6)))  # marks have no width, but are bounded
    if estimate_width(line) <= width:
        return line
    while line and estimate_width(line) > width - _EM:
        line = line[:-1]
    return line.rstrip() + "…"


class Canvas:
    """Collects shapes; `across` are shares in [0, 1] of the width, `down` pixels."""

    def __init__(
        self, language: UiLanguage, height: float, *, kind: str, label: str, width: float = 0
    ) -> None:
        """`kind` is a class beside `picture`; `label` is the accessible name.

        With a `width` in pixels the picture keeps that size, for shapes that depend on angles.
        """
        self.mirrored = language == "ar"
        self._height, self._width = float(height), float(width)
        self._kind, self._label = kind, clean(label, 400)
        self._parts: list[Markup] = []

    def line(
        self, start: tuple[float, float], end: tuple[float, float], kind: str, told: str = ""
    ) -> None:
        """Draw a line."""
        across = {"x1": self._place(start[0]), "x2": self._place(end[0])}
        self._add("line", {"class": kind, **across, "y1": start[1], "y2": end[1]}, told)

    def bar(
        self, start: float, end: float, top: float, height: float, kind: str, told: str = ""
    ) -> None:
        """Draw a bar from `start` to `end` across."""
        left = end if self.mirrored else start
        across = {"x": self._place(left), "width": self._length(abs(end - start))}
        self._add("rect", {"class": kind, **across, "y": top, "height": height}, told)

    def mark(self, across: float, down: float, path: str, kind: str, told: str = "") -> None:
        """Draw a path around a point; the path is ours, and not mirrored."""
        place = {"x": self._place(across), "y": down, "class": "at"}
        inner = _element("path", {"class": kind, "d": path}, _title(told))
        self._parts.append(_element("svg", place, inner))

    def text(
        self, across: float, down: float, words: str, align: Align = "start", kind: str = ""
    ) -> None:
        """Write one line; `align` is in the reading direction of the page."""
        rightward = is_rightward(words)
        if align != "middle" and rightward != self.mirrored:
            align = "end" if align == "start" else "start"
        self._add(
            "text",
            {
                "class": kind or None,
                "x": self._place(across),
                "y": down,
                "text-anchor": align,
                "direction": "rtl" if rightward else "ltr",
            },
            words=words,
        )

    def finish(self) -> Markup:
        """Give the whole picture."""
        attributes: dict[str, object] = {
            "class": f"picture {self._kind}",
            "role": "img",
            "aria-label": self._label,
            "width": self._width or "100%",
            "height": self._height,
        }
        return _element("svg", attributes, _title(self._label) + Markup("").join(self._parts))

    def _place(self, across: float) -> object:
        return self._length(1.0 - across if self.mirrored else across)

    def _length(self, share: float) -> object:
        return share * self._width if self._width else f"{round(100 * share, 2) + 0.0:g}%"

    def _add(
        self, name: str, attributes: dict[str, object], told: str = "", words: str = ""
    ) -> None:
        self._parts.append(_element(name, attributes, _title(told) + escape(words)))


def _title(told: str) -> Markup:
    return _element("title", {}, escape(told)) if told else Markup("")


def _element(name: str, attributes: dict[str, object], inner: Markup) -> Markup:
    given = [(key, value) for key, value in attributes.items() if value is not None]
    written = "".join(f' {key}="{escape(_number(value))}"' for key, value in given)
    return Markup(f"<{name}{written}>{inner}</{name}>")  # noqa: S704 - all parts are escaped


def _number(value: object) -> object:
    """Two decimals are a hundredth of a pixel; the last bits of a float differ by processor."""
    return f"{round(value, 2) + 0.0:g}" if isinstance(value, float) else value


def polygon(points: Sequence[tuple[float, float]]) -> str:
    """Give the path of a closed polygon."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"
