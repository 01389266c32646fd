"""Text -> the group of lengths in which it is counted."""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["SMALLER", "WHOLE", "count_words", "name_length"]

WHOLE = (300, 450, 600)
"""Bounds in words that divide the articles of the synthetic corpus (250 to 900 words)."""
SMALLER = (60, 120, 240)
"""Bounds in words that divide the smaller texts of real pairs."""
_WORD = re.compile(r"\w+")


def count_words(text: str) -> int:
    """Runs of letters and digits."""
    return sum(1 for _ in _WORD.finditer(text))


def name_length(words: int, bounds: tuple[int, ...]) -> str:
    """The group of a text, named so that the groups sort by length."""
    at = bisect_right(bounds, words)
    if at == 0:
        return f"0–{bounds[0] - 1} words"
    return (
        f"{bounds[at - 1]}–{bounds[at] - 1} words" if at < len(bounds) else f"{bounds[-1]}+ words"
    )
