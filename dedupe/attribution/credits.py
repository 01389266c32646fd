"""Where an agency's name stands -> an agency credit, if the place is one for credits.

Datelines, bylines and tail credits have one grammar in all scripts: short pieces (places, names,
dates, agencies) between dashes, brackets, slashes, colons and line breaks. They are read as that
rather than as patterns per language. A name in a sentence is a citation and yields nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.view import View
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["has_opening", "read_credit", "read_opening"]

_DASH = r"(?:(?<=[\s)(\"])-{1,3}|-{1,3}(?=[\s(\")]|$)|-{2,3})"
_PIECES = re.compile(rf"{_DASH}|[/:|(),*\"]|\.(?= ?$)|(?:(?!{_DASH})[^/:|(),*\"\n]){{1,60}}")
_AGENCY_NOUN = re.compile(
    "وكال|خبرگزار|ایجنسی|agenc|agent|agence|agenz|ajans|агентств|агенц|kantor berita|news service"
    "|通讯社|通訊社|通信社|통신|סוכנות|एजेंसी|πρακτορειο|presse|press "
)
_SENTENCE = 60  # a shorter line before a bracket may be a caption
_DATELINE = 110  # a dateline with place, date and agency is shorter than this
_LINE = 120
_PLACE_WORDS, _PLACE_LENGTH, _DATE_WORDS, _LINE_WORDS = 5, 36, 5, 9
_ALONE_HEAD, _ALONE_TAIL = 700, 1500


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str  # "mark", "agency", "generic", "outlet", "date", "short", "long"
    place: Place
    text: str


def read_credit(view: View, start: int, reader: NameReader) -> Finding | None:
    """Read the credit on the line that holds `start`, the place of an agency's name."""
    text = view.text
    line = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    while line < end and text[line] in " *":
        line += 1
    if start - line < _DATELINE:
        pieces = _read_pieces(view, line, min(end, line + 160), reader)
        if end - line <= _LINE:
            whole = _whole_line(view, pieces, line, end, reader)
            if whole is not None:
                return whole
        opening = _dateline(view, pieces, line, end, reader)
        if opening is not None:
            return opening
    return _bracket(view, start, line, end, reader) or _closing(view, start, line, end, reader)


_OPENING = re.compile(r"^[^\n()]{2,45}\(([^()\n]{2,40})\)", re.MULTILINE)
_OPENING_WITHIN = 300
_SIGNATURE_WITHIN = 300


def has_opening(window: str) -> bool:
    """Whether a text may begin with a name in brackets or end with a ©: no word gives those away."""
    if "©" in window[-_SIGNATURE_WITHIN:]:
        return True
    return window.find("(", 0, _OPENING_WITHIN) > 0 and _OPENING.search(window, 0, 360) is not None


def read_opening(view: View, reader: NameReader) -> Finding | None:
    """Read a dateline that credits an outlet that is no agency: "SPRINGFIELD (Outlet) - text"."""
    for match in _OPENING.finditer(view.text, 0, 360):
        start, end = match.span(1)
        place = reader.read(view, start, end, whole=True)
        if place is None or reader.is_agency(view, place) or reader.is_generic(view, place):
            continue
        line = match.start()
        while view.text[line] in " *-":
            line += 1
        before = view.written(line, start - 1)
        after = view.text[match.end() : match.end() + 4].lstrip()
        name = view.written(*place)
        if before.count(" ") > 5 or name.isdigit() or reader.is_picture(match.group()):
            continue
        if _is_outlet_dateline(before, after, name, view.text[start - 2], reader):
            named = (Named(ClaimRole.SOURCE, name),)
            return Finding("credit.opening", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                           view.span(line, match.end()), named, explicit=False)  # fmt: skip
    return None


def _is_outlet_dateline(
    before: str, after: str, name: str, beside: str, reader: NameReader
) -> bool:
    """Tell a dateline from a sentence with a name in brackets.

    `before` and `name` are as written, `after` is the folded text behind the bracket, `beside` the
    character before it.
    """
    dashed = after[:1] in ("-", ":")
    if before.upper() != before.lower():
        acronym = re.search(r"[A-Z]{2}|[a-z][A-Z]|\w\.\w", name)
        shouted = before[:3].isupper() and acronym is not None
        return dashed and before[:1].isupper() and (shouted or reader.is_outlet_like(name))
    apart = beside == " " and before.count(" ") <= 1
    return reader.known(name) and (apart or (dashed and before.count(" ") <= 4))


def _read_pieces(view: View, start: int, end: int, reader: NameReader) -> list[_Piece]:
    pieces = []
    for match in _PIECES.finditer(view.text, start, end):
        s, e = match.span()
        while s < e and view.text[s] == " ":
            s += 1
        while e > s and view.text[e - 1] in " .":
            e -= 1
        if s < e:
            pieces.append(_classify(view, s, e, reader))
        elif match.group().strip():
            pieces.append(_Piece("mark", match.span(), match.group().strip()))
    return pieces


