"""A line of text -> the short pieces a credit is made of: places, dates, names, marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_press_agency
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["CREDITED", "Piece", "Pieces", "read_pieces"]

CREDITED = ("agency", "generic")
# a hyphen inside a word is none; Arabic words have no hyphens
_DASH = (
    r"(?:(?<=[\s)(\"\u0590-\u06ff])-{1,3}(?<![\u0590-\u05ff]-(?=[\u0590-\u05ff]))"
    r"|-{1,3}(?=[\s(\")\u0600-\u06ff]|$)|(?<![\u0590-\u05ff])-(?=[\u0590-\u05ff])|-{2,3})"
)
_PIECES = re.compile(
    rf"dpa/(?:l[a-z]{{2}}|tmn)(?!\w)|{_DASH}|[/:|(),*\"]|\.(?= ?$)"
    rf"|(?:(?!{_DASH})[^/:|(),*\"\n]){{1,60}}"
)
_SIGNED = 2  # a name and the mark behind it
_TITLE = re.compile(r"ال\w{3,12}")
"""One word with its article, between a place and an agency: no reporter is called so."""
_AND, _PLUS = " \u0648", " + "
_DATE_BEHIND = re.compile(r"[^\d\n]{2,24}?(?= \d{1,2}[./]\d{1,2}[./]\d{4}\Z)")
_DATE_BEFORE = re.compile(r"\W{0,3}[\d .]{4,12} (?=[^\d\W])")
_PLACE_WORDS, _PLACE_LENGTH, _DATE_WORDS, _DATE_LENGTH = 5, 36, 5, 60


class Piece(NamedTuple):
    """What stands between two marks, or a mark.

    `kind` is mark, agency, generic (a word for agencies at large), outlet, date, short or long.
    """

    kind: str
    place: Place
    text: str


class Pieces(tuple[Piece, ...]):
    """Pieces in their order, and what their layout says. `view` is the text they stand in."""

    __slots__ = ()

    @property
    def named(self) -> list[Piece]:
        """All but the marks."""
        return [piece for piece in self if piece.kind != "mark"]

    @property
    def credited(self) -> list[Piece]:
        """Agencies, and words for agencies at large."""
        return [piece for piece in self if piece.kind in CREDITED]

    def lead(self, reader: NameReader) -> Piece | None:
        """The agency whose copy it is: the first, or its member where a union relays it."""
        agencies = [piece for piece in self if piece.kind == "agency"]
        unions = _words(reader.vocabulary).unions  # which relay their members' copy: يونا/وفا
        if len(agencies) > 1 and agencies[0].text in unions and "/" in self.marks:
            return agencies[1]
        return agencies[0] if agencies else None

    @property
    def others(self) -> list[Piece]:
        """Places, persons, outlets."""
        return [piece for piece in self if piece.kind in ("short", "outlet")]

    @property
    def marks(self) -> str:
        """The marks, one character each."""
        return "".join(piece.text[0] for piece in self if piece.kind == "mark")

    def holds(self, *kinds: str) -> bool:
        """Whether a piece is of one of these kinds."""
        return any(piece.kind in kinds for piece in self)

    def before(self, piece: Piece) -> Pieces:
        """The pieces before one."""
        return Pieces(self[: self.index(piece)])

    def signed(self, view: View) -> str | None:
        """The outlet that signs before an agency: "La Gaceta / AFP", "La Gaceta + AFP"."""
        before = self.before(self.credited[0])
        if len(before) < _SIGNED or before[-1].text[0] not in "/,+":
            return None
        placed = len(before) > _SIGNED and before[-3].text[0] == "-"
        titled = placed and before[-1].text[0] == "," and _TITLE.fullmatch(before[-2].text)
        outlet = before[-2].kind == "outlet" and not self._is_carried()
        known = outlet or before[-1].text[0] == "+"
        return view.written(*before[-2].place) if known or titled else None

    def _is_carried(self) -> bool:
        """Whether the carrier signs and dates in the bracket: "(Outlet / XYZ - 3 May, 2021)"."""
        behind = self[self.index(self.credited[0]) + 1 :]
        dashed = bool(behind) and behind[0].text[0] == "-"
        return dashed and "(" in self.marks and ")" not in self.marks

    def is_initialled(self, view: View) -> bool:
        """Whether beside agencies there are only editors' initials: "Reuters/dpa (SG/JÖ)"."""
        return self.holds("agency") and all(
            piece.kind == "agency"
            or (len(piece.text) <= 3 and view.written(*piece.place).replace(" ", "").isalpha())
            for piece in self.named
        )

    def is_set_apart(self, agency: Piece) -> bool:
        """Whether more than a quotation mark stands between an agency and the words before it."""
        marks = ""
        for piece in reversed(self.before(agency)):
            if piece.kind != "mark":
                return marks.strip('"*') != ""
            marks += piece.text[0]
        return True

    def goes_on(self) -> bool:
        """Whether words follow a closed bracket: "the agency (XNA) reported"."""
        after = False
        for piece, following in pairwise(self):
            after = after or piece.kind in CREDITED
            if after and piece.text[0] == ")" and following.kind == "short":
                return True
        return False


