"""A cluster with claims -> the root they lead to, what speaks against it, and who credits it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dedupe.models import Contradiction, Credit, Evidence, OutletKind, Provenance
from dedupe.provenance.carriers import Carrier, Resolver, Verdict
from dedupe.provenance.confidence import (
    ACCUSING,
    ARTICLE,
    MINIMUM,
    measure_strength,
    rate_order,
    rate_root,
)
from dedupe.provenance.credits import Standing, count_origins, judge_credit, take_stock
from dedupe.provenance.election import Ballot, Election, hold_election
from dedupe.provenance.order import Direction, Order, find_first
from dedupe.provenance.parties import Cast
from dedupe.provenance.reasons import (
    CIRCULAR,
    LISTED,
    OTHER_SOURCE,
    UNDECIDED,
    deny_by_claims,
    deny_by_order,
    prove_by_claims,
    prove_by_order,
)
from dedupe.provenance.statements import Statement, read_statements
from dedupe.slotted import constructor_of

__all__ = ["Case", "judge_claims", "open_case"]

_CHAIN = 16
"""Outlets of a chain that are kept, from the root on."""


@dataclass(frozen=True, slots=True)
class Case:
    """Carriers by id, their outlets, what they state, articles by outlet, how the count went."""

    carriers: Sequence[Carrier]
    direction: Direction
    cast: Cast
    statements: Sequence[Statement]
    articles: Mapping[str, Sequence[Carrier]]
    election: Election


_new_case, _new_provenance, _new_verdict = (
    constructor_of(Case),
    constructor_of(Provenance),
    constructor_of(Verdict),
)


def open_case(carriers: Sequence[Carrier], direction: Direction, resolve: Resolver) -> Case:
    """Identify who is named, and count; `carriers` ordered by id."""
    cast = Cast(carriers, resolve)
    statements = read_statements(carriers, cast)
    articles: dict[str, list[Carrier]] = {}
    for carrier, own in zip(carriers, cast.members, strict=True):
        if own is not None:
            articles.setdefault(own, []).append(carrier)

    def first_of(outlets: Collection[str]) -> str | None:
        """Find which outlet's article was first; None where that cannot be told."""
        firsts: dict[str, tuple[Carrier, str]] = {}
        for outlet in outlets:
            if outlet in articles:
                first = find_first(articles[outlet], direction).first
                firsts[first.id] = (first, outlet)
        rivals = [firsts[article][0] for article in sorted(firsts)]
        order = find_first(rivals, direction) if rivals else None
        if order is None or order.basis is None or order.disputed:
            return None
        return firsts[order.first.id][1]

    return _new_case(
        carriers, direction, cast, statements, articles, hold_election(statements, first_of)
    )


def judge_claims(case: Case) -> Verdict:
    """Decide by claims; a draw, or less than the minimum of confidence, leaves the root unknown."""
    root = case.election.winner
    if root is None:
        return _leave_open(case)
    original, equals = _find_original(case, root)
    order = find_first(case.carriers, case.direction)
    confidence = _rate(case, root, original, order) / equals
    if confidence < MINIMUM:
        return _leave_open(case)
    standing = take_stock(case.statements, case.election, root, case.cast)
    provenance = _new_provenance(
        original=original.id if original is not None else None,
        outlet=case.cast[root].label,
        confidence=round(confidence, 4),
        chain=_find_chain(case.election.ballots, root, case.cast),
        independent_origins=count_origins(case.statements, standing, case.cast),
        evidence=_list_evidence(case, root, original),
        contradictions=_list_contradictions(case, standing, original),
    )
    credits = {
        s.article: Credit.ORIGINAL if s.own == root else judge_credit(s, standing)
        for s in case.statements
    }
    if confidence < ACCUSING:
        silent = {article for article, own in credits.items() if own is Credit.UNCREDITED}
        credits.update(dict.fromkeys(silent, Credit.UNCLEAR))
    return _new_verdict(provenance, credits, (original or order.earliest).id)


