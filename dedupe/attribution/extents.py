"""Where a notice begins and ends: its own sentence, line or bracket, and no sentence of the text.

What a notice spans is left out of the fingerprint, so a sentence of the article too many costs a
copy its original.
"""

from __future__ import annotations

import re

from dedupe.models import AttributionKind

__all__ = ["SENTENCE_END", "is_prose", "is_stopped", "narrow", "notice_span"]

_STOPPED = re.compile(r"[.!?](?= |\n|$|\()|[。()\n]|: ?\*")
_ASIDE = re.compile(r"\([^()\n]{1,30}\)")
# one set of characters in front: what none of them is, is passed over at once
SENTENCE_END = re.compile(r"[.!?\n。\uE000](?:(?<![.!?])|(?=[ \n\"')]|$))")
_STOPS = re.compile(r"[.!?…。！？\n](?:(?<![.!?…])|(?=[\"')]{0,2} ))")
_CLOSED = (".", "!", "?", "。", "…", "؟", "۔", "।")
_LABEL, _SHORT, _LONG = 24, 160, 300
"""A label before a notice on its line; what may follow a notice glued on, and one on its line."""
_PROSE, _DENSE = 60, 25
"""Letters from which a sentence is the article's: of scripts that set no blanks fewer."""
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_MOST = 0.6
"""Share of a text above which a notice is looked at again."""


def is_prose(text: str, least: int = _PROSE) -> bool:
    """Whether a stretch is as long as a sentence and ends like one."""
    size = len(text)
    if size < least and (size < _DENSE or text.isascii() or _UNSPACED.search(text) is None):
        return False
    return text.rstrip(" \"')»”")[-1:] in _CLOSED


def notice_span(text: str, start: int, end: int, named: int, *, titled: bool) -> tuple[int, int]:
    """Find the whole notice around a match in a folded text.

    `named` is where its first name begins; `titled` = a title stands first, which nothing bounds.
    """
    if titled:
        start = _past_sentences(text, start, named)
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    before = text[line:start]
    if len(before) <= _LABEL and not re.search(r"[.!?] |。", before):
        start = line
    opening = text.rfind("(", max(line, start - 3), start)
    if opening >= 0:
        start = opening
        if text[end - 1] == ")":
            return start, end
        closing = text.find(")", end, min(line_end, end + 200))
        if closing >= 0:
            return start, closing + 1
    stop = SENTENCE_END.search(text, end, line_end)
    if line_end - end <= (_LONG if start == line else _SHORT):
        rest = text[stop.end() : line_end].strip() if stop is not None else ""
        if (
            (start == line and line_end - line <= len(text) // 2)
            or not any(map(is_prose, _sentences(rest)))
            or (start == line and any(map(is_prose, text[:line].split("\n"))))
        ):
            return start, max(line_end, end)
    return start, (stop.start() + 1 if stop else max(end, min(line_end, end + _LONG)))


def _past_sentences(text: str, start: int, named: int) -> int:
    """Where a title begins that the sentences before it were taken for a part of."""
    for stop in reversed(list(_STOPS.finditer(text, start, named))):
        first = text.rfind("\n", start, stop.start()) + 1
        if is_prose(text[max(first, start) : stop.end()]) or stop.group() == "\n":
            at = stop.end()
            while at < named and text[at] in " \n\"')":
                at += 1
            return at
    return start


def _sentences(text: str) -> list[str]:
    return [part + "." for part in re.split(r"[.!?…](?= )|[。！？]", text.rstrip(" .")) if part]


def narrow(body: str, start: int, end: int, name: str | None) -> tuple[int, int]:
    """Keep a span that is nearly all of a body to the sentence with the name in it.

    Whatever a rule took for its notice, the text is not cut away with it.
    """
    at = body.find(name, start, end) if name else -1
    if at < 0 or end - start <= _MOST * len(body.strip()):
        return start, end
    stops = [stop.end() for stop in _STOPS.finditer(body, start, at)]
    told = [stop for stop in stops if is_prose(body[start:stop].strip())]
    after = _STOPS.search(body, at + len(name or ""), end)
    behind = body[after.end() : end].strip() if after is not None else ""
    if after is not None and any(map(is_prose, _sentences(behind))):
        end = after.end()
    start = told[-1] if told else start
    while start < at and body[start].isspace():
        start += 1
    return start, end


def is_stopped(rest: str, kind: AttributionKind) -> bool:
    """Whether what follows a name in its slot ends a sentence or opens another thought."""
    if kind is AttributionKind.AGENCY_BYLINE and rest.startswith((" - ", "- ")):
        return True  # "Place - Writer, XNA" names no outlet
    if kind is AttributionKind.PRESS_RELEASE and rest.lstrip()[:1] == "-" and rest.strip(" -"):
        return True  # "(WIRE) -- Fair -- Heron Pumps (NYSE: …)" is no release of the fair's
    return bool(rest.strip(" .\n\"')")) and _STOPPED.search(_ASIDE.sub("", rest)) is not None