def read_pieces(view: View, start: int, end: int, reader: NameReader) -> Pieces:
    """Cut `view.text[start:end]` at dashes, slashes, colons, brackets, commas and quotes."""
    pieces = []
    for match in _PIECES.finditer(view.text, start, end):
        first, last = match.span()
        while first < last and view.text[first] == " ":
            first += 1
        while last > first and view.text[last - 1] in " .":
            last -= 1
        if first < last:
            pieces += _split(view, first, last, reader)
        elif match.group().strip():
            pieces.append(Piece("mark", match.span(), match.group().strip()))
    return Pieces(_with_small(view, pieces, _words(reader.vocabulary).small_agencies))


def _with_small(view: View, pieces: list[Piece], small: frozenset[str]) -> list[Piece]:
    """Pieces with agencies in small letters beside others told: "dpa/afp", "ats/afp"."""
    if not any(piece.kind == "agency" for piece in pieces):
        return pieces
    return [
        piece._replace(kind="agency")
        if piece.text in small
        and piece.kind in ("short", "outlet")
        and "/" in [beside.text for beside in pieces[max(at - 1, 0) : at + 2]]
        and view.written(*piece.place).islower()
        else piece
        for at, piece in enumerate(pieces)
    ]


def _split(view: View, start: int, end: int, reader: NameReader) -> list[Piece]:
    """A stretch as one piece, or more where a plus or an Arabic "and" stands before an agency."""
    plus = view.text.rfind(_PLUS, start, end)
    if plus > start:
        last = _classify(view, plus + len(_PLUS), end, reader)
        if last.kind in (*CREDITED, "outlet"):
            mark = Piece("mark", (plus + 1, plus + 2), "+")
            return [*_split(view, start, plus, reader), mark, last]
    at = view.text.rfind(_AND, start, end)
    joined = (at + len(_AND), end)
    if at < start or not (reader.is_generic(view, joined) or reader.is_agency(view, joined)):
        return [_classify(view, start, end, reader)]
    mark = Piece("mark", (at, at + 1), ",")
    return [_classify(view, start, at, reader), mark, _classify(view, *joined, reader)]


