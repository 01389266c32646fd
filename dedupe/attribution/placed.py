"""The first lines of a text -> the credit behind a listed place that copy is dated from.

Without capitals any word may stand before a name. A listed place vouches for what stands behind it
where no mark does, or where the name means other things too: "PLACE AGENCY" and "PLACE - «Outlet»"
alone on a line, "PLACE (ABC) text", "… a headline PLACE - AGENCY said".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_acronym, is_named_agency
from dedupe.attribution.openings import says
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["read_dated_from"]

Listed = Callable[[str], bool]

_WITHIN, _LINES, _LONGEST, _LEAD = 360, 5, 80, 40
_PLACE_WORDS, _AGENCY_WORDS, _LETTERS = 3, 4, 3
_UNCASED = re.compile(r"[\u0621-\u06ff]")
_WORD = re.compile(r"[^\W\d_]+")
_COMMA, _MARK = re.compile(r" ?, ?"), re.compile(r" ?(?:-{1,3}|/{1,2}|:) ?")
_QUOTED = re.compile(r"\"(?P<name>[^\n\"]{2,30})\"")
_BARE = re.compile(r"(?P<name>[^\n/:()\",-]{2,40}?)(?= ?(?:[,/:\n]|-{1,3} ?\n))")
_END, _OWN = re.compile(r"[ :/.-]{0,4}\n"), re.compile(r" ?:")
_BRACKET = re.compile(r"(?: ?[:-])? ?\((?P<name>[^()\n]{2,40})\) ?(?:-{1,3}|:)? ?")
_DASH = re.compile(r" ?-{1,3} ?")
_MARKED = re.compile(r" ?[:,/-]")
_ARABIC = re.compile("[يىأإ]")
"""Letters of Arabic: there initials in a bracket are firms' and parties', in Urdu agencies'."""
_SWAPPED = re.compile(
    r"(?P<name>[^\n\"()/:-]{2,30}?)(?P<quoted>\")? ?\((?P<place>[^\n()]{2,30})\) ?\n"
)


class _Words(NamedTuple):
    """Before a place a preposition, behind a bracket a postposition: both make it a sentence's."""

    prepositions: frozenset[str]
    postpositions: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    return _Words(
        frozenset(words.folded("before_places")),
        re.compile(rf"{words.any('postpositions')}(?!\w)"),
    )


def read_dated_from(view: View, reader: NameReader, listed: Listed) -> Finding | None:
    """Read an agency or outlet behind a listed place; `listed` knows ambiguous names too."""
    for start, end in view.first_lines(' *-"\n', _LINES, _WITHIN):
        if _UNCASED.match(view.text, start) is None:
            continue
        place = _places(view, reader, start, end)
        found = None
        if place is not None:
            found = _above(view, reader, listed, place, end)
            found = found or _bracketed(view, reader, place, end)
        else:
            found = _swapped(view, reader, listed, start, end)
        if found is None and end - start > _LONGEST:
            found = _inside(view, reader, start, end)
        if found is not None or end - start > 2 * _LONGEST:
            return found
    return None


