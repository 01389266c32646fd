"""A stretch of text that begins with a name -> where the name itself begins.

Generic nouns and articles are dropped ("the newspaper X", جريدة X), and the issue a text stood in
("the March 2023 X").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_ends import NameEnds
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary

__all__ = ["CLOSING", "NameStarts", "skip_marks"]

CLOSING = {'"': '"', "(": ")", "'": "'"}
_NOUN = 5  # shorter ones are articles and prepositions
_MISREAD = frozenset("ÂĀĂ")
"""What a no-break space of two bytes leaves when it is read in a code page."""


def _word_end(text: str, start: int, end: int) -> int:
    while start < end and text[start].isalnum():
        start += 1
    return start


def skip_marks(view: View, start: int, end: int) -> int:
    """Where something begins behind blanks, line breaks, marks and what is left of a blank."""
    while start < end and view.text[start] in " \n:*-,|.":
        start += 1
    if view.text[start : start + 2] == "a " and view.char(start) in _MISREAD:
        return skip_marks(view, start + 2, end)
    return start


class NameStarts:
    """Finds where names begin, with the words of one language."""

    def __init__(
        self,
        words: NameWords,
        ends: NameEnds,
        known: Callable[[str], bool],
        vocabulary: Vocabulary,
    ) -> None:
        """`ends` finds where a name ends; `known` says whether it is that of a listed outlet."""
        self._words, self._ends, self._known = words, ends, known
        self._vocabulary = vocabulary
        self._before: dict[str, list[tuple[str, bool]]] = {}
        for phrase in sorted(words.cut_before, key=lambda p: -len(fold_text(p))):
            folded = fold_text(phrase)
            self._before.setdefault(folded[:1], []).append((folded, phrase[:1].isupper()))

    @cached_property
    def _issue(self) -> re.Pattern[str] | None:
        """A month or season and a year: the issue of a magazine, named before the magazine."""
        months = "|".join(re.escape(fold_text(month)) for month in self._words.months)
        if not months:
            return None
        issue, seasons = self._vocabulary.any("issues"), self._vocabulary.any("seasons")
        return re.compile(
            rf"(?:{months}|{seasons})(?:[/-](?:{months}|{seasons}))? "
            rf"(?:(?:\d{{1,2}}, )?(?:19|20)\d\d(?: {issue})?|{issue}) (?=[^\W\d_])"
        )

    def _cut_issue(self, view: View, start: int, end: int) -> int:
        issue = self._issue.match(view.text, start, end) if self._issue is not None else None
        return issue.end() if issue is not None else start

    def cut(self, view: View, start: int, end: int) -> int:
        """Find where the name itself begins in `text[start:end]`."""
        for _ in range(5):
            cut = self._cut_issue(view, self._cut_once(view, start, end), end)
            if cut == start:
                break
            start = cut
        return start

    def _cut_once(self, view: View, start: int, end: int) -> int:
        for phrase, any_case in self._before.get(view.text[start], ()):
            if not view.text.startswith(phrase, start) or start + len(phrase) >= end:
                continue
            after = start + len(phrase)
            tight = ord(phrase[-1]) >= 0x2E80 or not phrase[-1].isalnum()
            if not tight and view.text[after] not in ' :"(':
                continue
            if (
                not any_case
                and view.char(start).isupper()
                and not self._is_shouted(view, start, after, end)
            ):
                continue
            if len(phrase) >= _NOUN and self._known(
                view.written(start, self._ends.find(view, start, end))
            ):
                return start  # "Jornal de Angola"
            rest = self._ends.find(view, skip_marks(view, after, end), end)
            if rest - after >= 2 or view.text[after : after + 2].strip()[:1] in CLOSING:
                at = after
                while at < end and view.text[at] in " :":
                    at += 1
                return at
        return start

    def _is_shouted(self, view: View, start: int, after: int, end: int) -> bool:
        """Whether all is in capitals, before and behind, and "THE" is not known to be the name's.

        Behind a label ("SOURCE: THE …") the capitals may be the name's own.
        """
        near = max(start - 1, 0)
        before = max(view.text.rfind(" ", 0, near), view.text.rfind("\n", 0, near)) + 1
        words = (before, start), (start, after), (after + 1, _word_end(view.text, after + 1, end))
        written = [view.written(*word) for word in words if word[1] - word[0] > 1]
        if len(written) < 3 or not all(word.isalpha() and word.isupper() for word in written):
            return False
        return not self._known(view.written(start, self._ends.find(view, start, end)))
