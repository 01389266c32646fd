"""Counts by period -> stacked bars over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dedupe.report.display import clean
from dedupe.report.pictures.canvas import Align, Canvas, Picture
from dedupe.report.reportable import UiLanguage
from dedupe.report.wording import load_messages

__all__ = ["draw_series"]

PERIODS = 400
_HEIGHT, _TOP, _AXIS = 160.0, 20.0, 24.0
_GAP = 0.18
_INSET = 0.05  # room for the numbers of the axis
_PLAIN = ("first", "second", "third", "fourth")


def draw_series(
    periods: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    names: Mapping[str, str],
    caption: str,
    language: UiLanguage,
) -> Picture:
    """Draw the counts of every kind on top of each other, one bar a period, the oldest first.

    `counts` maps a kind to as many numbers as there are `periods`; `names` gives its words. Kinds
    that are a credit ("credited", …) have its colour, others one of four. The last 400 are drawn.
    Raises ValueError where the numbers of a kind are not as many as the periods.
    """
    if any(len(values) != len(periods) for values in counts.values()):
        raise ValueError("every kind needs one count a period")
    kept = periods[-PERIODS:]
    shown = {kind: values[-PERIODS:] for kind, values in counts.items()}
    totals = [sum(max(0, v) for v in column) for column in zip(*shown.values(), strict=True)]
    most = max(totals, default=0)
    canvas = Canvas(language, _TOP + _HEIGHT + _AXIS, kind="series", label=caption)
    _draw_scale(canvas, most)
    for number, period in enumerate(kept):
        base = 0
        for kind, values in shown.items():
            count = max(0, values[number])
            if count:
                told = f"{clean(period, 40)}\n{clean(names[kind], 80)}: {count:,}"
                _draw_part(
                    canvas, number, len(kept), (base, count, most), _class_of(kind, shown), told
                )
            base += count
    _draw_periods(canvas, kept)
    head = (load_messages(language)["pictures"]["period"], *(clean(names[k], 80) for k in shown))
    rows = tuple(
        (clean(period, 40), *(f"{values[number]:,}" for values in shown.values()))
        for number, period in enumerate(kept)
    )
    legend = tuple((_class_of(kind, shown), clean(names[kind], 80)) for kind in shown)
    return Picture(canvas.finish(), clean(caption), head, rows, legend, len(periods) - len(kept))


_CREDITS = frozenset({"original", "credited", "agency", "uncredited", "unclear"})


def _class_of(kind: str, kinds: Mapping[str, Sequence[int]]) -> str:
    """Give the class of a kind: the names of kinds never get into the page as classes."""
    if kind in _CREDITS:
        return kind
    return _PLAIN[list(kinds).index(kind) % len(_PLAIN)]


def _draw_scale(canvas: Canvas, most: int) -> None:
    for step in _choose_steps(most):
        down = _down(step, most)
        canvas.line((0.0, down), (1.0, down), "axis" if step == 0 else "grid")
        if step:
            canvas.text(0.0, down - 4, f"{step:,}", kind="tick")


def _choose_steps(most: int) -> list[int]:
    """Choose two to five round numbers from 0 up to `most`."""
    size = 10 ** max(0, len(str(most)) - 2)
    step = next(size * n for n in (1, 2, 5, 10, 20, 50, 100) if size * n * 4 >= most)
    return list(range(0, most + 1, step))


def _down(value: float, most: int) -> float:
    return _TOP + _HEIGHT * (1 - value / most) if most else _TOP + _HEIGHT


def _draw_part(
    canvas: Canvas, number: int, count: int, part: tuple[int, int, int], kind: str, told: str
) -> None:
    base, value, most = part
    top, bottom = _down(base + value, most), _down(base, most)
    width = (1 - _INSET) / count
    start = _INSET + (number + _GAP / 2) * width
    canvas.bar(start, start + (1 - _GAP) * width, top, bottom - top, f"part {kind}", told)


def _draw_periods(canvas: Canvas, periods: Sequence[str]) -> None:
    """Name the first period, the last and two between, where they are far enough apart."""
    count = len(periods)
    wanted = sorted({0, count // 3, 2 * count // 3, count - 1}) if count else []
    if any(after - before < max(1, count // 5) for before, after in pairwise(wanted)):
        wanted = sorted({0, count - 1})
    for number in wanted:
        place = _INSET + (1 - _INSET) * (number + 0.5) / count
        align: Align = "middle"
        if count > 4 and number in (0, count - 1):
            place, align = (_INSET, "start") if number == 0 else (1.0, "end")
        words = clean(periods[number], 16)
        canvas.text(place, _TOP + _HEIGHT + 17, words, align, kind="tick")
