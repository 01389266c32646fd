"""Where an agency's name stands -> an agency credit, if the place is one for credits.

Datelines, bylines and tail credits have one grammar in all scripts: short pieces (places, names,
dates, agencies) between dashes, brackets, slashes, colons and line breaks. They are read as that
rather than as patterns per language. A name in a sentence is a citation, and a name beside a
person's is a picture credit: they yield nothing.
"""

from __future__ import annotations

import re

from dedupe.attribution.captions import POINTED, SHOWN, STOCKED, TAGGED
from dedupe.attribution.credit_lines import (
    CreditLine,
    is_among_captions,
    is_captioned,
    is_labelled,
    is_laid_out,
    is_placed,
    is_repeated,
)
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.openings import NOUNS as NAMED
from dedupe.attribution.openings import SAID, read_unclosed
from dedupe.attribution.pieces import CREDITED, Piece, Pieces, read_pieces
from dedupe.attribution.view import View
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["NAMED", "SAID", "credit_finding", "holds_only_credits", "read_credit"]

_AGENCY_NOUN = re.compile(
    "وكال|خبرگزار|ایجنسی|agenc|agent|agence|agenz|ajans|агентств|агенц|kantor berita|news service"
    "|通讯社|通訊社|通信社|통신|סוכנות|एजेंसी|πρακτορειο|presse|press "
)
_SENTENCE = 60  # a shorter line before a bracket may be a caption
_DATELINE = 110  # a dateline with place, date and agency is shorter than this
_CAPTION = 40  # words for a picture behind an agency are fewer
_LINE, _LINE_WORDS = 120, 9  # so is a line that is nothing but a credit
_TOLD_WORDS = 3
_LINKS = 3  # bars between a page's links are as many
_SHORT_WORD = 6  # an abbreviation before a stop is shorter
_STOPPED = re.compile(r"\.(?! ?-)")  # no "PLACE/PLACE (XYZ).- Text"
_LAST = 400  # characters from the end that count as a text's last lines
_SECOND = re.compile(r"^ ?\((?:[\w-]+\.[\w./-]{2,50}|[\w/ ]{1,9})\)")
"""Behind the bracket with an agency one with its site or the editors' initials."""
_INITIALS = re.compile(
    r"(?:[\n.!?…\"'] ?)"
    r"(?P<signed>(?:\w\.\w\.?|\w{1,3}\.?)(?: ?[/,] ?(?:\w\.\w\.?|\w{1,3}\.?)){0,3}) ?$"
)
"""Editors' initials between the last sentence and the bracket: "… he said. a.b/ c.d (XNA)"."""
_BEHIND = "के की का ने को से में पर और کے کی کا نے کو سے میں پر اور را است"
_GOES_ON = re.compile(rf"(?:{fold_text(_BEHIND).replace(' ', '|')})(?!\w)")


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
    if any(p.match(text, start, end + 1) for p in (POINTED, SHOWN, TAGGED)):
        return None
    if index - start < _DATELINE and start not in lines:
        lines[start] = _read_beginning(line)
    found = lines[start] if index - start < _DATELINE else None
    return found or _bracket(line, index) or _closing(line, index) or read_unclosed(line, index)


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
        pictured = pictured or _is_first_caption(line, first.place[1])
    pictured = pictured or STOCKED.match(line.text, line.end) is not None
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
    noun = NAMED.search(line.text, max(opening - 45, first.place[0]), opening)
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
    if _AGENCY_NOUN.search(line.text, first.place[0], agency.place[0]):
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
        if small or caption or place.count(" ") > 2 or SAID.match(first.text):
            return False
    return _starts_text(line.view, taken[-1].place[1])


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


def _starts_text(view: View, at: int) -> bool:
    """Whether a new sentence, and not the rest of one, stands after a closed bracket."""
    text = view.text
    while at < len(text) - 1 and text[at] in " .,":
        at += 1
    if _GOES_ON.match(text, at) is not None:
        return False  # "the party (PTI) of …": languages that put their prepositions behind
    char = view.char(at)
    return char in "\n-" or char.isupper() or char.upper() == char.lower()


def _bracket(line: CreditLine, index: int) -> Finding | None:
    """A bracket at the end of a line that holds nothing but credits: "… he said. (AFP)"."""
    text, view = line.text, line.view
    opening = max(text.rfind("(", line.start, index + 1), text.rfind("/", line.start, index))
    if opening < 0 or index - opening > 60 or not view.in_tail(opening):
        return None
    closing = text.find(")" if text[opening] == "(" else "/", index, line.end)
    behind = _SECOND.sub("", text[closing + 1 : line.end])
    if not 0 <= closing - opening <= 90 or behind.strip(" .。)*\"'"):
        return None
    pieces = read_pieces(view, opening + 1, closing, line.reader)
    if line.is_picture(opening, closing) or not holds_only_credits(pieces):
        return None
    owned = text[opening + 1] == "©" and opening - line.start < _SENTENCE
    if owned and len(text) - line.end > _SENTENCE // 2:
        return None  # whose the picture is: "The bridge. [© XNA]"
    if not _stands_behind_text(line, opening) or is_repeated(line):
        return None
    return credit_finding(line, "credit.tail", pieces, (opening, closing + 1))


def holds_only_credits(pieces: Pieces) -> bool:
    """Whether a bracket holds agencies first and then only agencies, dates and initials.

    Before a plus an outlet may stand: "(Outlet + agencies)".
    """
    named = pieces.named
    if pieces.marks[:1] == "+" and named[0].kind in ("outlet", "short"):
        named = named[1:]
    return bool(named) and named[0].kind in CREDITED and all(
        piece.kind in (*CREDITED, "date") or (len(piece.text) <= 5 and " " not in piece.text)
        for piece in named[1:]
    )  # fmt: skip


