"""A name onto which a town is written -> the name: 新华社贵溪5月3日电, 齐鲁晚报讯, 【高松時事】.

Scripts without blanks set nothing between an agency and where it reports from, and towns are too
many to list: the name is the longest at the beginning, or at the end, that is known.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.name_starts import skip_marks
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.rules import Rule
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["PLACED", "read_placed"]

PLACED = ("placed", "ending")
"""Which names of a rule: the town stands behind them, before them."""
_LONGEST, _SHORTEST, _TOWN, _BEHIND, _BEFORE = 14, 2, 8, 4, 24
"""Letters of a name and of what is written onto it; letters of the name in the formula behind, and
before it up to the bracket."""
_TIGHT_FROM = "\u2e80"
_YEAR = re.compile(r"(?:19|20)\d\d年\Z")
_TOWN_NAME = re.compile("[\u3041-\u30ff\u3400-\u9fff]{1,10}")
_FOREIGN = re.compile("[\u30a1-\u30fc]{2,10}")


class _Words(NamedTuple):
    """What is written onto a name and is no town: 总部, 称; names that are beginnings of words."""

    no_towns: re.Pattern[str]
    no_fronts: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    return _Words(re.compile(words.any("no_towns")), frozenset(words.folded("no_fronts")))


def read_placed(view: View, reader: NameReader, low: int, high: int, rule: Rule) -> Place | None:
    """The name in a slot of a rule that lets a town stand before it or behind it."""
    if rule.names == "placed":
        return _known_front(view, reader, low, high)
    return _known_back(view, reader, low, high, sure=bool(rule.only))


def _known_front(view: View, reader: NameReader, low: int, high: int) -> Place | None:
    """The known name that begins at `low`, if at most a town stands between it and `high`.

    It may run on into the formula: 齐鲁 fills the slot before 晚报讯.
    """
    start = skip_marks(view, low, high)
    while start < high and not view.text[start].isalnum():
        start += 1
    end = view.text.find("\n", start)
    last = min(end if end >= 0 else len(view.text), high + _BEHIND, start + _LONGEST)
    for stop in range(last, start + _SHORTEST - 1, -1):
        name = view.written(start, stop) if view.text[stop - 1].isalnum() else ""
        if name and (name in reader.agencies or reader.known(name)):
            words, town = _words(reader.vocabulary), _YEAR.sub("", view.text[stop:high].strip())
            if view.text[start:stop] in words.no_fronts or words.no_towns.fullmatch(town):
                return None  # 共同富裕, 新华社总部
            return (start, stop) if _is_town(town) else None
    return None


def _known_back(view: View, reader: NameReader, low: int, high: int, *, sure: bool) -> Place | None:
    """The agency that ends at `high` in a dateline's bracket, with nothing but a town before it.

    Unless `sure` the town is a foreign one, in katakana: 【産学共同】 is no dateline.
    """
    while high > low and view.text[high - 1] == " ":
        high -= 1
    line = max(view.text.rfind("\n", 0, low), low - _BEFORE)
    if "【" not in view.chars(line, low):
        return None
    for start in range(max(low, high - _LONGEST), high - _SHORTEST + 1):
        if reader.is_agency(view, (start, high)):
            before = view.text[low:start].strip(" =・")
            if _words(reader.vocabulary).no_towns.fullmatch(before):
                return None  # 【今週の時事】
            town = _TOWN_NAME if sure else _FOREIGN
            return (start, high) if not before or town.fullmatch(before) else None
    return None


def _is_town(text: str) -> bool:
    """Whether letters of a script without blanks, few enough for a town, are all that is there."""
    town = text.strip()
    return len(town) <= _TOWN and all(char >= _TIGHT_FROM and char.isalpha() for char in town)
