"""A short line with an agency on it -> whether it is laid out as a byline or dateline is.

"Jane Roe, Xyz Agency" signs below a headline, "Jane Roe, XYZ" above a date; the same words below a
picture say whose it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.captions import label_above
from dedupe.attribution.names import NameReader
from dedupe.attribution.pieces import CREDITED, Piece, Pieces
from dedupe.attribution.view import View

__all__ = [
    "CreditLine",
    "is_among_captions",
    "is_between",
    "is_captioned",
    "is_first_caption",
    "is_labelled",
    "is_laid_out",
    "is_placed",
    "is_repeated",
]

_SENTENCE = 60  # a shorter line is no paragraph
_CAPTION = 80
_PLACE_WORDS = 2
_BRACKETED = ("()", "(,)", "(,,)")
_SHORT_WORD = 6  # an abbreviation is shorter
_LONGEST_DATE = 60
_DATED = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|\d{1,2}[:.]\d\d)(?!\d)")


class CreditLine(NamedTuple):
    """The line an agency's name stands on: `start` and `end` without leading marks."""

    view: View
    reader: NameReader
    start: int
    end: int

    @classmethod
    def around(cls, view: View, reader: NameReader, index: int, marks: str) -> CreditLine:
        """The line that holds `index`, without `marks` in front."""
        text = view.text
        start, end = text.rfind("\n", 0, index) + 1, text.find("\n", index)
        while start < end and text[start] in marks:
            start += 1
        return cls(view, reader, start, end)

    @property
    def text(self) -> str:
        """The folded text the line stands in."""
        return self.view.text

    def written(self, piece: Piece) -> str:
        """What a piece is, as written."""
        return self.view.written(*piece.place)

    def is_picture(self, start: int, end: int) -> bool:
        """Whether a stretch of the text speaks of a picture."""
        return self.reader.is_picture(self.text[start:end])

    def is_label(self, piece: Piece) -> bool:
        """Whether a piece is a word such as "source": the rules of its language read that."""
        return piece.kind == "short" and piece.text in self.reader.labels


def is_labelled(line: CreditLine) -> bool:
    """Whether a label of a picture stands above the line: "Image copyright / AFP"."""
    return line.reader.is_picture(label_above(line.text, line.start))


def is_captioned(line: CreditLine) -> bool:
    """Whether a caption, short and with a full stop, opens the text above the line.

    "The mayor at the bridge. / XNA / The city …" says whose the picture is; headlines have no stop.
    """
    above = line.text[1 : max(line.start - 1, 1)].strip("\n *")
    following = line.text.find("\n", line.end + 1) - line.end
    caption = 0 < len(above) <= _CAPTION and "\n" not in above and above[-1] in ".。"
    return caption and following > _SENTENCE // 2


def is_placed(line: CreditLine, pieces: Pieces) -> bool:
    """Whether a place and agencies in brackets stand above a paragraph: "تكريت (رويترز)"."""
    if pieces.marks not in _BRACKETED or pieces.named[0].kind != "short":
        return False
    if not all(piece.kind in CREDITED for piece in pieces.named[1:]):
        return False
    place = line.written(pieces.named[0])
    uncased = place.upper() == place.lower() and place.count(" ") < _PLACE_WORDS
    return uncased and line.text.find("\n", line.end + 1) - line.end > _SENTENCE


def is_repeated(line: CreditLine) -> bool:
    """Whether the line stands above or below itself: a picture's description and its caption."""
    text, whole = line.text, line.text[line.start : line.end]
    return text.startswith(f"\n{whole}\n", line.end) or text.endswith(
        f"\n{whole}", 0, line.start - 1
    )


def is_among_captions(line: CreditLine) -> bool:
    """Whether the line above or below ends with a bracket too: captions in a row."""
    text = line.text
    above = text[: max(line.start - 1, 0)].rstrip("\n ")
    below = text.find("\n", line.end + 1)
    return above[-1:] == ")" or (below > 0 and text[line.end : below].rstrip(" .")[-1:] == ")")


def is_laid_out(line: CreditLine, pieces: Pieces) -> bool:
    """Whether a short line with other words beside the agency is laid out as a dateline."""
    marks = pieces.marks
    if marks in (",", "()") and _is_byline(line, pieces):
        return True
    if set(marks) == {","} and (_is_placed_above(line, pieces) or _is_dated(line, pieces)):
        return True
    if not any(char in marks for char in "-(:/|*") or _is_caption(line, pieces):
        return False
    if "/" in marks and "(" not in marks and "-" not in marks:
        first = line.written(pieces.named[0])  # "AFP/Jane Roe" credits a picture
        place = first.upper() == first.lower() and pieces.named[-1].kind in CREDITED
        return pieces.named[0].kind == "outlet" or place or _is_filed(line, pieces)
    return True


