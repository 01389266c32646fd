"""A hit in a view -> the stretch a rule may see, and where in it a notice may begin."""

from __future__ import annotations

import re

from dedupe.attribution.credibility import Task
from dedupe.attribution.names import Place
from dedupe.attribution.view import View

__all__ = ["FIRST", "LEAD", "find_region", "find_starts", "is_in_window"]

_BACK, _AHEAD, _LINES_BACK, _LINES_AHEAD = 360, 420, 2, 3
FIRST = 160
"""A rule with window "first" looks at the first line only."""
LEAD = 90
"""The longest beginning of a pattern that is its anchor."""
_MOST_STARTS = 24


def is_in_window(view: View, window: str, index: int) -> bool:
    """Whether a hit stands where a rule with this window looks."""
    if window == "head":
        return view.in_head(index)
    if window == "tail":
        return view.in_tail(index)
    return window == "any" or view.offsets[index] < FIRST


def find_region(text: str, index: int, *, split: bool) -> tuple[int, int]:
    """The lines around a hit that a pattern may see, bounded in characters too."""
    low, high = text.rfind("\n", 0, index) + 1, text.find("\n", index)
    if split:
        for _ in range(_LINES_BACK):
            low = text.rfind("\n", 0, max(low - 1, 0)) + 1
        for _ in range(_LINES_AHEAD):
            further = text.find("\n", high + 1)
            high = further if further >= 0 else high
    return max(low, index - _BACK), min(high, index + _AHEAD)


_BEGINS = re.compile(r"[\n.!?。:;…\"'()/|*]|- |, ")


def _begins(text: str, low: int, high: int) -> list[int]:
    """Places in a region where something new begins: after a line break or a mark."""
    begins = [low] if text[low - 1 : low] == "\n" else []
    begins += [begin.end() for begin in _BEGINS.finditer(text, low, high)]
    starts: dict[int, None] = {}
    for begin in begins:
        at = begin
        while at < high and text[at] in " *-\"'|":
            at += 1
        starts[at] = None
    return list(starts)


def find_starts(
    text: str, task: Task, region: Place, index: int, begins: dict[Place, list[int]]
) -> list[int]:
    """Where a match may begin: after something that ends a unit, as the rule's `where` says."""
    where = task.rule.where
    if "inline" in where:
        return [m.start() for m in task.pattern.regex.finditer(text, *region)][:4]
    if region not in begins:
        begins[region] = _begins(text, *region)
    # a pattern that begins with its anchor begins where that stands, `index` being its end
    first = index - LEAD if task.pattern.leads else 0
    before = [at for at in begins[region] if first <= at <= index][-_MOST_STARTS:]
    initials = task.pattern.initials
    if initials:
        before = [at for at in before if text[at] in initials]
    return [at for at in before if _stands(text, at, where)]


def _stands(text: str, at: int, where: frozenset[str]) -> bool:
    """Whether what stands before `at` is what the rule asks for."""
    before = at - 1
    while before > 0 and text[before] in " *\"'":
        before -= 1
        if text[before + 1] == "*" and text[before] == " ":
            return "segment" in where
    char = text[before] if before >= 0 else "\n"
    if char == "\n" or char == "\ue000":
        return "line" in where
    if char == "(":
        return "bracket" in where
    if char in ".!?。…:;)":
        return "sentence" in where
    if char in "-/|,":
        return "segment" in where and char != "," and (text[before - 1] in " \n-" or char in "|/")
    # a quote that closes a sentence: the mark before it was skipped
    return "sentence" in where and '"' in text[before:at]