def _classify(view: View, start: int, end: int, reader: NameReader) -> Piece:
    text, place = view.text[start:end], (start, end)
    kind = "long"
    if not any(map(str.isalnum, text)):
        return Piece("mark", place, text[0])
    if reader.is_generic(view, place):
        kind = "generic"
    elif "/" in text and (signed := _signed_agency(view, start, end, reader)):
        return signed
    elif reader.is_agency(view, place):
        kind = "agency"
    elif published := _published_agency(view, start, end, reader):
        return published
    elif signed := _signed_agency(view, start, end, reader):
        return signed
    elif _has_date(text):
        dated = _dated_agency(view, start, end, reader) or _coded_agency(view, start, end, reader)
        if dated is not None:
            return dated
        named = any(map(str.isalpha, text)) and reader.known(view.written(start, end))
        if _count_words(text) <= _DATE_WORDS:
            kind = "outlet" if named else "date"  # "France 24"
    if kind == "long" and len(text) <= _PLACE_LENGTH and is_press_agency(text, reader):
        kind = "agency"
    if kind == "long" and len(text) <= _PLACE_LENGTH and text.count(" ") < _PLACE_WORDS:
        kind = "outlet" if reader.known(view.written(start, end)) else "short"
    return Piece(kind, place, text)


class _Words(NamedTuple):
    """`published` stands between an agency and the date its copy was put on the site."""

    published: re.Pattern[str]
    unions: frozenset[str]
    small_agencies: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    return _Words(
        re.compile(f" {words.any('published')}$"),
        frozenset(words.folded("unions")),
        frozenset(words.folded("small_agencies")),
    )


def _published_agency(view: View, start: int, end: int, reader: NameReader) -> Piece | None:
    """An agency before what says when its copy was put on the site ("XNA published"), or None."""
    text = view.text[start:end]
    published = _words(reader.vocabulary).published.search(text)
    place = (start, start + published.start()) if published is not None else (start, start)
    if published is None or not reader.is_agency(view, place):
        return None
    return Piece("agency", place, text[: published.start()])


_CODED = re.compile(r"(\w{3,12}) \d{4,8}(?: |\Z)")


def _coded_agency(view: View, start: int, end: int, reader: NameReader) -> Piece | None:
    """An agency before the hour and codes of its wire ("كونا 111432 جمت"), or None."""
    coded = _CODED.match(view.text, start, end)
    if coded is None or not reader.is_agency(view, coded.span(1)):
        return None
    return Piece("agency", coded.span(1), coded.group(1))


_SIGNATURE = re.compile(
    r"(\w{2,12})((?: [A-Z]{2,4}){1,5})\Z"
    r"|([\w-]{2,12})(?:/[a-z]{3}| (?:Broker|Analyser|ProFeed|Overnight))\Z"
)
"""Initials of who wrote, or the service of an agency: "dpa/lsw", "dpa-AFX Broker"."""


def _signed_agency(view: View, start: int, end: int, reader: NameReader) -> Piece | None:
    """An agency before its desk's initials or name ("PTI ABC XYZ", "dpa/lsw"), or None."""
    text = view.text[start:end]
    if end - start > 40 or (" " not in text and "/" not in text):
        return None
    match = _SIGNATURE.match(view.written(start, end))
    place = (
        (start, start + len(match.group(1) or match.group(3)))
        if match is not None
        else (start, start)
    )
    if match is None or not reader.is_agency(view, place):
        return None
    return Piece("agency", place, view.text[start : place[1]])


def _has_date(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    return digits > 0 and (digits >= 2 or len(text) <= 12) and len(text) <= _DATE_LENGTH


def _count_words(text: str) -> int:
    return sum(word[:1].isalpha() for word in text.split())


def _dated_agency(view: View, start: int, end: int, reader: NameReader) -> Piece | None:
    """An agency beside a date or year ("2019 Reuters", "Reuters 3.4.2015"), or None."""
    text = view.text[start:end]
    behind = _DATE_BEHIND.match(text)
    if behind is not None and reader.is_agency(view, (start, start + behind.end())):
        return Piece("agency", (start, start + behind.end()), behind.group())
    date = _DATE_BEFORE.match(text)
    cuts: Sequence[int] = [date.end()] if date is not None else []
    for cut in (*cuts, text.rfind(" ") + 1):
        if cut > 0 and reader.is_agency(view, (start + cut, end)):
            return Piece("agency", (start + cut, end), text[cut:])
    return None
