"""A line that holds nothing but a listed outlet, and when or where -> the credit of that outlet.

Aggregators, forums and blogs that pass texts on set the outlet's name on a line of its own: beside
a date ("成都日报 2017-07-28", "La Gaceta. 27/02/1968"), behind a person's ("Jane Roe, The Guardian,
3 May 2014"), above an address, or alone between the headline and the text. Names have to be listed,
or where no capitals tell be made as outlets' are: sections, persons and places stand there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dedupe.attribution.excerpts import is_bare_address, may_be_excerpted, read_excerpt
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_address, is_outlet, is_titled
from dedupe.attribution.posted import is_dated, tells_age
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["may_be_stamped", "read_stamp"]

_WITHIN, _LINES, _LAST_LINES, _LONGEST = 360, 6, 4, 100
_PARAGRAPH, _NAME, _ENDING = 60, 40, 160
_EDGE = " -|,.:;/*\"'()=#>"
_EDGES = _EDGE + "\n"
"""Marks around a line, and around lines."""
_ADDRESS = re.compile(r"\W{0,3}(?:https?://|www\.)\S+\W{0,3}")
_DIGIT = re.compile(r"\d")
_BEHIND = re.compile(
    r"(?P<name>[^\n\d]{2,60}?)(?: ?[:,.|/(-]{1,2} ?(?:[^\W\d]{2,10}[ ,.]{1,2})?| )(?=\d)"
)
_MOST_WORDS, _MOST_ABOVE, _PERSON_WORDS = 5, 2, 3


def may_be_stamped(head: str, tail: str) -> bool:
    """Whether a line near one of the ends, as written, holds a date, or an address stands there."""
    stamped = _OPENS.search(head, 0, _WITHIN) or _ENDS.search(tail[-_ENDING:])
    return stamped is not None or may_be_excerpted(tail)


_OPENS = re.compile(
    r"^(?=[^\n]{6,56}$)[^\n]*?(?:(?:19|20)\d\d|\d:\d\d|月\d{1,2}日)|https?://", re.MULTILINE
)
_ENDS = re.compile(r"https?://|^(?=[^\n]{6,56}$)[^\n]*?(?:(?:19|20)\d\d|\d:\d\d)", re.MULTILINE)
"""Lines of wrapped prose are longer."""


class _Words(NamedTuple):
    """What stands beside a name on a line of its own. Tuples are what a line begins with.

    `buttons` pass a text on: above a byline with a date they are no outlets.
    """

    owned: tuple[str, ...]
    signing: tuple[str, ...]
    written: tuple[str, ...]
    addressed: re.Pattern[str]
    person: re.Pattern[str]
    signed: re.Pattern[str]
    written_for: re.Pattern[str]
    labels: tuple[str, ...]
    labelled: re.Pattern[str]
    front: re.Pattern[str]
    endings: str
    buttons: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    by = tuple(f"{word} " for word in words.folded("by") + words.folded("posted_by"))
    posted = (f"{phrase.partition(' ')[0]} " for phrase in words.folded("written_by"))
    addressed = (
        rf"(?P<from>{some('from_address')} ?:? ?)?"
        r"(?P<address>(?:https?://|www\.)[^\s()\"<>]{4,200})"
    )
    person = (
        rf"(?P<person>[^\n\d,()/|:]{{4,40}}?)(?:, | {some('writing_in')} | - | -|- | / |\. )"
        r"(?P<name>.{2,40})"
    )
    signed = (
        rf"(?:{some('by', 'posted_by')} |@"
        r"|[^\W\d_][^\n\d,()/|:-]{2,20} [^\n\d,()/|:-]{2,20} (?:-|\|) )"
        r"(?P<name>[^\n,()|]{2,36}?)(?: (?:fr|en|es|ar|de|tv))?(?: \| [^\n]{3,24})?"
    )
    written_for = (
        rf"{some('by', 'posted_by', 'written_by')} (?P<person>[^\n\d,()/|:]{{4,40}}?)"
        rf",? {some('writing_for')} (?P<name>[^\n,()|]{{3,40}})"
    )
    labelled = rf"[^\n]{{3,60}}[-.] ?{some('bare_labels')} (?P<name>[^\n,()|:]{{2,40}})"
    front = (
        rf"\d(?:[^\w\n]{{0,4}}|[^\w\n]{{0,2}}{some('behind_clock')}[^\w\n]{{1,4}})(?=[^\W\d])"
        r"(?P<name>[^\d\n]{2,40})$"
    )
    return _Words(
        owned=words.folded("rights"),
        signing=(*by, "@"),
        written=(*by, *posted),
        addressed=re.compile(addressed),
        person=re.compile(person),
        # who signs: "par France 24 FR", "@theguardian.com | 4 years ago", "Jane Roe - The Guardian"
        signed=re.compile(signed),
        # for whom somebody writes: "Por Ana Paz para o X", "By Jane Roe, via X"
        written_for=re.compile(written_for),
        labels=words.folded("bare_labels"),
        # without a colon at the end of the line above the text: "… - 17 June 2016 - Source X"
        labelled=re.compile(labelled),
        front=re.compile(front),
        endings="".join(words.written("han_endings")),
        buttons=frozenset(words.folded("buttons")),
    )


def read_stamp(view: View, reader: NameReader) -> Finding | None:
    """Read the outlet on one of the first or last lines of a text, if one is stamped so."""
    words = _words(reader.vocabulary)
    for at, (start, end) in enumerate(view.first_lines(_EDGES, _LINES, _WITHIN)):
        if end - start > _LONGEST:
            break
        found = _read(view, reader, words, (start, end), first=at == 0)
        if found is not None:
            return found
    excerpted = read_excerpt(view, reader, _EDGES)
    if excerpted is not None:
        return excerpted
    for start, end in _last_lines(view):
        found = _read(view, reader, words, (start, end), first=False, last=True)
        if found is not None:
            return found
    return None


def _last_lines(view: View) -> Iterator[tuple[int, int]]:
    text = view.text
    end = len(text)
    for _ in range(_LAST_LINES):
        while end > 0 and text[end - 1] in _EDGES:
            end -= 1
        start = text.rfind("\n", 0, end) + 1
        if end <= 0 or end - start > _LONGEST:
            return
        while start < end and text[start] in _EDGE:
            start += 1
        yield start, end
        end = text.rfind("\n", 0, start)


def _read(
    view: View, reader: NameReader, words: _Words, place: Place, *, first: bool, last: bool = False
) -> Finding | None:
    start, end = place
    line = view.text[start:end]
    if _holds_no_stamp(line, reader, words) or line.startswith(words.owned):
        return None
    addressed = words.addressed.fullmatch(line) if "://" in line or "www." in line else None
    found = told = None
    if addressed is not None:
        found = _linked(view, reader, start, addressed)
    elif "/" in line and is_bare_address(line):
        return None  # "host.tld/2018/07/16/the-page.html": no part of it is a name
    elif not last and (line.startswith(words.written) or _may_be_labelled(line, words)):
        told = _told(view, reader, start, line)
    if told is not None:
        found = _finding(view, start, end, told)
    elif addressed is None:
        for low, high, sure in _candidates(line, reader, words):
            name = _outlet(view, reader, (start + low, start + high), (start, end), sure=sure)
            if name and (sure or _is_stamped(view, reader, place, first=first, last=last)):
                found = _finding(view, start, end, name)
                break
    # last, for it costs most: nearly no line is left
    return found if found is not None and not reader.is_picture(line) else None


def _holds_no_stamp(line: str, reader: NameReader, words: _Words) -> bool:
    """Whether a line is too long for a name alone and holds nothing that is looked at here."""
    return (
        len(line) > _NAME
        and line.isascii()
        and "/" not in line
        and "www." not in line
        and not line.startswith((*words.signing, *words.written))
        and " - " not in line
        and not _may_be_labelled(line, words)
        and not is_dated(line, reader.vocabulary)
        and len(line.rstrip(_EDGE)) > _NAME
    )


def _outlet(view: View, reader: NameReader, place: Place, line: Place, *, sure: bool) -> str | None:
    """The name at a place of a line, if it is listed or made as outlets' are; `sure` = dated."""
    name = view.written(*place).strip(_EDGE + "«»“”[]【】")
    if not name or name.count(" ") > _MOST_WORDS:
        return None
    credible = reader.known(name) or (is_address(name) and _is_aged(view, *line, reader.vocabulary))
    if not credible and sure:
        made = _may_be_made(name, _words(reader.vocabulary).endings) or is_address(
            name.removeprefix("@")
        )
        credible = made and is_outlet(name, reader)
    return name if credible and name not in reader.agencies else None


