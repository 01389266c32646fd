"""A line of a text -> whether it is furniture of its page, by the language files' phrases."""

from __future__ import annotations

from dataclasses import dataclass

from dedupe.attribution.rules import FurnitureRule
from dedupe.attribution.syntax import Pattern
from dedupe.attribution.view import View
from dedupe.models import Furniture

__all__ = ["Furnishing", "furnish"]

_LONGEST, _MOST = 300, 12
"""Characters of a line, and phrases on it."""


@dataclass(frozen=True, slots=True)
class Furnishing:
    """One pattern of a rule."""

    rule: FurnitureRule
    pattern: Pattern
    whole: bool  # the line has to consist of such phrases; else it only begins with one


def furnish(view: View, entry: Furnishing, line: int) -> list[Furniture]:
    """The line that begins at `line` as furniture, if `entry` says that it is."""
    text = view.text
    end = text.find("\n", line)
    start = line
    while start < end and text[start] in ' *-"|':
        start += 1
    match = entry.pattern.regex.match(text, start, end)
    if match is None or end - line > _LONGEST:
        return []
    if entry.whole and not _all_furniture(text, match.end(), end, entry.rule):
        return []
    return [Furniture(*view.span(line, end), entry.rule.id)]


def _all_furniture(text: str, at: int, end: int, rule: FurnitureRule) -> bool:
    """Whether the rest of a line is phrases of the same rule, marks and numbers."""
    for _ in range(_MOST):
        while at < end and not text[at].isalpha():
            at += 1
        if at >= end:
            return True
        lines = (p for p in rule.lines if not p.initials or text[at] in p.initials)
        ends = [m.end() for p in lines if (m := p.regex.match(text, at, end))]
        if not ends or max(ends) == at:
            return False
        at = max(ends)
    return False
