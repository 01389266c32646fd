"""A name that no list holds, where only a credit can stand -> what its own letters say it is.

Outlets and agencies are named in a few ways everywhere: by letters of their name, by a noun
("agency", "news", "نيوز") of its own or written onto the name, by their address. A layout that
only credits have (`datelines`, `signoffs`) and a name of such a make need no list.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from dedupe.attribution.agencies import compact
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_ends import DOMAIN_NAME
from dedupe.attribution.names import NameReader
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = [
    "is_acronym",
    "is_address",
    "is_call_sign",
    "is_date",
    "is_named_agency",
    "is_nothing",
    "is_office",
    "is_outlet",
    "is_press_agency",
    "is_titled",
    "is_wire_like",
]


_CAMEL = re.compile(r"[^\W\d_]*[a-zа-яёіїєґ][A-ZА-ЯЁІЇЄҐ][^\W_]*|[A-ZА-ЯЁІЇЄҐ]{2,}[a-zа-яё][^\W_]*")
_CALL_SIGN = re.compile(r"[KW][A-Z]{2,3}(?:-TV|-FM|-AM|-DT)?")
_MOST_LETTERS, _LEAST_LETTERS = 10, 3
_DATE_WORDS, _MOST_WORDS = 4, 5
_SMALL_WORD = 3


class _Words(NamedTuple):
    """What names are made of; `spelt` are letters one by one, or what they are called: کے این."""

    press_name: re.Pattern[str]
    no_name: re.Pattern[str]
    agency: re.Pattern[str]
    spelt: re.Pattern[str]
    particles: frozenset[str]
    in_dates: frozenset[str]
    no_acronyms: frozenset[str]
    outlet_endings: re.Pattern[str]
    agency_endings: re.Pattern[str]
    office: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    press_name = (
        rf"{some('press_before')} (?P<behind>\S.*)|(?P<before>.*\S) ?{some('press_behind')}"
    )
    agency = rf"(?<!\w){some('agency_nouns')}(?!\w)|{some('agency_tails')}|{some('agency_last')}$"
    called = (rf"{c}(?: {c}){{1,4}}" for c in words.any_by_language("letters"))
    return _Words(
        press_name=re.compile(press_name),
        no_name=re.compile(rf"\W*{some('no_name')}?\W*"),
        agency=re.compile(agency),
        spelt=re.compile("|".join([r"\w(?:[ .]{1,2}\w){1,4}\.?", *called])),
        particles=frozenset(words.written("title_particles")),
        in_dates=frozenset(words.folded("in_dates")),
        no_acronyms=frozenset(map(compact, words.written("no_acronyms"))),
        outlet_endings=re.compile(rf"\w{{2,}}{some('outlet_endings')}"),
        agency_endings=re.compile(rf"\w{{2,}}{some('agency_endings')}"),
        office=re.compile(rf"(?<!\w){some('posts')}(?!\w)"),
    )


def is_office(name: str, reader: NameReader) -> bool:
    """Whether a name as written is a person's post: "Senior Reporter", "Our newsroom team"."""
    return _words(reader.vocabulary).office.search(fold_text(name)) is not None


def is_wire_like(name: str, reader: NameReader) -> bool:
    """Whether a name as written is one word such as agencies are called by: Quaypress."""
    return _words(reader.vocabulary).agency_endings.fullmatch(fold_text(name)) is not None


@lru_cache(maxsize=4096)
def is_outlet(name: str, reader: NameReader) -> bool:
    """Whether a name as written is an outlet's: known, an address, made of outlets' words."""
    if reader.is_outlet_like(name):
        return True
    endings = _words(reader.vocabulary).outlet_endings
    return any(endings.fullmatch(word) for word in fold_text(name).split())


def is_press_agency(folded: str, reader: NameReader) -> bool:
    """Whether folded text is a name with "news agency" or the like in it, not the noun alone."""
    words = _words(reader.vocabulary)
    named = words.press_name.fullmatch(folded)
    if named is None or folded.count(" ") >= _MOST_WORDS:
        return False
    return words.no_name.fullmatch(named.group("behind") or named.group("before")) is None


def is_named_agency(name: str, reader: NameReader) -> bool:
    """Whether a name as written says that it is an agency's, or is one that is known."""
    return name in reader.agencies or _has_agency_noun(name, reader)


def _has_agency_noun(name: str, reader: NameReader) -> bool:
    return _words(reader.vocabulary).agency.search(fold_text(name)) is not None


def is_nothing(name: str, reader: NameReader) -> bool:
    """Whether a short word in a bracket is no outlet's: a country, "(LIVE)", "(UTC)"."""
    return "@" in name or compact(name) in _words(reader.vocabulary).no_acronyms


def is_call_sign(name: str) -> bool:
    """Whether a name as written is a North American station's: KTVX, WJLA-TV."""
    return _CALL_SIGN.fullmatch(name) is not None


def is_acronym(name: str, reader: NameReader, least: int = _LEAST_LETTERS) -> bool:
    """Whether a name as written is made of initials: АЗЕРТАДЖ, ISBnews, و م أ, کے این ایس."""
    if is_nothing(name, reader) or (" " in name.strip() and name.upper() != name.lower()):
        return False
    if name.upper() == name.lower():
        return _words(reader.vocabulary).spelt.fullmatch(fold_text(name)) is not None
    letters = [char for char in name if char.isalpha()]
    if not least <= len(letters) <= _MOST_LETTERS or not all(
        c.isalnum() or c in ".-" for c in name
    ):
        return False
    return name.isupper() or _CAMEL.fullmatch(name) is not None


def is_date(folded: str, reader: NameReader) -> bool:
    """Whether folded text is a day as datelines have it: "12", "june 3", "3 مايو 2024"."""
    words = re.findall(r"[^\W\d_]+", folded)
    if not any(char.isdigit() for char in folded) or len(words) > _DATE_WORDS:
        return False
    months = _month_words(reader.months)
    small = _words(reader.vocabulary).in_dates
    return all(word in small or word in reader.weekdays or word in months for word in words)


@lru_cache(maxsize=8)
def _month_words(months: frozenset[str]) -> frozenset[str]:
    """Words of the names of months, and what they are shortened to."""
    words = {word for month in months for word in month.split()}
    return frozenset(
        words | {word[:size] for word in words if word[:1] < "\u0530" for size in (3, 4)}
    )


def is_titled(name: str, reader: NameReader) -> bool:
    """Whether words with capitals make a name as written, but for small words between them."""
    words = name.split()
    while words and words[0].islower():
        words = words[1:]
    particles = _words(reader.vocabulary).particles
    return bool(words) and not any(
        word.islower() and len(word) > _SMALL_WORD and word not in particles for word in words
    )


def is_address(name: str) -> bool:
    """Whether a name is a host's: TEMPO.CO, www.nannews.ng."""
    if " " in name.strip() or ("." not in name and name.isascii()):
        return False
    return DOMAIN_NAME.fullmatch(fold_text(name)) is not None