def _is_aged(view: View, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the line, or the one below it, says how long ago: aggregators do."""
    text = view.text
    below = text[end : text.find("\n", end + 1)]
    return tells_age(text[start:end], vocabulary) or tells_age(below, vocabulary)


_CLAUSE = re.compile("[,，。、！？]")


def _may_be_made(name: str, endings: str) -> bool:
    """Whether a name without capitals ends as papers' and stations' do in Han characters."""
    if name.upper() != name.lower() or name.count(" ") > 1 or _CLAUSE.search(name):
        return False
    return name[-1] in endings or not "\u3400" <= name[-1] <= "\u9fff"


def _told(view: View, reader: NameReader, start: int, line: str) -> str | None:
    """The outlet that a line above the text names in words, unlisted ones too."""
    words = _words(reader.vocabulary)
    for pattern, worth in (
        (words.written_for, line.startswith(words.written)),
        (words.labelled, _may_be_labelled(line, words)),
    ):
        match = pattern.fullmatch(line.rstrip(_EDGE)) if worth else None
        if match is None:
            continue
        low, high = match.span("name")
        place = reader.read(view, start + low, start + high, whole=True)
        name = view.written(*place) if place is not None else ""
        author = view.written(start, start + match.start("name")).split()[1:3]
        signed = pattern is words.labelled or all(word[:1].isupper() for word in author)
        if name and signed and is_titled(name, reader) and name not in reader.agencies:
            return name
    return None


def _may_be_labelled(line: str, words: _Words) -> bool:
    if "-" not in line and "." not in line:
        return False
    for label in words.labels:  # noqa: SIM110 - `any` takes three times as long
        if label in line:
            return True
    return False


def _linked(view: View, reader: NameReader, start: int, match: re.Match[str]) -> Finding | None:
    """A line that is an address: of a listed outlet, or behind "from"."""
    low, high = match.span("address")
    address = view.written(start + low, start + high).rstrip(".,;)")
    host = re.split(r"[/?#:]", address.split("://", 1)[-1], maxsplit=1)[0]
    name = host.removeprefix("www.")
    if not (match.group("from") and name.count(".")) and not reader.known(name):
        return None
    return Finding("stamp.address", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.5,
                   view.span(start, start + high), (Named(ClaimRole.SOURCE, name, address),),
                   explicit=False)  # fmt: skip


def _candidates(line: str, reader: NameReader, words: _Words) -> list[tuple[int, int, bool]]:
    """Where a name may stand in a line, and whether the line itself dates it."""
    body = len(line.rstrip(_EDGE))
    found = [(0, body, False)] if body <= _NAME else []
    signing = " - " in line or " | " in line or line.startswith(words.signing)
    signed = words.signed.fullmatch(line[:body]) if signing else None
    if signed is not None:
        found.append((*signed.span("name"), True))
    if not is_dated(line, reader.vocabulary):
        return found
    digit = _DIGIT.search(line)
    behind = _BEHIND.match(line) if digit is not None else None
    if behind is not None:
        found.append((0, behind.end("name"), True))
        person = words.person.fullmatch(line[: behind.end("name")].rstrip(_EDGE))
        if person is not None and person.group("person").count(" ") in (1, 2, 3):
            found.append((*person.span("name"), True))
    front = words.front.search(line)
    if front is not None:
        found.append((*front.span("name"), True))
    return found


def _is_stamped(view: View, reader: NameReader, place: Place, *, first: bool, last: bool) -> bool:
    """Whether a line with a name alone stands where whose text it is is said."""
    text, (start, end) = view.text, place
    words = _words(reader.vocabulary)
    if (
        text[start:end].strip(_EDGE) in words.buttons
    ):  # what passes a text on: above a byline with a date no outlets
        return False
    above = text[text.rfind("\n", 0, max(start - 2, 0)) + 1 : max(start - 1, 0)]
    low = end
    while low < len(text) and not text[low].isalnum():
        low += 1
    below = text[low : text.find("\n", low)] if low < len(text) else ""
    if any(len(line) <= _LONGEST and is_dated(line, reader.vocabulary) for line in (above, below)):
        return True
    if _ADDRESS.fullmatch(below):
        return True
    if last or first:
        return not last and text[end - 1 : end] in (":", "-")
    return _is_headed(view, words, start, above, (low, below))


def _is_headed(view: View, words: _Words, start: int, above: str, below: tuple[int, str]) -> bool:
    """Whether a name stands below the headline, or beside the reporter there, and above prose."""
    text, (low, following) = view.text, below
    heading = text[1:start].strip(" \n").split("\n")
    if len(heading) > _MOST_ABOVE or above[-1:] in ".!?。":
        return False
    if _is_person(view, text.rfind(above, 0, start), above, words) and len(heading) == _MOST_ABOVE:
        return len(following) > _PARAGRAPH  # headline, reporter, outlet
    after = text[low + len(following) :].lstrip("\n ").split("\n", 1)[0]
    signed = len(after) > _PARAGRAPH and _is_person(view, low, following, words)
    return len(heading) == 1 and (len(following) > _PARAGRAPH or signed)


def _is_person(view: View, start: int, line: str, words: _Words) -> bool:
    """Whether a line is two or three words with capitals: who wrote the text, it may be."""
    parts = view.written(start, start + len(line)).split()
    parts = parts[1:] if line.startswith(words.signing) else parts
    named = 2 <= len(parts) <= _PERSON_WORDS and len(line) <= _NAME
    return named and all(part[:1].isupper() and part.isalpha() for part in parts)


def _finding(view: View, start: int, end: int, name: str) -> Finding:
    return Finding("stamp.outlet", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.5,
                   view.span(start, end), (Named(ClaimRole.SOURCE, name),),
                   explicit=False)  # fmt: skip
