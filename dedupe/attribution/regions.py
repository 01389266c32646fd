"""A hit in a view -> the stretch a rule may see, and where in it a notice may begin.

Many patterns ask for the same stretch of one article, so everything is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dedupe.attribution.beginnings import last_beginnings
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
_WORD, _DIGIT = re.compile(r"\w+"), re.compile(r"\d")
_COUNTED = ("0",)
"""Stands for any digit."""
_UNSPACED = re.compile("[\u2e80-\U0010ffff]")


Needles = tuple[int, tuple[str, ...]]
"""A set of words and its number: many patterns ask for the same."""


class Regions:
    """Stretches of one view, as hits ask for them."""

    def __init__(self, view: View) -> None:
        self.view, self._text = view, view.text
        self._around: dict[tuple[int, bool], Place] = {}
        self._starts: dict[tuple[int, bool, int, frozenset[str]], list[int]] = {}
        self._words: dict[Place, list[str]] = {}
        self._held: dict[Place, tuple[str, dict[int, bool]]] = {}

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

    def words(self, region: Place) -> list[str]:
        """Words of a region; "0" for a digit, a blank for a script that sets none."""
        found = self._words.get(region)
        if found is None:
            stretch = self._text[region[0] : region[1]]
            found = self._words[region] = _WORD.findall(stretch)
            if _DIGIT.search(stretch):
                found.append("0")
            if not stretch.isascii() and _UNSPACED.search(stretch):
                found.append(" ")
        return found

    def may_hold(self, region: Place, needles: Iterable[Needles]) -> bool:
        """Whether a region holds one of each of these sets of words."""
        held_here = self._held.get(region)
        if held_here is None:
            held_here = self._held[region] = self._text[region[0] : region[1]], {}
        stretch, known = held_here
        for number, words in needles:
            held = known.get(number)
            if held is None:
                for word in words:
                    if word in stretch:
                        held = True
                        break
                else:
                    held = words == _COUNTED and _DIGIT.search(stretch) is not None
                known[number] = held
            if not held:
                return False
        return True

    def starts(self, task: Task, index: int, region: Place) -> list[int]:
        """Where in the region around `index` a match of a pattern may begin.

        That is after something that ends a unit, as the rule's `where` says.
        """
        where, pattern = task.rule.where, task.pattern
        if "inline" in where:
            inline = pattern.regex.finditer(self._text, *region)
            return [m.start() for m, _ in zip(inline, range(_MOST_INLINE), strict=False)]
        # one that leads begins where its anchor stands, `index` being its end
        first = max(index - _LEAD, 0) if pattern.leads else 0
        key = (index, pattern.split, first, where)
        starts = self._starts.get(key)
        if starts is None:
            starts = last_beginnings(self.view.begins, region[0], index, where, _MOST_STARTS, first)
            self._starts[key] = starts
        if pattern.initials:
            starts = [at for at in starts if self._text[at] in pattern.initials]
        return starts


def _find_region(text: str, index: int, *, split: bool) -> Place:
    low, high = text.rfind("\n", 0, index) + 1, text.find("\n", index)
    if split:
        for _ in range(_LINES_BACK):
            low = text.rfind("\n", 0, max(low - 1, 0)) + 1
        for _ in range(_LINES_AHEAD):
            further = text.find("\n", high + 1)
            high = further if further >= 0 else high
    return max(low, index - _BACK), min(high, index + _AHEAD)
