"""A slot that holds a link -> the name in it: the text of a link tells where a name ends.

"appeared on <a href=…>Harbour Daily</a>, a partner", "cross-posted from [harbour.example](…)". A
link whose text is the original's title or address says where that stands: its host is the name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dedupe.attribution.addresses import host_of
from dedupe.attribution.findings import Named
from dedupe.attribution.name_starts import skip_marks
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.rules import Rule
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole

__all__ = ["MOST_LABELLED", "host_named", "read_formula", "read_linked", "shows_title"]

_TITLE = re.compile(
    r"https?://|[^\W\d_]: ?[^\W\d_/]|[?!] |^[^\n]*\"[^\n]+\"|[)\"\d]:.|[\u3040-\u9fff][?!]"
    r"|\w ?[|»] ?\w"
)
_ADDRESS = re.compile(r"https?://[^\s()\"<>]{3,300}")
_LONGEST, _LONGEST_TIGHT, _NEAR = 60, 14, 30
"""Letters of a name, in scripts without blanks fewer, and of what may stand before a link."""
MOST_LABELLED, _MOST_WORDS, _TELLING = 3, 2, 4
"""Words of a link that may be a name whatever its host is called, behind a label and in a notice of
translation; letters that tell of the host."""
_TIGHT_FROM = 0x2E80
_TIGHT = re.compile(r"[\u3040-\u9fff]")
_WORD = re.compile(r"[a-z0-9]{2,}")


class _Words(NamedTuple):
    """What may stand before a link: `sites` end what only says what it is, in written text."""

    article: re.Pattern[str]
    sites: tuple[str, ...]


@of_words
def _words(words: Vocabulary) -> _Words:
    article = rf"{words.any('article_nouns')}(?: {words.any('article_nouns_with')})?[ :\"]{{0,4}}\Z"
    return _Words(re.compile(article), words.written("sites"))


def read_linked(
    view: View, reader: NameReader, low: int, high: int, rule: Rule
) -> tuple[Place | None, bool, str | None]:
    """Find the name in a slot of a rule.

    Returns its place, whether it is the text of a link, and the address of a link that shows the
    original's title or address, or "my blog", instead of a name: the place is the link's then if
    the rule asks for one.
    """
    words = _words(reader.vocabulary)
    first = skip_marks(view, low, high)
    if rule.names == "linked":
        return _read_link(view, reader, (low, first), high)
    official = rule.kind is AttributionKind.PRESS_RELEASE
    address = _ADDRESS.match(view.text, first, high)
    if address is not None:
        return None, True, view.written(*address.span()).rstrip(".,;:)")
    if first < high and view.link_end(first) is None:
        start = view.link_start(first, high)
        place = reader.read(view, low, start or high, official=official)
        if start is None or (place is not None and not _leads_to(view, first, start, words.sites)):
            return place, False, None
        first = start
    end = view.link_end(first) if first < high else None
    if end is None:
        return reader.read(view, low, high, official=official), False, None
    end = min(end, high)
    # a link behind the word for an article shows the original's title, whatever it looks like
    titled = words.article.search(view.text, max(first - _NEAR, 0), first) is not None
    most = _MOST_WORDS if rule.kind is AttributionKind.TRANSLATION else None
    if titled or shows_title(view, reader, first, end, most=most):
        return None, True, view.address(first, end)
    return _read_text(view, reader, first, end, official=official), True, None


def read_formula(view: View, start: int, end: int) -> list[Named]:
    """The host that a formula without a name leads to, if it is itself a link.

    "[Original article](…)", "<a href=…>Оригинал статьи</a>": the link runs over all its words.
    """
    first = skip_marks(view, start, end)
    last = view.link_end(first)
    address = view.address(first, last) if last is not None and last >= end - 1 else None
    return [host_named(address)] if address is not None else []


def _read_text(
    view: View, reader: NameReader, start: int, end: int, *, official: bool = False
) -> Place | None:
    """The name that the text of a link is."""
    place = reader.read(view, start, end, whole=True, official=official)
    if place is None and reader.is_name(view, start, end, quoted=True):
        return start, end
    return place


def _read_link(
    view: View, reader: NameReader, begin: tuple[int, int], high: int
) -> tuple[Place | None, bool, str | None]:
    """As `read_linked`, where only a link counts: the slot and its first word `begin`."""
    low, first = begin
    words = _words(reader.vocabulary)
    address = _ADDRESS.match(view.text, first, high)
    if address is not None:
        return address.span(), True, view.written(*address.span()).rstrip(".,;:)")
    linked = first < high and view.link_end(first) is not None
    start = first if linked else view.link_start(first, high)
    end = view.link_end(start) if start is not None else None
    if start is None or end is None:
        return None, False, None
    if start > first:
        before = view.written(first, start)
        generic = reader.asides.is_own(view.text, start) or before.upper() == before.lower()
        named = generic and not _leads_to(view, first, start, words.sites)
        place = reader.read(view, low, start) if named else None
        if place is not None or not _may_precede(before):
            return place, False, None  # "translated from Harbour Daily, [the original](…)"
    end = min(end, high)
    if shows_title(view, reader, start, end, most=0):
        return (start, end), True, view.address(start, end)
    return _read_text(view, reader, start, end), True, None


def shows_title(
    view: View, reader: NameReader, start: int, end: int, *, most: int | None = None
) -> bool:
    """Whether the text of a link is no name: a title, an address, "my blog", "original article".

    What has been translated has a title: more than `most` words are a name only if the outlet is
    known or its host says so.
    """
    text = view.text[start:end]
    if end - start > _LONGEST or _TITLE.search(text) is not None:
        return True
    if reader.asides.is_own(view.text, start):
        return True
    tight = _TIGHT.search(text) is not None
    longest = _LONGEST_TIGHT if tight else _LONGEST
    name = view.written(start, end)
    if len(text) > longest and not reader.known(name):
        return True
    if most is None or reader.known(name) or name in reader.agencies:
        return False
    host = host_of(view.address(start, end) or "") or ""
    brief = most >= MOST_LABELLED if tight else text.count(" ") < most
    return not (brief or _names_host(text, host))


def _names_host(text: str, host: str) -> bool:
    """Whether a word of a link's text stands in its host: "Harbour Daily" at harbourdaily.com."""
    joined = host.replace("-", "").replace(".", "")
    return "." in text or any(
        len(word) >= _TELLING and word in joined for word in _WORD.findall(text)
    )


def _may_precede(before: str) -> bool:
    """Whether what stands between a formula and its link may be who wrote it: "by Ada Heron"."""
    if any(map(str.isdigit, before)) or ". " in before or "。" in before:
        return False
    return before.upper() == before.lower() or not before[:1].islower()


def host_named(address: str) -> Named:
    """The source that an address names: its host."""
    rest = address.strip("~ ").split("://", 1)[-1]
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].removeprefix("www.")
    return Named(ClaimRole.SOURCE, host, address)


def _leads_to(view: View, low: int, start: int, sites: tuple[str, ...]) -> bool:
    """Whether what stands before a link only says what it is: "the site …", サイト …."""
    written = view.written(low, start)
    if ord(written[-1:] or " ") >= _TIGHT_FROM or written.upper() == written.lower():
        return written.endswith(sites)
    return not any(map(str.isupper, written))
