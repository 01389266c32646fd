"""Extracted main text + the page's blocks -> the text with the lines around it that credit someone.

Extractors drop what stands before and after the article: bylines, `category / source` lines,
"first appeared on", disclaimers. Which of these lines matter is for attribution to say; here a few
short ones next to the article are brought back, whatever they say, bounded in number and length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

from dedupe.readers.blocks import Block, Node, page_blocks, squash_text

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
_LINKED = 0.9
"""Chosen on 317 real pages; see `docs/add-a-reader.md` for the figures."""
_MAX_OUTSIDE = 2
_MAX_OUTSIDE_LINE = 300
_UNIT_BLOCKS = 6
_UNIT_LETTERS = 600
_UNIT_LINKS = 2
"""What stands beside the container and is larger is no note; `docs/decisions/0080-*.md`."""

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
_NOTE_WORDS = frozenset(
    (
        *("agency", "attribution", "author", "authors", "byline", "credit", "credits"),
        *("disclaimer", "notice", "origin", "provider", "republish", "republished", "source"),
        *("sources", "syndication"),
    )
)
_CONTROLS = frozenset(
    ("button", "fieldset", "figure", "form", "input", "label", "nav", "select", "aside")
)
_CHECKED = ("a", *sorted(_CONTROLS))
_WORDS = re.compile(r"[a-z]+")
_SITE = re.compile(
    r"©|\(c\) ?\d|copyright|rights reserved|الحقوق محفوظة|حقوق النشر|tous droits|"
    r"derechos reservados|direitos reservados|alle rechte|все права|版权所有|imprint|impressum",
    re.IGNORECASE,
)
"""What a site says of itself below every page."""

Place = Literal["inside", "marked", "beside"]
"""In the article's container; beside it, in what is marked as a note; beside it."""


def recover_edges(text: str, blocks: Sequence[Block], title: str) -> str:
    """`text`, one paragraph a line, with at most 4 lines before and 5 lines after it.

    A line comes back if it is short, stands within 25 blocks of the article and inside its
    container, is not repeated in the article, and is no heading, caption, navigation or the like.
    At either end up to 2 lines may stand outside of the container (a `<footer>`, a paragraph after
    `<main>`): beside the article, in a part of the page of a few lines that is not the site's own.
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
        self._notes: dict[Node, bool] = {}

    def place(self, block: Block) -> Place | None:
        """Where the block stands if it is new text and not aside; None for all others."""
        key, letters = block.key, sum(map(str.isalpha, block.key))
        if not key or 2 * letters < len(key) or key in self._keys:
            return None
        if len(key) >= _SURE and key in self._joined:
            return None
        if block.element.tag in _HEADINGS:
            return None
        return self._locate(block)

    def take(self, block: Block) -> str:
        """Its text, which is now known: no second line of the same words is new."""
        self._keys.add(block.key)
        return block.text

    def _locate(self, block: Block) -> Place | None:
        unit, told = None, False
        for at in _upwards(block.element):
            if at in self._inner:
                if self._outer in set(_upwards(at)):
                    return "inside"
                return self._locate_outside(block, unit, told)
            words = _WORDS.findall(f"{at.get('class') or ''} {at.get('id') or ''}".lower())
            if at.tag in _ASIDE_TAGS or not _ASIDE_WORDS.isdisjoint(words):
                return None
            told = told or not _NOTE_WORDS.isdisjoint(words)
            unit = at
        return None

    def _locate_outside(self, block: Block, unit: Node | None, told: bool) -> Place | None:
        """Beside the container: `told` = its mark-up calls it a byline, a source or the like."""
        if len(block.text) > _MAX_OUTSIDE_LINE or _SITE.search(block.text):
            return None
        if unit is not None:
            if unit not in self._notes:
                self._notes[unit] = _is_note(unit)
            if not self._notes[unit]:
                return None
            told = told or (unit.tag == "header" and unit.find(".//a") is None)
        return "marked" if told else "beside"


def _is_note(unit: Node) -> bool:
    """Whether what stands beside the article is a few lines, and not a part of every page."""
    links = 0
    for element in unit.iter(_CHECKED):
        links += element.tag == "a"
        if links > _UNIT_LINKS or element.tag in _CONTROLS:
            return False
    blocks = list(islice(page_blocks(unit), _UNIT_BLOCKS + 1))
    letters = sum(len(block.key) for block in blocks)
    if len(blocks) > _UNIT_BLOCKS or letters > _UNIT_LETTERS:
        return False
    return not any(_SITE.search(block.text) for block in blocks)


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
    """Short lines before the article, from the last to the first, up to just above the title.

    Above the title and outside of the container stands the site's own head: only what is marked as
    a byline or the like is the article's there.
    """
    taken, outside, left, above = 0, 0, _LOOK, False
    for block in backwards:
        if block.element.tag == "h1" or (title and block.key == title):
            left, above = _ABOVE_TITLE, True
        elif left == 0 or taken == _MAX_HEAD or len(block.text) > _MAX_HEAD_LINE:
            return
        else:
            left -= 1
            place = page.place(block)
            if place is None or (place == "beside" and above):
                continue
            if place != "inside":
                if outside == _MAX_OUTSIDE or block.linked >= _LINKED:
                    continue
                outside += 1
            taken += 1
            yield page.take(block)


def _tail(blocks: Sequence[Block], page: _Surroundings) -> Iterator[str]:
    """Lines after the article up to a heading or a long text; what is all link leads elsewhere."""
    taken = outside = 0
    for block in blocks:
        long = len(block.text) > _MAX_TAIL_LINE
        if block.element.tag in _HEADINGS or long or taken == _MAX_TAIL:
            return
        place = page.place(block) if block.linked < _LINKED else None
        if place is None:
            continue
        if place != "inside":
            if outside == _MAX_OUTSIDE:
                return
            outside += 1
        taken += 1
        yield page.take(block)
