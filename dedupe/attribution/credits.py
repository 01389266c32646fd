"""Where an agency's name stands -> an agency credit, if the place is one for credits.

Datelines, bylines and tail credits have one grammar in all scripts: short pieces (places, names,
dates, agencies) between dashes, brackets, slashes, colons and line breaks. They are read as that
rather than as patterns per language. A name in a sentence is a citation, and a name beside a
person's is a picture credit: they yield nothing.
"""

from __future__ import annotations

import re

from dedupe.attribution.captions import is_shown, is_stocked
from dedupe.attribution.credit_ends import read_bracket, read_closing
from dedupe.attribution.credit_findings import credit_finding
from dedupe.attribution.credit_lines import (
    CreditLine,
    is_captioned,
    is_first_caption,
    is_labelled,
    is_laid_out,
    is_placed,
)
from dedupe.attribution.findings import Finding
from dedupe.attribution.names import NameReader
from dedupe.attribution.openings import holds_agency_noun, names_noun, read_unclosed, says
from dedupe.attribution.pieces import Piece, Pieces, read_pieces
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["read_credit"]

_DATELINE = 110  # a dateline with place, date and agency is shorter than this
_CAPTION = 40  # words for a picture behind an agency are fewer
_LINE, _LINE_WORDS = 120, 9  # so is a line that is nothing but a credit
_TOLD_WORDS = 3
_LINKS = 3  # bars between a page's links are as many
_STOPPED = re.compile(r"\.(?! ?-)")  # no "PLACE/PLACE (XYZ).- Text"


@of_words
def _goes_on(words: Vocabulary) -> re.Pattern[str]:
    return re.compile(rf"{words.any('postpositions')}(?!\w)")


def read_credit(
    view: View, index: int, reader: NameReader, lines: dict[int, Finding | None]
) -> Finding | None:
    """Read the credit on the line that holds `index`, the place of an agency's name.

    `lines` keeps what was read at the beginning of lines of this view, by their starts.
    """
    line = CreditLine.around(view, reader, index, " *")
    text, start, end = line.text, line.start, line.end
    behind = text.rfind("/// ", start, index)  # the agency's own notes on pictures
    if behind > 0:
        line = line._replace(start=behind + 4)
        start = line.start
    if is_shown(text, start, end + 1, reader.vocabulary):
        return None
    if index - start < _DATELINE and start not in lines:
        lines[start] = _read_beginning(line)
    found = lines[start] if index - start < _DATELINE else None
    return (
        found
        or read_bracket(line, index)
        or read_closing(line, index)
        or read_unclosed(line, index)
    )


def _read_beginning(line: CreditLine) -> Finding | None:
    """A credit that a line is or begins with."""
    pieces = read_pieces(line.view, line.start, min(line.end, line.start + 160), line.reader)
    if not pieces.credited:
        return None
    whole = _whole_line(line, pieces) if line.end - line.start <= _LINE else None
    return whole or _dateline(line, pieces)


def _whole_line(line: CreditLine, pieces: Pieces) -> Finding | None:
    """A line that is nothing but a credit: an agency, perhaps with place, date, outlet, author."""
    view = line.view
    if pieces.holds("long") or len(pieces.named) > 7 or line.is_label(pieces.named[0]):
        return None
    pictured = line.is_picture(line.start, line.end) or is_captioned(line)
    first = pieces.named[0]
    if first.kind == "short" and line.text[first.place[1]] == ".":  # "The bridge. | XYZ"
        pictured = pictured or is_first_caption(line, first.place[1])
    pictured = pictured or is_stocked(line.text, line.end, line.reader.vocabulary)
    labelled = is_labelled(line) and not is_placed(line, pieces)
    if pictured or labelled or _runs_on(line, pieces):
        return None
    if _explains(line, pieces[0], pieces.credited[0]) or _is_headline(line, pieces):
        return None
    plain = not pieces.others or pieces.is_initialled(view)
    if not plain and not (
        view.in_head(line.start)
        and pieces.is_set_apart(pieces.credited[0])
        and pieces.marks.count("|") < _LINKS
        and sum(piece.text.count(" ") + 1 for piece in pieces.others) <= _LINE_WORDS
        and (not pieces.holds("short") or is_laid_out(line, pieces))
    ):
        return None
    if not view.in_head(line.start) and not view.in_tail(line.start):
        return None
    return credit_finding(line, "credit.line", pieces, (line.start, line.end))


def _is_headline(line: CreditLine, pieces: Pieces) -> bool:
    """Whether an agency says something in a headline: "Reuters: oil goes up"."""
    told = line.text[pieces.credited[0].place[1] : line.end].lstrip('"')
    quoted = line.text[line.start : pieces.credited[0].place[0]].strip('" ')
    return not quoted and told.startswith(":") and told.count(" ") >= _TOLD_WORDS


def _runs_on(line: CreditLine, pieces: Pieces) -> bool:
    """Whether a line is a piece of a sentence: text broken into lines of one length."""
    last = pieces[-1].place[1]
    stopped = "." in line.text[last - 1 : last + 1] and "." not in pieces.named[-1].text
    previous = line.text[max(line.start - 120, 0) : line.start].rstrip("\n ")[-1:]
    return pieces.goes_on() or previous == "," or (stopped and previous.isalpha())


