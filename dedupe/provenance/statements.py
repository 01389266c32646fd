"""Claims of one member -> the ways it says its text came, nearest outlet first, root last.

A member that names a paper and an agency in different places does not contradict itself: the text
went from the agency over the paper. Whom it thanks for contributions, who carries, who wrote and
what the licence is say nothing about the root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dedupe.models import Attribution, AttributionKind, Claim, ClaimRole, OutletKind
from dedupe.provenance.carriers import Carrier
from dedupe.provenance.confidence import RELIABILITY
from dedupe.provenance.parties import Cast
from dedupe.slotted import constructor_of

__all__ = ["DISTRIBUTORS", "Statement", "Way", "has_statement", "read_statements"]

_ORIGIN_ROLES = frozenset({ClaimRole.SOURCE, ClaimRole.VIA, ClaimRole.AGENCY})
_NAMING_ROLES = _ORIGIN_ROLES | {ClaimRole.CONTRIBUTOR}
DISTRIBUTORS = frozenset({OutletKind.AGGREGATOR, OutletKind.PRESS_RELEASE_WIRE})
_PASSED = 8
"""Intermediaries of one article that are kept, those next to the source."""
_Roles = dict[ClaimRole, dict[str, Claim]]
_SHARED = 0.5
"""Weight of a claim that need not name the root: an agency beside the outlet's own byline, a
distributor as the source, an intermediary without a source, a second source."""


@dataclass(frozen=True, slots=True)
class Way:
    """Outlets the text came over, nearest first, the last the root, as identities of the cast.

    `claims` are those that name a source or agency on it, the one that names the root last;
    `weight` is how far that one is believed.
    """

    stops: tuple[str, ...]
    weight: float
    claims: tuple[tuple[str, Claim], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one member says: its ways, surest first, all it names, and whether it names nobody.

    `own` is its outlet, `voter` the family that its vote counts for; `copied` = it says that the
    text is not its own; `wires` are the agencies among the `named`.
    """

    article: str
    own: str | None
    voter: str
    ways: tuple[Way, ...]
    named: frozenset[str]
    wires: frozenset[str]
    copied: bool


_new_statement, _new_way = constructor_of(Statement), constructor_of(Way)


def has_statement(attribution: Attribution | None) -> bool:
    """Whether an attribution says anything about where its text comes from."""
    if attribution is None:
        return False
    return _states_copying(attribution) or any(c.role in _NAMING_ROLES for c in attribution.claims)


def _states_copying(attribution: Attribution) -> bool:
    return attribution.kind is not AttributionKind.NONE and not attribution.self_reference


def read_statements(carriers: Iterable[Carrier], cast: Cast) -> list[Statement]:
    """Read what each member says about its text, in the order of `carriers`."""
    carriers = list(carriers)
    for carrier in carriers:
        if carrier.attribution is not None:
            cast.learn(claim for claim in carrier.attribution.claims if claim.role in _NAMING_ROLES)
    return [_read(carrier, own, cast) for carrier, own in zip(carriers, cast.members, strict=True)]


def _read(carrier: Carrier, own: str | None, cast: Cast) -> Statement:
    voter = cast[own].family if own is not None else "\0" + carrier.id
    attribution = carrier.attribution
    if attribution is None or not has_statement(attribution):
        return _new_statement(carrier.id, own, voter, (), frozenset(), frozenset(), copied=False)
    roles, shared = _sort_claims(attribution, own, cast)
    ways = _find_ways(roles, cast, shared=shared)
    contributed = bool(roles[ClaimRole.CONTRIBUTOR]) and not ways
    return _new_statement(
        carrier.id,
        own,
        voter,
        ways,
        named=frozenset[str]().union(*roles.values()),
        wires=frozenset(
            name for claims in roles.values() for name in claims if _is_wire(name, roles, cast)
        ),
        copied=bool(ways) or (_states_copying(attribution) and not contributed and not shared),
    )


