"""A notice's words inside what somebody says: quoted, or told of in the same sentence."""

from __future__ import annotations

import re
from functools import cached_property

from dedupe.attribution.phrases import any_phrase
from dedupe.attribution.rules import NameWords

__all__ = ["Citations"]

_LONGEST = 200
_CLAUSE = 3  # words behind "the": fewer can be an apposition
_END = re.compile(r"[.!?](?=[ \n\"')]|$)|[\n。\uE000(;]")


class Citations:
    """Tells with the words of one language whether a notice is only spoken of."""

    def __init__(self, words: NameWords) -> None:
        self._words = words

    def hold(self, text: str, end: int) -> bool:
        """Whether what ends at `end` is quoted or told of."""
        stop = _END.search(text, end, end + _LONGEST)
        rest = text[end : stop.start() if stop is not None else end + _LONGEST]
        spoken = self._verbs is not None and self._verbs.search(rest) is not None
        return spoken and ("," in rest or '"' in rest)

    def resume(self, text: str, start: int, end: int) -> bool:
        """Whether a participle only begins the sentence: "First published in X, the diary was …".

        A notice that names the text itself ("This article …") does not.
        """
        if self._resumed is None or (self._text is not None and self._text.match(text, start)):
            return False
        resumed = self._resumed.match(text, end)
        if resumed is None:
            return False
        stop = _END.search(text, end, end + _LONGEST)
        clause = text[resumed.end() : stop.start() if stop is not None else end + _LONGEST].split()
        return len(clause) >= _CLAUSE and not clause[0][0].isdigit()

    @cached_property
    def _resumed(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.resuming, '"?, ')

    @cached_property
    def _text(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.texts, r"(?<!\w)")

    @cached_property
    def _verbs(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.citing, r"(?<!\w)")
