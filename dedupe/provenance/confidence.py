"""How far evidence is believed: the tables and the formula behind every confidence.

Each witness supports one origin with a weight in [0, 1): a claim by its trust and confidence, the
order of appearance by what it is worth. Witnesses are combined by Dempster's rule for simple
support functions (Shafer, A Mathematical Theory of Evidence, 1976, ch. 4): those that agree leave
doubt only where all of them are wrong, those that disagree weaken each other. The figures were
measured on labelled clusters: docs/decisions/0005-provenance.md has the tables and the command.

Times are worth much less than claims: however well the order is known, a text that nobody credits
may come from outside the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import expm1, log1p

from dedupe.models import Trust
from dedupe.provenance.order import Basis, Order

__all__ = [
    "ACCUSING",
    "ARTICLE",
    "FIRST",
    "MINIMUM",
    "RELIABILITY",
    "WIRE",
    "measure_strength",
    "rate_order",
    "rate_root",
]

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

WIRE = 0.75
"""Probability that an agency's own article is the original of a text that nobody credits."""
MINIMUM = 0.30
"""A verdict below this is `unknown`."""
ACCUSING = 0.50
"""A verdict below this calls nobody's silence a missing credit."""
_CERTAIN = 0.99
"""No witness, and no verdict, is believed further."""
_STRONGEST = 30.0
"""Weight of one witness and strength of all of them at most: numbers stay finite."""
_INSIDE = 0.60
"""Probability that a text nobody credits comes from a member of the cluster at all."""
FIRST: Mapping[Basis, float] = {
    "seen": 0.90,
    "published": 0.85,
    "revision": 0.90,
    "containment": 0.45,
}
"""Probability that the first by this evidence is the original, if the original is a member; that
an article is the only one says nothing."""
_AGREED = 0.95
"""The same where the order seen and the order of publication agree."""
ARTICLE: Mapping[bool | None, float] = {True: 0.97, None: 0.90, False: 0.50}
"""Probability that an article of the outlet that is rightly named is the original and no other copy
of it, where it was the first of the cluster, where no time tells, and where another was there
before it: decision 0021."""


def measure_strength(weights: Iterable[float]) -> float:
    """Strength of witnesses that agree, -log of the probability that all of them are wrong.

    It adds up, so that thousands of witnesses can be told from hundreds. Rounded, and summed in
    order of size, so that the order they come in does not decide.
    """
    logs = sorted(-log1p(-min(_CERTAIN, max(0.0, weight))) for weight in weights)
    return round(sum(logs), 9)


def rate_root(strengths: Mapping[str, float], root: str) -> float:
    """Rate one of the origins named, by the strengths of all: Dempster's rule, in [0, 1)."""
    odds = {name: expm1(min(_STRONGEST, strength)) for name, strength in strengths.items()}
    return min(_CERTAIN, odds[root] / (1.0 + sum(sorted(odds.values()))))


def rate_order(order: Order) -> float:
    """Rate the first of a cluster in which no claim names a root; 0 where nothing decided."""
    if order.basis is None or order.basis == "alone":
        return 0.0
    first = max(FIRST[order.basis], _AGREED if order.agreed else 0.0)
    return round(_INSIDE * first * order.dated, 4)
