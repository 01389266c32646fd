"""A line -> whether it says when a text was put up: a date, a time, or how long ago."""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.vocabulary import NOTHING, Vocabulary, of_words, spell

__all__ = ["is_dated", "tells_age"]

_DATES = (
    r"(?:(?<=1)9|(?<=2)0)\d\d[-./年]|(?:(?<=[-./ ]1)9|(?<=[-./ ]2)0)\d\d(?!\d)"
    r"|[:h.]\d\d(?!\d)|月\d{1,2}日"
)


class _Words(NamedTuple):
    """`aged` and `dated` begin with a digit, which is found at once: lines of prose hold none."""

    aged: re.Pattern[str]
    dated: re.Pattern[str]
    lately: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    phrases = words.folded("ages")
    ages = "|".join(_behind_digit(phrase) for phrase in phrases if "#" in phrase) or NOTHING
    lately = "|".join(spell(phrase) for phrase in phrases if "#" not in phrase) or NOTHING
    return _Words(
        re.compile(rf"\d(?:{ages})"), re.compile(rf"\d(?:{_DATES}|{ages})"), re.compile(lately)
    )


def _behind_digit(phrase: str) -> str:
    """What stands around the digit of "# minutes ago" or "vor # minute", matched behind it."""
    before, _, after = (part.strip() for part in phrase.partition("#"))
    if before:
        return rf"(?<={re.escape(before)} \d)" + (rf"\d? {spell(after)}" if after else "")
    return f" ?{spell(after)}"


def tells_age(line: str, vocabulary: Vocabulary) -> bool:
    """Whether a folded line says how long ago: "3 hours ago"."""
    words = _words(vocabulary)
    return words.aged.search(line) is not None or _is_late(line, words)


def is_dated(line: str, vocabulary: Vocabulary) -> bool:
    """Whether a folded line holds a year, a time of day, a day or how long ago."""
    words = _words(vocabulary)
    return words.dated.search(line) is not None or _is_late(line, words)


def _is_late(line: str, words: _Words) -> bool:
    return not line.isascii() and words.lately.search(line) is not None
