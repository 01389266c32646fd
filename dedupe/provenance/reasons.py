"""What was found on the way to a verdict -> the evidence for it and the evidence against it.

Ordered as evidence is trusted: claims by their trust, then direction of copying, then the order in
which we saw the articles, then what they say of their own time. Lists are bounded, as a cluster may
have thousands of members; members keep all of their claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nsmallest

from dedupe.models import Contradiction, Evidence
from dedupe.provenance.carriers import Carrier
from dedupe.provenance.confidence import FIRST
from dedupe.provenance.election import Ballot
from dedupe.provenance.order import MARGIN, Basis, Direction
from dedupe.provenance.parties import Cast
from dedupe.slotted import constructor_of

__all__ = ["LISTED", "deny_by_claims", "deny_by_order", "prove_by_claims", "prove_by_order"]

LISTED = 50
"""Pieces of evidence and contradictions that a verdict lists at most."""
_QUOTE = 300  # code points

OTHER_SOURCE = "names another source than most of the evidence"
UNDECIDED = "no source has enough evidence against the others"
CIRCULAR = "credits an outlet that in turn credits it"
SEEN_BEFORE = "was seen before the article named as the original"
SAID_BEFORE = "gives an earlier time of publication"
SAID_BEFORE_SEEN_LATER = "gives an earlier time of publication, but was seen later"


_new_evidence, _new_contradiction = constructor_of(Evidence), constructor_of(Contradiction)


def prove_by_claims(ballots: Iterable[Ballot], cast: Cast) -> list[Evidence]:
    """List the claims that lead to the root: most trusted, then surest, then by article."""
    proofs = (
        (claim.trust.rank, -ballot.way.weight, ballot.statement.article, place, ballot, name, claim)
        for ballot in ballots
        for place, (name, claim) in enumerate(ballot.way.claims)
    )
    return [
        _new_evidence(
            trust=claim.trust.value,
            article=article,
            name=claim.name or cast[name].label,
            outlet=cast[name].key,
            quote=claim.quote[:_QUOTE],
            confidence=round(ballot.way.weight, 4),
        )
        for _, _, article, _, ballot, name, claim in nsmallest(
            LISTED, proofs, key=lambda proof: proof[:4]
        )
    ]


def prove_by_order(
    original: Carrier, carriers: Sequence[Carrier], direction: Direction, key: str | None
) -> list[Evidence]:
    """List what speaks for an article of the cluster beside claims; `key` is its outlet's."""
    spoken: list[tuple[Basis, str]] = []
    if original.id in direction.holding - direction.within:
        spoken.append(("containment", ""))
    if original.id in direction.revised - direction.later:
        spoken.append(("revision", ""))
    seen = direction.arrivals
    if original.id in seen and _is_first(seen[original.id], seen.values()):
        spoken.append(("seen", seen[original.id].isoformat()))
    said = original.published
    if said is not None and _is_first(said, [c.published for c in carriers]):
        spoken.append(("published", said.isoformat()))
    return [
        _new_evidence(basis, original.id, original.outlet, key, quote, FIRST[basis])
        for basis, quote in spoken
    ]


def _is_first(moment: datetime, moments: Iterable[datetime | None]) -> bool:
    """Whether it leads all others; what came in the same minute came together."""
    known = [other for other in moments if other is not None]
    return len(known) > 1 and sum(other - moment < MARGIN for other in known) == 1


def deny_by_claims(ballots: Iterable[Ballot], reason: str, cast: Cast) -> list[Contradiction]:
    """List what the surest way of each member names instead."""
    denials: list[Contradiction] = []
    told = set[str]()
    for ballot in ballots:
        name, claim = ballot.way.claims[-1]
        if ballot.statement.article not in told and len(denials) < LISTED:
            told.add(ballot.statement.article)
            written = claim.name or cast[name].label
            article = ballot.statement.article
            denials.append(_new_contradiction(article, written, cast[name].key, reason))
    return denials


def deny_by_order(
    original: Carrier, carriers: Sequence[Carrier], direction: Direction
) -> list[Contradiction]:
    """List the article that was seen longest before the original, and that which says it was."""
    denials = []
    seen = direction.arrivals
    own = seen.get(original.id)
    if own is not None and own - min(seen.values()) >= MARGIN:
        earliest = min((c for c in carriers if c.id in seen), key=lambda c: (seen[c.id], c.id))
        denials.append(_new_contradiction(earliest.id, earliest.outlet, None, SEEN_BEFORE))
    said = [(c.published, c.id, c) for c in carriers if c.published is not None]
    if original.published is not None and original.published - min(said)[0] >= MARGIN:
        earliest = min(said)[2]
        came = earliest.seen
        late = own is not None and came is not None and came > own
        reason = SAID_BEFORE_SEEN_LATER if late else SAID_BEFORE
        denials.append(_new_contradiction(earliest.id, earliest.outlet, None, reason))
    return denials
