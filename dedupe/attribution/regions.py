"""A hit in a view -> the stretch a rule may see, and where in it a notice may begin.

Many patterns ask for the same stretch of one article, so everything is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dedupe.attribution.credibility import Task
from dedupe.attribution.names import Place
from dedupe.attribution.view import View

__all__ = ["FIRST", "STRIDE", "Needles", "Regions"]

_BACK, _AHEAD, _LINES_BACK, _LINES_AHEAD = 360, 420, 2, 3
FIRST = 160
"""A rule with window "first" looks at the first line only."""
_LEAD = 90
"""The longest beginning of a pattern that is its anchor."""
STRIDE = _LEAD // 3
"""Places so far apart miss none where a match may begin."""
_MOST_STARTS, _MOST_INLINE = 24, 4
# one set of characters first: the search for it is six times faster than for alternatives
_BEGINS = re.compile(r"[\n.!?。:;…\"'()/|*,-](?:(?<![,-])| )")
_WORD_OR_MARK, _DIGIT = re.compile(r"\w+|[^\w\s]"), re.compile(r"\d")
_UNSPACED = re.compile("[\u2e80-\U0010ffff]")


Needles = tuple[int, tuple[str, ...]]
"""A set of words and its number: many patterns ask for the same."""


class Regions:
    """Stretches of one view, as hits ask for them."""

    def __init__(self, view: View) -> None:
        self.view, self._text = view, view.text
        self._around: dict[tuple[int, bool], Place] = {}
        self._begins: dict[Place, list[tuple[int, str]]] = {}
        self._starts: dict[tuple[int, bool, frozenset[str]], tuple[Place, list[int]]] = {}
        self._words: dict[Place, frozenset[str]] = {}
        self._held: dict[Place, dict[int, bool]] = {}

    def is_in_window(self, window: str, index: int) -> bool:
        """Whether a hit stands where a rule with this window looks."""
        if window == "any":
            return True
        if window == "head":
            return self.view.in_head(index)
        if window == "tail":
            return self.view.in_tail(index)
        return self.view.offsets[index] < FIRST

    def around(self, index: int, *, split: bool) -> Place:
        """Give the lines around a hit that a pattern may see, bounded in characters too."""
        found = self._around.get((index, split))
        if found is None:
            found = self._around[index, split] = _find_region(self._text, index, split=split)
        return found

    def words(self, region: Place) -> frozenset[str]:
        """Words and marks of a region; "0" for a digit, a blank for a script that sets none."""
        found = self._words.get(region)
        if found is None:
            words = set(_WORD_OR_MARK.findall(self._text, *region))
            words |= {"0"} if _DIGIT.search(self._text, *region) else set()
            words |= {" "} if _UNSPACED.search(self._text, *region) else set()
            found = self._words[region] = frozenset(words)
        return found

    def may_hold(self, region: Place, needles: Iterable[Needles]) -> bool:
        """Whether a region holds one of each of these sets of words."""
        known = self._held.setdefault(region, {})
        text, (low, high) = self._text, region
        for number, words in needles:
            held = known.get(number)
            if held is None:
                held = False
                for word in words:
                    if text.find(word, low, high) >= 0:
                        held = True
                        break
                known[number] = held
            if not held:
                return False
        return True

    def starts(self, task: Task, index: int) -> tuple[Place, list[int]]:
        """What a pattern may see, and where in it a match may begin.

        That is after something that ends a unit, as the rule's `where` says.
        """
        where, pattern = task.rule.where, task.pattern
        key = (index, pattern.split, where)
        found = self._starts.get(key)
        if found is None:
            region = self.around(index, split=pattern.split)
            starts = [] if "inline" in where else self._find_starts(region, where, index)
            found = self._starts[key] = region, starts
        region, starts = found
        if "inline" in where:
            inline = pattern.regex.finditer(self._text, *region)
            return region, [m.start() for m, _ in zip(inline, range(_MOST_INLINE), strict=False)]
        if pattern.leads:  # it begins where its anchor stands, `index` being its end
            starts = [at for at in starts if at >= index - _LEAD]
        if pattern.initials:
            starts = [at for at in starts if self._text[at] in pattern.initials]
        return region, starts

    def _find_starts(self, region: Place, where: frozenset[str], index: int) -> list[int]:
        begins = self._begins.get(region)
        if begins is None:
            begins = self._begins[region] = _begins(self._text, *region)
        return [at for at, place in begins if place in where and at <= index][-_MOST_STARTS:]


def _find_region(text: str, index: int, *, split: bool) -> Place:
    low, high = text.rfind("\n", 0, index) + 1, text.find("\n", index)
    if split:
        for _ in range(_LINES_BACK):
            low = text.rfind("\n", 0, max(low - 1, 0)) + 1
        for _ in range(_LINES_AHEAD):
            further = text.find("\n", high + 1)
            high = further if further >= 0 else high
    return max(low, index - _BACK), min(high, index + _AHEAD)


def _begins(text: str, low: int, high: int) -> list[tuple[int, str]]:
    """Places in a region where something new begins, after a line break or a mark, and what."""
    begins = [low] if text[low - 1 : low] == "\n" else []
    begins += [begin.end() for begin in _BEGINS.finditer(text, low, high)]
    starts: dict[int, str] = {}
    for begin in begins:
        at = begin
        while at < high and text[at] in " *-\"'|":
            at += 1
        if at not in starts:
            starts[at] = _place_of(text, at)
    return list(starts.items())


def _place_of(text: str, at: int) -> str:
    """What begins at a place, told by what stands before it; empty = nothing a rule asks for."""
    before = at - 1
    while before > 0 and text[before] in " *\"'":
        before -= 1
        if text[before + 1] == "*" and text[before] == " ":
            return "segment"
    char = text[before] if before >= 0 else "\n"
    if char == "\n" or char == "\ue000":
        return "line"
    if char == "(":
        return "bracket"
    if char in ".!?。…:;)":
        return "sentence"
    if char in "-/|,":
        apart = char != "," and (text[before - 1] in " \n-" or char in "|/")
        return "segment" if apart else ""
    # a quote that closes a sentence: the mark before it was skipped
    return "sentence" if '"' in text[before:at] else ""
