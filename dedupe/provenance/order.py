"""Times and directions of copying -> which of some carriers was first.

Only *seen* is our own observation, and only of articles that came near their publication: in which
order an archive was loaded says nothing. `published` is what a carrier says about itself, so it
decides among articles that we did not see come in, and never against the order in which we did.
Direction of containment is a coin toss (copies are cut as often as framed) and only breaks ties.
What says it is old, but came after one that was seen when it was new, is not taken at its word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dedupe.models import Relation
from dedupe.provenance.carriers import Carrier, Directed
from dedupe.slotted import constructor_of

__all__ = [
    "MARGIN",
    "Basis",
    "Direction",
    "Order",
    "find_first",
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
    """What the matches say, as ids, and when the members of the whole cluster were seen to come.

    Those that stand in a longer text, those that hold a shorter one; those that revise another text
    of their article, those that were revised. `arrivals` are told by all members, so that a few of
    them, taken apart, are judged as the cluster is.
    """

    within: frozenset[str]
    holding: frozenset[str]
    later: frozenset[str]
    revised: frozenset[str]
    arrivals: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Order:
    """The first carrier and what decided it; `basis` None = nothing did, and it is the earliest.

    `earliest` goes by time alone, then by id. `agreed` = both orders, seen and published, make it
    the first; `dated` = share of carriers with a time. `disputed` = the earliest says so itself,
    but came to us after one that was seen when it was new, which is the first then.
    """

    first: Carrier
    earliest: Carrier
    basis: Basis | None
    agreed: bool
    dated: float
    disputed: bool = False


_new_direction, _new_order = constructor_of(Direction), constructor_of(Order)


def read_directions(matches: Iterable[Directed], carriers: Sequence[Carrier]) -> Direction:
    """Read excerpts, revisions and arrivals; pairs with other articles are passed over."""
    words = {carrier.id: carrier.words for carrier in carriers}
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
    arrivals = _read_arrivals(carriers)
    copied, held, late, older = map(frozenset, (within, holding, later, revised))
    return _new_direction(copied, held, late, older, arrivals)


def _read_arrivals(carriers: Sequence[Carrier]) -> Mapping[str, datetime]:
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
        return _new_order(carriers[0], carriers[0], "alone", agreed=False, dated=1.0)
    dated = [(at, carrier) for carrier in carriers if (at := _tell_moment(carrier)) is not None]
    if not dated:
        return _settle(carriers, carriers[0], direction, 0.0)
    seen = {c.id: at for c in carriers if (at := direction.arrivals.get(c.id)) is not None}
    start = min(seen.values(), default=None)
    at_first = [pair for pair in dated if _is_seen_by(seen.get(pair[1].id), start)]
    leaders = _lead(at_first)
    share = len(dated) / len(carriers)
    if all(_came_after(carrier, seen, start) for carrier in leaders):
        live = _lead([pair for pair in at_first if pair[1].id in seen])
        return _new_order(
            live[0], leaders[0], "published", agreed=False, dated=share, disputed=True
        )
    if len(dated) == 1:
        return _settle(carriers, leaders[0], direction, share)
    if len(leaders) > 1:
        return _settle(leaders, leaders[0], direction, share)
    leader = leaders[0]
    alone = sum(carrier.id in seen for _, carrier in at_first) == 1
    own = leader.id in seen and alone and 2 * len(seen) > len(dated)
    said = [(c.published, c) for c in carriers if c.published is not None]
    agreed = own and bool(said) and _lead(said) == leaders
    return _new_order(leader, leader, "seen" if own else "published", agreed, share)


def _is_seen_by(seen: datetime | None, start: datetime | None) -> bool:
    """Whether a carrier was among the first that we saw come, or was not seen to come."""
    return seen is None or start is None or seen - start < MARGIN


def _came_after(carrier: Carrier, seen: Mapping[str, datetime], start: datetime | None) -> bool:
    """Whether a carrier whose arrival does not count came after one whose arrival does."""
    if start is None or carrier.seen is None or carrier.id in seen:
        return False
    return carrier.seen - start >= MARGIN


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
            return _new_order(left[0], earliest, basis, agreed=False, dated=1.0)
    return _new_order(earliest, earliest, None, agreed=False, dated=dated)