def _classify(view: View, start: int, end: int, reader: NameReader) -> _Piece:
    text = view.text[start:end]
    if not any(c.isalnum() for c in text):
        return _Piece("mark", (start, end), text[0])
    place = (start, end)
    if reader.is_generic(view, place):
        return _Piece("generic", place, text)
    if reader.is_agency(view, place):
        return _Piece("agency", place, text)
    digits = sum(c.isdigit() for c in text)
    if digits and (digits >= 2 or len(text) <= 12) and len(text) <= 60:
        name = re.match(r"\W{0,3}[\d .]{4,12} (?=[^\d\W])", text)
        if name is not None and reader.is_agency(view, (start + name.end(), end)):
            return _Piece("agency", (start + name.end(), end), text[name.end() :])
        last = text.rsplit(" ", 1)
        if len(last) == 2 and reader.is_agency(view, (start + len(last[0]) + 1, end)):
            return _Piece("agency", (start + len(last[0]) + 1, end), last[1])
        if sum(word[:1].isalpha() for word in text.split()) <= _DATE_WORDS:
            return _Piece("date", place, text)
    if len(text) <= _PLACE_LENGTH and text.count(" ") < _PLACE_WORDS:
        kind = "outlet" if reader.known(view.written(start, end)) else "short"
        return _Piece(kind, place, text)
    return _Piece("long", place, text)


def _credited(pieces: list[_Piece]) -> list[_Piece]:
    return [piece for piece in pieces if piece.kind in ("agency", "generic")]


def _whole_line(
    view: View, pieces: list[_Piece], line: int, end: int, reader: NameReader
) -> Finding | None:
    """A line that is nothing but a credit: an agency, perhaps with place, date, outlet, author."""
    credited = _credited(pieces)
    named = [piece for piece in pieces if piece.kind != "mark"]
    if not credited or any(piece.kind == "long" for piece in named) or len(named) > 7:
        return None
    if reader.is_picture(view.text[line:end]):
        return None
    if named[0].kind == "short" and named[0].text in reader.labels:
        return None
    others = [piece for piece in named if piece.kind in ("short", "outlet")]
    marks = "".join(piece.text[0] for piece in pieces if piece.kind == "mark")
    initialled = _is_initialled(view, pieces)
    if any(piece.kind == "short" for piece in others) and not (
        initialled or _is_dateline(view, pieces, marks)
    ):
        return None
    if not view.in_head(line) and not view.in_tail(line):
        return None
    if not _is_set_apart(pieces, credited[0]) or _runs_on(view, pieces, line):
        return None
    if sum(piece.text.count(" ") + 1 for piece in others) > _LINE_WORDS:
        return None
    if others and not initialled and not view.in_head(line) and marks.strip('."') == "":
        return None
    return _finding(view, "credit.line", pieces, (line, end), reader)


def _is_dateline(view: View, pieces: list[_Piece], marks: str) -> bool:
    """Whether a short line with other words beside the agency is laid out as a dateline."""
    if not any(c in marks for c in "-(:/|*") or _is_caption(view, pieces, marks):
        return False
    if "/" in marks and "(" not in marks and "-" not in marks:
        return _is_initialled(view, pieces) or _is_outlet_first(pieces)
    return view.in_head(pieces[0].place[0])


def _is_caption(view: View, pieces: list[_Piece], marks: str) -> bool:
    """Tell "Place (AFP)" and "(place) agency" from "A minister (AFP)" and "(Jane Roe, AFP)"."""
    if "(" not in marks or any(c in marks for c in "-:"):
        return False
    at = next(i for i, piece in enumerate(pieces) if piece.kind in ("agency", "generic"))
    if at == 0:
        return False
    before = [piece for piece in pieces[:at] if piece.kind == "short"]
    if not before or any(piece.kind == "date" for piece in pieces):
        return False
    written = view.written(*before[-1].place)
    return not (written.isupper() and written.lower() != written and pieces[at - 1].text[0] == "(")


def _runs_on(view: View, pieces: list[_Piece], line: int) -> bool:
    """Whether a line is a piece of a sentence: text broken into lines of one length."""
    after = False
    for piece, following in zip(pieces, pieces[1:], strict=False):
        after = after or piece.kind in ("agency", "generic")
        if after and piece.text[0] == ")" and following.kind == "short":
            return True
    previous = view.text[max(line - 120, 0) : line].rstrip("\n ")[-1:]
    stopped = pieces[-1].kind == "mark" and pieces[-1].text[0] == "."
    ends = view.text[pieces[-1].place[1] - 1 : pieces[-1].place[1] + 1]
    return ((stopped or "." in ends) and previous.isalpha()) or previous == ","


