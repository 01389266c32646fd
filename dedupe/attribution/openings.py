"""Datelines without a mark at their end -> the agency or outlet they credit.

"PLACE/ Reporter/ AGENCY text" is how Arabic copy of agencies looks once its line breaks are lost;
"… summary. PLACE (AGENCY) - text" how the summary above an agency's dateline does; "PLACE - Outlet"
on a line of its own and "PLACE: «Outlet»" are datelines of papers and stations. What closes other
datelines is missing here, so scripts have to have no capitals, names have to be known.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.credit_lines import CreditLine
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["holds_agency_noun", "names_noun", "read_placed", "read_unclosed", "says"]

_LEAD = 40  # a text goes on for longer behind its dateline
_PLACE_WORDS, _NAME_WORDS = 3, 4
_SLASHED = re.compile(r"(?:[^\n/:().,\"\d]{2,30}?) ?/ ?(?:[^\n/:().,\"\d]{4,34}? ?/ ?)?")
_SUMMED = re.compile(r"[.!?…][\"']? (?P<place>[^\n.!?()\"\d]{2,30}?) ?\($")
_CLOSED = re.compile(r"\)(?P<dash> ?-{1,3})? ?(?=[^\W\d])")
_WORD = re.compile(r"\w(?:[\w.]*\w)?")
_PLACED = re.compile(
    r"(?P<place>[^\n/:()\".,\d-]{2,30}?)(?: -{1,3} (?P<name>[^\n/:()\",-]{2,34}?) ?(?=\n)"
    r"|(?: ?: ?| ?-{1,3} ?)\"(?P<quoted>[^\n\"]{2,30})\" ?:? ?)"
)
_ARABIC = re.compile(r"[\u0621-\u064a]{3,} (?:[\u0621-\u064a]{2,} ){0,2}")
_ABUTTING, _PARAGRAPH = 34, 120
_ALSO = re.compile(r" ?[,-] ?(\w{4,10})(?!\w)")
"""Agencies at large behind a paper of its own dateline: "PLACE: «Paper», agencies text"."""
_LINES, _SHORTEST = 5, 3


class _Words(NamedTuple):
    """What stands where a place would before an agency: a noun, a verb of saying, a sentence."""

    nouns: re.Pattern[str]
    said: re.Pattern[str]
    agency: re.Pattern[str]
    no_place: re.Pattern[str]
    slashed: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    # Arabic writes "and", "to" and "with" onto the word
    no_place = rf"(?:^| )(?:و?{some('no_place')}|[لب]?{some('no_place_nouns')})(?: |$)"
    return _Words(
        re.compile(rf"{some('outlet_nouns')}(?: \w+){{0,3}} ?$"),
        re.compile(rf"و?{some('said')}\w*(?: |$)"),
        re.compile(words.any("agency_stems")),
        re.compile(no_place),
        frozenset(words.folded("slashed_agencies")),
    )


def names_noun(text: str, reader: NameReader, *where: int) -> re.Match[str] | None:
    """The noun for an outlet that a folded text ends with: a bracket behind it explains it."""
    return _words(reader.vocabulary).nouns.search(text, *where)


def holds_agency_noun(text: str, reader: NameReader, start: int, end: int) -> bool:
    """Whether a noun for agencies stands in a folded stretch: "according to the agency (XNA)"."""
    return _words(reader.vocabulary).agency.search(text, start, end) is not None


def says(text: str, reader: NameReader, start: int = 0) -> bool:
    """Whether a verb of saying stands at `start`: what follows is a sentence, no dateline."""
    return _words(reader.vocabulary).said.match(text, start) is not None


def read_unclosed(line: CreditLine, index: int) -> Finding | None:
    """Read an agency at `index` in the head, behind a place, where no mark closes the dateline."""
    if not line.view.in_head(index):
        return None
    return _slashed(line, index) or _summed(line, index) or _abutting(line, index)


def _slashed(line: CreditLine, index: int) -> Finding | None:
    """Read "PLACE/ AGENCY text", "PLACE/ Reporter/ AGENCY text" at the beginning of a line."""
    text, view = line.text, line.view
    before = _SLASHED.match(text, line.start, min(line.end, line.start + 80))
    if before is None or before.end() > index + 1 or index - before.end() > _LEAD:
        return None
    place = _agency(line, before.end())
    if place is None or line.end - place[1] < _LEAD or text[place[1]] != " ":
        return None
    written = view.written(line.start, before.end())
    parts = [part.strip() for part in text[line.start : before.end()].split("/")][:-1]
    if any(part.count(" ") >= _PLACE_WORDS or says(part, line.reader) for part in parts):
        return None
    agency = text[place[0] : place[1]]
    if not text[place[1] + 1].isalpha() or not _is_place(
        parts, written, slashed=agency in _words(line.reader.vocabulary).slashed
    ):
        return None
    return _credit(line, place, (line.start, place[1]))


def _is_place(parts: list[str], written: str, *, slashed: bool) -> bool:
    """With capitals "Name / AGENCY" credits a picture, but for "ANKARA/AA" in Turkey."""
    if written[-3:].upper() == written[-3:].lower():
        return True  # the name of the place in Latin letters may stand before it
    letters = [char for char in written if char.isalpha()]
    return slashed and len(parts) == 1 and len(letters) > _SHORTEST and written.isupper()


def _abutting(line: CreditLine, index: int) -> Finding | None:
    """Read "PLACE AGENCY: text", as Arabic papers write it, at the beginning of a paragraph."""
    text, view, low = line.text, line.view, line.start
    colon = text.find(":", index, low + _ABUTTING)
    if colon < 0 or line.end - low < _PARAGRAPH:
        return None
    at, end = low, colon - (text[colon - 1] == " ")
    for _ in range(_PLACE_WORDS):
        at = text.find(" ", at, end) + 1
        if at == 0:
            return None
        if line.reader.is_agency(view, (at, end)):
            break
    before = text[low:at]
    if _ARABIC.fullmatch(before) is None or not line.reader.is_agency(view, (at, end)):
        return None
    if _words(line.reader.vocabulary).no_place.search(before) or says(before, line.reader):
        return None
    return _credit(line, (at, end), (low, end))


def _summed(line: CreditLine, index: int) -> Finding | None:
    """Read "… summary. PLACE (AGENCY) - text" inside the first paragraph."""
    text, view = line.text, line.view
    opening = text.rfind("(", max(line.start, index - _LEAD), index + 1)
    closing = text.find(")", index, min(line.end, index + _LEAD)) if opening >= 0 else -1
    if closing < 0 or not line.reader.is_agency(view, (opening + 1, closing)):
        return None
    before = _SUMMED.search(text, max(line.start, opening - 40), opening + 1)
    after = _CLOSED.match(text, closing, line.end)
    if before is None or after is None or line.end - closing < _LEAD:
        return None
    named, place = view.written(*before.span("place")), before.group("place")
    cased = named.upper() != named.lower()
    if (
        place.count(" ") >= _PLACE_WORDS
        or says(place, line.reader)
        or names_noun(place, line.reader)
    ):
        return None
    if cased and not (after.group("dash") and named[:3].isupper()):
        return None
    if not cased and not after.group("dash") and place.count(" ") > 0:
        return None  # "… . The town's police (XNA) said"
    return _credit(line, (opening + 1, closing), (before.start("place"), closing + 1))


def _agency(line: CreditLine, start: int) -> Place | None:
    """The longest agency's name that begins at `start`."""
    while line.text[start] == " ":
        start += 1
    ends = [word.end() for word in _WORD.finditer(line.text, start, min(line.end, start + 44))]
    for end in reversed(ends[:_NAME_WORDS]):
        if line.reader.is_agency(line.view, (start, end)):
            return start, end
    return None