def _stands_behind_text(line: CreditLine, opening: int) -> bool:
    """Whether a bracket closes a text, rather than explaining an abbreviation or a picture."""
    text = line.text
    initials = _INITIALS.search(text, max(line.start - 1, opening - 24), opening)
    opening = initials.start("signed") if initials is not None else opening
    previous = text[max(line.start, opening - 2) : opening].strip()[-1:]
    if previous and _is_first_caption(line, opening):
        return False
    if previous == ")":  # "(AP Photo/Jane Roe)(The Associated Press)"
        before = text.rfind("(", line.start, opening)
        return before < 0 or not line.is_picture(before, opening)
    if previous == "" or previous in ".!?\"'…)。،:":
        return True
    if line.start <= 1 and len(text) - line.end > _SENTENCE:
        return False  # the caption of the picture above the text
    return (
        not is_among_captions(line)
        and opening - line.start >= _SENTENCE
        and len(text) - line.end < _LAST
        and _AGENCY_NOUN.search(text, opening - 45, opening) is None
    )


def _is_first_caption(line: CreditLine, end: int) -> bool:
    """Whether a short sentence with a credit opens a text: the picture's, "The bridge. (XYZ)"."""
    return line.start <= 1 and end - line.start < _SENTENCE < len(line.text) - line.end


def _closing(line: CreditLine, index: int) -> Finding | None:
    """A credit after the last sentence of a line, without bracket: "… he said. Outlet - AFP"."""
    text = line.text
    if line.end - index > 60 or not line.view.in_tail(index):
        return None
    opening = max(text.rfind(stop, line.start, index) for stop in (".", "!", "?", "。", "…"))
    if opening < line.start or index - opening > 60:
        return None
    word = max(text.rfind(" ", line.start, opening) + 1, line.start)
    caption = opening - line.start < _SENTENCE and line.is_picture(line.start, opening)
    caption = caption or _is_first_caption(line, opening)
    if caption or (opening - word < _SHORT_WORD and line.is_picture(word, opening + 1)):
        return None  # "Photo of the bridge. AFP", "Fot. PAP": the stop is an abbreviation's
    pieces = read_pieces(line.view, opening + 1, line.end, line.reader)
    named = pieces.named
    signed = bool(named) and named[-1].kind in CREDITED and _is_signature(pieces)
    if not signed or is_repeated(line):
        return None
    quoted = '"' in text[named[0].place[0] - 1 : line.end]
    if line.is_picture(opening, line.end) or (quoted and not _is_quoted(line, named[0])):
        return None
    return credit_finding(line, "credit.closing", pieces, (named[0].place[0], line.end))


def _is_signature(pieces: Pieces) -> bool:
    """Whether pieces are an agency, or an outlet or initials and an agency."""
    named, marks = pieces.named, set(pieces.marks)
    if len(named) == 1:
        return marks in (set(), {"-"}, {"/"}, {'"'})
    if len(named) > 3 or any(p.kind == "long" or p.text.count(" ") > 3 for p in named):
        return False
    slashed = "/" in marks and named[0].kind == "short"  # "Jane Roe / Reuters" credits a picture
    return bool(marks) and marks <= set("-+/") and not slashed


def _is_quoted(line: CreditLine, piece: Piece) -> bool:
    """Whether nothing but agencies at large in quotation marks close a line; one has a picture."""
    closed = line.text[piece.place[0] - 1 : line.end].rstrip(" .") == f'"{piece.text}"'
    return closed and piece.kind == "generic"


def credit_finding(line: CreditLine, rule: str, pieces: Pieces, place: Place) -> Finding:
    """What `pieces` of a line credit; `place` is what to show for it."""
    lexicon = line.reader.agencies
    credited = pieces.credited
    named = [Named(ClaimRole.AGENCY, line.written(p), generic=p.kind == "generic")
             for p in credited]  # fmt: skip
    first = pieces.lead
    lead = line.written(first) if first is not None else ""
    mixed = pieces.signed(line.view)
    outlet = next((p for p in pieces.before(credited[0]) if p.kind == "outlet"), None)
    if mixed is not None:
        named.insert(0, Named(ClaimRole.SOURCE, mixed))
    elif first is not None and not _is_shared(pieces, first):
        named.insert(0, Named(ClaimRole.SOURCE, lead))
    if outlet is not None and mixed is None:
        named.append(Named(ClaimRole.REPUBLISHER, line.written(outlet)))
    kind, trust = AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT
    if any(lexicon.is_wire(line.written(piece)) for piece in credited):
        kind, trust = AttributionKind.PRESS_RELEASE, Trust.NOTICE
        named = [n for n in named if n.role is not ClaimRole.SOURCE]  # the issuer is the source
    if lexicon.is_service(lead) or lexicon.is_syndicator(lead):
        kind, trust = AttributionKind.SYNDICATION_FEED, Trust.NOTICE
    if lexicon.is_syndicator(lead):
        named = [n for n in named if n.role is not ClaimRole.AGENCY or n.name != lead]
    unique = tuple(dict.fromkeys(named))
    return Finding(rule, kind, trust, 0.9, line.view.span(*place), unique, explicit=False)


def _is_shared(pieces: Pieces, agency: Piece) -> bool:
    """Whether the agency stands last in a list of writers: it contributed."""
    before = pieces.before(agency)
    people = [piece for piece in before if piece.kind == "short"]
    return (
        len(people) >= 2
        and before[-1].text == ","
        and before[-2].kind == "short"
        and "-" in before.marks
    )
