"""Matches -> clusters: a partition that is a pure function of the set of matches.

Links between texts that fill one frame (`frames`) are not used. Links of high probability unite at
once (connected components). A weak link between two articles
that both fill the frame of a template with others is not used. Any other weak link unites two
components only when it is not alone: at least a third of the members of the larger, or eight of
them, and half of the smaller must be linked to the other side. So no chain of doubtful pairs can
string unrelated articles together. A component that is large and sparse is taken apart again with
a stricter meaning of "high". What is left of six members and more without a core (a member that is
linked with half of the others) is a chain that drifts from one text to another, however dense the
links between neighbours, and falls into the stars it is made of. Links are taken in an order that
depends on their content only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.frames import find_frames
from dedupe.jit import kernel

__all__ = ["STRONG", "choose_links", "find_clusters"]

Pairs = Sequence[tuple[int, int]]

STRONG = 0.95
"""Probability from which a link unites on its own."""
_STRICTER = (0.98, 0.99, 0.997)
"""What "high" becomes, step by step, inside a component without a dense core."""
_OVERSIZED = 30
"""Members from which on a component must show a dense core."""
_MEAN_LINKS = 4.0
"""Links a member must have on average in a component of that size."""
_CHAIN = 6
"""Members from which on a component must have a core: five can hardly drift from their middle."""


@kernel
def _find(parent: NDArray[np.int64], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


# long: union-find with member lists in one kernel
@kernel
def _join_weak(
    labels: NDArray[np.int64],
    sizes: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    link_firsts: NDArray[np.int64],
    link_other: NDArray[np.int64],
    weak: NDArray[np.int64],
) -> None:
    """Join components along weak links, strongest first, where both sides support it.

    `labels` int64[n] and `sizes` by label are updated; `link_other[link_firsts[v]:]` are the
    neighbours of v over all uniting links.
    """
    count = len(labels)
    parent = np.arange(count)
    heads = np.full(count, -1, np.int64)  # members of a component as a linked list
    tails = np.full(count, -1, np.int64)
    following = np.full(count, -1, np.int64)
    for node in range(count):
        label = labels[node]
        if heads[label] < 0:
            heads[label] = node
        else:
            following[tails[label]] = node
        tails[label] = node
    seen = np.full(count, -1, np.int64)
    for step in range(len(weak)):
        a = _find(parent, labels[left[weak[step]]])
        b = _find(parent, labels[right[weak[step]]])
        if a == b:
            continue
        if sizes[a] > sizes[b]:
            a, b = b, a
        # walk the smaller side: who of it is linked to b, and whom of b do they reach
        linked_a, linked_b = 0, 0
        node = heads[a]
        while node >= 0:
            touches = False
            for index in range(link_firsts[node], link_firsts[node + 1]):
                other = link_other[index]
                if _find(parent, labels[other]) == b:
                    touches = True
                    if seen[other] != step:
                        seen[other] = step
                        linked_b += 1
            linked_a += touches
            node = following[node]
        if 2 * linked_a >= sizes[a] and (3 * linked_b >= sizes[b] or linked_b >= 8):
            parent[a] = b
            sizes[b] += sizes[a]
            following[tails[b]] = heads[a]
            tails[b] = tails[a]
    for node in range(count):
        labels[node] = _find(parent, labels[node])


@kernel
def _components(count: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """The component of each node over the links: its lowest node. int64[count]."""
    parent = np.arange(count)
    for link in range(len(left)):
        a, b = _find(parent, left[link]), _find(parent, right[link])
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for node in range(count):  # a parent is lower, so it has its root already
        parent[node] = parent[parent[node]]
    return parent


def _unite_strong(
    count: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    probability: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Components over strong links, with sparse oversized ones split by stricter limits."""
    strong = probability >= STRONG
    labels = _components(count, left[strong], right[strong])
    for limit in _STRICTER:
        sizes = np.bincount(labels, minlength=count)
        inner = np.bincount(labels[left[strong]], minlength=len(sizes))
        sparse = (sizes >= _OVERSIZED) & (inner < _MEAN_LINKS / 2 * sizes)
        if not sparse.any():
            break
        strong &= ~sparse[labels[left]] | (probability >= limit)
        labels = _components(count, left[strong], right[strong])
    return labels


