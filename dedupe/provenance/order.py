"""Times and directions of copying -> which of some carriers was first.

Only *seen* is our own observation, and only of articles that came near their publication: in which
order an archive was loaded says nothing. `published` is what a carrier says about itself, so it
decides among articles that we did not see come in, and never against the order in which we did.
Direction of containment is a coin toss (copies are cut as often as framed) and only breaks ties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dedupe.models import Relation
from dedupe.provenance.carriers import Carrier, Directed

__all__ = [
    "MARGIN",
    "Basis",
    "Direction",
    "Order",
    "find_first",
    "read_arrivals",
    "read_directions",
]

Basis = Literal["seen", "published", "revision", "containment", "alone"]
_DAY = timedelta(days=1)
MARGIN = timedelta(minutes=1)
"""A lead that says anything: feeds round to minutes, and one round of reading takes seconds."""
LIVE = timedelta(hours=12)
"""Seen so long after its publication, an article was loaded: `docs/decisions/0081-*.md`."""
_SHORTER = 0.95
"""A text is the shorter one when it has less than this share of the other's words."""


@dataclass(frozen=True, slots=True)
class Direction:
    """What the matches say, as ids.

    Those that stand in a longer text, those that hold a shorter one; those that revise another text
    of their article, those that were revised.
    """

    within: frozenset[str]
    holding: frozenset[str]
    later: frozenset[str]
    revised: frozenset[str]


@dataclass(frozen=True, slots=True)
class Order:
    """The first carrier and what decided it; `basis` None = nothing did, and it is the earliest.

    `earliest` goes by time alone, then by id. `agreed` = both orders, seen and published, make it
    the first; `dated` = share of carriers with a time.
    """

    first: Carrier
    earliest: Carrier
    basis: Basis | None
    agreed: bool
    dated: float


def read_directions(matches: Iterable[Directed], words: dict[str, int]) -> Direction:
    """Read excerpts and revisions; `words` by id, pairs with other articles are passed over."""
    within: set[str] = set()
    holding: set[str] = set()
    later: set[str] = set()
    revised: set[str] = set()
    for match in matches:
        left, right = match.left, match.right
        if left not in words or right not in words:
            continue
        if match.relation is Relation.EXCERPT and match.container is not None:
            longer, shorter = (left, right) if match.container == "left" else (right, left)
            if words[shorter] < _SHORTER * words[longer] or not words[longer]:
                holding.add(longer)
                within.add(shorter)
        elif match.relation is Relation.REVISION and match.earlier is not None:
            before, after = (left, right) if match.earlier == "left" else (right, left)
            revised.add(before)
            later.add(after)
    return Direction(*map(frozenset, (within, holding, later, revised)))


def read_arrivals(carriers: Sequence[Carrier]) -> Mapping[str, datetime]:
    """When we saw carriers come, by id; what was loaded long after its publication is left out.

    Where more came near their publication, a single one that says it is much older is dated back or
    late: it was seen later all the same. What gives no time of its own goes with the most.
    """
    seen = {carrier.id: carrier.seen for carrier in carriers if carrier.seen is not None}
    fresh = {c.id: c.seen - c.published <= _open(c.published) for c in carriers
             if c.seen is not None and c.published is not None}  # fmt: skip
    if not fresh or 2 * sum(fresh.values()) > len(fresh):
        return seen
    return {id: at for id, at in seen.items() if fresh.get(id)}


def _open(published: datetime) -> timedelta:
    """For how long an article is new: a date without a time of day leaves its day open."""
    return LIVE + _DAY if _is_bare(published) else LIVE


def _is_bare(moment: datetime) -> bool:
    """Whether it is midnight, which a date without a time of day is read as."""
    return moment.hour == moment.minute == moment.second == moment.microsecond == 0


def _tell_moment(carrier: Carrier) -> datetime | None:
    """When a carrier appeared at the latest: as it says, but not after we saw it."""
    published, seen = carrier.published, carrier.seen
    if published is None or seen is None:
        return published or seen
    return min(published, seen)


def find_first(carriers: Sequence[Carrier], direction: Direction) -> Order:
    """Find the first of some carriers (at least one, ordered by id)."""
    if len(carriers) == 1:
        return Order(carriers[0], carriers[0], "alone", agreed=False, dated=1.0)
    dated = [(at, carrier) for carrier in carriers if (at := _tell_moment(carrier)) is not None]
    if not dated:
        return _settle(carriers, carriers[0], direction, 0.0)
    seen = read_arrivals(carriers)
    start = min(seen.values(), default=None)
    at_first = [pair for pair in dated if _is_seen_by(seen.get(pair[1].id), start)]
    leaders = _lead(at_first)
    share = len(dated) / len(carriers)
    if len(dated) == 1:
        return _settle(carriers, leaders[0], direction, share)
    if len(leaders) > 1:
        return _settle(leaders, leaders[0], direction, share)
    leader = leaders[0]
    alone = sum(carrier.id in seen for _, carrier in at_first) == 1
    own = leader.id in seen and alone and 2 * len(seen) > len(dated)
    said = [(c.published, c) for c in carriers if c.published is not None]
    agreed = own and bool(said) and _lead(said) == leaders
    return Order(leader, leader, "seen" if own else "published", agreed, share)


def _is_seen_by(seen: datetime | None, start: datetime | None) -> bool:
    """Whether a carrier was among the first that we saw come, or was not seen to come."""
    return seen is None or start is None or seen - start < MARGIN


def _lead(dated: Sequence[tuple[datetime, Carrier]]) -> list[Carrier]:
    """Those of the earliest minute; a bare date, which is midnight, leaves its whole day open."""
    start = min(at for at, _ in dated)
    return [c for at, c in dated if at - start < (_DAY if _is_bare(start) else MARGIN)]


def _settle(
    tied: Sequence[Carrier], earliest: Carrier, direction: Direction, dated: float
) -> Order:
    """Break a tie: a revision follows what it revises, a text within another was cut from it."""
    ties: tuple[tuple[Basis, frozenset[str]], ...] = (
        ("revision", direction.later),
        ("containment", direction.within),
    )
    left = list(tied)
    for basis, behind in ties:
        left = [carrier for carrier in left if carrier.id not in behind] or left
        if len(left) == 1 < len(tied):
            return Order(left[0], earliest, basis, agreed=False, dated=1.0)
    return Order(earliest, earliest, None, agreed=False, dated=dated)
