"""A text that calls itself a press release -> who issued it, where no formula names them.

"PRESS RELEASE / Quayside, 3 May - The Harbour Trust opens …", "… -ends- / About the Harbour Trust".
Asked for only behind a notice that the text is a release, so who stands there is the issuer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.subjects import read_subject
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["read_issuer"]

_HEADING, _EASTERN, _LEADS, _LEADING = 80, 35, 6, 900
_FOOT = 1300
_DATELINE = re.compile(
    r"[^\n/]{3,44}/[^\n/]{4,24}/[^\n/]{4,24}/ ?(?=[^\W\d])|"
    r"(?=[^\n]{0,60}\d)[^\n]{3,70}?(?: ?-{1,3} |: |(?:\d{4}|[a-zа-яёіїєґ])\. (?=[^\W\d_]))"
    r"|[^\n()]{3,50}\([^()\n]{2,30}\) ?-{1,3} ?"
)
_HEADLINE = re.compile(r"\W{0,3}(?P<name>[^\n:.!?\"]{3,50}?) ?: [^\n]{8,}\n")


class _Words(NamedTuple):
    """What stands beside an issuer's name above and below a release."""

    about: re.Pattern[str]
    stationed: re.Pattern[str]
    office: re.Pattern[str]
    contact: re.Pattern[str]
    desk: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    about = (
        rf"\n\W{{0,3}}(?:{some('about')} ?(?P<name>[^\n:.!?]{{3,60}}?)"
        rf"|(?P<before>[^\n:.!?]{{3,60}}?) ?{some('about_behind')}) ?:?(?=\n)"
    )
    stationed = (
        rf"\n(?P<name>[^\n():,]{{4,70}}?) ?\({some('release_desks')}(?:/[^\n()]{{1,40}})?\) ?(?=-)"
    )
    office = rf"{some('office_stems')}| {some('office_ends')}\Z|(?<!\w){some('office_names')}(?!\w)"
    contact = rf"\n\W{{0,3}}{some('contact')} ?:? ?\n{{1,2}}(?P<name>[^\n:@\d/]{{3,80}}?)(?=\n)"
    desk = rf"\n\W{{0,3}}{some('press_desks')}(?!\w)"
    return _Words(*map(re.compile, (about, stationed, office, contact, desk)))


def read_issuer(view: View, reader: NameReader, findings: Sequence[Finding]) -> Finding | None:
    """Read who issued the text, if `findings` call it a release and none names the issuer."""
    released = [f for f in findings if f.kind is AttributionKind.PRESS_RELEASE]
    labelled = (f for f in findings if f.kind is AttributionKind.SOURCE_LINE)
    if not released or any(f.names(ClaimRole.SOURCE) for f in (*released, *labelled)):
        return None
    place = (
        _stationed(view, reader)
        or _about(view, reader)
        or _contact(view, reader)
        or _headline(view, reader)
        or _lead(view, reader)
    )
    if place is None:
        return None
    named = (Named(ClaimRole.SOURCE, view.written(*place)),)
    return Finding("release.issuer", AttributionKind.PRESS_RELEASE, Trust.NOTICE, 0.85,
                   view.span(*place), named, explicit=True)  # fmt: skip


def _stationed(view: View, reader: NameReader) -> Place | None:
    """The office that stands where the place of a dateline does: "Polizei Quayside (ots) - …"."""
    words = _words(reader.vocabulary)
    match = words.stationed.search(view.text, 0, _LEADING)
    if match is None or words.office.search(match.group("name")) is None:
        return None
    return reader.read(view, *match.span("name"), whole=True, official=True)


def _contact(view: View, reader: NameReader) -> Place | None:
    """The first line below "Press contact:", if it is no person's."""
    words = _words(reader.vocabulary)
    for match in words.contact.finditer(view.text, max(0, len(view.text) - _FOOT)):
        low, high = match.span("name")
        name = match.group("name")
        office = words.office.search(name) is not None or reader.is_issuer(view.written(low, high))
        again = view.text.count(name) > 1 or words.desk.match(view.text, match.end()) is not None
        if not _is_titled(view, (low, high)) or not (office or again or name.count(" ") == 0):
            continue
        place = reader.read(view, low, high, whole=True, official=True)
        if place is not None:
            return place
    return None


def _headline(view: View, reader: NameReader) -> Place | None:
    """Who stands before the colon of the headline, if the text goes on about them."""
    match = _HEADLINE.match(view.text, 1)
    if match is None or not _is_titled(view, match.span("name")):
        return None
    if match.group("name") not in view.text[match.end() - 1 : match.end() + _LEADING]:
        return None
    return reader.read(view, *match.span("name"), whole=True, official=True)


def _about(view: View, reader: NameReader) -> Place | None:
    """The name in a heading such as "About the Harbour Trust" below the text."""
    for match in _words(reader.vocabulary).about.finditer(
        view.text, max(1, len(view.text) - _FOOT)
    ):
        group = "name" if match.group("name") else "before"
        low, high = match.span(group)
        if view.text[high:].strip():
            place = reader.read(view, low, high, whole=True, official=True)
            if place is not None and _is_titled(view, place):
                return place
    return None


def _is_titled(view: View, place: Place) -> bool:
    name = view.written(*place)
    return name.upper() == name.lower() or name[0].isupper()


def _lead(view: View, reader: NameReader) -> Place | None:
    """The subject of the first sentence, behind a dateline if there is one."""
    text, start = view.text, 1
    for _ in range(_LEADS):
        end = text.find("\n", start)
        if end < 0 or not view.in_head(start):
            return None
        if end - start > (_EASTERN if text[start] >= "\u2e80" else _HEADING):
            dateline = _DATELINE.match(text, start, end)
            begin = dateline.end() if dateline is not None else start
            return read_subject(view, reader, begin, end)
        start = end + 1
    return None
