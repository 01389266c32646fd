"""Where an agency's name stands -> a credit whose layout dumps and hurried hands have loosened.

"… a headlineROMA, 6 set. (askanews) - text", "MEXICO.  AP.  El …", "BY JANE ROE XNA | May 3 Text",
"Published on 04.02.2020 at 14h21 by XNA". `credits` reads what is laid out as it should be; here a
date, capitals or a word before the name has to say what a mark or a line break does there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.credit_findings import credit_finding, holds_only_credits
from dedupe.attribution.credit_lines import CreditLine, is_between
from dedupe.attribution.findings import Finding
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_date, is_titled
from dedupe.attribution.openings import says
from dedupe.attribution.pieces import read_pieces
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["read_loose"]

_BEFORE, _INSIDE, _TEXT = 60, 40, 40
_MONTH = r"[^\W\d_]{3,10}\.?"
_DATED = re.compile(
    rf"(?P<place>[^\W\d_][^\W\d_'.-]{{2,20}})[,.]? (?P<date>\d{{1,2}}[.°]? {_MONTH}(?: \d{{2,4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:, \d{{4}})?)[ ,.-]{{0,3}}$"
)
_CLOSED = re.compile(r" ?[.]?(?:-{1,3}|:) ?")
_STOPPED = re.compile(
    r"(?P<place>[^\W\d_][^\n.,:;()/\d]{2,30})(?P<mark>[.,/] {0,2})(?P<name>[^\n.,:;()/-]{2,24})"
    r"(?:\.(?: ?-{1,3})?|,? ?-{1,3}) ?(?=[^\n]{40})"
)
_SWAPPED = re.compile(
    r"(?P<name>[^\n.,:;()/-]{2,24})(?P<mark>[.,/|] {0,2})(?P<place>[^\W\d_][^\n.,:;()/\d]{2,30})"
    r"(?:\.(?: ?-{1,3})?|,? ?-{1,3}) ?(?=[^\n]{40})"
)
_PERSONS, _PLACE_WORDS = 4, 3
_LEAST_CAPITALS = 4


class _Words(NamedTuple):
    """Layouts that words set apart, and words in front of a place where a picture was taken."""

    signed: re.Pattern[str]
    dated: re.Pattern[str]
    posted: re.Pattern[str]
    placed: re.Pattern[str]
    prepositions: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    writers, published = some("by", "posted_by", "filed_by"), some("published")
    signed = (
        rf"{writers} (?P<person>[^\W\d_][^\n\d:;()/|]{{3,60}}?),? (?P<name>[^\s|,]{{2,12}})"
        r" ?(?:\||-{1,3}|:) ?(?=[^\n]{40})"
    )
    dated = (
        rf"(?:date [\d-]{{7,10}} )?(?:{published} [^\n()\d]{{0,16}})?\d[^\n()]{{0,34}}?"
        rf" {writers} (?P<name>[^\n]{{2,30}})(?=\n)"
    )
    posted = (
        rf"{some('published', 'written')} ?{writers} :? ?(?P<name>[^\n\d]{{2,30}}?)"
        rf"(?: {some('on_day')} [^\n]{{0,12}}\d[^\n]{{0,30}}"
        r"|,? [^\n]{0,12}\d[^\n]{0,24})?(?=\n)"
    )
    placed = (
        rf"(?P<name>[^\n.,:;()/\d]{{2,36}}?) {some('placed')} "
        r"(?P<place>[^\W\d_][^\n.:;()/\d]{2,30})(?=\n)"
    )
    return _Words(
        re.compile(signed),
        re.compile(dated),
        re.compile(posted),  # who put a text on a site, and when: "Posted by XYZ on 3 May"
        re.compile(placed),  # who wrote and where, below a headline: "Xyz News Agency in Paris"
        frozenset(words.folded("before_places")),
    )


def read_loose(view: View, index: int, reader: NameReader) -> Finding | None:
    """Read the credit of the agency's name that ends near `index`, if it stands in the head."""
    if not view.in_head(index):
        return None
    line = CreditLine.around(view, reader, index, ' *-"')
    return _glued(line, index) or _listed(line, index)


