"""Both ends of a text -> the outlet, no agency, that a bracket there credits.

"SPRINGFIELD (Outlet) - text" opens one, "… he said. (Outlet)" ends one. Any phrase may stand in a
bracket, so only outlets that are known, or laid out as a dateline, count; no word gives these away,
so they have a look of their own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.bylines import may_sign
from dedupe.attribution.datelines import may_open
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.layouts import BRACKETED, BYLINED, CLOSED, DATELINED, LAID_OUT, STAMPED
from dedupe.attribution.names import NameReader
from dedupe.attribution.newcomers import is_nothing
from dedupe.attribution.openings import names_noun, says
from dedupe.attribution.signoffs import may_close
from dedupe.attribution.stamps import may_be_stamped
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["has_opening", "read_ending", "read_opening"]

_OPENING = re.compile(r"^[^\n()]{0,45}\(([^()\n]{2,40})\)", re.MULTILINE)
_ENDING = re.compile(r"(?:\n|[.!?。…\"] ?)\(([^()\n]{2,40})\)[ .。]*\n*$")
_DAY = r"\d[\d年月日./-]{5,12}"
_DAY_NAMED = re.compile(r"(?=[^()]*(?:19|20)\d\d)[\w., -]{6,24}")
_CLOSERS = (")", "）", "]", "】")
_OPENING_WITHIN, _SIGNATURE_WITHIN = 300, 300
_ACRONYM = re.compile(r"[A-Z]{2}|[a-z][A-Z]|\w\.\w")


class _Words(NamedTuple):
    """`dated` is a name with a day beside it: （2018年3月13日 柳川新聞）.

    `closing` mean other things too, but not in a bracket behind the last sentence.
    """

    dated: re.Pattern[str]
    closing: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    issued = words.any("beside_day")
    return _Words(
        re.compile(rf"(?:{_DAY},? ?{issued}?,? ?)?(\D.*?)(?:,? ?{_DAY}{issued}?)?"),
        frozenset(words.folded("closing_outlets")),
    )


def has_opening(head: str, tail: str, vocabulary: Vocabulary, layouts: int = LAID_OUT) -> bool:
    """Whether a text may begin with a name in brackets or end with ©: no word gives those away.

    `layouts` are the bits that `layouts_of` found: the other looks are spared.
    """
    return (
        (layouts & BRACKETED != 0 and _may_be_bracketed(head, tail))
        or (layouts & DATELINED != 0 and may_open(head))
        or (layouts & CLOSED != 0 and may_close(tail))
        or (layouts & STAMPED != 0 and may_be_stamped(head, tail))
        or (layouts & BYLINED != 0 and may_sign(head, vocabulary))
    )


def _may_be_bracketed(head: str, tail: str) -> bool:
    if "©" in tail[-_SIGNATURE_WITHIN:] or tail.rstrip()[-1:] in _CLOSERS:
        return True
    opened = head.find("(", 0, _OPENING_WITHIN) >= 0
    return opened and _OPENING.search(head, 0, 360) is not None


def read_opening(view: View, reader: NameReader) -> Finding | None:
    """Read a dateline that credits an outlet that is no agency: "SPRINGFIELD (Outlet) - text"."""
    if view.text.find("(", 0, 360) < 0:
        return None
    for match in _OPENING.finditer(view.text, 0, 360):
        start, end = match.span(1)
        place = reader.read(view, start, end, whole=True)
        dated = _read_dated(view, reader, match) if place is None else None
        if dated is not None:
            return dated
        if place is None or reader.is_agency(view, place) or reader.is_generic(view, place):
            continue
        line = match.start()
        while view.text[line] in " *-":
            line += 1
        before = view.written(line, start - 1) if line < start - 1 else ""
        name = view.written(*place)
        after = view.text[match.end() : match.end() + 4].lstrip()
        if not before and not after.startswith("-") and view.text[: match.start()].strip():
            continue  # "(CNN)Text" is one only at the very beginning
        if (
            name.isdigit()
            or is_nothing(name, reader)
            or before.count(" ") > 5
            or reader.is_picture(match.group())
        ):
            continue
        headed = (
            match.start() <= 1
            and view.text[match.end()] == "\n"
            and ("\u3040" <= view.text[start - 2] <= "\u9fff" and reader.known(name))
        )  # a headline as Japanese readers paste it: 水位が下がる(柳川新聞)
        if headed or _is_outlet_dateline(before, after, name, view.text[start - 2], reader):
            return Finding("credit.opening", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                           view.span(line, match.end()), (Named(ClaimRole.SOURCE, name),),
                           explicit=False)  # fmt: skip
    return None


def _read_dated(view: View, reader: NameReader, match: re.Match[str]) -> Finding | None:
    """Read a known outlet before a day in brackets: "Outlet (May 3, 2010) - text"."""
    start, end = match.start() + (view.text[match.start()] == "\n"), match.start(1) - 1
    name = view.written(start, end).strip(" *")
    dashed = view.text[match.end() : match.end() + 2].lstrip()[:1] == "-"
    if not dashed or _DAY_NAMED.fullmatch(match.group(1)) is None or not reader.known(name):
        return None
    return Finding("credit.opening", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(start, match.end()), (Named(ClaimRole.SOURCE, name),),
                   explicit=False)  # fmt: skip


def _is_outlet_dateline(
    before: str, after: str, name: str, beside: str, reader: NameReader
) -> bool:
    """Tell a dateline from a sentence with a name in brackets.

    `before` and `name` are as written, `after` is the folded text behind the bracket, `beside` the
    character before it.
    """
    dashed = after[:1] in ("-", ":")
    if not before:  # "(CNN) -", and "(CNN)Text", as its pages have it
        return (after[:1] == "-" or name.isupper()) and reader.known(name)
    if before.upper() != before.lower():
        shouted = before[:3].isupper() and _ACRONYM.search(name) is not None
        return dashed and before[:1].isupper() and (shouted or reader.is_outlet_like(name))
    spelt = fold_text(before)
    if names_noun(spelt, reader) or says(spelt, reader):
        return False  # "the network (X) said"
    spaced = beside == " " or "\u0600" <= beside <= "\u06ff"  # Urdu papers leave the blank out
    apart = spaced and before.count(" ") <= 1
    if dashed and reader.known(before.rstrip(" -")):  # "Site (Paper) - text"
        return reader.known(name) or fold_text(name).strip() in _words(reader.vocabulary).closing
    return reader.known(name) and (apart or (dashed and before.count(" ") <= 4))


def read_ending(view: View, reader: NameReader) -> Finding | None:
    """Read a known outlet in a bracket behind the last sentence: "… he said. (Outlet)"."""
    match = _ENDING.search(view.text, max(len(view.text) - 60, 0))
    dated = _words(reader.vocabulary).dated.fullmatch(match.group(1)) if match is not None else None
    if match is None or dated is None:
        return None
    start = match.start(1)
    place = reader.read(view, start + dated.start(1), start + dated.end(1), whole=True)
    if place is None or reader.is_agency(view, place):
        return None
    name = view.written(*place)
    signed = reader.known(name) or fold_text(name).strip() in _words(reader.vocabulary).closing
    if not signed or reader.is_picture(match.group()):
        return None
    return Finding("credit.ending", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(match.start(1) - 1, match.end(1) + 1),
                   (Named(ClaimRole.SOURCE, name),), explicit=False)  # fmt: skip
