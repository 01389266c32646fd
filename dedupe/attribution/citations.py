"""A notice's words inside what somebody says: quoted, or told of in the same sentence."""

from __future__ import annotations

import re
from functools import cached_property

from dedupe.attribution.phrases import any_phrase
from dedupe.attribution.rules import NameWords

__all__ = ["Citations"]

_LONGEST = 200
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

    @cached_property
    def _verbs(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.citing, r"(?<!\w)")
