"""Two texts and their differences -> rows that stand beside each other, with everything marked.

A row ends where either text begins a new paragraph at a place where both say the same, so that what
belongs together stays level however much was put in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dedupe.differences import Difference
from dedupe.models import Span, SpanPair
from dedupe.normalize import Tokens, tokenize
from dedupe.report.marking import Mark, Piece, mark_paragraphs

__all__ = ["Aligned", "Row", "SideText", "align_texts", "share_out"]

SHOWN = 100_000
"""Code points of each text on a page; the API gives all."""
_PASSAGES = 60
_FLAGS = ("number", "date", "name")
_FLAGGED = 80  # code points: what holds whole sentences is new text, not a changed figure

RowKind = Literal["same", "changed", "left", "right"]


@dataclass(frozen=True, slots=True)
class SideText:
    """One of the texts; `cuts` are its notices and furniture."""

    body: str
    cuts: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What stands level: paragraphs of pieces; `kind` "left" or "right" where one side is empty."""

    kind: RowKind
    left: list[list[Piece]]
    right: list[list[Piece]]


@dataclass(frozen=True, slots=True)
class Aligned:
    """All rows; `unshown` counts code points of both texts beyond the bound of a page."""

    rows: list[Row]
    passages: int
    counts: Mapping[str, int]
    unshown: int


def align_texts(
    left: SideText,
    right: SideText,
    differences: Sequence[Difference],
    spans: Sequence[SpanPair],
    flag_words: Mapping[str, str],
) -> Aligned:
    """Lay two texts beside each other.

    `differences` are those of the two bodies in order, `spans` the passages in common;
    `flag_words` says "number", "date", "name", "notice" and "passage" in the language of the page.
    """
    bounds = _find_rows(left.body, right.body, differences)
    kept = [bound for bound in bounds if bound[0] < SHOWN and bound[2] < SHOWN]
    if kept:  # a single paragraph may be longer than the page takes
        *first, (a, b, c, d) = kept
        kept = [*first, (a, min(b, SHOWN), c, min(d, SHOWN))]
    passages = sorted(spans)[:_PASSAGES]
    ours, theirs = _mark_sides(left, right, differences, passages, flag_words)
    shares = zip(
        share_out(ours, [bound[:2] for bound in kept]),
        share_out(theirs, [bound[2:] for bound in kept]),
        strict=True,
    )
    rows = [
        _make_row(left.body, right.body, bound, *marks)
        for bound, marks in zip(kept, shares, strict=True)
    ]
    shown = sum(bound[1] - bound[0] + bound[3] - bound[2] for bound in kept)
    counts = {flag: sum(getattr(each, flag) for each in differences) for flag in _FLAGS}
    counts["differences"] = len(differences)
    counts["notice"] = sum(each.notice for each in differences)
    whole = len(left.body) + len(right.body)
    return Aligned(rows, len(passages), counts, whole - shown)


# --- rows -----------------------------------------------------------------------------------------


def _find_rows(
    left: str, right: str, differences: Sequence[Difference]
) -> list[tuple[int, int, int, int]]:
    """Code points of the rows: `(left_start, left_end, right_start, right_end)`."""
    words, others = tokenize(left), tokenize(right)
    ends_line, ends_other_line = _begin_lines(left, words), _begin_lines(right, others)
    cuts = [(0, 0)]
    at, other_at = 0, 0
    for first, last, other_first, other_last in [
        *(_in_words(each, words, others) for each in differences),
        (len(words.ids), len(words.ids), len(others.ids), len(others.ids)),
    ]:
        run = min(first - at, other_first - other_at)
        if run >= 0:
            here = ends_line[at : at + run + 1] | ends_other_line[other_at : other_at + run + 1]
            cuts += [
                (_cut_before(left, words, at + step), _cut_before(right, others, other_at + step))
                for step in np.flatnonzero(here).tolist()
            ]
        at, other_at = last, other_last
    cuts.append((len(left), len(right)))
    return [
        (low[0], high[0], low[1], high[1])
        for low, high in pairwise(cuts)
        if left[low[0] : high[0]].strip() or right[low[1] : high[1]].strip()
    ]