def _sort_claims(attribution: Attribution, own: str | None, cast: Cast) -> tuple[_Roles, bool]:
    """Claims by role and whom they name, each the surest; and whether the outlet names itself.

    An agency that is not known and is not called the source is a word like "Agencies".
    """
    roles: _Roles = {role: {} for role in _NAMING_ROLES}
    shared = False
    for claim in attribution.claims:
        identity = cast.identify(claim, own) if claim.role in roles else None
        if identity is None:
            continue
        if identity == own or _is_self(claim, attribution):
            shared = shared or claim.role is ClaimRole.SOURCE
        elif _weigh(claim) > _weigh(roles[claim.role].get(identity)):
            roles[claim.role][identity] = claim
    sources, agencies = roles[ClaimRole.SOURCE], roles[ClaimRole.AGENCY]
    for name in [n for n in agencies if cast[n].key is None and n not in sources]:
        del agencies[name]
    return roles, shared


def _is_self(claim: Claim, attribution: Attribution) -> bool:
    """Whether the claim is the one that was found to name the page itself."""
    return (
        attribution.self_reference
        and claim.role is ClaimRole.SOURCE
        and claim.name == attribution.original_source
    )


def _weigh(claim: Claim | None) -> float:
    return RELIABILITY[claim.trust] * min(1.0, max(0.0, claim.confidence)) if claim else -1.0


def _is_wire(identity: str, roles: _Roles, cast: Cast) -> bool:
    """Whether a party is an agency, or is named as one and is no mere distributor."""
    kind = cast[identity].kind
    named = identity in roles[ClaimRole.AGENCY] and kind not in DISTRIBUTORS
    return named or kind is OutletKind.AGENCY


def _find_ways(roles: _Roles, cast: Cast, *, shared: bool) -> tuple[Way, ...]:
    """A way for each source, over whoever passed it on; an agency named beside a paper is its root.

    Distributors pass on, and so does any agency where the text is called a press release.
    """
    via = tuple(reversed(roles[ClaimRole.VIA]))[-_PASSED:]
    found = roles[ClaimRole.AGENCY] | roles[ClaimRole.SOURCE]
    released = any(claim.kind is AttributionKind.PRESS_RELEASE for claim in found.values())
    passing, wires, papers = dict[str, Claim](), dict[str, Claim](), dict[str, Claim]()
    for name, claim in found.items():
        wire = _is_wire(name, roles, cast)
        passes = cast[name].kind in DISTRIBUTORS or (wire and released)
        (passing if passes else wires if wire else papers)[name] = claim
    first_wire = tuple(wires.items())[:1]
    sourced = {n: c for n, c in wires.items() if n in roles[ClaimRole.SOURCE]}
    if papers:
        ways = [_make_way((*via, *passing), ((n, c), *first_wire), cast) for n, c in papers.items()]
    elif sourced:
        ways = [_make_way((*via, *passing), ((n, c),), cast) for n, c in sourced.items()]
    elif wires:
        ways = [_make_way((*via, *passing), first_wire, cast, shared=shared)]
    elif passing and not shared:
        ways = [_make_way(via, tuple(passing.items())[:1], cast, shared=True)]
    elif via:
        last = (via[-1], roles[ClaimRole.VIA][via[-1]])
        ways = [_make_way(via[:-1], (last,), cast, shared=True)]
    else:
        ways = []
    ways.sort(key=lambda way: -way.weight)  # of equals the one that is written first
    return (*ways[:1], *(replace(way, weight=way.weight * _SHARED) for way in ways[1:]))


def _make_way(
    over: tuple[str, ...],
    claims: tuple[tuple[str, Claim], ...],
    cast: Cast,
    *,
    shared: bool = False,
) -> Way:
    """A way over those who passed the text on to a source and, where one is named, its agency."""
    named = [name for name, _ in claims]
    stops = [stop for stop in dict.fromkeys(over) if stop not in named]
    discount = _SHARED if shared or cast[named[-1]].kind in DISTRIBUTORS else 1.0
    return _new_way((*stops, *named), _weigh(claims[-1][1]) * discount, claims)
