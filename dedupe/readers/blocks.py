"""An HTML tree -> its text blocks in order.

A block is the text between two block-level boundaries, white space folded: what a reader sees as a
line. trafilatura does not say where in the page its text stood; blocks do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Block", "Node", "page_blocks", "squash_text", "visible_text"]

Node: TypeAlias = Any
"""An lxml element; lxml is not typed."""

_BREAKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "option"),
        *("p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead"),
        *("title", "tr", "ul"),
    )
)
_SILENT = frozenset(
    (
        *("audio", "button", "canvas", "head", "iframe", "math", "noscript", "object", "script"),
        *("select", "style", "svg", "template", "textarea", "video"),
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the page.

    `key` is the text's letters and digits, `linked` the share of the text that is links, `element`
    the block-level lxml element around it.
    """

    text: str
    key: str
    linked: float
    element: Node


def squash_text(text: str) -> str:
    """Letters and digits, case folded: equal for one line however it was cleaned up."""
    return "".join(filter(str.isalnum, text)).casefold()


def visible_text(tree: Node) -> str:
    """All text of a tree, one block a line."""
    return "\n".join(block.text for block in page_blocks(tree))


def page_blocks(tree: Node) -> Iterator[Block]:
    """The blocks of a tree in document order; scripts, controls and the head are silent."""
    from lxml.etree import iterwalk  # type: ignore[import-untyped]

    run = _Run(tree)
    walk = iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start" and tag in _SILENT:
            walk.skip_subtree()
            continue
        if tag in _BREAKS:
            yield from run.take()
            run.owner = element if event == "start" and tag != "br" else _owner_after(element)
        if tag == "a":
            run.links += 1 if event == "start" else -1
        if event == "start":
            run.add(element.text)
        elif element is not tree:
            run.add(element.tail)
    yield from run.take()


def _owner_after(element: Node) -> Node:
    parent = element.getparent()
    while parent is not None and parent.tag not in _BREAKS:
        parent = parent.getparent()
    return element if parent is None else parent


class _Run:
    """The text since the last boundary."""

    def __init__(self, owner: Node) -> None:
        self.owner = owner
        self.links = 0
        self._pieces: list[str] = []
        self._linked = 0

    def add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if self.links > 0:
                self._linked += len(text.strip())

    def take(self) -> Iterator[Block]:
        text = " ".join("".join(self._pieces).split())
        if text:
            linked = min(1.0, self._linked / len(text))
            yield Block(text, squash_text(text), linked, self.owner)
        self._pieces.clear()
        self._linked = 0
