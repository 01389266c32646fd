"""Extracted main text + the page's blocks -> the text with the lines around it that credit someone.

Extractors drop what stands before and after the article: bylines, `category / source` lines,
"first appeared on", disclaimers. Which of these lines matter is for attribution to say; here a few
short ones next to the article are brought back, whatever they say, bounded in number and length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from dedupe.readers.blocks import Block, Node, squash_text

__all__ = ["recover_edges"]

_SURE = 20  # letters and digits that do not agree by chance
_GAP = 60
_LOOK = 25
_MAX_HEAD = 4
_MAX_TAIL = 5
_MAX_HEAD_LINE = 200
_MAX_TAIL_LINE = 600
_ABOVE_TITLE = 3
_CLIMB = 4
"""Chosen on 317 real pages; see `docs/add-a-reader.md` for the figures."""

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ASIDE_TAGS = frozenset(("figure", "figcaption", "nav", "aside", "form", "label"))
_ASIDE_WORDS = frozenset(
    (
        *("ad", "ads", "advert", "advertisement", "breadcrumb", "breadcrumbs", "caption"),
        *("carousel", "comment", "comments", "cookie", "figure", "gallery", "image", "menu"),
        *("nav", "navigation", "newsletter", "outbrain", "paywall", "photo", "player", "popular"),
        *("promo", "rating", "recommended", "related", "share", "sharing", "sidebar", "signup"),
        *("slider", "social", "subscribe", "taboola", "tags", "teaser", "toolbar", "topics"),
        *("trending", "video", "widget"),
    )
)
_WORDS = re.compile(r"[a-z]+")


def recover_edges(text: str, blocks: Sequence[Block], title: str) -> str:
    """`text`, one paragraph a line, with at most 4 lines before and 5 lines after it.

    A line comes back if it is short, stands within 25 blocks of the article and inside its
    container, is not repeated in the article, and is no heading, caption, navigation or the like.
    """
    keys = {squash_text(line) for line in text.split("\n")}
    core = _core(blocks, keys)
    if core is None:
        return text
    page = _Surroundings(blocks[core[0]].element, blocks[core[-1]].element, keys, squash_text(text))
    before = blocks[max(0, core[0] - _LOOK) : core[0]]
    head = list(_head(before[::-1], page, squash_text(title)))
    tail = list(_tail(blocks[core[-1] + 1 : core[-1] + 1 + _LOOK], page))
    return "\n".join([*reversed(head), text, *tail])


def _core(blocks: Sequence[Block], keys: set[str]) -> list[int] | None:
    """The run of blocks that holds most of the extracted text; teasers repeat some of it."""
    runs: list[list[int]] = []
    for at, block in enumerate(blocks):
        if len(block.key) < _SURE or block.key not in keys or block.element.tag in _HEADINGS:
            continue
        if runs and at - runs[-1][-1] <= _GAP:
            runs[-1].append(at)
        else:
            runs.append([at])
    return max(runs, key=lambda run: sum(len(blocks[at].key) for at in run), default=None)


class _Surroundings:
    """Where a line must stand, and what it must not be, to belong to the article."""

    def __init__(self, first: Node, last: Node, keys: set[str], joined: str) -> None:
        self._inner = set(_upwards(first)) | set(_upwards(last))
        self._outer = _container(first, last)
        self._keys = set(keys)
        self._joined = joined

    def takes(self, block: Block) -> bool:
        """Whether the block is new text within the container and not aside; takes it only once."""
        key, letters = block.key, sum(map(str.isalpha, block.key))
        if not key or 2 * letters < len(key) or key in self._keys:
            return False
        if len(key) >= _SURE and key in self._joined:
            return False
        if block.element.tag in _HEADINGS or not self._is_near(block.element):
            return False
        self._keys.add(key)
        return True

    def _is_near(self, element: Node) -> bool:
        for at in _upwards(element):
            if at in self._inner:
                return self._outer in set(_upwards(at))
            words = _WORDS.findall(f"{at.get('class') or ''} {at.get('id') or ''}".lower())
            if at.tag in _ASIDE_TAGS or not _ASIDE_WORDS.isdisjoint(words):
                return False
        return False


def _upwards(element: Node) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()


def _container(first: Node, last: Node) -> Node:
    """The common ancestor of the article's ends, then up to 4 levels more, not beyond `<main>`."""
    above_last = set(_upwards(last))
    above = [element for element in _upwards(first) if element in above_last]
    for at, element in enumerate(above[:_CLIMB]):
        outside = at + 1 == len(above) or above[at + 1].tag in ("body", "html")
        if outside or element.tag == "main":
            return element
    return above[min(_CLIMB, len(above) - 1)]


def _head(backwards: Sequence[Block], page: _Surroundings, title: str) -> Iterator[str]:
    """Short lines before the article, from the last to the first, up to just above the title."""
    taken, left = 0, _LOOK
    for block in backwards:
        if block.element.tag == "h1" or (title and block.key == title):
            left = _ABOVE_TITLE
        elif left == 0 or taken == _MAX_HEAD or len(block.text) > _MAX_HEAD_LINE:
            return
        else:
            left -= 1
            if page.takes(block):
                taken += 1
                yield block.text


def _tail(blocks: Sequence[Block], page: _Surroundings) -> Iterator[str]:
    """Lines after the article up to a heading or a long text; what is all link leads elsewhere."""
    taken = 0
    for block in blocks:
        long = len(block.text) > _MAX_TAIL_LINE
        if block.element.tag in _HEADINGS or long or taken == _MAX_TAIL:
            return
        if block.linked < 0.9 and page.takes(block):
            taken += 1
            yield block.text
