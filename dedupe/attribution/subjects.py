"""The first sentence of a press release -> who announces something in it.

"Tidewater Pumps opens …", "The law firm of Heron & Quill announces …", "أعلنت شركة المرفأ عن …",
"株式会社みなと(本社:…)は…". What stands before the name is left out, then the ways in which
languages announce are tried; last come words with capitals, as many as there are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["read_subject"]

_WITHIN, _MOST_WORDS = 120, 8
_QUOTED = re.compile(r"(?P<name>(?:[^\W\d_][\w.-]{1,20} ){0,4}\"[^\"\n]{2,40}\")")
_MARKS = ",;:®™"


class _Words(NamedTuple):
    """What stands around a subject; all but the first three and the last three name it."""

    openings: tuple[re.Pattern[str], ...]
    no_subject: re.Pattern[str]
    article: re.Pattern[str]
    verb_first: re.Pattern[str]
    name_first: re.Pattern[str]
    eastern: re.Pattern[str]
    seated: re.Pattern[str]
    of_name: re.Pattern[str]
    announced: re.Pattern[str]
    firm: re.Pattern[str]
    firm_stops: tuple[str, ...]


@of_words
def _words(words: Vocabulary) -> _Words:
    some, marks = words.any, re.escape("".join(words.folded("subject_marks")))
    openings = (
        rf"{some('questions')} ?: ?|{some('before_issuer')} ",
        (
            rf"(?:[\w'&-]{{2,16}} ){{0,4}}{some('describing')} "  # "Pump maker Tidewater opens …"
        ),
    )
    verb_first = (
        rf"{some('announcing_first')} (?:{some('announced_when')} )?"
        rf"(?P<name>[^\n,.؛:]{{3,60}}?)(?=,| {some('announced_what')} )"
    )
    eastern = (
        rf"(?P<name>{some('firms_before')}[^\s(,、。{marks}]{{1,24}}"
        rf"|[^\s(,、。{marks}]{{2,24}}{some('firms_behind')}"
        rf"|[^\s(,、。]{{2,30}}{some('companies_behind')}"
        rf"|[가-힣A-Za-z() ]{{2,24}}?"
        rf"(?={some('subject_endings')} |\((?:{some('heads')}|www|https?)))"
    )
    seated = (
        rf"(?P<name>{some('firms_before')}[^\s(,、。]{{1,24}}(?: [A-Za-z]{{2,12}})?"
        rf"|[^\s(,、。]{{2,24}}{some('firms_behind')}) ?\({some('seats')}"
    )
    return _Words(
        openings=tuple(map(re.compile, openings)),
        no_subject=re.compile(f"{some('no_subject')} "),
        article=re.compile(f"{some('subject_articles')} "),
        verb_first=re.compile(verb_first),
        name_first=re.compile(rf"(?P<name>[^\n,.:;()]{{2,50}}?)(?= {some('announcing_behind')} )"),
        eastern=re.compile(eastern),
        seated=re.compile(seated),
        of_name=re.compile(rf"(?:[A-ZÀ-ÞĀ-ŽА-ЯЁІЇЄҐΑ-Ω0-9]\S*|&|{some('firm_particles')})\Z"),
        announced=re.compile(rf" {some('announcing')}(?!\w)"),
        firm=re.compile(rf" {some('firms')}(?!\w)"),
        firm_stops=words.written("firm_stops"),
    )


def read_subject(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    """Find who announces something in the sentence at `start`, which goes on to `end` at most."""
    words = _words(reader.vocabulary)
    for opening in words.openings:
        headed = opening.match(view.text, start, end)
        if headed is not None and _describes(view, start, headed.end()):
            start = headed.end()
    if words.no_subject.match(view.text, start, end) is not None:
        return None
    near = min(end, start + _WITHIN)
    for announcing in (words.verb_first, words.name_first):
        told = announcing.match(view.text, start, near)
        if told is not None:
            return reader.read(view, *told.span("name"), whole=True, official=True)
    quoted = _QUOTED.match(view.text, start, near)
    if quoted is not None:
        place = quoted.span("name")
        return place if reader.is_name(view, *place, quoted=True, official=True) else None
    firm = words.eastern.match(view.text, start, near)
    if firm is not None:
        return reader.read(view, *firm.span("name"), whole=True, official=True)
    seated = words.seated.search(view.text, start, near)
    if seated is not None:
        return seated.span("name")
    return _read_capitals(view, reader, start, end)


def _describes(view: View, start: int, end: int) -> bool:
    """Whether a name follows at `end`, and the last word before it is none of the name's.

    "Pump maker Tidewater opens …" names Tidewater, "Heron Company Limited opens …" does not begin
    behind "Company".
    """
    last = view.text.rfind(" ", start, end - 1) + 1
    return view.char(end).isupper() and (last <= start or not view.char(last).isupper())


def _read_capitals(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    """Words with capitals behind the article, if there is one."""
    article = _words(reader.vocabulary).article.match(view.text, start, end)
    begin = article.end() if article is not None else start
    place = _run(view, reader, begin, min(end, begin + _WITHIN))
    if place is not None and article is not None and " " not in view.text[slice(*place)]:
        # "Der Stadtrat hat …": a noun, unless the text comes back to it or calls it a firm's
        name = view.text[slice(*place)]
        told = view.text.count(name) > 1 or reader.is_issuer(view.written(*place))
        return place if told else None
    return place


def _run(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    """Words with capitals, as many as there are, and small words between them."""
    words = _words(reader.vocabulary)
    low, stop = start, start
    for number, word in enumerate(re.finditer(r"\S+", view.text[start:end])):
        first, last = start + word.start(), start + word.end()
        written = view.written(first, last)
        if not words.of_name.match(written) or number >= _MOST_WORDS:
            break
        if written[:1].isupper() or written[:1].isdigit():
            stop = last
        firm = written[-1:] == "," and words.firm.match(view.text, last) is not None
        if written[-1:] in ",;:.)" and not firm and not written.endswith(words.firm_stops):
            break
    if stop <= low or not view.char(low).isupper():
        return None
    while view.text[stop - 1] in _MARKS:
        stop -= 1
    alone = " " not in view.text[low:stop]
    headed = alone and f"\n{view.text[low:stop]} " in view.text[:low]  # the headline's subject
    if alone and not headed and not words.announced.match(view.text, stop):
        return None
    return reader.read(view, low, stop, whole=True, official=True)
