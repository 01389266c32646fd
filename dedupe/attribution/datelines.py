"""The first lines of a text -> the credit of an outlet or agency that nobody has listed.

Known agencies are read by `credits`, whatever the layout; here the layout has to be a dateline's
and the name made as outlets' names are (`newcomers`): both together need no list. Places, persons
and parties stand in brackets too, so an undated bracket needs more than a dated one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader
from dedupe.attribution.newcomers import (
    is_acronym,
    is_address,
    is_call_sign,
    is_date,
    is_named_agency,
    is_nothing,
    is_office,
    is_outlet,
    is_wire_like,
)
from dedupe.attribution.openings import names_noun, says
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["may_open", "read_dateline"]

_WITHIN, _LINES, _LONGEST = 360, 5, 110
_LEAD = 40  # a text goes on for longer behind its dateline
_PLACE_WORDS, _NAME_WORDS = 4, 4
_DASH = r"(?:-{1,3}|:)"
_BRACKET = re.compile(
    r"(?P<place>[^\n()/]{0,60}?)[ ,-]{0,4}\((?P<name>[^()\n]{2,34})\)"
    rf" ?(?P<close>[.]?{_DASH}|[.]?\n)? ?"
)
_SLASHES = re.compile(
    r"(?P<place>[^\n/:()]{2,30}?) ?/ ?(?:(?P<date>[^\n/()]{1,24}\d[^\n/()]{0,8}) ?/ ?)?"
    r"(?P<name>[^\n/()]{2,34}?) ?/ ?(?=[^\n/ ])"
)
_FRONT = re.compile(
    rf"(?P<name>[^\n/:()\",]{{2,34}}?)(?: ?/ ?| ?, | -{{1,3}} )"
    rf"(?:(?P<place>[^\n/:()\",-]{{2,30}}?)(?P<close> ?{_DASH} |\n)"
    rf"|(?<=/)(?=[^\n]{{{_LEAD}}})|(?<=/ )(?=[^\n]{{{_LEAD}}}))"
)
_SITE = re.compile(
    rf"(?:(?P<place>[^\n/:()\",.]{{2,30}}?), )?(?P<name>[a-z0-9-]{{3,30}}(?:\.[a-z]{{2,6}}){{1,2}})"
    rf"(?:[,.] ?(?P<city>[^\n/:()\",]{{2,30}}?))? ?{_DASH} ?(?=[^\n]{{{_LEAD}}})"
)
_LAST = re.compile(
    r"(?P<place>[^\n/:(),.]{2,30}?)[,.] (?P<date>[^\n/:()]{1,24}?)(?:[,.]|[,.]? -{1,3}) ?"
    rf"(?P<name>[^\n/:(),]{{2,30}}?)(?P<close>[.]?\n|[.]? ?-{{1,3}} (?=[^\n]{{{_LEAD}}}))"
)
_BARRED = re.compile(
    r"(?P<name>[^\n|/()]{2,34}?) ?\| ?(?=[^\n|]{0,30}(?:19|20)\d\d(?!\d))[^\n|]{6,40}"
)
_LISTED = re.compile(r"(?P<name>[^\n()]{3,40}?) \((?P<place>[^\n()\d]{3,24})\)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DASHES = r"[-\u2013\u2014]{1,3}"
_UNCASED = "(?<=[\u0621-\u06ff])"
_OPENS = re.compile(
    r"^[^\w\n]{0,3}+(?:"  # marks: tried at every letter too it took four times as long
    r"[^\n/:()\d]{2,34}(?:/ | /)[^\n/()]{2,34}(?:/|\n|\Z)|[^\n/:(),\d]{3,20} ?/ [^\n/]{40}"
    rf"|[^\n/:()\d]{{2,34}} {_DASHES} [^\n/:()\d]{{2,30}}(?: ?(?:{_DASHES}|:) |\n|\Z)"
    r"|(?:[^\n/:(),.]{2,30}, )?[A-Za-z0-9-]{3,30}(?:\.[A-Za-z]{2,6}){1,2}"
    r"(?:[,.] [^\n/:(),.]{2,30})?"
    rf" ?(?:{_DASHES}|:) "
    r"|[^\n/:()\d]{2,30}[,.،] [^\n/:()\d]{0,14}\d[^\n/:(),]{0,16}[,.،] ?(?![a-z])"
    r"[^\n/:(),\d]{2,30}(?:\n|\Z)"
    rf"|[^\n/:(),\d]{{2,34}}[,،] [^\n/:(),.\d]{{2,30}} ?{_DASHES} "
    rf"|[^\n/:(),.\d]{{2,30}}(?::|(?: |{_UNCASED}){_DASHES}) ?[«“][^\n»”]{{2,30}}[»”]"
    r"|[^\n|/()]{2,34}\| ?[^\n|]{0,30}(?:19|20)\d\d[^\n|]{0,12}(?:\n|\Z))",
    re.MULTILINE,
)


def may_open(head: str) -> bool:
    """Whether the beginning of a text, as written, is laid out as a dateline may be."""
    return _OPENS.search(head, 0, _WITHIN) is not None


def read_dateline(view: View, reader: NameReader) -> Finding | None:
    """Read the credit of a name nobody listed in a dateline of the first lines, if there is one."""
    for at, (start, end) in enumerate(view.first_lines(" *-\n", _LINES, _WITHIN)):
        line = view.text[start : min(end, start + _LONGEST)]
        for read in _worth_trying(line, end - start):
            found = read(view, reader, start, end)
            if found is not None:
                return found
        byline = _under_byline(view, reader, start, end) if at else None
        if byline is not None:
            return byline
    return None


def _place(view: View, match: re.Match[str], group: str) -> str:
    low, high = match.span(group)
    return view.written(low, high).strip(" ,.") if low >= 0 and high > low else ""


def _is_cased(name: str) -> bool:
    return name.upper() != name.lower()


def _may_be_place(written: str) -> bool:
    words = written.split()
    if not 1 <= len(words) <= _PLACE_WORDS or any(char.isdigit() for char in written):
        return False
    return not _is_cased(written) or written[0].isupper()


def _split_date(view: View, match: re.Match[str], reader: NameReader) -> tuple[str, bool] | None:
    """The place and whether a date stands behind it; None = it is neither."""
    low, high = match.span("place")
    text = view.text[low:high].strip(" ,.-")
    if not text:
        return "", False
    digit = next((at for at, char in enumerate(text) if char.isdigit()), -1)
    if digit < 0:
        return _place(view, match, "place"), False
    for mark in (", ", ". ", " - ", " "):
        head, found, date = text.partition(mark)
        if found and head and not any(map(str.isdigit, head)) and is_date(date, reader):
            return view.written(low, low + view.text[low:high].find(head) + len(head)), True
    head, found, date = text.rpartition(", ")
    if found and is_date(date, reader):
        return view.written(low, low + view.text[low:high].find(head) + len(head)), True
    return None


def _name(view: View, match: re.Match[str], reader: NameReader) -> str | None:
    """The name as written, if it is one and nothing else stands in its place."""
    low, high = match.span("name")
    place = reader.read(view, low, high, whole=True)
    if place is None or reader.is_generic(view, place) or reader.is_picture(match.group()):
        return None
    rest = view.text[low : place[0]] + view.text[place[1] : high]
    name = view.written(*place)
    if len(rest.strip(" .\"'")) > len(name) or is_nothing(name, reader):
        return None
    return name if name.count(" ") < _NAME_WORDS else None


def _bracketed(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "PLACE, date (Name) - text", "PLACE (NAME) - text", "(Name agency) - text"."""
    match = _BRACKET.match(view.text, start, end + 1)
    split = _split_date(view, match, reader) if match is not None else None
    if match is None or split is None:
        return None
    place, dated = split
    if not dated and not match.group("close"):
        return None
    if says(view.text, reader, start) or names_noun(match.group("place"), reader):
        return None
    name = _name(view, match, reader)
    if name is None or (name[:1].islower() and not is_address(name)):
        return None  # "(local time)"
    made = is_acronym(name, reader, 2 if dated else 3)
    close = match.group("close") or ""
    closed = close.lstrip(".")[:1] in ("-", ":") or (dated and (close[-1:] == "\n" or made))
    credible = _is_credible(name, place, reader, dated=dated, made=made)
    if not closed or not credible or (place and not _may_be_place(place)):
        return None
    return _finding(view, reader, match, name, agency=dated or made)


