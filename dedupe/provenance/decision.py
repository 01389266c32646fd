"""Members of a cluster and the matches between them -> where the text comes from, with evidence.

Declared claims decide where there are any (`case`). Otherwise the order in which the articles
appeared decides, with little confidence: nobody can say that the text is not from elsewhere. All is
done in the order of ids, so no order of arrival changes the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dedupe.models import Contradiction, Credit, Evidence, OutletKind, Provenance, Trust
from dedupe.provenance.carriers import Carrier, Directed, ResolvedOutlet, Resolver, Verdict
from dedupe.provenance.case import judge_claims, open_case
from dedupe.provenance.confidence import MINIMUM, WIRE, measure_strength, rate_order, rate_root
from dedupe.provenance.order import Direction, Order, find_first, read_directions
from dedupe.provenance.parties import find_host
from dedupe.provenance.reasons import CIRCULAR, deny_by_claims, deny_by_order, prove_by_order
from dedupe.provenance.statements import DISTRIBUTORS, has_statement
from dedupe.slotted import constructor_of

__all__ = ["decide_provenance"]

_UNKNOWN = Provenance(None, None, 0.0)


_new_verdict, _new_provenance, _new_evidence = (
    constructor_of(Verdict),
    constructor_of(Provenance),
    constructor_of(Evidence),
)


def decide_provenance(
    carriers: Sequence[Carrier], matches: Sequence[Directed], resolve: Resolver
) -> Verdict:
    """Decide where the text of a cluster comes from and how each member credits it.

    `carriers` are the members (at least one, ids distinct), `matches` the uniting matches between
    them as far as they are known; pairs with others are passed over. The result does not depend on
    the order of either. Raises ValueError when there are no carriers.
    """
    if not carriers:
        raise ValueError("a cluster without members has no provenance")
    if len(carriers) == 1 and _says_nothing(carriers[0], resolve):
        return _new_verdict(_UNKNOWN, {carriers[0].id: Credit.UNCLEAR}, carriers[0].id)
    ordered = sorted(carriers, key=lambda carrier: carrier.id)
    direction = read_directions(matches, ordered)
    if not any(has_statement(carrier.attribution) for carrier in ordered):
        return _judge_order(ordered, direction, resolve)
    case = open_case(ordered, direction, resolve)
    if case.election.strengths:
        return judge_claims(case)
    return _judge_order(
        ordered,
        direction,
        resolve,
        speaking=frozenset(s.article for s in case.statements if s.named or s.copied),
        copied=frozenset(s.article for s in case.statements if s.copied),
        denials=tuple(deny_by_claims(case.election.circular, CIRCULAR, case.cast)),
    )


def _says_nothing(carrier: Carrier, resolve: Resolver) -> bool:
    """Whether an article that is alone has no statement and no agency behind it: most have none.

    There is nothing to weigh then, and nothing is known.
    """
    if has_statement(carrier.attribution):
        return False
    home = carrier.outlet or find_host(carrier.url)
    outlet = resolve(carrier.outlet or "", carrier.url) if home is not None else None
    return outlet is None or outlet.kind is not OutletKind.AGENCY


def _judge_order(
    carriers: Sequence[Carrier],
    direction: Direction,
    resolve: Resolver,
    *,
    speaking: frozenset[str] = frozenset(),
    copied: frozenset[str] = frozenset(),
    denials: tuple[Contradiction, ...] = (),
) -> Verdict:
    """No claim names a root: the one agency among the outlets, or the first seen, is the original.

    `speaking` are the articles that say anything, `copied` those that say they are copies.
    """
    homes = [carrier.outlet or find_host(carrier.url) for carrier in carriers]
    outlets = _find_outlets(carriers, homes, resolve)
    writers = [c for c, home in zip(carriers, homes, strict=True) if not _passes_on(outlets[home])]
    order = find_first(writers or carriers, direction)
    wire = _find_wire(carriers, homes, outlets, direction, copied)
    witnesses: dict[str, list[float]] = {}
    # what a carrier says of its own time decides among the articles of one outlet only, and being
    # the only one there is says nothing
    alike = None not in homes and len(set(homes)) == 1
    told = order.basis not in ("published", "alone") or (alike and len(carriers) > 1)
    told = told or (wire is not None and order.basis != "alone")
    if order.first.id not in copied and told and writers:
        witnesses[order.first.id] = [rate_order(order)]
    if wire is not None:
        witnesses.setdefault(wire.id, []).append(WIRE)
    strengths = {article: measure_strength(weights) for article, weights in witnesses.items()}
    best = max(sorted(strengths), key=lambda article: strengths[article], default=None)
    confidence = round(rate_root(strengths, best), 4) if best is not None else 0.0
    if best is None or confidence < MINIMUM:
        credits = dict.fromkeys((carrier.id for carrier in carriers), Credit.UNCLEAR)
        return _new_verdict(
            _leave_unknown(order, carriers, direction, denials), credits, order.earliest.id
        )
    original, home = next(pair for pair in zip(carriers, homes, strict=True) if pair[0].id == best)
    outlet = outlets[home]
    key = outlet.key if outlet is not None else None
    evidence = prove_by_order(original, carriers, direction, key)
    if original is wire:
        credit = Trust.AGENCY_CREDIT.value
        evidence.insert(0, _new_evidence(credit, original.id, original.outlet, key, "", WIRE))
    provenance = _new_provenance(
        original=original.id,
        outlet=key or home,
        confidence=confidence,
        evidence=tuple(evidence),
        contradictions=(*denials, *deny_by_order(original, carriers, direction)),
    )
    silent = Credit.UNCREDITED if original is wire else Credit.UNCLEAR  # times accuse nobody
    credits = dict.fromkeys((carrier.id for carrier in carriers), silent)
    credits.update(dict.fromkeys(speaking, Credit.UNCLEAR))
    for carrier, own in zip(carriers, homes, strict=True):
        if carrier is original or (home is not None and own == home):
            credits[carrier.id] = Credit.ORIGINAL
    return _new_verdict(provenance, credits, original.id)


def _passes_on(outlet: ResolvedOutlet | None) -> bool:
    """Whether an outlet carries others' texts: being first says nothing about it."""
    return outlet is not None and outlet.kind in DISTRIBUTORS


