"""How far evidence is believed: the tables and the two formulae behind every confidence.

All figures were measured on labelled clusters; docs/decisions/0005-provenance.md has the tables,
the command that repeats them and what was tried and rejected. Claims that agree are combined as
independent witnesses are (the verdict is wrong only if all of them are), and divided by what speaks
for others. Times are worth much less: however well the order is known, a text that nobody credits
may come from outside the corpus.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod

from dedupe.models import Trust
from dedupe.provenance.order import Basis, Order

__all__ = ["FIRST", "MINIMUM", "RELIABILITY", "rate_claims", "rate_order"]

RELIABILITY: Mapping[Trust, float] = {
    Trust.NOTICE: 0.97,
    Trust.TRACE: 0.95,
    Trust.CANONICAL: 0.95,
    Trust.FEED: 0.93,
    Trust.AGENCY_CREDIT: 0.93,
    Trust.RIGHTS: 0.70,
    Trust.SOURCE_LINE: 0.70,
    Trust.METADATA: 0.45,
}
"""Probability that a claim of this trust, read rightly, names the root; never rises with rank."""

MINIMUM = 0.30
"""A verdict below this is `unknown`."""
_SEEN_BEFORE = 0.9
"""Factor when a copy was seen before the article that claims call the original."""
_INSIDE = 0.60
"""Probability that a text nobody credits comes from a member of the cluster at all."""
FIRST: Mapping[Basis, float] = {
    "seen": 0.90,
    "published": 0.85,
    "revision": 0.90,
    "containment": 0.45,
    "alone": 1.0,
}
"""Probability that the first by this evidence is the original, if the original is a member."""
_AGREED = 0.95
"""The same where the order seen and the order of publication agree."""


def rate_claims(
    votes: Mapping[str, Collection[float]], root: str, *, seen_before: bool, equals: int
) -> float:
    """Rate a root from `votes`: root -> the weight of each independent voter, in [0, 1].

    Noisy-or of the votes for it, times its share of all votes; divided among `equals` articles of
    the root's outlet if nothing tells which of them was first.
    """
    # Summed in order of size: floats added in another order give another sum.
    totals = {name: sum(sorted(weights)) for name, weights in votes.items()}
    everything = sum(sorted(totals.values()))
    if not everything:
        return 0.0
    wrong = prod(1 - weight for weight in sorted(votes[root]))
    rated = (1 - wrong) * totals[root] / everything / equals
    return round(rated * (_SEEN_BEFORE if seen_before else 1), 4)


def rate_order(order: Order) -> float:
    """Rate the first of a cluster in which no claim names a root; 0 where nothing decided."""
    if order.basis is None:
        return 0.0
    first = max(FIRST[order.basis], _AGREED if order.agreed else 0.0)
    return round(_INSIDE * first * order.dated, 4)
