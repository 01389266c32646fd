"""The pieces of a credit line -> what they credit: agencies, the outlet that signs, the carrier."""

from __future__ import annotations

from dedupe.attribution.credit_lines import CreditLine
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import Place
from dedupe.attribution.pieces import CREDITED, Piece, Pieces
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["credit_finding", "holds_only_credits"]


def holds_only_credits(pieces: Pieces) -> bool:
    """Whether a bracket holds agencies first and then only agencies, dates and initials.

    Before a plus an outlet may stand: "(Outlet + agencies)".
    """
    named = pieces.named
    if pieces.marks[:1] == "+" and named[0].kind in ("outlet", "short"):
        named = named[1:]
    return bool(named) and named[0].kind in CREDITED and all(
        piece.kind in (*CREDITED, "date") or (len(piece.text) <= 5 and " " not in piece.text)
        for piece in named[1:]
    )  # fmt: skip


def credit_finding(line: CreditLine, rule: str, pieces: Pieces, place: Place) -> Finding:
    """What `pieces` of a line credit; `place` is what to show for it."""
    lexicon = line.reader.agencies
    credited = pieces.credited
    named = [Named(ClaimRole.AGENCY, line.written(p), generic=p.kind == "generic")
             for p in credited]  # fmt: skip
    first = pieces.lead(line.reader)
    lead = line.written(first) if first is not None else ""
    mixed = pieces.signed(line.view)
    outlet = next((p for p in pieces.before(credited[0]) if p.kind == "outlet"), None)
    if mixed is not None:
        named.insert(0, Named(ClaimRole.SOURCE, mixed))
    elif first is not None and not _is_shared(pieces, first):
        named.insert(0, Named(ClaimRole.SOURCE, lead))
    if outlet is not None and mixed is None:
        named.append(Named(ClaimRole.REPUBLISHER, line.written(outlet)))
    kind, trust = AttributionKind.AGENCY_BYLINE, Trust.AGENCY_CREDIT
    if any(lexicon.is_wire(line.written(piece)) for piece in credited):
        kind, trust = AttributionKind.PRESS_RELEASE, Trust.NOTICE
        named = [n for n in named if n.role is not ClaimRole.SOURCE]  # the issuer is the source
    if lexicon.is_service(lead) or lexicon.is_syndicator(lead):
        kind, trust = AttributionKind.SYNDICATION_FEED, Trust.NOTICE
    if lexicon.is_syndicator(lead):
        named = [n for n in named if n.role is not ClaimRole.AGENCY or n.name != lead]
    unique = tuple(dict.fromkeys(named))
    return Finding(rule, kind, trust, 0.9, line.view.span(*place), unique, explicit=False)


def _is_shared(pieces: Pieces, agency: Piece) -> bool:
    """Whether the agency stands last in a list of writers: it contributed."""
    before = pieces.before(agency)
    people = [piece for piece in before if piece.kind == "short"]
    return (
        len(people) >= 2
        and before[-1].text == ","
        and before[-2].kind == "short"
        and "-" in before.marks
    )
