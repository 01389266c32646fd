"""A notice's words inside what somebody says: quoted, or told of in the same sentence."""

from __future__ import annotations

import re
from functools import cached_property

from dedupe.attribution.extents import is_prose
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.phrases import any_phrase

__all__ = ["Citations"]

_LONGEST = 200
_CLAUSE = 3  # words behind "the": fewer can be an apposition
_TITLED = 60
"""Letters before a name among which there is a title: "The post … appeared first on"."""
_LEAST, _GLUED, _APART = 40, 100, 250
"""Letters of a sentence beside a notice, and of prose behind one in a paragraph or at its head."""
_JOINED = re.compile(r" [\u0648\u05d5](?=[^\W\d_]{2,})")
"""An Arabic or Hebrew "and", written onto what it joins."""
_CLAUSE_JOINED = 3
_END = re.compile(r"[.!?\n。\uE000(;](?:(?<![.!?])|(?=[ \n\"')]|$))")


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

    def claim(self, text: str, end: int) -> bool:
        """Whether the words behind a notice say that somebody claims it: "…からの転載だと"."""
        return self._quoting is not None and self._quoting.match(text, end) is not None

    def tell(self, text: str, start: int, named: int, end: int) -> bool:
        """Whether a sentence only tells of some article, and is no notice of the text it is in.

        `named` is where its first name begins. "The story was first reported by X" says of which
        story it speaks only by where it stands: alone, or where the text begins or ends. And a
        notice ends with its name, a date or a licence; it does not go on with what came of it.
        """
        first = text.rfind("\n", 0, start) + 1 if text[start - 2 : start] == '" ' else start
        if self._itself is not None and self._itself.search(text, first, end):
            return False
        stop = _END.search(text, end, end + _LONGEST)
        last = stop.start() if stop is not None else min(end + _LONGEST, len(text))
        if self._goes_on(text[end:last]):
            return True
        line = text.rfind("\n", 0, start) + 1
        enclosed = text.rfind("(", line, start) > text.rfind(")", line, start)
        if enclosed or named - start > _TITLED:
            return False
        line_end = text.find("\n", last)
        beside = text[last + 1 : line_end if line_end >= 0 else len(text)]
        return _stands_amid(text, start, last, "" if self._is_again(beside) else beside.strip())

    def joins(self, name: str, *, known: bool) -> bool:
        """Whether an "and" written onto a word goes on with the sentence inside of a name."""
        joint = _JOINED.search(name)
        if joint is None or known or self._is_again(name[joint.end() :]):
            return False
        return len(name[joint.end() :].split()) >= _CLAUSE_JOINED

    def _goes_on(self, rest: str) -> bool:
        joint = self._going_on.match(rest) if self._going_on is not None else None
        joint = joint or _JOINED.match(rest)
        return joint is not None and not self._is_again(rest[joint.end() :])

    def _is_again(self, rest: str) -> bool:
        return self._again is not None and self._again.search(rest) is not None

    @cached_property
    def _itself(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.itself, r"(?<!\w)")

    @cached_property
    def _going_on(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.going_on, r"[\"']?,? ?")

    @cached_property
    def _again(self) -> re.Pattern[str] | None:
        # the beginnings of words, whatever their endings
        stems = sorted({fold_text(stem) for stem in self._words.again} - {""})
        return re.compile("|".join(map(re.escape, stems))) if stems else None

    @cached_property
    def _quoting(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.quoting, "")

    @cached_property
    def _resumed(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.resuming, '"?, ')

    @cached_property
    def _text(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.texts, r"(?<!\w)")

    @cached_property
    def _verbs(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.citing, r"(?<!\w)")


def _stands_amid(text: str, start: int, last: int, beside: str) -> bool:
    """Whether the text goes on behind a sentence that stands neither alone nor at an end.

    `beside` is what follows it on its line.
    """
    line = text.rfind("\n", 0, start) + 1
    glued = is_prose(text[line:start].strip(), _LEAST)
    if not glued and not any(map(is_prose, text[:line].split("\n"))):
        return False  # the first sentence
    below = text[text.find("\n", last) :].split("\n")
    following = [beside if is_prose(beside, _LEAST) else "", *filter(is_prose, below)]
    return sum(map(len, following)) > (_GLUED if glued else _APART)