def choose_links(
    count: int,
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    probability: NDArray[np.float32],
    template: NDArray[np.bool_],
    slot_places: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which matches may unite: bool[n].

    The arrays of length n are the uniting matches and those with the relation `template`, which
    `template` tells, each pair of `count` articles once; `slot_places` as in `matching.Judged`.
    """
    in_template = np.zeros(count, np.bool_)
    in_template[left[template]] = True
    in_template[right[template]] = True
    doubtful = (probability < STRONG) & in_template[left] & in_template[right]
    unites = ~(template | doubtful)
    ends = left.astype(np.int64), right.astype(np.int64)
    asked = unites & (probability < 1)  # not revisions: that they are of one article is sure
    return unites & ~find_frames(count, *ends, slot_places, asked)


def find_clusters(
    count: int,
    left: NDArray[np.uint32],
    right: NDArray[np.uint32],
    probability: NDArray[np.float32],
    together: Pairs = (),
    apart: Pairs = (),
) -> NDArray[np.int64]:
    """The cluster of each of `count` articles: int64[count], the lowest member's number.

    `left` < `right` uint32 and `probability` float32 are the links of `choose_links`, each pair
    once, in any order.
    `together` and `apart` are pairs that a person decided: the clusters of the first are united,
    a cluster that holds one of the second is taken apart (`_separate`).
    """
    lefts, rights, chances = left.astype(np.int64), right.astype(np.int64), probability
    labels = _unite_strong(count, lefts, rights, chances)
    weak = np.flatnonzero(labels[lefts] != labels[rights])
    if len(weak):
        order = np.lexsort((rights[weak], lefts[weak], -chances[weak].astype(np.float64)))
        # every label is below the number of articles, so arrays by label have room for all
        sizes = np.bincount(labels, minlength=count).astype(np.int64)
        ends = np.concatenate([lefts, rights])
        others = np.concatenate([rights, lefts])
        by_end = np.argsort(ends, kind="stable")
        firsts = np.searchsorted(ends[by_end], np.arange(count + 1))
        _join_weak(labels, sizes, lefts, rights, firsts, others[by_end], weak[order])
    _split_chains(labels, lefts, rights)
    if len(together):
        ends = np.array(together, np.int64)
        every = np.arange(count)
        labels = _components(
            count, np.concatenate([every, ends[:, 0]]), np.concatenate([labels, ends[:, 1]])
        )
    labels = _name_by_lowest(labels)
    if len(apart):
        _separate(labels, (lefts, rights, chances), together, apart)
    return labels


def _split_chains(
    labels: NDArray[np.int64], lefts: NDArray[np.int64], rights: NDArray[np.int64]
) -> None:
    """Take components without a core apart, in place: each piece is named by one of its members."""
    count = len(labels)
    inside = labels[lefts] == labels[rights]
    lefts, rights = lefts[inside], rights[inside]
    sizes = np.bincount(labels, minlength=count)
    degrees = np.bincount(np.concatenate([lefts, rights]), minlength=count)
    highest = np.zeros(count, np.int64)
    np.maximum.at(highest, labels, degrees)
    coreless = (sizes >= _CHAIN) & (2 * highest < sizes - 1)
    chosen = np.flatnonzero(coreless[labels[lefts]])
    beside: dict[int, set[int]] = {}
    for a, b in zip(lefts[chosen].tolist(), rights[chosen].tolist(), strict=True):
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    for label in np.flatnonzero(coreless).tolist():
        for piece in _find_stars(np.flatnonzero(labels == label).tolist(), beside):
            labels[piece] = min(piece)


def _find_stars(members: Sequence[int], beside: dict[int, set[int]]) -> list[list[int]]:
    """The member with most links and all it is linked with, then the same among the rest.

    Who is linked with half of a star belongs to it too. Ties go to the lowest number.
    """
    rest, stars = set(members), []
    while rest:
        hub = max(sorted(rest), key=lambda node: len(beside[node] & rest))
        star = {hub} | (beside[hub] & rest)
        for node in sorted(rest - star):
            if 2 * len(beside[node] & star) >= len(star):
                star.add(node)
        rest -= star
        stars.append(sorted(star))
    return stars


def _name_by_lowest(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    lowest = np.full(len(labels), len(labels), np.int64)
    np.minimum.at(lowest, labels, np.arange(len(labels)))
    return lowest[labels]


def _separate(
    labels: NDArray[np.int64],
    links: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
    together: Pairs,
    apart: Pairs,
) -> None:
    """Take every cluster that holds a pair of `apart` to pieces and join what may be joined.

    Judged links first, then links by probability, strongest first; one that would bring a pair of
    `apart` under one roof is not used (Kruskal's algorithm with constraints). Changes `labels`.
    """
    lefts, rights, chances = links
    torn = {int(labels[a]) for a, b in apart if labels[a] == labels[b]}
    for label in sorted(torn):
        members = np.flatnonzero(labels == label)
        inside = np.flatnonzero((labels[lefts] == label) & (labels[rights] == label))
        order = np.lexsort((rights[inside], lefts[inside], -chances[inside].astype(np.float64)))
        judged = sorted((min(a, b), max(a, b)) for a, b in together if labels[a] == label)
        chosen = inside[order]
        wanted = judged + list(zip(lefts[chosen].tolist(), rights[chosen].tolist(), strict=True))
        group = {number: {number} for number in members.tolist()}
        enemies: dict[int, set[int]] = {number: set() for number in group}
        for a, b in apart:
            if a in group and b in group:
                enemies[a].add(b)
                enemies[b].add(a)
        for a, b in wanted:
            one, other = group[a], group[b]
            if one is other or any(enemies[number] & other for number in one):
                continue
            one |= other
            group.update(dict.fromkeys(other, one))
        for number, own in group.items():
            labels[number] = min(own)
