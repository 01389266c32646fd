"""Statements of the members -> the root that most independent voters trace their text to.

Who credits B, where B itself credits an agency, speaks for the agency: claims are followed to a
root before they are counted. Outlets of one family vote once. A circle of claims has no root of its
own; it is cut at the outlet that others outside of the circle name, else at the one that was first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dedupe.provenance.statements import Statement, Way

__all__ = ["Ballot", "Election", "FirstOf", "hold_election"]

FirstOf = Callable[[Collection[str]], str | None]
"""Some outlets of the cluster -> the one whose article was first, None if that is not known."""
_LONGEST = 16
"""Stops of a chain that are kept."""


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

    Ballots stand in the order of the statements; `votes` is root -> voter -> weight.
    `circular` holds the ballots that name an outlet which in turn credits the claimant.
    """

    winner: str | None
    votes: Mapping[str, Mapping[str, float]]
    ballots: tuple[Ballot, ...]
    circular: tuple[Ballot, ...]


def hold_election(statements: Sequence[Statement], first_of: FirstOf) -> Election:
    """Follow what the members say to its roots and count."""
    onward = _find_onward(statements)
    lost = _cut_circles(onward, statements, first_of)
    ballots, circular = [], []
    votes: dict[str, dict[str, float]] = {}
    for statement in statements:
        for way in statement.ways:
            trace, root = _follow(way.stops, onward, lost)
            ballot = Ballot(statement, way, trace, root)
            if root is None or root == statement.own:
                circular.append(ballot)
                continue
            ballots.append(ballot)
            voters = votes.setdefault(root, {})
            voters[statement.voter] = max(voters.get(statement.voter, 0.0), way.weight)
    return Election(_elect(votes, ballots), votes, tuple(ballots), tuple(circular))


def _elect(votes: Mapping[str, Mapping[str, float]], ballots: Sequence[Ballot]) -> str | None:
    """The root with most votes, then with the most trusted claim; None in a draw."""
    ranks: dict[str, int] = {}
    for ballot in ballots:
        if ballot.root is not None:
            rank = ballot.way.claims[-1][1].trust.rank
            ranks[ballot.root] = min(rank, ranks.get(ballot.root, rank))
    # Rounded, so that the order in which floats are summed does not decide.
    standing = {
        root: (-round(sum(voters.values()), 9), ranks[root]) for root, voters in votes.items()
    }
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
    onward: dict[str, tuple[str, ...]], statements: Sequence[Statement], first_of: FirstOf
) -> frozenset[str]:
    """Take the way onward from one outlet of each circle; return the circles that stay closed."""
    lost: set[str] = set()
    for circle in _find_circles(onward):
        named = _name_from_outside(circle, statements)
        best = [outlet for outlet in circle if named.get(outlet) == max(named.values(), default=0)]
        head = best[0] if len(best) == 1 else first_of(best or circle)
        if head is None:
            lost.update(circle)
        else:
            del onward[head]
    return frozenset(lost)


def _name_from_outside(
    circle: tuple[str, ...], statements: Sequence[Statement]
) -> dict[str, float]:
    votes: dict[str, dict[str, float]] = {}
    for statement in statements:
        for way in statement.ways:
            if way.stops[-1] in circle and statement.own not in circle:
                voters = votes.setdefault(way.stops[-1], {})
                voters[statement.voter] = max(voters.get(statement.voter, 0.0), way.weight)
    return {outlet: round(sum(voters.values()), 9) for outlet, voters in votes.items()}


def _follow(
    stops: tuple[str, ...], onward: Mapping[str, tuple[str, ...]], lost: frozenset[str]
) -> tuple[tuple[str, ...], str | None]:
    """Go on from the end of a way to a root: (outlets passed, the root last; the root)."""
    end = stops[-1]
    trace = dict.fromkeys(stops)
    while end in onward and end not in lost:
        trace |= dict.fromkeys(onward[end])
        end = onward[end][-1]
    trace.pop(end)
    return (*trace, end), None if end in lost else end
