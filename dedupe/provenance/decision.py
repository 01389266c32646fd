"""Members of a cluster and the matches between them -> where the text comes from, with evidence.

Declared claims decide where there are any (`case`). Otherwise the order in which the articles
appeared decides, with little confidence: nobody can say that the text is not from elsewhere. All is
done in the order of ids, so no order of arrival changes the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

from dedupe.models import Contradiction, Credit, Match, Provenance
from dedupe.provenance.carriers import Carrier, Resolver, Verdict
from dedupe.provenance.case import judge_claims, open_case
from dedupe.provenance.confidence import MINIMUM, rate_order
from dedupe.provenance.order import Direction, find_first, read_directions
from dedupe.provenance.parties import find_host
from dedupe.provenance.reasons import CIRCULAR, deny_by_claims, deny_by_order, prove_by_order
from dedupe.provenance.statements import has_statement

__all__ = ["decide_provenance"]


def decide_provenance(
    carriers: Sequence[Carrier], matches: Sequence[Match], resolve: Resolver
) -> Verdict:
    """Decide where the text of a cluster comes from and how each member credits it.

    `carriers` are the members (at least one, ids distinct), `matches` the uniting matches between
    them as far as they are known; pairs with others are passed over. The result does not depend on
    the order of either. Raises ValueError when there are no carriers.
    """
    if not carriers:
        raise ValueError("a cluster without members has no provenance")
    ordered = sorted(carriers, key=lambda carrier: carrier.id)
    direction = read_directions(matches, {carrier.id: carrier.words for carrier in ordered})
    if not any(has_statement(carrier.attribution) for carrier in ordered):
        return _judge_order(ordered, direction, resolve)
    case = open_case(ordered, direction, resolve)
    if case.election.votes:
        return judge_claims(case)
    return _judge_order(
        ordered,
        direction,
        resolve,
        speaking=frozenset(s.article for s in case.statements if s.named or s.copied),
        copied=frozenset(s.article for s in case.statements if s.copied),
        denials=tuple(deny_by_claims(case.election.circular, CIRCULAR, case.cast)),
    )


def _judge_order(
    carriers: Sequence[Carrier],
    direction: Direction,
    resolve: Resolver,
    *,
    speaking: frozenset[str] = frozenset(),
    copied: frozenset[str] = frozenset(),
    denials: tuple[Contradiction, ...] = (),
) -> Verdict:
    """No claim names a root: the first is the original, unless it says that it is a copy.

    `speaking` are the articles that say anything, `copied` those that say they are copies.
    """
    order = find_first(carriers, direction)
    original, confidence = order.first, rate_order(order)
    if confidence < MINIMUM or original.id in copied:
        credits = dict.fromkeys((carrier.id for carrier in carriers), Credit.UNCLEAR)
        unknown = Provenance(None, None, 0.0, contradictions=denials)
        return Verdict(unknown, credits, order.earliest.id)
    home = _find_home(original)
    credits = {}
    for carrier in carriers:
        if carrier is original or (home is not None and _find_home(carrier) == home):
            credits[carrier.id] = Credit.ORIGINAL
        else:
            credits[carrier.id] = Credit.UNCLEAR if carrier.id in speaking else Credit.UNCREDITED
    outlet = resolve(original.outlet or "", original.url) if home is not None else None
    key = outlet.key if outlet is not None else None
    provenance = Provenance(
        original=original.id,
        outlet=key or home,
        confidence=confidence,
        evidence=tuple(prove_by_order(original, carriers, direction, key)),
        contradictions=(*denials, *deny_by_order(original, carriers)),
    )
    return Verdict(provenance, credits, original.id)


def _find_home(carrier: Carrier) -> str | None:
    """An article's outlet as declared, else the host of its address."""
    return carrier.outlet or find_host(carrier.url)