def _is_credible(name: str, place: str, reader: NameReader, *, dated: bool, made: bool) -> bool:
    """Whether a bracket's name is made well enough for what stands before the bracket."""
    if is_named_agency(name, reader) or (place and dated):
        return True
    if not place:
        return reader.known(name)
    # outlets are read by `brackets`; "Jane Roe (ABC) - …" is a person of a party
    return made and (not _is_cased(place) or place[:3].isupper())


def _slashed(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "PLACE / NAME / text"."""
    match = _SLASHES.match(view.text, start, end)
    if match is None or end - match.end() < _LEAD:
        return None
    if not _may_be_place(_place(view, match, "place")):
        return None
    name = _name(view, match, reader)
    if name is None or says(view.text, reader, match.start("name")):
        return None
    agency = is_acronym(name, reader) or is_named_agency(name, reader)
    dated = bool(match.group("date")) or not _is_cased(name)
    if not agency and not reader.known(name) and not (dated and is_outlet(name, reader)):
        return None
    return _finding(view, reader, match, name, agency=agency)


def _fronted(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "Name / PLACE" on a line of its own, "Name, PLACE - text", "Name/ text"."""
    match = _FRONT.match(view.text, start, end + 1)
    if match is None or not _is_fronted(view, reader, match, end):
        return None
    name = _name(view, match, reader)
    if name is None:
        return None
    named = is_named_agency(name, reader)
    sure = reader.known(name) or named or (not _is_cased(name) and is_outlet(name, reader))
    if not sure:
        return None
    return _finding(view, reader, match, name, agency=named)


def _is_fronted(view: View, reader: NameReader, match: re.Match[str], end: int) -> bool:
    """Whether what stands behind a name is a place and then the text, or after "/" the text."""
    mark = view.text[match.end("name") :].lstrip()[:1]
    if match.group("place") is None:
        return mark == "/" and not _is_cased(match.group("name"))  # others go on with a sentence
    place = _place(view, match, "place")
    if not _may_be_place(place) or says(view.text, reader, match.start("place")):
        return False
    if mark != "/" and reader.is_outlet_like(place):
        return False  # "Name - a weekly - said": it is the subject of a sentence
    if _may_be_person(place, reader, slashed=mark == "/"):
        return False  # "Outlet - Reporter": the outlet's own
    if (match.group("close") or "")[-1:] == "\n":
        return view.text.find("\n", end + 1) - end >= _LEAD
    return mark != "/" and end - match.end() >= _LEAD


def _may_be_person(place: str, reader: NameReader, *, slashed: bool) -> bool:
    """Whether a name of several words where a place stands may be the reporter's."""
    if _is_cased(place):
        return place.count(" ") > 1
    return not slashed and " " in place and fold_text(place) not in reader.places


def _sited(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "SITE.TLD, Place - text" and "PLACE, SITE.TLD - text"."""
    match = _SITE.match(view.text, start, end)
    name = _name(view, match, reader) if match is not None else None
    if match is None or name is None or not is_address(name):
        return None
    places = [place for group in ("place", "city") if (place := _place(view, match, group))]
    if not all(map(_may_be_place, places)):
        return None
    return _finding(view, reader, match, name, agency=False)


def _lined(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "PLACE, date, NAME" on a line of its own or before a dash."""
    match = _LAST.match(view.text, start, end + 1)
    if match is None or not is_date(match.group("date"), reader):
        return None
    name = _name(view, match, reader) if _may_be_place(_place(view, match, "place")) else None
    if name is None:
        return None
    made = is_acronym(name, reader) or is_named_agency(name, reader)
    if not made and not is_outlet(name, reader):
        return None
    return _finding(view, reader, match, name, agency=made)


def _barred(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "Name | date" on a line of its own below a headline."""
    match = _BARRED.fullmatch(view.text, start, end) if start > 1 else None
    if match is None or view.text.find("\n", end + 1) - end < _LEAD // 2:
        return None
    name = _name(view, match, reader)
    if name is None or name in reader.agencies or not reader.known(name):
        return None
    return _finding(view, reader, match, name, agency=False)


def _listed(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read "Name (City)" below a date: the head of a text in a list of many papers'."""
    match = _LISTED.fullmatch(view.text, start, end)
    above = view.text[view.text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
    if match is None or _YEAR.search(above) is None or not is_date(above, reader):
        return None
    name = _name(view, match, reader)
    if name is None or is_office(name, reader) or not is_outlet(name, reader):
        return None
    return _finding(view, reader, match, name, agency=is_named_agency(name, reader))


_Read = Callable[[View, NameReader, int, int], Finding | None]
_DAY, _HOST = re.compile(r"[,.] [^\n]{0,14}?\d"), re.compile(r"[a-z0-9]\.[a-z]{2}")
_FIRST, _BEFORE = 37, 66


def _worth_trying(line: str, size: int) -> list[_Read]:
    """What may read a line of `size` characters that begins so: by where its marks stand."""
    readers: list[_Read] = [_bracketed] if 0 <= line.find("(") < _BEFORE else []
    if readers and size < _BEFORE and line[size - 1] == ")":
        readers.append(_listed)
    if 0 < line.find("|") < _FIRST and size < _LONGEST:
        readers.append(_barred)
    dash = line.find(" -")
    if 0 < line.find("/") < _FIRST:
        readers += [_slashed, _fronted]
    elif 0 < dash < _FIRST:
        readers.append(_fronted)
    if 0 < dash < _BEFORE or size < _LONGEST // 2:
        if dash > 0 and _HOST.search(line, 0, _BEFORE):
            readers.append(_sited)
        if _DAY.search(line, 0, _BEFORE):
            readers.append(_lined)
    return readers


class _Words(NamedTuple):
    """What a byline begins with, and the byline."""

    bys: tuple[str, ...]
    byline: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    bys = tuple(f"{word} " for word in words.folded("by"))
    return _Words(bys, re.compile(rf"{words.any('by')} ([^\n,.()/:]{{4,44}})"))


def _under_byline(view: View, reader: NameReader, start: int, end: int) -> Finding | None:
    """Read an outlet on the line below "By Jane Roe" and above the text."""
    text = view.text
    above = text.rfind("\n", 0, start - 1) + 1
    words = _words(reader.vocabulary)
    if not text.startswith(words.bys, above):
        return None
    byline = words.byline.fullmatch(text, above, text.find("\n", above))
    following = text.find("\n", end + 1) - end
    if byline is None or end - start > _LEAD or following < _LEAD:
        return None
    author = view.written(*byline.span(1))
    parts = author.split()
    if not 2 <= len(parts) <= _PLACE_WORDS or not all(part[:1].isupper() for part in parts):
        return None
    place = reader.read(view, start, end, whole=True)
    name = view.written(*place) if place is not None else ""
    if place is None or place[1] < end - 1 or not _may_be_signed(name, reader):
        return None
    named = (Named(ClaimRole.SOURCE, name), Named(ClaimRole.AUTHOR, author))
    return Finding("dateline.byline", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(start, end), named, explicit=False)  # fmt: skip


def _may_be_signed(name: str, reader: NameReader) -> bool:
    """Whether the line below a byline is an outlet's name: no agency, post or page furniture."""
    if name in reader.agencies or is_office(name, reader) or reader.is_picture(fold_text(name)):
        return False
    if name.rsplit(maxsplit=1)[-1][:1].islower():
        return False  # "Copy this code to your website"
    return reader.known(name) or is_outlet(name, reader)


def _finding(
    view: View, reader: NameReader, match: re.Match[str], name: str, *, agency: bool
) -> Finding:
    start, end = match.start(), match.end("name") + 1
    if reader.agencies.is_wire(name):  # whoever issued the text is its source
        return Finding("dateline.wire", AttributionKind.PRESS_RELEASE, Trust.NOTICE, 0.85,
                       view.span(start, end), (Named(ClaimRole.AGENCY, name),),
                       explicit=False)  # fmt: skip
    # what calls itself a paper or a station is no agency, dated or not
    own = is_named_agency(name, reader)
    told = reader.known(name) or is_call_sign(name)
    letters = is_acronym(name, reader, 2) or is_wire_like(name, reader)
    outlet = told or (not letters and is_outlet(name, reader))
    if own or (agency and not outlet):
        named = (Named(ClaimRole.SOURCE, name), Named(ClaimRole.AGENCY, name))
        return Finding("dateline.agency", AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT, 0.8,
                       view.span(start, end), named, explicit=False)  # fmt: skip
    return Finding("dateline.outlet", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(start, end), (Named(ClaimRole.SOURCE, name),),
                   explicit=False)  # fmt: skip
