"""Statements of the members -> the root that most independent voters trace their text to.

Who credits B, where B itself credits an agency, speaks for the agency: claims are followed to a
root before they are counted. Outlets of one family vote once. A circle of claims has no root of its
own; it is cut at the outlet that others outside of the circle name, else at the one that was first.
Claims inside of it choose nobody (each outlet has one for it), so they add no strength.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from dedupe.provenance.confidence import measure_strength
from dedupe.provenance.statements import Statement, Way
from dedupe.slotted import constructor_of

__all__ = ["Ballot", "Election", "FirstOf", "hold_election"]

FirstOf = Callable[[Collection[str]], str | None]
"""Some outlets of the cluster -> the one whose article was first, None if that is not known."""
_LONGEST = 16
"""Stops of a trace that are kept, those next to the root: a chain may be as long as a cluster."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One way of one member, followed to its end: `trace` nearest first, the root last.

    `root` is None where the claims go round in a circle that nothing cuts.
    """

    statement: Statement
    way: Way
    trace: tuple[str, ...]
    root: str | None


@dataclass(frozen=True, slots=True)
class Election:
    """The outcome: the winner, None in a draw or without ballots, and all that led to it.

    Ballots stand in the order of the statements; `strengths` is the support of each root.
    `circular` holds the ballots that name an outlet which in turn credits the claimant, `returning`
    those among the counted that do so on the way to a root, cut where they come back.
    """

    winner: str | None
    strengths: Mapping[str, float]
    ballots: tuple[Ballot, ...]
    circular: tuple[Ballot, ...]
    returning: tuple[Ballot, ...] = ()


_new_ballot, _new_election = constructor_of(Ballot), constructor_of(Election)


def hold_election(statements: Sequence[Statement], first_of: FirstOf) -> Election:
    """Follow what the members say to its roots and count."""
    onward = _find_onward(statements)
    circles = _find_circles(onward)
    circle_of = {outlet: at for at, own in enumerate(circles) for outlet in own}
    lost = _cut_circles(circles, onward, statements, first_of)
    ends: dict[str, tuple[str, ...]] = {}
    ballots, circular, returning = [], [], []
    votes: dict[str, dict[str, float]] = {}
    for statement in statements:
        for way in statement.ways:
            trace = _join(way.stops, _follow(way.stops[-1], onward, lost, ends))
            root = None if trace[-1] in lost else trace[-1]
            ballot = _new_ballot(statement, way, trace, root)
            if root is None or root == statement.own:
                circular.append(ballot)
                continue
            ballots.append(ballot)
            back = _find_return(statement, way, onward, lost, ends)
            if back is not None:
                returning.append(replace(ballot, way=back))
            voters = votes.setdefault(root, {})
            inside = root in circle_of and circle_of[root] == circle_of.get(statement.own or "")
            weight = 0.0 if inside else way.weight
            voters[statement.voter] = max(voters.get(statement.voter, 0.0), weight)
    strengths = {root: measure_strength(voters.values()) for root, voters in votes.items()}
    winner = _elect(strengths, ballots)
    return _new_election(winner, strengths, tuple(ballots), tuple(circular), tuple(returning))


def _elect(strengths: Mapping[str, float], ballots: Sequence[Ballot]) -> str | None:
    """The root of the strongest support, then with the most trusted claim; None in a draw."""
    ranks: dict[str, int] = {}
    for ballot in ballots:
        if ballot.root is not None:
            rank = ballot.way.claims[-1][1].trust.rank
            ranks[ballot.root] = min(rank, ranks.get(ballot.root, rank))
    standing = {root: (-strength, ranks[root]) for root, strength in strengths.items()}
    best = min(standing.values(), default=None)
    leaders = [root for root, value in standing.items() if value == best]
    return leaders[0] if len(leaders) == 1 else None


def _find_onward(statements: Sequence[Statement]) -> dict[str, tuple[str, ...]]:
    """Outlet -> the way onward from it: by its own best claim, else as others tell it."""
    own: dict[str, tuple[float, tuple[str, ...]]] = {}
    told: dict[str, tuple[float, tuple[str, ...]]] = {}
    for statement in statements:
        for way in statement.ways:
            rated = (-way.weight, way.stops)
            if statement.own is not None:
                own[statement.own] = min(own.get(statement.own, rated), rated)
            for at, stop in enumerate(way.stops[:-1], 1):
                rated = (-way.weight, way.stops[at:])
                told[stop] = min(told.get(stop, rated), rated)
    return {outlet: stops for outlet, (_, stops) in sorted((told | own).items())}


def _find_circles(onward: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Circles of outlets whose ways end at one another; apart, as each outlet has one way."""
    circles, done = [], set[str]()
    for start in onward:
        path: dict[str, None] = {}
        at = start
        while at in onward and at not in done and at not in path:
            path[at] = None
            at = onward[at][-1]
        if at in path:
            stops = list(path)
            circles.append(tuple(sorted(stops[stops.index(at) :])))
        done.update(path)
    return circles


