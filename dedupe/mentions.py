"""A changed run of words on both sides -> whether numbers, dates or names differ between them.

The lists are those of `lexicon`, by which the verifier tells what fills the slots of a frame. What
stands around a run is looked at too, which a kernel over millions of pairs cannot afford: the
number beside a month, the ministry between a title and its bearer.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dedupe.lexicon import list_words
from dedupe.normalize import HAS_DIGIT, IS_CAPITAL, IS_UNSPACED, Tokens, tokenize

__all__ = ["Run", "Written", "tell_changes"]

_PATH = Path(__file__).parent / "data" / "people.toml"
_NUMERIC_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔:\n]")
_CONTEXT = 12  # code points either side in which a numeric date is looked for
_MAX_LOOKED_AT = 1_000  # words of one kind in one difference: a longer one is another text
_ARTICLE = "ال"
_LONGEST = 4  # letters of a Chinese name


@dataclass(frozen=True, slots=True)
class Written:
    """A text, its words and the identities that it writes uncapitalised."""

    text: str
    words: Tokens
    lower: frozenset[int]


class Run(NamedTuple):
    """The words `[first, last)` of a text."""

    of: Written
    first: int
    last: int

    def ids(self) -> list[int]:
        """Identities of the words."""
        found: list[int] = self.of.words.ids[self.first : self.last].tolist()
        return found

    def flagged(self, flag: int) -> list[int]:
        """Where the first words with a flag stand."""
        flags = self.of.words.flags[self.first : self.last]
        places = self.first + np.flatnonzero(flags & flag)[:_MAX_LOOKED_AT]
        found: list[int] = places.tolist()
        return found


class _People(NamedTuple):
    given: frozenset[int]
    links: frozenset[int]
    never: frozenset[int]
    surnames: frozenset[str]
    before: tuple[str, ...]
    after: tuple[str, ...]


def tell_changes(left: Run, right: Run) -> tuple[bool, bool, bool]:
    """Whether (numbers, dates, names) differ between two runs that stand in one place.

    A number is a word with a digit or a listed number word; "seven" and "7" count as two numbers.
    In scripts without spaces, where 一 is half of many words, letters count as numbers only where
    both sides hold numbers. What is a date is no name.
    """
    sides = left, right
    lower: frozenset[int] = frozenset()
    if any(side.flagged(IS_CAPITAL) for side in sides):
        lower = left.of.lower | right.of.lower
    valued = all(_values(side) for side in sides)
    numbers = [_numbers(side, letters=valued) for side in sides]
    months = list_words("calendar") | list_words("beside")
    in_both = all(not months.isdisjoint(side.ids()[:_MAX_LOOKED_AT]) for side in sides)
    dates = [_dates(side, beside=in_both) for side in sides]
    names = [_names(side, lower, date) for side, date in zip(sides, dates, strict=True)]
    return numbers[0] != numbers[1], dates[0] != dates[1], names[0] != names[1]


def _values(run: Run) -> bool:
    ids = run.ids()[:_MAX_LOOKED_AT]
    return bool(run.flagged(HAS_DIGIT)) or not list_words("numbers").isdisjoint(ids)


def _numbers(run: Run, *, letters: bool) -> Counter[int]:
    """Count numbers by identity: equal digits of any script are equal words."""
    ids, flags, listed = run.of.words.ids, run.of.words.flags, list_words("numbers")
    found = Counter(int(ids[index]) for index in run.flagged(HAS_DIGIT))
    for index in range(run.first, min(run.last, run.first + _MAX_LOOKED_AT)):
        if int(ids[index]) in listed and (letters or not flags[index] & IS_UNSPACED):
            found[int(ids[index])] += 1
    return found


def _dates(run: Run, *, beside: bool) -> Counter[int]:
    """Count names of months and days, and numbers that stand in a date.

    `beside`: whether both sides hold such a name: then one that is also a common word is a month.
    """
    names, common = list_words("calendar"), list_words("beside")
    words, dated = run.of.words, names | common
    wanted = dated if beside else names
    found: Counter[int] = Counter(identity for identity in run.ids() if identity in wanted)
    listed = list_words("numbers")
    letters = [i for i in run.flagged(IS_UNSPACED) if int(words.ids[i]) in listed]
    for index in [*run.flagged(HAS_DIGIT), *letters]:
        near = words.ids[max(0, index - 1) : index + 2].tolist()
        if not dated.isdisjoint(near) or _in_numeric_date(run.of, index):
            found[int(words.ids[index])] += 1
    return found


def _in_numeric_date(of: Written, index: int) -> bool:
    start, end = int(of.words.starts[index]), int(of.words.ends[index])
    base = max(0, start - _CONTEXT)
    around = of.text[base : end + _CONTEXT]
    return any(
        base + date.start() <= start and end <= base + date.end()
        for date in _NUMERIC_DATE.finditer(around)
    )


def _names(run: Run, lower: frozenset[int], dates: Counter[int]) -> Counter[int]:
    """Count words that look like names and were not counted as dates.

    Capitalised words, save sentence beginnings that are written small elsewhere and number words;
    in scripts without capitals, given names and what stands behind one, behind a title or behind a
    link of names; in scripts without spaces, what `_is_letter_of_name` tells.
    """
    found: Counter[int] = Counter()
    words, numbers = run.of.words, list_words("numbers")
    capitals = set(run.flagged(IS_CAPITAL))
    for index in range(run.first, min(run.last, run.first + _MAX_LOOKED_AT)):
        identity = int(words.ids[index])
        if identity in dates or identity in numbers:
            continue
        if index in capitals:
            named = identity not in lower or not _begins_sentence(run.of, index)
        elif words.flags[index] & IS_UNSPACED:
            named = _is_letter_of_name(run, index)
        else:
            named = _is_caseless(run.of, index) and _stands_as_name(run.of, index)
        found[identity] += named
    return +found


def _is_caseless(of: Written, index: int) -> bool:
    letter = of.text[int(of.words.starts[index])]
    return letter.isalpha() and letter.lower() == letter.upper()


def _begins_sentence(of: Written, index: int) -> bool:
    if index == 0:
        return True
    between = of.text[int(of.words.ends[index - 1]) : int(of.words.starts[index])]
    return _SENTENCE_END.search(between) is not None


def _stands_as_name(of: Written, index: int) -> bool:
    """Whether a word without capitals is a given name or stands where a name does."""
    people, titles = _read_people(), list_words("titles")
    identity = int(of.words.ids[index])
    if identity in people.given:
        return True
    if _begins_sentence(of, index) or identity in titles | people.never | list_words("calendar"):
        return False
    before = int(of.words.ids[index - 1])
    if before in titles or before in people.links:
        return True
    start = int(of.words.starts[index])
    return before in people.given and of.text.startswith(_ARTICLE, start)


def _is_letter_of_name(run: Run, index: int) -> bool:
    """Whether a letter belongs to a place before its kind (市) or a person beside a title."""
    words, text = run.of.words, run.of.text
    if run.last < len(words.ids) and int(words.ids[run.last]) in list_words("titles"):
        return int(words.ends[run.last - 1]) == int(words.starts[run.last])
    people = _read_people()
    place, end = int(words.starts[index]), int(words.ends[run.last - 1])
    for start in range(place, max(-1, place - _LONGEST), -1):
        if text[start] not in people.surnames:
            continue
        if text.endswith(people.before, 0, start):
            return True
        if 1 < end - start <= _LONGEST and text.startswith(people.after, end):
            return True
    return False


@cache
def _read_people() -> _People:
    listed = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    arabic, chinese = listed["ar"], listed["zh"]
    return _People(
        _identities(arabic["given"]),
        _identities(arabic["links"]),
        _identities(arabic["never"]),
        frozenset("".join(chinese["surnames"].split())),
        tuple(chinese["before"].split()),
        tuple(chinese["after"].split()),
    )


def _identities(words: str) -> frozenset[int]:
    return frozenset(tokenize(words).ids.tolist())
