"""A body with what was found in it -> the paragraphs of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedupe.models import Attribution, Claim
from dedupe.report.marking import Mark, Piece, mark_paragraphs
from service.web.frame import words

__all__ = ["SHOWN", "MarkedText", "list_claims", "mark_attribution", "mark_text"]

SHOWN = 200_000
"""Code points of a text on a page; the API gives all."""
_CLAIMS = 24


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Paragraphs, the kinds of marks that occur in them, and how many code points are left out."""

    paragraphs: list[list[Piece]]
    kinds: frozenset[str]
    unshown: int


def list_claims(attribution: Attribution | None) -> list[tuple[int, Claim]]:
    """Number the claims of an article from 1, each place and name once, as many as a page takes."""
    if attribution is None:
        return []
    distinct = {(c.start, c.end, c.name, c.role, c.quote): c for c in attribution.claims}
    return list(enumerate(distinct.values(), 1))[:_CLAIMS]


def mark_attribution(attribution: Attribution | None) -> list[Mark]:
    """Mark claims, with the anchors that `list_claims` numbers, and furniture."""
    if attribution is None:
        return []
    t = words()
    marks = [
        Mark(piece.start, piece.end, "aside", t["articles_page"]["furniture"])
        for piece in attribution.furniture
    ]
    for number, claim in list_claims(attribution):
        if claim.start is not None and claim.end is not None:
            note = t["trusts"].get(claim.trust.value, claim.trust.value)
            marks.append(Mark(claim.start, claim.end, "claim", note, f"claim-{number}"))
    return marks


def mark_text(body: str, marks: Sequence[Mark]) -> MarkedText:
    """Cut a body into marked paragraphs."""
    paragraphs = mark_paragraphs(body, marks, 0, SHOWN)
    kinds = frozenset(kind for pieces in paragraphs for piece in pieces for kind in piece.kinds)
    return MarkedText(paragraphs, kinds, max(0, len(body) - SHOWN))