def _glued(line: CreditLine, index: int) -> Finding | None:
    """A dateline behind a headline: "… on the quayROMA, 6 set. (askanews) - text"."""
    text, view = line.text, line.view
    opening = text.rfind("(", max(line.start, index - _INSIDE), index)
    closing = text.find(")", index, min(line.end, index + _INSIDE))
    if opening < 0 or closing < 0 or line.end - closing < _TEXT:
        return None
    pieces = read_pieces(view, opening + 1, closing, line.reader)
    place = _place_before(line, opening) if holds_only_credits(pieces) else None
    closed = _CLOSED.match(text, closing + 1)
    if place is None or closed is None or line.is_picture(place, closing):
        return None
    return credit_finding(line, "credit.glued", pieces, (place, closed.end()))


def _place_before(line: CreditLine, opening: int) -> int | None:
    """Where a dateline's place begins that ends at a bracket: with a date, shouted or glued on."""
    view, low = line.view, max(line.start, opening - _BEFORE)
    dated = _DATED.search(line.text[low:opening])
    listed = _listed_place(line, low, opening)
    if listed is not None:
        return listed
    if dated is not None and is_date(dated.group("date").replace(".", ""), line.reader):
        return _capital(view, low + dated.start("place"), low + dated.end("place"))
    start = opening
    while start > low and (view.char(start - 1).isupper() or line.text[start - 1] in " ,.-/'"):
        start -= 1
    shouted = line.text[start:opening].strip(" ,.-/'")
    if sum(char.isalpha() for char in shouted) >= _LEAST_CAPITALS:
        while not line.text[start].isalpha():
            start += 1
        return start
    return None


def _listed_place(line: CreditLine, low: int, opening: int) -> int | None:
    """Where a place that copy is dated from stands behind a headline: "… on the quay Rome (".

    Behind a preposition it tells where a picture was taken.
    """
    end = opening
    while end > low and line.text[end - 1] in " ,":
        end -= 1
    for words in range(_PLACE_WORDS, 0, -1):
        start = end
        for _ in range(words):
            start = line.text.rfind(" ", low, start)
            if start < 0:
                break
        if start >= 0 and line.text[start + 1 : end] in line.reader.places:
            before = line.text[line.text.rfind(" ", low, start) + 1 : start]
            told = (
                line.view.char(start + 1).isupper()
                and before not in _words(line.reader.vocabulary).prepositions
            )
            return start + 1 if told else None
    return None


def _capital(view: View, low: int, high: int) -> int | None:
    """Where the last word with a capital begins, also one glued onto the word before it."""
    for at in range(high - 3, low - 1, -1):
        if view.char(at).isupper() and (at == low or not view.char(at - 1).isupper()):
            return at
    return None


def _listed(line: CreditLine, index: int) -> Finding | None:
    """A credit whose pieces stops, a bar or "by" set apart."""
    words = _words(line.reader.vocabulary)
    by_words = words.signed, words.dated, words.posted, words.placed
    for pattern in (_STOPPED, _SWAPPED, *by_words):
        match = pattern.match(line.text, line.start, line.end + 1)
        if match is None or not match.start("name") <= index <= match.end("name") + 1:
            continue
        name = match.span("name")
        if not line.reader.is_agency(line.view, name) or line.is_picture(
            match.start(), match.end()
        ):
            continue
        if _holds(line, match, words):
            pieces = read_pieces(line.view, *name, line.reader)
            return credit_finding(line, "credit.loose", pieces, match.span())
    return None


def _holds(line: CreditLine, match: re.Match[str], words: _Words) -> bool:
    """Whether what stands around the name is what its layout asks for."""
    if match.re in (words.dated, words.posted):
        return len(line.text) - match.end() > _TEXT
    if match.re is words.signed:
        person = line.view.written(*match.span("person"))
        capitals = [word for word in person.replace(",", " ").split() if word[:1].isupper()]
        return 2 <= len(capitals) <= _PERSONS + 2
    place: Place = match.span("place")
    written, name = line.view.written(*place), line.view.written(*match.span("name"))
    if match.re is words.placed:
        return is_titled(written, line.reader) and is_between(line)
    if not written[:1].isupper() or says(line.text, line.reader, place[0]):
        return False
    shouted = written.isupper()
    titled = all(word[:1].isupper() for word in written.split()) and written.count(" ") < _PERSONS
    stopped = match.group("mark")[0] in "./|"
    return (shouted or (titled and stopped)) and (name.isupper() or not shouted or stopped)
