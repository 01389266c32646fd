"""A window as stored -> the same window as a reader sees it, character for character.

Dumps and feeds keep entities, tags and Markdown in their bodies; a notice reads "appeared first on
<a href=…>Name</a>" there. What is no text is padded with characters that folding leaves out, and a
tag or ruler that begins a new block becomes a line break, so that every offset stays what it was
and the rules need not know of any of it. Each expression looks at a place once, whatever the text.
"""

from __future__ import annotations

import html
import re

from dedupe.attribution.folding import DECOMPOSED, compose

__all__ = ["LONGEST_LINK", "TAG_PAD", "linked_address", "same_length"]

_ENTITY = re.compile(r"&(?:amp;){0,2}(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,24});")
_RULER = re.compile(r"#{3}|~~")
_PAD = "\u200b"
"""Fills up what is shorter when decoded: it belongs to the letter before it."""
TAG_PAD = "\ufff9"
"""Stands for mark-up, which belongs to no letter. Both are left out when folded."""
_LONGEST_TAG, LONGEST_LINK, _LONGEST_ADDRESS = 600, 200, 400
_TAG = re.compile(rf"<{_PAD}*(/?[a-zA-Z][a-zA-Z0-9]{{0,10}}|!--)[^<>]{{0,{_LONGEST_TAG}}}>{_PAD}*")
_BLOCK_TAGS = """
address article aside blockquote br button caption dd div dl dt fieldset figcaption figure footer
form h1 h2 h3 h4 h5 h6 header hr iframe li main nav ol option p pre script section style table
tbody td tfoot th thead title tr ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_ADDRESS = rf"(?:https?://|//|/|#|www\.|mailto:|\.{{1,2}}/)[^\s()]{{0,{_LONGEST_ADDRESS}}}"
_LINK = re.compile(
    rf"(?<![!\\])\[([^\[\]\n]{{1,{LONGEST_LINK}}})\](\((?:{_ADDRESS}(?: \"[^\"\n]{{0,80}}\")?)?\))"
)
_STRONG = re.compile(r"(?<![\w*\\])\*\*(?=[^\s*])|(?<=[^\s*\\])\*\*(?![\w*])")
_ESCAPED = re.compile(r"\\(?=[*_\[\]#>~`-])")
_HEADING = re.compile(r"(?m)^#{1,2} ")
_OPENED = re.compile(
    rf"""<a\s[^<>]{{0,{_LONGEST_TAG}}}?href\s?=\s?["']?((?:https?:)?//[^\s"'<>]{{3,{_LONGEST_ADDRESS}}})"""
)
_CLOSED = re.compile(rf"[^\[\]\n<>]{{0,60}}\]\((https?://[^\s()\"<>]{{3,{_LONGEST_ADDRESS}}})")
_NEAR = 60


def _decode(match: re.Match[str]) -> str:
    text = match.group()
    for _ in range(3):
        decoded = html.unescape(text)
        if decoded == text:
            break
        text = decoded
    size = len(match.group())
    return match.group() if len(text) > size else text + _PAD * (size - len(text))


def _level(match: re.Match[str]) -> str:
    return "\n" + _PAD * 2 if match.group() == "###" else _PAD * 2


def _pad(match: re.Match[str]) -> str:
    return TAG_PAD * len(match.group())


def _hide_tag(match: re.Match[str]) -> str:
    block = match.group(1).strip("/").lower() in _BLOCKS
    return "\n" * block + TAG_PAD * (len(match.group()) - block)


def _show_text(match: re.Match[str]) -> str:
    return TAG_PAD + match.group(1) + TAG_PAD * (len(match.group(2)) + 1)


def _compose_padded(match: re.Match[str]) -> str:
    text = compose(match)
    return text + _PAD * (len(match.group()) - len(text))


def same_length(text: str) -> str:
    """Decode entities, see through mark-up, join what is spelt in parts: same length, padded."""
    if "&" in text:
        text = _ENTITY.sub(_decode, text)
    if "<" in text:
        text = _TAG.sub(_hide_tag, text)
    if "](" in text:
        text = _LINK.sub(_show_text, text)
    if "**" in text:
        text = _STRONG.sub(_pad, text)
    if "\\" in text:
        text = _ESCAPED.sub(_pad, text)
    if "# " in text:
        text = _HEADING.sub(_pad, text)
    if "###" in text or "~~" in text:
        text = _RULER.sub(_level, text)
    return text if text.isascii() else DECOMPOSED.sub(_compose_padded, text)


def linked_address(body: str, start: int, end: int) -> str | None:
    """Address of the link whose text `body[start:end]` is part of; None = it is in no link."""
    closed = _CLOSED.match(body, end)
    if closed is not None:
        return closed.group(1)
    before = body[max(start - 2 * _LONGEST_TAG, 0) : start]
    if "&" in before:
        before = html.unescape(before)
    opening = max(before.rfind("<a "), before.rfind("<a\n"))
    if opening < 0 or before.find("</a", opening) >= 0:
        return None
    opened, shown = _OPENED.match(before, opening), before.find(">", opening)
    if opened is None or not 0 <= shown < opened.end() + _LONGEST_TAG:
        return None
    address = opened.group(1)
    address = f"https:{address}" if address.startswith("//") else address
    return address if len(before) - shown <= _NEAR else None