def _rate(case: Case, root: str, original: Carrier | None, order: Order) -> float:
    """Rate a root by all claims and, where it has an article here, by the order of appearance.

    Which carrier of a text from outside was first says nothing about the outside.
    """
    strengths = dict(case.election.strengths)
    if original is None:
        return rate_root(strengths, root)
    first = dict(zip((c.id for c in case.carriers), case.cast.members, strict=True))
    leader = order.earliest if order.disputed and order.earliest is original else order.first
    outlet = first[leader.id] or ""
    if outlet != root or leader is original:
        witness = measure_strength([rate_order(order)])
        strengths[outlet] = strengths.get(outlet, 0.0) + witness
    return rate_root(strengths, root) * ARTICLE[_was_first(case, root, original, order)]


def _was_first(case: Case, root: str, original: Carrier, order: Order) -> bool | None:
    """Whether the article appeared before all others; None where no time tells.

    Agencies restamp with every update, so that being later says nothing about theirs.
    """
    if order.basis not in ("seen", "published"):
        return None
    if order.disputed:  # its own word counts where others name it too
        return True if order.earliest is original else None
    if order.first is original:
        return True
    return None if case.cast[root].kind is OutletKind.AGENCY else False


def _leave_open(case: Case) -> Verdict:
    """The claims name roots, and none of them stands out."""
    election, cast = case.election, case.cast
    surest = {ballot.statement.article: ballot for ballot in reversed(election.ballots)}
    roots = {cast[ballot.root].family for ballot in surest.values() if ballot.root is not None}
    denials = deny_by_claims(election.ballots, UNDECIDED, cast)
    denials += deny_by_claims(election.circular, CIRCULAR, cast)
    order = find_first(case.carriers, case.direction)
    denials = denials[:LISTED]
    if order.disputed:
        denials += deny_by_order(order.first, case.carriers, case.direction)
    unknown = _new_provenance(None, None, 0.0, (), len(roots), (), tuple(denials))
    credits = dict.fromkeys((carrier.id for carrier in case.carriers), Credit.UNCLEAR)
    return _new_verdict(unknown, credits, order.earliest.id)


def _find_original(case: Case, root: str) -> tuple[Carrier | None, int]:
    """The root's article in the cluster: one that a claim gives the address of, else its first.

    And among how many it was chosen for want of a better reason than direction.
    """
    articles = case.articles.get(root)
    if not articles:
        return None, 1
    pages = {
        _spell_page(claim.url)
        for ballot in case.election.ballots
        if ballot.root == root
        for _, claim in ballot.way.claims
        if claim.url
    }
    pointed = [carrier for carrier in articles if carrier.url and _spell_page(carrier.url) in pages]
    order = find_first(pointed or articles, case.direction)
    told = order.basis not in (None, "containment")
    return order.first, 1 if told else len(pointed or articles)


def _spell_page(url: str) -> str:
    """Spell an address so that equal pages are equal: no scheme, `www.`, fragment, last slash."""
    page = url.partition("#")[0].partition("://")[2] or url
    return page.removeprefix("www.").rstrip("/")


def _find_chain(ballots: Sequence[Ballot], root: str, cast: Cast) -> tuple[str, ...]:
    """The longest way from the root that a member tells of; of equals the most believed."""
    told: dict[tuple[str, ...], float] = {}
    for ballot in ballots:
        if ballot.root == root:
            told[ballot.trace] = max(told.get(ballot.trace, 0.0), ballot.way.weight)
    longest = min(told, key=lambda trace: (-len(trace), -told[trace], trace))
    return tuple(cast[stop].label for stop in reversed(longest))[:_CHAIN]


def _list_evidence(case: Case, root: str, original: Carrier | None) -> tuple[Evidence, ...]:
    agreeing = [ballot for ballot in case.election.ballots if ballot.root == root]
    evidence = prove_by_claims(agreeing, case.cast)
    if original is not None:
        key = case.cast[root].key
        evidence += prove_by_order(original, case.carriers, case.direction, key)
    return tuple(evidence)


def _list_contradictions(
    case: Case, standing: Standing, original: Carrier | None
) -> tuple[Contradiction, ...]:
    others = [b for b in case.election.ballots if not standing.agrees(b.statement.article)]
    denials = deny_by_claims(others, OTHER_SOURCE, case.cast)
    circular = (*case.election.circular, *case.election.returning)
    denials += deny_by_claims(circular, CIRCULAR, case.cast)
    denials = denials[:LISTED]
    if original is not None:
        denials += deny_by_order(original, case.carriers, case.direction)
    return tuple(denials)
