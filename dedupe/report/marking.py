"""A text and what is known of its parts -> paragraphs of pieces that a template writes out.

Marks may overlap (a passage in common holds a changed number): the text is cut wherever one begins
or ends, and each piece carries the kinds of all marks over it. The text stays as it was written,
but for characters that would reorder or break a page: those are shown as replacement characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

__all__ = ["Mark", "Piece", "mark_paragraphs", "web_address"]

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_PARAGRAPH = re.compile(r"\n+")
_MOST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Mark:
    """`[start, end)` of a text is `kind`; `note` says why, `anchor` and `target` link it."""

    start: int
    end: int
    kind: str
    note: str = ""
    anchor: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same marks: `begins` are those that begin here."""

    text: str
    kinds: tuple[str, ...]
    note: str
    begins: tuple[Mark, ...]


def mark_paragraphs(
    text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None
) -> list[list[Piece]]:
    """Cut `text[start:end]` into paragraphs of pieces; marks outside of it do not count.

    A paragraph ends where the text has a line end; empty ones are left out.
    """
    last = len(text) if end is None else min(end, len(text))
    kept = sorted(
        (
            mark
            for mark in marks
            if mark.start < mark.end and mark.start < last and mark.end > start
        ),
        key=lambda mark: (mark.start, -mark.end, mark.kind),
    )
    places = {start, last}
    for mark in kept:
        places |= {max(start, mark.start), min(last, mark.end)}
    for line_end in _PARAGRAPH.finditer(text, start, last):
        places |= {line_end.start(), line_end.end()}
    return _collect(text, kept, sorted(places))


def _collect(text: str, marks: Sequence[Mark], places: Sequence[int]) -> list[list[Piece]]:
    paragraphs: list[list[Piece]] = [[]]
    active: list[Mark] = []
    waiting: list[Mark] = []
    coming = 0
    for low, high in pairwise(places):
        active = [mark for mark in active if mark.end > low]
        while coming < len(marks) and marks[coming].start <= low:
            if marks[coming].end > low:
                active.append(marks[coming])
                if marks[coming].start == low:  # else it began before the part that is shown
                    waiting.append(marks[coming])
            coming += 1
        piece = text[low:high]
        if piece.startswith("\n"):
            if paragraphs[-1]:
                paragraphs.append([])
            continue
        paragraphs[-1].append(_make(piece, active, waiting))
        waiting = []
    return paragraphs if paragraphs[-1] else paragraphs[:-1]


def _make(text: str, active: Sequence[Mark], begins: Sequence[Mark]) -> Piece:
    kinds = tuple(dict.fromkeys(mark.kind for mark in active))
    notes = dict.fromkeys(mark.note for mark in active if mark.note)
    return Piece(_UNSHOWABLE.sub("\ufffd", text), kinds, " · ".join(notes), tuple(begins))


def web_address(address: str | None) -> str | None:
    """Give an address that a page may link to: http and https only, without a name or password."""
    if address is None or len(address) > _MOST_ADDRESS or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port >= 0
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return address if plain and port_is_valid and " " not in address else None
