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
_DATELINE = 110  # a dateline with place, date and agency is shorter than this
_LINE = 120
_PLACE_WORDS, _PLACE_LENGTH = 5, 36
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
    return (
        0 < window.find("(", 0, _OPENING_WITHIN) and _OPENING.search(window, 0, 360) is not None
    )


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
        shouted = before[:3].isupper() and after[:1] == "-" and any(c.isupper() for c in name)
        if shouted or (before[:1].isupper() and after[:1] == "-" and reader.is_outlet_like(name)) or (
            before.upper() == before.lower() and reader.is_outlet_like(name) and reader.known(name)
        ):
            named = (Named(ClaimRole.SOURCE, name),)
            return Finding("credit.opening", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                           view.span(line, match.end()), named, explicit=False)  # fmt: skip
    return None


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
    if digits and (digits >= 2 or len(text) <= 12) and len(text) <= 50:
        name = re.match(r"\W{0,3}[\d .]{4,12} (?=[^\d\W])", text)
        if name is not None and view.written(start + name.end(), end) in reader.agencies:
            return _Piece("agency", (start + name.end(), end), text[name.end() :])
        last = text.rsplit(" ", 1)
        if len(last) == 2 and view.written(start + len(last[0]) + 1, end) in reader.agencies:
            return _Piece("agency", (start + len(last[0]) + 1, end), last[1])
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
    if any(piece.kind == "short" for piece in others) and not _is_dateline(view, pieces, marks):
        return None
    if not view.in_head(line) and not view.in_tail(line):
        return None
    if others and not view.in_head(line) and marks.strip('."') == "":
        return None
    return _finding(view, "credit.line", pieces, (line, end), reader)


def _is_dateline(view: View, pieces: list[_Piece], marks: str) -> bool:
    """Whether a short line with other words beside the agency is laid out as a dateline."""
    if not any(c in marks for c in "-(:/|*"):
        return False
    if "/" in marks and "(" not in marks and "-" not in marks:
        return False  # "AFP/John Smith" credits a picture
    return view.in_head(pieces[0].place[0])


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
        return before.kind in ("agency", "generic") and at >= 2 and pieces[at - 2].text == "/"
    return False


def _is_opening(view: View, taken: list[_Piece], length: int, reader: NameReader) -> bool:
    """Tell "LONDON (Reuters) -" from a sentence that happens to hold a bracket or a dash."""
    credited = _credited(taken)
    first = taken[0]
    shorts = [piece for piece in taken if piece.kind in ("short", "outlet")]
    text = "".join(piece.text[0] if piece.kind == "mark" else "x" for piece in taken)
    if len(shorts) > 4 or first.text in reader.labels or reader.is_picture(view.text[first.place[0] : taken[-1].place[1]]):
        return False
    if not shorts and taken[-1].text[0] == ":" and "(" not in text:
        return length > _LINE  # "Reuters: oil up" is a headline, a lead is longer
    before = [piece for piece in shorts if piece.place[0] < credited[0].place[0]]
    for piece in before:
        written = view.written(*piece.place)
        cased = written[:1].isalpha() and written.upper() != written.lower()
        if cased and not written[:1].isupper():
            return False
        if cased and piece.text.count(" ") >= 2 and sum(w[:1].isupper() for w in written.split()) < 2:
            return False
    if taken[-1].text[0] == ")" and first.kind == "short" and first.text.count(" ") > 2:
        return False
    return taken[-1].text[0] != ")" or _starts_text(view, taken[-1].place[1])


def _starts_text(view: View, at: int) -> bool:
    """Whether a new sentence, and not the rest of one, stands after a closed bracket."""
    text = view.text
    while at < len(text) - 1 and text[at] in " .,":
        at += 1
    char = view.char(at)
    return char in "\n-" or char.isupper() or char.upper() == char.lower()


def _bracket(
    view: View, start: int, line: int, end: int, reader: NameReader
) -> Finding | None:
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
    before = text[opening - 1 : opening] if opening > line else "\n"
    previous = text[max(line, opening - 2) : opening].strip()[-1:]
    ended = previous in ".!?\"'…)。،:" or previous == "" or before == "\n"
    return _finding(view, "credit.tail", pieces, (opening, closing + 1), reader) if ended or _ends_text(
        view, end
    ) else None


def _closing(
    view: View, start: int, line: int, end: int, reader: NameReader
) -> Finding | None:
    """A credit after the last sentence of a line, without bracket: "… he said. Outlet - AFP"."""
    text = view.text
    if end - start > 60 or not view.in_tail(start):
        return None
    opening = max(text.rfind(stop, line, start) for stop in (".", "!", "?", "。", "…"))
    if opening < line or start - opening > 60:
        return None
    pieces = _read_pieces(view, opening + 1, end, reader)
    named = [piece for piece in pieces if piece.kind != "mark"]
    marks = [piece.text[0] for piece in pieces if piece.kind == "mark" and piece.text != '"']
    if not named or named[-1].kind not in ("agency", "generic") or len(named) > 3:
        return None
    if any(piece.kind == "long" or piece.text.count(" ") > 3 for piece in named):
        return None
    if len(named) > 1 and not set(marks) <= set("-+/,*"):
        return None
    if len(named) > 1 and (not marks or marks[0] == "," or reader.is_picture(text[opening:end])):
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
    return Finding(rule, kind, Trust.AGENCY_CREDIT, 0.9, view.span(*place), tuple(unique),
                   explicit=False)  # fmt: skip


def _shared_byline(pieces: list[_Piece], agency: _Piece) -> bool:
    """Whether the agency stands last in a list of writers: it contributed."""
    at = pieces.index(agency)
    people = [p for p in pieces[:at] if p.kind == "short"]
    return len(people) >= 2 and pieces[at - 1].text == "," and pieces[at - 2].kind == "short" and any(
        p.text[0] == "-" for p in pieces[:at]
    )
