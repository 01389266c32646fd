"""The first lines of a text -> whose reporters a byline there names: "By A and B, Outlet".

"By: Ann Roe, Bo Lee, The Agency", "Ann Roe and Bo Lee , OUTLET Published 3:55 a.m. …", "By Ann Roe
The Outlet / May 3, 2021". A line with persons and a name credits a picture as often as a text, so
"by" in front, a date behind or several persons above a date have to tell.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader
from dedupe.attribution.newcomers import is_address, is_nothing, is_office
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import NOTHING, Vocabulary, of_words, spell
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["may_sign", "posting_words", "read_byline", "signing_words"]

_WITHIN, _LINES, _LONGEST = 480, 7, 170
_MOST_PERSONS, _MOST_WORDS, _NAME_WORDS, _SHORTEST = 5, 4, 5, 5
_MONTH = r"[^\W\d_]{3,10}\.?"
_CLOCK = r"\d{1,2}[:.h]\d\d|\d{1,2} ?[ap]\.?m\b"
_DAY = (
    rf"\d{{1,2}}[.,]? (?:de )?{_MONTH},? (?:de )?(?:\d{{4}}|\d{{1,2}}[:.]\d\d)"
    rf"|{_MONTH} \d{{1,2}},? \d{{4}}"
)
_NUMBERS = r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}"
_WHEN = rf"(?:{_CLOCK}|{_DAY}|{_NUMBERS})"
_DIGIT = re.compile(r"\d")


class _Words(NamedTuple):
    """What stands around the persons and the name of a byline."""

    signs: re.Pattern[str]
    bys: tuple[str, ...]
    signer: re.Pattern[str]
    time: re.Pattern[str]
    timed: re.Pattern[str]
    joint: re.Pattern[str]
    particles: frozenset[str]
    wires: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some, posted = words.any, words.any("published")
    joined = some("persons_between")
    by = "|".join(
        spell(form) for word in signing_words(words) for form in (word.capitalize(), word.upper())
    )
    stamp = "|".join(re.escape(word.capitalize()) for word in posting_words(words))
    return _Words(
        signs=re.compile(
            rf"^\W{{0,4}}(?:(?:{by or NOTHING})(?: ?:)? [^\W\d_][^\n]{{8,170}}$"
            r"|[A-Z][^\n.:;()\d]{8,110}, ?[A-Z][^\n,.:;()\d]{2,40}"
            rf"(?:{stamp or NOTHING}|\d{{1,2}}[:./]\d\d))",
            re.MULTILINE,
        ),
        bys=words.folded("by") + words.folded("byline_by"),
        signer=re.compile(
            rf"(?P<by>{some('by', 'byline_by')}(?: ?: ?| ))?"
            rf"(?P<who>[^\n]{{{_SHORTEST},{_LONGEST}}})"
        ),
        time=re.compile(rf"[ ,|*-]{{1,4}}(?:{posted}(?!\w)[^\n]{{0,24}}?(?=\d)|\(?{_WHEN}(?!\w))"),
        timed=re.compile(
            rf"\W{{0,3}}(?:{posted}\W{{0,3}}(?:\n|[^\n\d]{{0,24}}\d)"
            rf"|(?:[^\W\d_]{{2,10}}[.,]{{1,2}} )?{_WHEN})"
        ),
        joint=re.compile(rf" ?, ?(?:(?:{joined}|&) )?| (?:{joined}|&) "),
        particles=frozenset(words.written("particles")),
        # agencies of one word behind a name and a surname: "By Jane Roe Bloomberg"
        wires=frozenset(words.written("byline_agencies")),
    )


def signing_words(words: Vocabulary) -> tuple[str, ...]:
    """What a byline begins with, as its language spells it."""
    return words.written("by")


def posting_words(words: Vocabulary) -> tuple[str, ...]:
    """What says when a text was put up, as its languages spell it."""
    return tuple(phrase.rstrip("*") for phrase in words.written("published"))


def may_sign(head: str, vocabulary: Vocabulary) -> bool:
    """Whether one of the first lines, as written, is laid out as a byline with a name may be."""
    return _words(vocabulary).signs.search(head, 0, _WITHIN) is not None


def read_byline(view: View, reader: NameReader) -> Finding | None:
    """Read the agency or outlet that one of the first lines names behind its reporters."""
    for start, end in view.first_lines(" *-#\n", _LINES, _WITHIN):
        if end - start <= _LONGEST:
            found = _read(view, reader, start, end)
            if found is not None:
                return found
    return None


def _read(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    words = _words(reader.vocabulary)
    text, low, by = view.text, start, None
    if text.startswith(words.bys, start):  # a line without "by" is all who signs, and needs no look
        signer = words.signer.fullmatch(text, start, end)
        if signer is None:
            return None
        low, by = signer.start("who"), signer.group("by")
    if end - low < _SHORTEST or not view.char(low).isupper():
        return None
    timed = words.time.search(text, low, end) if _DIGIT.search(text, low, end) is not None else None
    # "by" alone says that a line signs
    below = timed is None and by is None and words.timed.match(text, end + 1) is not None
    if timed is None and by is None and not below:
        return None  # as nearly all lines are
    stop = timed.start() if timed is not None else end
    while stop > low and text[stop - 1] in " ,|*-.":
        stop -= 1
    numbered = any(map(str.isdigit, text[low:stop]))
    split = _apart(view, reader, low, stop) if not numbered else None
    if split is None:
        return None
    persons, name = split
    named = view.written(*name)
    signed = timed is not None or _is_byline(view, start, by, persons, below)
    if not signed or reader.is_picture(text[start:end]):
        return None
    return _finding(view, (start, stop), persons, named, agency=named in reader.agencies)


def _is_byline(view: View, start: int, by: str | None, persons: list[str], below: bool) -> bool:
    """Whether a line without a date is a byline: "by" in front, or several persons above a date."""
    above = view.text[: start - 1].rstrip("\n *")[-1:]
    captioned = above in (".", "!", "?")  # the persons took the picture of the caption above
    return by is not None or (below and len(persons) > 1 and not captioned)


def _apart(
    view: View, reader: NameReader, low: int, stop: int
) -> tuple[list[str], tuple[int, int]] | None:
    """The persons of a line and where the name behind them stands; None = it is no such line."""
    comma = view.text.rfind(",", low, stop)
    if comma > low:
        place = _name(view, reader, comma + 1, stop)
        persons = _persons(view, reader, low, comma) if place is not None else None
        if place is not None and persons is not None:
            return persons, place
    return _unmarked(view, reader, low, stop)


def _unmarked(
    view: View, reader: NameReader, low: int, stop: int
) -> tuple[list[str], tuple[int, int]] | None:
    """As `_apart`, where nothing stands between the last person and the name: "Bo Lee The Echo".

    A surname may be a paper's name too ("John Post"), so one word has to be an agency or shouted.
    """
    wires = _words(reader.vocabulary).wires
    blanks = [at for at in range(low, stop) if view.text[at] == " "]
    for at in blanks[-_NAME_WORDS:]:
        place = at + 1, stop
        name = view.written(*place)
        sure = (
            " " in name or name in wires or (name.isupper() and not view.written(low, at).isupper())
        )
        if (
            not (sure and name[:1].isalnum())  # "Bo Lee • The Echo"
            or not (reader.known(name) or name in reader.agencies)
            or is_nothing(name, reader)
        ):
            continue
        persons = _persons(view, reader, low, at)
        if persons is not None:
            return persons, place
    return None


def _name(view: View, reader: NameReader, low: int, stop: int) -> tuple[int, int] | None:
    """Where the name of an agency or a listed outlet stands that fills a stretch."""
    while low < stop and view.text[low] == " ":
        low += 1
    name = view.written(low, stop)
    if not name or name.count(" ") >= _NAME_WORDS or is_nothing(name, reader):
        return None
    sure = name in reader.agencies or (reader.known(name) and not name.islower())
    return (low, stop) if sure or (reader.known(name) and is_address(name)) else None


def _persons(view: View, reader: NameReader, low: int, stop: int) -> list[str] | None:
    """The persons a stretch lists, their posts left out; None = something else stands there."""
    words = _words(reader.vocabulary)
    persons: list[str] = []
    at = low
    for joint in [*words.joint.finditer(view.text, low, stop), None]:
        first, at = at, joint.end() if joint is not None else stop
        part = view.written(first, joint.start() if joint is not None else stop)
        if part and is_office(part, reader) and persons:
            continue
        if not _is_person(part, words.particles) or part in reader.agencies or reader.known(part):
            return None
        persons.append(part)
    return persons if 0 < len(persons) <= _MOST_PERSONS else None


def _is_person(part: str, particles: frozenset[str]) -> bool:
    words = part.split()
    if not 2 <= len(words) <= _MOST_WORDS or not all(c.isalpha() or c in " .'’-" for c in part):
        return False
    return all(word[:1].isupper() or word in particles for word in words)


def _finding(
    view: View, place: tuple[int, int], persons: list[str], name: str, *, agency: bool
) -> Finding:
    named = [Named(ClaimRole.SOURCE, name), *(Named(ClaimRole.AUTHOR, who) for who in persons)]
    if agency:
        named.append(Named(ClaimRole.AGENCY, name))
        return Finding("byline.agency", AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT, 0.85,
                       view.span(*place), tuple(named), explicit=False)  # fmt: skip
    return Finding("byline.outlet", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(*place), tuple(named), explicit=False)  # fmt: skip