def _credit(line: CreditLine, place: Place, whole: Place) -> Finding:
    name = line.view.written(*place)
    named = (Named(ClaimRole.AGENCY, name), Named(ClaimRole.SOURCE, name))
    return Finding("credit.unclosed", AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT, 0.85,
                   line.view.span(*whole), named, explicit=False)  # fmt: skip


def read_placed(view: View, reader: NameReader) -> Finding | None:
    """Read a known outlet in "PLACE - Outlet" above the text or in "PLACE: «Outlet» text"."""
    text, start = view.text, 1
    for _ in range(_LINES):
        while start < len(text) and text[start] in " *\n":
            start += 1
        end = text.find("\n", start)
        if end < 0 or not view.in_head(start):
            return None
        found = None
        first = view.char(start)
        if first.upper() == first.lower():  # where there are capitals, persons stand there too
            match = _PLACED.match(text, start, min(end + 1, start + 90))
            found = _placed(view, reader, match, end) if match is not None else None
        if found is not None:
            return found
        start = end + 1
    return None


def _placed(view: View, reader: NameReader, match: re.Match[str], end: int) -> Finding | None:
    text = view.text
    group = "quoted" if match.group("quoted") is not None else "name"
    place, written = match.group("place"), view.written(*match.span("place"))
    if place.count(" ") >= _PLACE_WORDS or says(place, reader) or names_noun(place, reader):
        return None
    following = text.find("\n", end + 1) - end if match.end() >= end else end - match.end()
    if following < _LEAD or written.upper() != written.lower():
        return None  # where there are capitals, persons stand before a dash too
    found = reader.read(view, *match.span(group), whole=True)
    if found is None or reader.is_picture(match.group()) or reader.is_agency(view, found):
        return None
    name = view.written(*found)
    if not reader.known(name) or reader.known(written):
        return None
    also = _ALSO.match(text, match.end())
    if also is not None and reader.is_generic(view, also.span(1)):
        named = Named(ClaimRole.AGENCY, view.written(*also.span(1)), generic=True)
        return Finding("dateline.placed", AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT, 0.85,
                       view.span(match.start(), also.end(1)), (named,), explicit=False)  # fmt: skip
    return Finding("dateline.placed", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(match.start(), match.end(group)), (Named(ClaimRole.SOURCE, name),),
                   explicit=False)  # fmt: skip