def _in_words(each: Difference, words: Tokens, others: Tokens) -> tuple[int, int, int, int]:
    first, last = np.searchsorted(words.starts, [each.left_start, each.left_end]).tolist()
    other_first, other_last = np.searchsorted(
        others.starts, [each.right_start, each.right_end]
    ).tolist()
    return first, max(first, last), other_first, max(other_first, other_last)


def _begin_lines(text: str, words: Tokens) -> NDArray[np.bool_]:
    """Whether a line ends between each word and the one before; one more for the end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    line_ends = np.flatnonzero(codes == ord("\n"))
    before = np.concatenate(([0], words.ends)).astype(np.int64)
    after = np.concatenate((words.starts, [len(text)])).astype(np.int64)
    found: NDArray[np.bool_] = np.searchsorted(line_ends, after) > np.searchsorted(
        line_ends, before
    )
    found[0] = found[-1] = False
    return found


def _cut_before(text: str, words: Tokens, word: int) -> int:
    """Where the row of a word begins: behind the line end, else the space, before it."""
    low = int(words.ends[word - 1]) if word else 0
    high = int(words.starts[word]) if word < len(words.starts) else len(text)
    line_end = text.rfind("\n", low, high)
    if line_end >= 0:
        return line_end + 1
    space = next((place for place in range(high, low, -1) if text[place - 1].isspace()), None)
    return high if space is None else space


# --- marks ----------------------------------------------------------------------------------------


def _mark_sides(
    left: SideText,
    right: SideText,
    differences: Sequence[Difference],
    passages: Sequence[SpanPair],
    words: Mapping[str, str],
) -> tuple[list[Mark], list[Mark]]:
    ours = [Mark(*cut, "aside", words["notice"]) for cut in left.cuts]
    theirs = [Mark(*cut, "aside", words["notice"]) for cut in right.cuts]
    for number, (a, b, c, d) in enumerate(passages, 1):
        note = words["passage"].format(n=number)
        ours.append(Mark(a, b, "passage", note, f"left-{number}", f"right-{number}"))
        theirs.append(Mark(c, d, "passage", note, f"right-{number}", f"left-{number}"))
    for each in differences:
        short = max(len(each.left), len(each.right)) <= _FLAGGED
        flags = [flag for flag in _FLAGS if getattr(each, flag)] if short else []
        note = " · ".join(words[flag] for flag in flags)
        for marks, start, end, kind in (
            (ours, each.left_start, each.left_end, "removed"),
            (theirs, each.right_start, each.right_end, "added"),
        ):
            marks.append(Mark(start, end, kind, note))
            marks += [Mark(start, end, f"flag-{flag}") for flag in flags]
    return ours, theirs


def _make_row(
    left: str,
    right: str,
    bound: tuple[int, int, int, int],
    ours: Sequence[Mark],
    theirs: Sequence[Mark],
) -> Row:
    here = mark_paragraphs(left, ours, bound[0], bound[1])
    there = mark_paragraphs(right, theirs, bound[2], bound[3])
    return Row(_kind_of(here, there), here, there)


def share_out(marks: Sequence[Mark], parts: Sequence[tuple[int, int]]) -> list[list[Mark]]:
    """The marks that reach into each part `(start, end)` of a text; parts follow each other.

    One walk along both: a page may have thousands of rows and marks.
    """
    waiting = sorted((mark for mark in marks if mark.start < mark.end), key=lambda m: m.start)
    shares: list[list[Mark]] = []
    active: list[Mark] = []
    coming = 0
    for start, end in parts:
        first = coming
        while coming < len(waiting) and waiting[coming].start < end:
            coming += 1
        active = [mark for mark in (*active, *waiting[first:coming]) if mark.end > start]
        shares.append(active)
    return shares


def _kind_of(left: list[list[Piece]], right: list[list[Piece]]) -> RowKind:
    if not left or not right:
        return "left" if left else "right"
    pieces = [piece for paragraph in (*left, *right) for piece in paragraph]
    changed = any(kind in ("removed", "added") for piece in pieces for kind in piece.kinds)
    return "changed" if changed else "same"