def _cut_circles(
    circles: Sequence[tuple[str, ...]],
    onward: dict[str, tuple[str, ...]],
    statements: Sequence[Statement],
    first_of: FirstOf,
) -> frozenset[str]:
    """Take the way onward from one outlet of each circle; return the circles that stay closed."""
    if not circles:
        return frozenset()
    lost: set[str] = set()
    votes: dict[str, list[tuple[Statement, float]]] = {}
    for statement in statements:
        for way in statement.ways:
            votes.setdefault(way.stops[-1], []).append((statement, way.weight))
    for circle in circles:
        inside = frozenset(circle)
        named = {outlet: _count_outside(votes[outlet], inside) for outlet in circle}
        most = max(named.values())
        best = [outlet for outlet in circle if named[outlet] == most]
        head = best[0] if len(best) == 1 else first_of(best)
        if head is None:
            lost.update(circle)
        else:
            del onward[head]
    return frozenset(lost)


def _count_outside(votes: Sequence[tuple[Statement, float]], circle: frozenset[str]) -> float:
    """Strength of the votes that come from outside of a circle, one a voter."""
    voters: dict[str, float] = {}
    for statement, weight in votes:
        if statement.own not in circle:
            voters[statement.voter] = max(voters.get(statement.voter, 0.0), weight)
    return measure_strength(voters.values())


def _follow(
    outlet: str,
    onward: Mapping[str, tuple[str, ...]],
    lost: Collection[str],
    ends: dict[str, tuple[str, ...]],
) -> tuple[str, ...]:
    """From an outlet to its root, both included, the last stops of it; kept in `ends`."""
    passed = []
    while outlet not in ends and outlet in onward and outlet not in lost:
        passed.append(outlet)
        outlet = onward[outlet][-1]
    trace = ends.setdefault(outlet, (outlet,))
    for stop in reversed(passed):
        trace = ends[stop] = _join((stop, *onward[stop]), trace)
    return trace


def _find_return(
    statement: Statement,
    way: Way,
    onward: Mapping[str, tuple[str, ...]],
    lost: Collection[str],
    ends: dict[str, tuple[str, ...]],
) -> Way | None:
    """A way up to the first outlet named on it that has the text from the claimant, if one has."""
    for stop in way.stops:
        if statement.own in _follow(stop, onward, lost, ends):
            named = tuple(claim for claim in way.claims if claim[0] == stop)
            return replace(way, claims=named or way.claims)
    return None


def _join(stops: tuple[str, ...], trace: tuple[str, ...]) -> tuple[str, ...]:
    """Lengthen a trace at its near end, each outlet once, where it stands nearest to the root."""
    return (*(stop for stop in stops if stop not in trace), *trace)[-_LONGEST:]