def _is_placed_above(line: CreditLine, pieces: Pieces) -> bool:
    """Whether an agency and a place of a word stand between headline and text: "XYZ, Paris".

    Without capitals so does "Paper, agencies": no picture is of all of them.
    """
    names = [piece for piece in pieces.named if piece.kind == "short"]
    written = line.written(names[0]) if names else ""
    if [p.kind for p in pieces.named] == ["short", "generic"] and written == written.upper():
        return written.lower() == written and is_between(line)
    if len(pieces.named) != 2 or len(names) != 1 or not pieces.holds("agency"):
        return False
    return " " not in names[0].text and is_between(line) and line.written(names[0])[:1].isupper()


def _is_dated(line: CreditLine, pieces: Pieces) -> bool:
    """Whether only days stand beside an agency between headline and text: "Friday, 3 May, XYZ"."""
    rest = [piece for piece in pieces.named if piece.kind not in CREDITED]
    days = all(p.kind == "date" or p.text in line.reader.weekdays for p in rest)
    return bool(rest) and days and line.start > 1


def is_between(line: CreditLine) -> bool:
    """Whether something stands above the line and a paragraph below it."""
    text, low = line.text, line.end
    while low < len(text) and text[low] in " \n":
        low += 1
    return line.start > 1 and text.find("\n", low) - low > _SENTENCE


def _is_filed(line: CreditLine, pieces: Pieces) -> bool:
    """Whether an agency, where it wrote and who stand apart above the text: "XYZ / Paris / J. Roe".

    So does "Paris / XYZ"; "XYZ/Roe" credits a picture. A place is one word.
    """
    first, second = pieces.named[0], pieces.named[1]
    apart = line.text[first.place[1] : second.place[0]] == " / "
    agency, place = (second, first) if second.kind == "agency" else (first, second)
    filed = agency.kind == "agency" and place.kind == "short" and " " not in place.text
    return filed and apart and is_between(line)


def _is_byline(line: CreditLine, pieces: Pieces) -> bool:
    """Whether a person and an agency stand below a headline: "Jane Roe, Xyz Agency".

    An abbreviation ("Jane Roe, XYZ", "Jane Roe (XYZ)") needs a date on the line below.
    """
    if len(pieces.named) != 2 or pieces.named[1].kind != "agency":
        return False
    words = line.written(pieces.named[0]).split()
    if not 2 <= len(words) <= 4 or not all(word[:1].isupper() for word in words):
        return False
    end = line.text.find("\n", line.end + 1)
    if _LONGEST_DATE > end - line.end > 1 and _DATED.search(line.text, line.end, end):
        return True
    spelt_out = " " in pieces.named[1].text or len(pieces.named[1].text) > _SHORT_WORD
    headed = pieces.marks == "," and line.start > 1
    return headed and spelt_out and end - line.end > _SENTENCE


def _is_bracketed(line: CreditLine, piece: Piece) -> bool:
    """Whether a piece stands in a bracket."""
    opening = line.text.rfind("(", line.start, piece.place[0])
    return opening > line.text.rfind(")", line.start, piece.place[0])


def _is_caption(line: CreditLine, pieces: Pieces) -> bool:
    """Tell "PARIS (AFP)" and "AFP (Paris)" from "A minister (AFP)" and "(Jane Roe, AFP)"."""
    marks, agency = pieces.marks, pieces.credited[0]
    before = [piece for piece in pieces.before(agency) if piece.kind == "short"]
    if "(" not in marks or "-" in marks or ":" in marks or pieces.holds("date") or not before:
        return False
    if is_placed(line, pieces):
        return False
    written = line.written(before[-1])
    if "," in marks and written.upper() == written.lower() and not _is_bracketed(line, agency):
        return False  # "Writer (place), XNA", "Writer, XNA (place)" where there are no capitals
    shouted = written.isupper() and written.lower() != written
    return not (shouted and pieces.before(agency)[-1].text[0] == "(")


def is_first_caption(line: CreditLine, end: int) -> bool:
    """Whether a short sentence with a credit opens a text: the picture's, "The bridge. (XYZ)"."""
    return line.start <= 1 and end - line.start < _SENTENCE < len(line.text) - line.end
