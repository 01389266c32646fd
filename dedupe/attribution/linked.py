"""A slot that holds a link -> the name in it: the text of a link tells where a name ends.

"appeared on <a href=…>Harbour Daily</a>, a partner", "cross-posted from [harbour.example](…)". A
link whose text is the original's title or address says where that stands: its host is the name.
"""

from __future__ import annotations

import re

from dedupe.attribution.name_starts import skip_marks
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.view import View

__all__ = ["read_linked"]

_TITLE = re.compile(r"https?://|[^\W\d_]: ?[^\W\d_/]|[?!] |^[^\n]*\"[^\n]+\"")
_OF_ARTICLE = re.compile(
    r"(?:لل?)?(?:ال)?(?:مقال[هة]?|موضوع|تدوين[هة]|درس|فصل|تقرير|نص)(?: ال?اصلي[هة]?)?[ :\"]{0,4}\Z"
)
"""A link behind the word for an article shows the original's title, whatever it looks like."""
_ADDRESS = re.compile(r"https?://[^\s()\"<>]{3,300}")
_LONGEST = 60
_SITES = (
    "サイト",
    "ブログ",
    "網站",
    "网站",
    "博客",
    "公众号",
    "사이트",
    "블로그",
    "موقع",
    "مدونة",
    "سایت",
)
"""What a name written behind it is of, in scripts without capitals."""


def read_linked(
    view: View, reader: NameReader, low: int, high: int, *, official: bool
) -> tuple[Place | None, bool, str | None]:
    """Find the name in a slot.

    Returns its place, whether it is the text of a link, and the address of a link that shows the
    original's title or address, or "my blog", instead of a name.
    """
    first = skip_marks(view, low, high)
    address = _ADDRESS.match(view.text, first, high)
    if address is not None:
        return None, True, view.written(*address.span()).rstrip(".,;:)")
    if first < high and view.link_end(first) is None:
        start = view.link_start(first, high)
        place = reader.read(view, low, start or high, official=official)
        if start is None or (place is not None and not _leads_to(view, first, start)):
            return place, False, None
        first = start
    end = view.link_end(first) if first < high else None
    if end is None:
        return reader.read(view, low, high, official=official), False, None
    end = min(end, high)
    titled = _TITLE.search(view.text[first:end]) is not None
    titled = titled or _OF_ARTICLE.search(view.text, max(first - 30, 0), first) is not None
    if end - first > _LONGEST or titled or reader.asides.is_own(view.text, first):
        return None, True, view.address(first, end)
    place = reader.read(view, first, end, whole=True, official=official)
    if place is None and reader.is_name(view, first, end, quoted=True):
        place = first, end
    return place, True, None


def _leads_to(view: View, low: int, start: int) -> bool:
    """Whether what stands before a link only says what it is: "the site …", サイト …."""
    written = view.written(low, start)
    if written.upper() == written.lower():
        return written.endswith(_SITES)
    return not any(map(str.isupper, written))