def _dateline(line: CreditLine, pieces: Pieces) -> Finding | None:
    """Short pieces with an agency among them, closed by a dash, colon or bracket, before text."""
    taken: list[Piece] = []
    closed: list[int] = []
    for at, piece in enumerate(pieces):
        if piece.kind == "long" or piece.place[0] - line.start > _DATELINE:
            break
        taken.append(piece)
        if piece.kind == "mark" and Pieces(taken).credited and _closes(pieces, at):
            closed.append(len(taken))
            stopped = _STOPPED.match(line.text, piece.place[1]) is not None
            if piece.text[0] in "-:|" or stopped:
                break
    # the last mark first: behind "PLACE (XNA)" a bracket of the sentence may close too
    for end in reversed(closed):
        dateline = Pieces(taken[:end])
        if end != closed[-1] and taken[end].kind == "mark":
            continue  # "Xyz Agency (XNA), …" lists agencies
        if _is_opening(line, dateline):
            place = line.start, dateline[-1].place[1]
            return credit_finding(line, "credit.dateline", dateline, place)
    return None


def _closes(pieces: Pieces, at: int) -> bool:
    """Whether the mark at `at` ends a dateline: "):", ") -", "agency:", "agency -", "/agency/"."""
    mark, before = pieces[at].text[0], Pieces(pieces[:at])
    if mark == "|":  # "Paris, France | XYZ | text"
        return before[-1].kind == "agency" and before.marks.count("|") == 1
    if mark == "/":
        slashed = before[-1].kind == "agency" and at >= 2 and before[-2].text == "/"
        return slashed and before.holds("date")
    return mark in "-:" or (mark == ")" and "(" in before.marks)


def _is_opening(line: CreditLine, taken: Pieces) -> bool:
    """Tell "LONDON (Reuters) -" from a sentence that happens to hold a bracket or a dash."""
    first, last, agency = taken[0], taken[-1], taken.credited[0]
    if (
        len(taken.others) > 4
        or line.is_label(first)
        or line.is_picture(first.place[0], last.place[1])
        or not taken.is_set_apart(agency)
    ):
        return False
    if _explains(line, first, agency):
        return False
    behind = line.end - last.place[1]
    linked = last.text[0] == "|" and behind < _LINE  # a row of the page's links
    if linked or (behind < _CAPTION and line.is_picture(last.place[1], line.end)):
        return False  # "XNA - archive picture"
    if not taken.others and last.text[0] == ":" and "(" not in taken.marks:
        return line.end - line.start > _LINE  # "Reuters: oil up" is a headline, a lead is longer
    before = [piece for piece in taken.before(agency) if piece.kind in ("short", "outlet")]
    if not all(_may_be_place(line.written(piece)) for piece in before):
        return False
    return last.text[0] != ")" or _opens_with_bracket(line, taken)


def _explains(line: CreditLine, first: Piece, agency: Piece) -> bool:
    """Whether a bracket explains a noun in a sentence: "according to the agency (XNA)"."""
    opening = line.text.rfind("(", first.place[0], agency.place[0])
    if opening < 0:
        return False
    noun = names_noun(line.text, line.reader, max(opening - 45, first.place[0]), opening)
    return noun is not None and noun.start() > first.place[0]


def _may_be_place(written: str) -> bool:
    """Whether a piece before an agency is written like a place, outlet or person."""
    if written.upper() == written.lower() or not written[:1].isalpha():
        return True
    words = re.split(r" (?=\d)", written, maxsplit=1)[0].split()  # without the day
    capitals = sum(word[:1].isupper() for word in words)
    return written[:1].isupper() and (len(words) < 3 or capitals >= 2)


def _opens_with_bracket(line: CreditLine, taken: Pieces) -> bool:
    """Whether a dateline ends with its bracket: "PARIS (AFP) Text", not "A minister (AFP)"."""
    first, agency = taken[0], taken.credited[0]
    if holds_agency_noun(line.text, line.reader, first.place[0], agency.place[0]):
        return False  # "according to the agency (XNA)"
    if first.text == "(" and taken[1].kind == "short":
        return False  # "(Jane Roe / AFP)"
    dashed = len(taken) > 2 and taken[1].text[0] in "-:"  # "Rabat - (MAP) text"
    if first.kind == "short" and not dashed and not _is_dated_place(line, taken):
        written = line.written(first)
        cased = written.upper() != written.lower()
        small = cased and not written[:3].isupper()
        caption = not cased and line.text[taken[-1].place[1]] == "\n"
        place = first.text.partition(" 。 ")[0]  # Urdu sets the day behind a stop
        if small or caption or place.count(" ") > 2 or says(first.text, line.reader):
            return False
    return _starts_text(line, taken[-1].place[1])


def _is_dated_place(line: CreditLine, taken: Pieces) -> bool:
    """Whether a place and a date stand before the bracket, or a place alone before a paragraph."""
    before = taken.before(taken.credited[0])
    names = [piece for piece in before if piece.kind != "mark"]
    if len(names) == 2 and names[1].kind == "date":
        return names[0].text.count(" ") <= 2 or any(map(str.isdigit, names[0].text))
    written = line.written(names[0])
    end = taken[-1].place[1]
    return (
        len(names) == 1
        and " " not in names[0].text
        and written.istitle()
        and line.end - line.start > _LINE
        and (line.text[end] == "." or line.view.text[: line.start].count("\n") <= 2)
    )


def _starts_text(line: CreditLine, at: int) -> bool:
    """Whether a new sentence, and not the rest of one, stands after a closed bracket."""
    view, text = line.view, line.text
    while at < len(text) - 1 and text[at] in " .,":
        at += 1
    if _goes_on(line.reader.vocabulary).match(text, at) is not None:
        return False  # "the party (PTI) of …": languages that put their prepositions behind
    char = view.char(at)
    return char in "\n-" or char.isupper() or char.upper() == char.lower()