def _is_outlet_first(pieces: list[_Piece]) -> bool:
    """Tell "Outlet / AFP" from "AFP/John Smith", which credits a picture."""
    return next(piece.kind for piece in pieces if piece.kind != "mark") == "outlet"


def _is_initialled(view: View, pieces: list[_Piece]) -> bool:
    """Whether beside agencies there are only editors' initials: "Reuters/dpa (SG/JÖ)"."""
    named = [piece for piece in pieces if piece.kind != "mark"]
    return named[0].kind == "agency" and all(
        piece.kind == "agency" or (len(piece.text) <= 3 and view.written(*piece.place).isalpha())
        for piece in named
    )


def _dateline(
    view: View, pieces: list[_Piece], line: int, end: int, reader: NameReader
) -> Finding | None:
    """Short pieces with an agency among them, closed by a dash, colon or bracket, before text."""
    taken: list[_Piece] = []
    closed_at = 0
    opened = False
    for at, piece in enumerate(pieces):
        if piece.kind == "long" or piece.place[0] - line > _DATELINE:
            break
        taken.append(piece)
        if piece.kind == "mark" and piece.text[0] == "(":
            opened = True
        if piece.kind == "mark" and _credited(taken[:-1]) and _closes(pieces, at, opened=opened):
            closed_at = len(taken)
            if piece.text[0] == "-" or piece.text[0] == ":":
                break
    if not closed_at:
        return None
    taken = taken[:closed_at]
    if not _is_opening(view, taken, end - line, reader):
        return None
    return _finding(view, "credit.dateline", taken, (line, taken[-1].place[1]), reader)


def _closes(pieces: list[_Piece], at: int, *, opened: bool) -> bool:
    """Whether the mark at `at` ends a dateline: "):", ") -", "agency:", "agency -", "/agency/"."""
    mark = pieces[at].text[0]
    before = pieces[at - 1]
    if mark in "-:":
        return True
    if mark == ")":
        return opened
    if mark == "/":
        slashed = before.kind == "agency" and at >= 2 and pieces[at - 2].text == "/"
        return slashed and any(piece.kind == "date" for piece in pieces[:at])
    return False


def _is_opening(view: View, taken: list[_Piece], length: int, reader: NameReader) -> bool:
    """Tell "LONDON (Reuters) -" from a sentence that happens to hold a bracket or a dash."""
    credited = _credited(taken)
    first = taken[0]
    shorts = [piece for piece in taken if piece.kind in ("short", "outlet")]
    text = "".join(piece.text[0] if piece.kind == "mark" else "x" for piece in taken)
    if (
        len(shorts) > 4
        or first.text in reader.labels
        or reader.is_picture(view.text[first.place[0] : taken[-1].place[1]])
    ):
        return False
    opening = _AGENCY_NOUN.search(view.text, first.place[0], credited[0].place[0])
    if opening is not None and '"' not in text[:1] and taken[-1].text[0] == ")":
        return False  # "according to the agency (XNA)"
    if not shorts and taken[-1].text[0] == ":" and "(" not in text:
        return length > _LINE  # "Reuters: oil up" is a headline, a lead is longer
    if not _is_set_apart(taken, credited[0]):
        return False
    before = [piece for piece in shorts if piece.place[0] < credited[0].place[0]]
    for piece in before:
        written = view.written(*piece.place)
        cased = written[:1].isalpha() and written.upper() != written.lower()
        if cased and not written[:1].isupper():
            return False
        if (
            cased
            and piece.text.count(" ") >= 2
            and sum(w[:1].isupper() for w in written.split()) < 2
        ):
            return False
    if taken[-1].text[0] != ")":
        return True
    if first.text == "(" and taken[1].kind == "short":
        return False  # "(Jane Roe / AFP)"
    if first.kind == "short" and (first.text.count(" ") > 2 or _is_small_town(view, first)):
        return False
    return _starts_text(view, taken[-1].place[1])


def _is_small_town(view: View, place: _Piece) -> bool:
    """Whether what stands before a bracket is in small letters: a caption, not "PARIS (AFP)"."""
    written = view.written(*place.place)
    return written.upper() != written.lower() and not written[:3].isupper()


def _is_set_apart(taken: list[_Piece], agency: _Piece) -> bool:
    """Whether more than a quotation mark stands between the agency and the words before it."""
    marks = ""
    for piece in reversed(taken[: taken.index(agency)]):
        if piece.kind != "mark":
            return marks.strip('"*') != ""
        marks += piece.text[0]
    return True


def _starts_text(view: View, at: int) -> bool:
    """Whether a new sentence, and not the rest of one, stands after a closed bracket."""
    text = view.text
    while at < len(text) - 1 and text[at] in " .,":
        at += 1
    char = view.char(at)
    return char in "\n-" or char.isupper() or char.upper() == char.lower()


