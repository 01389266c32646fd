"""What stands where a name is looked for, or behind it, and is none: the page's phrases, "my blog".

A line break that was lost leaves "Source: X Click here to subscribe" on one line; writers call a
site of theirs "my blog" without naming it.
"""

from __future__ import annotations

import re
from functools import cached_property

from dedupe.attribution.name_ends import LONGEST
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.phrases import Phrases, any_phrase

__all__ = ["Asides"]


class Asides:
    """Tells with the words of one language what only stands beside a name."""

    def __init__(self, words: NameWords) -> None:
        self._words = words

    def find(self, text: str, start: int, end: int) -> int:
        """Where the blank before a phrase of the page stands in `text[start:end]`, -1 if none."""
        return self._inviting.find(text, start, end)

    def invites(self, text: str, at: int) -> bool:
        """Whether behind a name such a phrase begins: " Click here to subscribe"."""
        return text.startswith(" ", at) and self.find(text, at, at + LONGEST) == at

    def is_own(self, text: str, at: int, end: int = 0) -> bool:
        """Whether from `at` to `end` a site of the writer's stands without name: "my blog"."""
        own = self._own.match(text, at) if self._own is not None else None
        return own is not None and own.end() >= end

    @cached_property
    def _inviting(self) -> Phrases:
        return Phrases(self._words.inviting)

    @cached_property
    def _own(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.own, "")