def _places(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    """The place a line begins with, or several with commas between them."""
    first, last = start, -1
    while (stop := _listed_place(view, reader, start, end)) > 0:
        last = stop
        comma = _COMMA.match(view.text, stop, end)
        if comma is None:
            break
        start = comma.end()
    return (first, last) if last > 0 else None


def _listed_place(view: View, reader: NameReader, start: int, end: int) -> int:
    """Where the longest listed place ends that begins at `start`; -1 = none."""
    stops, at = [], start
    for _ in range(_PLACE_WORDS):
        word = _WORD.match(view.text, at, min(end, at + 20))
        if word is None:
            break
        stops.append(word.end())
        if view.text[word.end()] != " ":
            break
        at = word.end() + 1
    return next((s for s in reversed(stops) if view.text[start:s] in reader.places), -1)


class _Named(NamedTuple):
    """What stands behind a place and its mark: a name, and perhaps agencies behind a comma."""

    name: Place
    quoted: bool
    marked: bool
    also: list[Place]
    end: int


def _above(
    view: View, reader: NameReader, listed: Listed, place: Place, end: int
) -> Finding | None:
    """Read a line that holds nothing but places and a name, or «Outlet» before the text."""
    text, alone = view.text, end - place[0] <= _LONGEST
    read = _read_behind(view, reader, place[1], end, alone=alone)
    following = (text.find("\n", end + 1) if alone else end) - (end if alone else place[1])
    if read is None or following < _LEAD or reader.is_picture(text[place[0] : read.end]):
        return None
    whole, name = (place[0], read.end), read.name
    if reader.is_generic(view, name):
        return _credit(view, reader, whole, [], [name, *read.also])
    if reader.is_agency(view, name) or _is_agency(view, reader, name):
        return _credit(view, reader, whole, [name], [name, *read.also])
    found = reader.read(view, *name, whole=True) if read.marked else None
    if found is None:
        return None
    written = view.written(*found)
    if alone or _is_parted(text, reader, read.end):
        sure = listed(written) or (not read.quoted and _is_outlet(written, reader))
    else:
        sure = reader.known(written)  # "PLACE - «Outlet» is a word too"
    return _credit(view, reader, whole, [found], read.also) if sure else None


def _is_parted(text: str, reader: NameReader, end: int) -> bool:
    """Whether a mark or a verb of saying stands behind a quotation: it is no sentence's subject."""
    return _MARKED.match(text, end) is not None or says(text, reader, end + (text[end] == " "))


def _read_behind(
    view: View, reader: NameReader, start: int, end: int, *, alone: bool
) -> _Named | None:
    """The name at `start`, behind a mark or a blank; on a line that goes on it is quoted."""
    text = view.text
    mark = _MARK.match(text, start, end)
    low = mark.end() if mark is not None else start + 1
    quoted = _QUOTED.match(text, low, end) if mark is not None else None
    match = quoted or (_BARE.match(text, low, end + 1) if alone else None)
    if match is None:
        return None
    comma = _COMMA.match(text, match.end(), end) if alone else None
    also = _agencies(view, reader, comma.end(), end) if comma is not None else []
    ended = not alone or bool(also) or _END.match(text, match.end(), end + 1) is not None
    if not ended:
        return None
    name = match.span("name")
    wire = reader.is_agency(view, name) or reader.is_generic(view, name)
    own = text[start] == "-" or _OWN.match(text, match.end()) is not None
    if alone and quoted is None and own and not (wire or also or _is_agency(view, reader, name)):
        return None  # "PLACE- Outlet", "PLACE - Outlet:": the outlet's own
    last = end if alone else match.end()
    return _Named(name, quoted is not None, mark is not None, also, last)


def _swapped(
    view: View, reader: NameReader, listed: Listed, start: int, end: int
) -> Finding | None:
    """Read an outlet and where it writes from above the text: "«Outlet» (PLACE)"."""
    match = _SWAPPED.fullmatch(view.text, start, end + 1)
    if match is None or view.text.find("\n", end + 1) - end < _LEAD:
        return None
    name = match.span("name")
    written = view.written(*name)
    sure = listed(written) if match.group("quoted") else reader.known(written)
    if not sure or match.group("place") not in reader.places or reader.is_agency(view, name):
        return None
    return _credit(view, reader, (start, end), [name], [])


def _agencies(view: View, reader: NameReader, start: int, end: int) -> list[Place]:
    """Agencies, set apart by commas, that fill the rest of a line; none, if others are there."""
    parts = reader.split(view, start, end)
    told = all(reader.is_agency(view, part) or reader.is_generic(view, part) for part in parts)
    return parts if told else []


def _is_agency(view: View, reader: NameReader, name: Place) -> bool:
    """Whether a name that nobody listed says that it is an agency's."""
    written = view.written(*name)
    return " " in written.strip() and is_named_agency(written, reader)


def _is_outlet(name: str, reader: NameReader) -> bool:
    """Whether a name ends with a word that outlets' names end with, and begins with another."""
    first, *rest = name.split()
    return bool(rest) and reader.is_outlet_like(rest[-1]) and not reader.is_outlet_like(first)


def _bracketed(view: View, reader: NameReader, place: Place, end: int) -> Finding | None:
    """Read initials or an outlet's name in a bracket behind a place: "PLACE (ABC) text"."""
    match = _BRACKET.match(view.text, place[1], end)
    if match is None or end - match.end() < _LEAD or reader.is_picture(match.group()):
        return None
    found = reader.read(view, *match.span("name"), whole=True)
    if found is None or reader.is_agency(view, found) or reader.is_generic(view, found):
        return None
    name = view.written(*found)
    lettered = name.count(" ") + name.count(".") >= _LETTERS - 1 and _ARABIC.search(name) is None
    agency = lettered and is_acronym(name, reader)
    if not (agency or reader.known(name) or _is_outlet(name, reader)):
        return None
    if _words(reader.vocabulary).postpositions.match(view.text, match.end()) is not None:
        return None  # "the police (ABC) of …"
    return _credit(view, reader, (place[0], match.end()), [found], [found] if agency else [])


def _inside(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "… a headline PLACE - AGENCY said", "… PLACE- AGENCY- text" where breaks are lost."""
    text = view.text
    for dash in _DASH.finditer(text, start, min(end, start + _WITHIN)):
        low = _place_before(view, reader, start, dash.start())
        if low < 0:
            continue
        at = dash.end()
        ends = [word.end() for word in _WORD.finditer(text, at, min(end, at + 44))]
        for stop in reversed(ends[:_AGENCY_WORDS]):
            if not reader.is_agency(view, (at, stop)) or end - stop < _LEAD:
                continue
            again = _DASH.match(text, stop, end)
            if again is not None or (text[stop] == " " and says(text, reader, stop + 1)):
                return _credit(view, reader, (low, stop), [(at, stop)], [(at, stop)])
    return None


def _place_before(view: View, reader: NameReader, start: int, end: int) -> int:
    """Where the listed place begins that ends at `end`, unless a preposition governs it; or -1."""
    text, low = view.text, end
    for _ in range(_PLACE_WORDS):
        low = text.rfind(" ", start, low)
        first = max(low + 1, start)
        if text[first:end] in reader.places:
            before = text[text.rfind(" ", start, max(low, start)) + 1 : max(low, start)]
            return first if before not in _words(reader.vocabulary).prepositions else -1
        if low < 0:
            break
    return -1


def _credit(
    view: View, reader: NameReader, whole: Place, source: list[Place], agencies: list[Place]
) -> Finding:
    """What a dateline credits: a source, if one is named, and agencies."""
    named = [Named(ClaimRole.SOURCE, view.written(*place)) for place in source]
    named += [Named(ClaimRole.AGENCY, view.written(*place), generic=reader.is_generic(view, place))
              for place in agencies]  # fmt: skip
    own = bool(agencies) and (not source or source[0] == agencies[0])
    kind = AttributionKind.AGENCY_BYLINE if agencies else AttributionKind.SOURCE_LINE
    trust = Trust.AGENCY_CREDIT if agencies else Trust.SOURCE_LINE
    return Finding("dateline.agency" if own else "dateline.outlet", kind, trust,
                   0.92 if agencies else 0.6, view.span(*whole), tuple(named),
                   explicit=False)  # fmt: skip
