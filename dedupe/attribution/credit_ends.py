"""An agency's name at the end of a line -> the credit that closes the text there.

"… he said. (AFP)", "… he said. Outlet - AFP": in brackets or behind the last sentence, where a
picture's words end too, so what stands before has to be a text's.
"""

from __future__ import annotations

import re

from dedupe.attribution.credit_findings import credit_finding, holds_only_credits
from dedupe.attribution.credit_lines import (
    CreditLine,
    is_among_captions,
    is_first_caption,
    is_repeated,
)
from dedupe.attribution.findings import Finding
from dedupe.attribution.openings import holds_agency_noun
from dedupe.attribution.pieces import CREDITED, Piece, Pieces, read_pieces

__all__ = ["read_bracket", "read_closing"]

_SENTENCE = 60  # a shorter line before a bracket may be a caption
_SHORT_WORD = 6  # an abbreviation before a stop is shorter
_LAST = 400  # characters from the end that count as a text's last lines
_SECOND = re.compile(r"^ ?\((?:[\w-]+\.[\w./-]{2,50}|[\w/ ]{1,9})\)")
"""Behind the bracket with an agency one with its site or the editors' initials."""
_INITIALS = re.compile(
    r"(?:[\n.!?…\"'] ?)"
    r"(?P<signed>(?:\w\.\w\.?|\w{1,3}\.?)(?: ?[/,] ?(?:\w\.\w\.?|\w{1,3}\.?)){0,3}) ?$"
)
"""Editors' initials between the last sentence and the bracket: "… he said. a.b/ c.d (XNA)"."""


def read_bracket(line: CreditLine, index: int) -> Finding | None:
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


def _stands_behind_text(line: CreditLine, opening: int) -> bool:
    """Whether a bracket closes a text, rather than explaining an abbreviation or a picture."""
    text = line.text
    initials = _INITIALS.search(text, max(line.start - 1, opening - 24), opening)
    opening = initials.start("signed") if initials is not None else opening
    previous = text[max(line.start, opening - 2) : opening].strip()[-1:]
    if previous and is_first_caption(line, opening):
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
        and not holds_agency_noun(text, line.reader, opening - 45, opening)
    )


def read_closing(line: CreditLine, index: int) -> Finding | None:
    """A credit after the last sentence of a line, without bracket: "… he said. Outlet - AFP"."""
    if line.end - index > 60 or not line.view.in_tail(index):
        return None
    return _behind_quote(line, index) or _behind_stop(line, index)


def _behind_stop(line: CreditLine, index: int) -> Finding | None:
    text = line.text
    opening = max(text.rfind(stop, line.start, index) for stop in (".", "!", "?", "。", "…"))
    if opening < line.start or index - opening > 60:
        return None
    word = max(text.rfind(" ", line.start, opening) + 1, line.start)
    caption = opening - line.start < _SENTENCE and line.is_picture(line.start, opening)
    caption = caption or is_first_caption(line, opening)
    if caption or (opening - word < _SHORT_WORD and line.is_picture(word, opening + 1)):
        return None  # "Photo of the bridge. AFP", "Fot. PAP": the stop is an abbreviation's
    pieces = read_pieces(line.view, opening + 1, line.end, line.reader)
    named = pieces.named
    signed = bool(named) and named[-1].kind in CREDITED and _is_signature(pieces)
    if not signed or is_repeated(line):
        return None
    quoted = '"' in text[named[0].place[0] - 1 : line.end]
    if line.is_picture(opening, line.end) or (quoted and not _are_quoted_at_large(line, named[0])):
        return None
    return credit_finding(line, "credit.closing", pieces, (named[0].place[0], line.end))


def _behind_quote(line: CreditLine, index: int) -> Finding | None:
    """Agencies at large behind the quotation that ends a paragraph: "… it "returned" agencies"."""
    opening = line.text.rfind('" ', line.start, index)
    if opening - line.start < _SENTENCE or line.end - opening > 30:
        return None
    pieces = read_pieces(line.view, opening + 1, line.end, line.reader)
    if [piece.kind for piece in pieces] != ["generic"]:
        return None
    return credit_finding(line, "credit.closing", pieces, (pieces[0].place[0], line.end))


_SIGN = 3  # letters of editors' initials


def _is_signature(pieces: Pieces) -> bool:
    """Whether pieces are an agency, or an outlet or initials and an agency."""
    named, marks = pieces.named, set(pieces.marks)
    if len(named) == 1:
        return marks in (set(), {"-"}, {"/"}, {'"'})
    if len(named) > 3 or any(p.kind == "long" or p.text.count(" ") > 3 for p in named):
        return False
    # "Jane Roe / Reuters" credits a picture; "red/APA" are the editors and an agency
    slashed = "/" in marks and named[0].kind == "short" and len(named[0].text) > _SIGN
    return bool(marks) and marks <= set("-+/") and not slashed


def _are_quoted_at_large(line: CreditLine, piece: Piece) -> bool:
    """Whether nothing but agencies at large in quotation marks close a line; one has a picture."""
    closed = line.text[piece.place[0] - 1 : line.end].rstrip(" .") == f'"{piece.text}"'
    return closed and piece.kind == "generic"
