"""The last two lines of an aggregator's excerpt -> the credit of whose text it was taken from.

"Jane Roe Posted at 2:40 pm on 3 May" above "harbour.example/2018/05/03/new-quay.html".
"""

from __future__ import annotations

import re

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["is_bare_address", "may_be_excerpted", "read_excerpt"]

_LONGEST = 320
_BARE = r"(?:https?://)?(?:www\.)?(?P<host>[a-zA-Z0-9-]{2,40}(?:\.[a-zA-Z]{2,12}){1,3})/\S{8,300}"
_ADDRESS, _ENDING = re.compile(_BARE), re.compile(rf"\n{_BARE}\s*\Z")


@of_words
def _posted(words: Vocabulary) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<who>[^\W\d_][^\n|]{{2,60}}?)[ |,-]{{1,4}}{words.any('published')}"
        r"(?!\w)[^\n]{0,20}\d[^\n]{0,40}"
    )


def may_be_excerpted(tail: str) -> bool:
    """Whether a text, of which `tail` is the end as written, ends with an address on a line."""
    return _ENDING.search(tail[-_LONGEST:]) is not None


def is_bare_address(line: str) -> bool:
    """Whether a line is the address of a page: no part of it is a name."""
    return _ADDRESS.fullmatch(line) is not None


def read_excerpt(view: View, reader: NameReader, marks: str) -> Finding | None:
    """Read the address on the last line below who posted it and when; `marks` may stand around it.

    An outlet of the list that stands before "posted" is the name, else the host.
    """
    text, end = view.text, len(view.text.rstrip(marks))
    start = text.rfind("\n", 0, end) + 1
    if text.find("/", start, end) < 0:
        return None
    above = text.rfind("\n", 0, max(start - 1, 0)) + 1
    address = _ADDRESS.fullmatch(text, start, end)
    if address is None:
        return None
    posted = _posted(reader.vocabulary).fullmatch(text, above, start - 1)
    if posted is None or reader.is_picture(text[above : start - 1]):
        return None
    who = view.written(*posted.span("who"))
    name = who if who and reader.known(who) else view.written(*address.span("host"))
    named = (Named(ClaimRole.SOURCE, name, view.written(start, end)),)
    return Finding("stamp.excerpt", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(above, end), named, explicit=False)  # fmt: skip
