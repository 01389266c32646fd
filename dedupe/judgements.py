"""Pairs that belong together -> the way between two articles over such pairs.

Belonging together goes on from pair to pair, so a judgement can contradict several others at once
and none of them alone. A search in breadth names the fewest that together say the opposite.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

__all__ = ["Ties"]


class Ties:
    """Pairs of articles that belong together, each with the number of what says so."""

    def __init__(self, pairs: Iterable[tuple[int, str, str]]) -> None:
        """Take (number, left, right) of each pair."""
        self._partners: dict[str, list[tuple[str, int]]] = {}
        for number, left, right in pairs:
            self._partners.setdefault(left, []).append((right, number))
            self._partners.setdefault(right, []).append((left, number))
        self._group: dict[str, int] = {}
        for number, article in enumerate(self._partners):
            if article not in self._group:
                self._group.update(dict.fromkeys(self._reach(article), number))

    def group(self, article: str) -> frozenset[str]:
        """All that belong together with an article, itself included."""
        return frozenset(self._reach(article))

    def find_way(self, left: str, right: str) -> tuple[int, ...] | None:
        """The numbers of the fewest pairs that lead from one to the other; None where none do."""
        if left not in self._group or self._group[left] != self._group.get(right):
            return None
        reached, way, at = self._reach(left), [], right
        while (step := reached[at]) is not None:
            at, number = step
            way.append(number)
        return tuple(sorted(way))

    def _reach(self, start: str) -> dict[str, tuple[str, int] | None]:
        """Who is reached from an article, with the step that led there."""
        reached: dict[str, tuple[str, int] | None] = {start: None}
        waiting = deque([start])
        while waiting:
            article = waiting.popleft()
            for other, number in self._partners.get(article, ()):
                if other not in reached:
                    reached[other] = (article, number)
                    waiting.append(other)
        return reached