def _leave_unknown(
    order: Order,
    carriers: Sequence[Carrier],
    direction: Direction,
    denials: tuple[Contradiction, ...],
) -> Provenance:
    """An unknown origin; which article says it is the earliest is told, and what denies it."""
    if order.basis != "published":
        return _new_provenance(None, None, 0.0, contradictions=denials)
    evidence = prove_by_order(order.earliest, carriers, direction, None)
    against = (*denials, *deny_by_order(order.first, carriers, direction))
    return _new_provenance(None, None, 0.0, evidence=tuple(evidence), contradictions=against)


def _find_outlets(
    carriers: Iterable[Carrier], homes: Iterable[str | None], resolve: Resolver
) -> dict[str | None, ResolvedOutlet | None]:
    """Resolve each distinct outlet once, with the address of the first article that has it.

    `homes` are the outlets as declared, else the hosts of the addresses.
    """
    outlets: dict[str | None, ResolvedOutlet | None] = {None: None}
    for carrier, home in zip(carriers, homes, strict=True):
        if home not in outlets:
            outlets[home] = resolve(carrier.outlet or "", carrier.url)
    return outlets


def _find_wire(
    carriers: Iterable[Carrier],
    homes: Iterable[str | None],
    outlets: Mapping[str | None, ResolvedOutlet | None],
    direction: Direction,
    copied: frozenset[str],
) -> Carrier | None:
    """The first article of the one agency among the outlets, if it does not say it is a copy."""
    agencies = {
        home: outlet.key
        for home, outlet in outlets.items()
        if outlet is not None and outlet.kind is OutletKind.AGENCY
    }
    if len(set(agencies.values())) != 1:
        return None
    articles = [
        carrier
        for carrier, home in zip(carriers, homes, strict=True)
        if home in agencies and carrier.id not in copied
    ]
    return find_first(articles, direction).first if articles else None