def _bracket(view: View, start: int, line: int, end: int, reader: NameReader) -> Finding | None:
    """A bracket at the end of a line that holds nothing but credits: "… he said. (AFP)"."""
    text = view.text
    opening = max(text.rfind("(", line, start + 1), text.rfind("/", line, start))
    if opening < 0 or start - opening > 60:
        return None
    closing = text.find(")" if text[opening] == "(" else "/", start, end)
    if closing < 0 or closing - opening > 90:
        return None
    if text[closing + 1 : end].strip(" .。)*\"'") or not (view.in_tail(opening)):
        return None
    pieces = _read_pieces(view, opening + 1, closing, reader)
    named = [piece for piece in pieces if piece.kind != "mark"]
    first = named[0].kind if named else "long"
    if first not in ("agency", "generic") or reader.is_picture(text[opening:closing]):
        return None
    for piece in named[1:]:
        initials = len(piece.text) <= 5 and " " not in piece.text
        if piece.kind not in ("agency", "generic", "date") and not initials:
            return None
    previous = text[max(line, opening - 2) : opening].strip()[-1:]
    ended = previous == "" or previous in ".!?\"'…)。،:"
    if not ended and (
        opening - line < _SENTENCE
        or not _ends_text(view, end)
        or _AGENCY_NOUN.search(text, opening - 45, opening)
    ):
        return None  # "the national news agency (XNA)" explains an abbreviation
    return _finding(view, "credit.tail", pieces, (opening, closing + 1), reader)


def _closing(view: View, start: int, line: int, end: int, reader: NameReader) -> Finding | None:
    """A credit after the last sentence of a line, without bracket: "… he said. Outlet - AFP"."""
    text = view.text
    if end - start > 60 or not view.in_tail(start):
        return None
    opening = max(text.rfind(stop, line, start) for stop in (".", "!", "?", "。", "…"))
    if opening < line or start - opening > 60:
        return None
    pieces = _read_pieces(view, opening + 1, end, reader)
    named = [piece for piece in pieces if piece.kind != "mark"]
    marks = [piece.text[0] for piece in pieces if piece.kind == "mark"]
    if not named or named[-1].kind not in ("agency", "generic") or len(named) > 3:
        return None
    if any(piece.kind == "long" or piece.text.count(" ") > 3 for piece in named):
        return None
    if not set(marks) <= set("-+/" if len(named) > 1 else "-") or (len(named) > 1 and not marks):
        return None
    if "/" in marks and named[0].kind == "short":
        return None  # "Jane Roe / Reuters" credits a picture
    if reader.is_picture(text[opening:end]) or '"' in text[named[0].place[0] - 1 : end]:
        return None
    return _finding(view, "credit.closing", pieces, (named[0].place[0], end), reader)


def _ends_text(view: View, end: int) -> bool:
    """Whether a line is among the last of the text."""
    return len(view.text) - end < 400


def _finding(
    view: View, rule: str, pieces: list[_Piece], place: Place, reader: NameReader
) -> Finding | None:
    credited = _credited(pieces)
    agencies = [Named(ClaimRole.AGENCY, view.written(*p.place), generic=p.kind == "generic")
                for p in credited]  # fmt: skip
    named = list(agencies)
    first = next((p for p in credited if p.kind == "agency"), None)
    if first is not None and not _shared_byline(pieces, first):
        named.insert(0, Named(ClaimRole.SOURCE, view.written(*first.place)))
    outlet = next((p for p in pieces if p.kind == "outlet"), None)
    if outlet is not None and outlet.place[0] < credited[0].place[0]:
        named.append(Named(ClaimRole.REPUBLISHER, view.written(*outlet.place)))
    unique = list(dict.fromkeys(named))
    lead = view.written(*first.place) if first is not None else ""
    service = reader.agencies.is_service(lead)
    if reader.agencies.is_syndicator(lead):
        service = True
        unique = [n for n in unique if n.name != lead or n.role is not ClaimRole.AGENCY]
    kind = AttributionKind.SYNDICATION_FEED if service else AttributionKind.AGENCY_BYLINE
    trust = Trust.NOTICE if service else Trust.AGENCY_CREDIT
    return Finding(rule, kind, trust, 0.9, view.span(*place), tuple(unique), explicit=False)


def _shared_byline(pieces: list[_Piece], agency: _Piece) -> bool:
    """Whether the agency stands last in a list of writers: it contributed."""
    at = pieces.index(agency)
    people = [p for p in pieces[:at] if p.kind == "short"]
    return (
        len(people) >= 2
        and pieces[at - 1].text == ","
        and pieces[at - 2].kind == "short"
        and any(p.text[0] == "-" for p in pieces[:at])
    )
