"""Times of articles -> how a text spread: a spark for a row, a lane an outlet for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dedupe.models import Cluster, Relation
from dedupe.report.display import clean, format_gap, format_time, to_utc
from dedupe.report.pictures.canvas import Canvas, Picture, fit_width
from dedupe.report.pictures.marks import ORIGINAL, shape_of
from dedupe.report.reportable import UiLanguage
from dedupe.report.timeline import draw_timeline
from dedupe.report.wording import load_messages

__all__ = ["Appearance", "draw_spark", "draw_spread", "list_appearances"]

LANES = 12
"""Outlets with a lane of their own, those that had the text first; one more holds the others."""
MARKS = 400
"""Articles drawn: more lie on top of each other."""
_LANE, _TOP, _AXIS = 38.0, 6.0, 26.0
_MARGIN = 0.02
_SPARK_HEIGHT = 22.0
_LABEL_WIDTH = 300.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """One article in time; `kind` is "original" or the value of its relation."""

    time: datetime
    outlet: str | None
    title: str
    kind: str


def list_appearances(cluster: Cluster) -> list[Appearance]:
    """List the members of a cluster that have a time, the earliest first, then by id."""
    points = [(point.time, point.member) for point in draw_timeline(cluster).points]
    return [
        Appearance(time, m.outlet, m.title, m.relation.value if m.relation else ORIGINAL)
        for time, m in points
    ]


def draw_spark(
    steps: Sequence[int], first: datetime | None, last: datetime | None, language: UiLanguage
) -> Picture:
    """Draw how many articles appeared in each of equal steps from the first to the last time."""
    words = load_messages(language)["pictures"]
    label = words["spark"].format(count=f"{sum(steps):,}")
    if first is not None and last is not None:
        label += f" · {format_time(first)}"
        if last > first:
            label += f" · {_tell_gap(first, last, language)}"
    canvas = Canvas(language, _SPARK_HEIGHT, kind="spark", label=label)
    if any(steps):
        canvas.line((0.0, _SPARK_HEIGHT - 0.5), (1.0, _SPARK_HEIGHT - 0.5), "axis")
    for step, count in enumerate(steps):
        if count:
            height = max(3.0, (_SPARK_HEIGHT - 2) * count / max(steps))
            start, wide = step / len(steps), 0.8 / len(steps)
            canvas.bar(start, start + wide, _SPARK_HEIGHT - 1 - height, height, "count")
    return Picture(canvas.finish(), label, (), ())


def draw_spread(
    appearances: Sequence[Appearance], language: UiLanguage, limit: int = MARKS
) -> Picture:
    """Draw the articles of a cluster in time, one lane an outlet, a shape and colour a relation.

    The first `limit` are drawn.
    """
    words = load_messages(language)
    own = words["pictures"]
    found = sorted(appearances, key=lambda a: (to_utc(a.time), a.outlet or "", a.title, a.kind))
    lanes = _assign_lanes(found)
    caption = own["spread"].format(count=f"{len(found):,}", outlets=f"{len(lanes):,}")
    rows = tuple(
        (format_time(a.time), a.outlet or words["no_outlet"], clean(a.title), _name(a.kind, words))
        for a in found[:limit]
    )
    count = min(len(lanes), LANES + 1)
    canvas = Canvas(language, _TOP + count * _LANE + _AXIS, kind="spread", label=caption)
    if found:
        _draw_lanes(canvas, lanes, count, words)
        _draw_marks(canvas, found[:limit], lanes, words)
        _draw_axis(canvas, found, _TOP + count * _LANE, language)
    kinds = [kind for kind in _ORDER if any(a.kind == kind for a in found)]
    return Picture(
        canvas.finish(),
        caption,
        (words["time"], words["outlet"], words["article"], words["relation"]),
        rows,
        tuple((kind, _name(kind, words)) for kind in kinds),
        len(found) - len(rows),
    )


_ORDER = (ORIGINAL, *(relation.value for relation in Relation))


def _name(kind: str, words: dict[str, object]) -> str:
    if kind == ORIGINAL:
        return str(words["credits"][ORIGINAL])  # type: ignore[index]
    return str(words["relation_names"].get(kind, kind))  # type: ignore[attr-defined]


def _assign_lanes(found: Sequence[Appearance]) -> dict[str | None, int]:
    """Outlets in the order of their first article."""
    lanes: dict[str | None, int] = {}
    for appearance in found:
        lanes.setdefault(appearance.outlet or None, len(lanes))
    return lanes


def _draw_lanes(
    canvas: Canvas, lanes: dict[str | None, int], count: int, words: dict[str, object]
) -> None:
    names = [outlet or str(words["no_outlet"]) for outlet in lanes]
    if len(names) > count:
        others = words["pictures"]["other_outlets"]  # type: ignore[index]
        names[count - 1 :] = [others.format(count=f"{len(names) - count + 1:,}")]
    for lane, name in enumerate(names):
        down = _TOP + lane * _LANE
        canvas.text(0.0, down + 13, fit_width(name, _LABEL_WIDTH), kind="name")
        canvas.line((0.0, down + 26), (1.0, down + 26), "lane")


def _draw_marks(
    canvas: Canvas,
    found: Sequence[Appearance],
    lanes: dict[str | None, int],
    words: dict[str, object],
) -> None:
    first, last = to_utc(found[0].time), to_utc(found[-1].time)
    for appearance in reversed(found):  # the earliest lies on top
        across = _MARGIN + (1 - 2 * _MARGIN) * _share(to_utc(appearance.time), first, last)
        lane = min(lanes[appearance.outlet or None], LANES)
        outlet = clean(appearance.outlet or str(words["no_outlet"]), 80)
        lines = (format_time(appearance.time), outlet, clean(appearance.title, 120))
        told = "\n".join((*lines, _name(appearance.kind, words)))
        path, down = shape_of(appearance.kind), _TOP + lane * _LANE + 26
        canvas.mark(across, down, path, f"point {_class_of(appearance.kind)}", told)


def _class_of(kind: str) -> str:
    return kind if kind in _ORDER else Relation.IDENTICAL.value


def _draw_axis(
    canvas: Canvas, found: Sequence[Appearance], down: float, language: UiLanguage
) -> None:
    first, last = found[0].time, found[-1].time
    canvas.text(0.0, down + 18, format_time(first), kind="tick")
    if to_utc(first) != to_utc(last):
        gap = _tell_gap(first, last, language)
        canvas.text(0.5, down + 18, gap, "middle", kind="tick")
        canvas.text(1.0, down + 18, format_time(last), "end", kind="tick")


def _tell_gap(first: datetime, last: datetime, language: UiLanguage) -> str:
    words = load_messages(language)
    units = (words["days"], words["hours"], words["minutes"])
    return format_gap(to_utc(last) - to_utc(first), units)


def _share(moment: datetime, low: datetime, high: datetime) -> float:
    whole = (high - low).total_seconds()
    return min(1.0, max(0.0, (moment - low).total_seconds() / whole)) if whole > 0 else 0.0
