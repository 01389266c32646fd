"""Statements and the root -> how each member credits, and how many roots there are.

docs/provenance.md defines the five kinds of credit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedupe.models import Credit, OutletKind, Trust
from dedupe.provenance.election import Ballot, Election
from dedupe.provenance.parties import Cast
from dedupe.provenance.statements import Statement
from dedupe.slotted import constructor_of

__all__ = ["Standing", "count_origins", "judge_credit", "take_stock"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The root, the outlets that have the text from it, and the ballots of each article."""

    root: str
    links: frozenset[str]
    ballots: dict[str, list[Ballot]]

    def agrees(self, article: str) -> bool:
        """Whether an article names no other root, or the root among others."""
        ballots = self.ballots.get(article)
        return not ballots or any(ballot.root == self.root for ballot in ballots)


_new_standing = constructor_of(Standing)


def take_stock(
    statements: Sequence[Statement], election: Election, root: str, cast: Cast
) -> Standing:
    """Tell who has the text from the root: outlets on a way to it, members that deny it nowhere.

    An agency in the cluster that others name as the root is one for itself; a paper which they name
    and which says nothing of its own carries the same text as all others.
    """
    ballots: dict[str, list[Ballot]] = {}
    for ballot in (*election.ballots, *election.circular):
        ballots.setdefault(ballot.statement.article, []).append(ballot)
    standing = _new_standing(root, frozenset(), ballots)
    apart = {s.own for s in statements if not standing.agrees(s.article)}
    apart |= {name for name in election.strengths if cast[name].kind is OutletKind.AGENCY}
    links = {root, *(cast.outlets - apart)}
    for ballot in election.ballots:
        if ballot.root == root:
            links.update(ballot.trace)
            links.update(ballot.way.stops)
    return _new_standing(root, frozenset(links), ballots)


def judge_credit(statement: Statement, standing: Standing) -> Credit:
    """Tell how a member credits that is not of the root's own outlet."""
    right = statement.named & standing.links
    if right - statement.wires:
        return Credit.CREDITED
    if right:
        return Credit.AGENCY
    return Credit.UNCLEAR if statement.named or statement.copied else Credit.UNCREDITED


def count_origins(statements: Sequence[Statement], standing: Standing, cast: Cast) -> int:
    """Count roots, one a family: the cluster's, and those that members name instead of it.

    Declared metadata alone (`original-source` may name who reported it) makes no further root.
    """
    families = {cast[standing.root].family}
    for statement in statements:
        if standing.agrees(statement.article):
            continue
        for ballot in standing.ballots[statement.article]:
            if ballot.way.claims[-1][1].trust is not Trust.METADATA:
                if ballot.root is not None and ballot.root not in standing.links:
                    families.add(cast[ballot.root].family)
                break
    return len(families)
