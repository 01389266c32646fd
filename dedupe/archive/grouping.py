"""New and removed pairs -> the clusters of everyone they reach, and what became of the old ones.

`find_clusters` is a function of one connected component of uniting pairs, so a change can only
matter to the components it touches: they are read whole and clustered as the batch engine would.
Cluster ids are carried over by the oldest member: a part that holds it keeps the id, of several ids
that meet the one that was born first stays, and the others lead to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dedupe.catalog.blobs import unsigned
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import Link, Place
from dedupe.clustering import choose_links, find_clusters
from dedupe.matching import TEMPLATE, UNITING

__all__ = [
    "Group",
    "Neighbourhood",
    "Node",
    "Pairs",
    "bring_back",
    "carry_over",
    "gather",
    "node_of",
    "split_groups",
]


class Node(NamedTuple):
    """A current text as clustering sees it; `cluster` is where it belonged until now.

    `stored` is what the catalogue says of it; None for a text that comes now.
    """

    number: int
    rank: int
    id: str
    arrived: int
    cluster: int | None
    stored: Place | None = None


class Pairs(NamedTuple):
    """Judged pairs by numbers of current texts."""

    together: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Whole components: their nodes, all uniting pairs between them, all template pairs of theirs.

    The other text of a template pair need not be one of the nodes.
    """

    nodes: Mapping[int, Node]
    links: Sequence[Link]
    templates: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Group:
    """One cluster as it is now. `cluster` None is a new one; `merged` lead to it from now on.

    `returned` is the id that a new one takes: that of a cluster which had been merged away.
    """

    members: tuple[Node, ...]
    cluster: int | None
    merged: tuple[int, ...]
    returned: int | None = None


def node_of(row: Place) -> Node:
    """The node of a stored text."""
    return Node(row.number, unsigned(row.rank), row.id, row.arrived, row.cluster, row)


def gather(
    reader: Reader,
    seeds: Iterable[int],
    fresh: Mapping[int, Node],
    added: Sequence[Link],
    gone: frozenset[int],
    judged: Pairs,
) -> Neighbourhood:
    """Everyone that uniting pairs connect with the seeds.

    `fresh` and `added` are texts and pairs that are not in the catalogue yet, `gone` texts that
    count no more.
    """
    by_end: dict[int, list[Link]] = {}
    for link in added:
        by_end.setdefault(link.left, []).append(link)
        by_end.setdefault(link.right, []).append(link)
    partners: dict[int, list[int]] = {}
    for a, b in judged.together:
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    links: dict[tuple[int, int], Link] = {}
    reached: set[int] = set()
    templates: dict[tuple[int, int], Link] = {}
    frontier = set(seeds) - gone
    while frontier:
        reached |= frontier
        stored = reader.links(frontier - fresh.keys())
        new = [link for number in frontier for link in by_end.get(number, ())]
        following = {other for number in frontier for other in partners.get(number, ())}
        for link in (*stored, *new):
            if link.left in gone or link.right in gone:
                continue
            if link.relation in UNITING:
                links[link.left, link.right] = link
                following.update((link.left, link.right))
            elif link.relation == TEMPLATE:
                templates[link.left, link.right] = link
        frontier = following - reached - gone
    rows = reader.places(reached - fresh.keys())
    nodes = {number: node_of(row) for number, row in rows.items()}
    nodes.update((number, fresh[number]) for number in reached & fresh.keys())
    return Neighbourhood(nodes, list(links.values()), list(templates.values()))


def split_groups(around: Neighbourhood, judged: Pairs) -> list[tuple[Node, ...]]:
    """The clusters of a neighbourhood, numbered by id hash as in the batch engine."""
    order = sorted(around.nodes.values(), key=lambda node: (node.rank, node.id))
    place = {node.number: index for index, node in enumerate(order)}
    links = [link for link in around.links if link.left in place and link.right in place]
    told = [*links, *around.templates]
    for link in around.templates:  # numbered behind the nodes where they are none
        place.setdefault(link.left, len(place))
        place.setdefault(link.right, len(place))
    ends = np.array([(place[a.left], place[a.right]) for a in told], np.uint32).reshape(-1, 2)
    left, right = ends.min(axis=1, initial=2**32 - 1), ends.max(axis=1, initial=0)
    probability = np.fromiter((link.probability for link in told), np.float32, len(told))
    used = choose_links(
        len(place),
        left,
        right,
        probability,
        np.arange(len(told)) >= len(links),
        np.fromiter((link.slot_places for link in told), np.int64, len(told)),
    )
    labels = find_clusters(
        len(order),
        left[used],
        right[used],
        probability[used],
        [(place[a], place[b]) for a, b in judged.together if a in place and b in place],
        [(place[a], place[b]) for a, b in judged.apart if a in place and b in place],
    )
    groups: dict[int, list[Node]] = {}
    for node, label in zip(order, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(node)
    return [tuple(group) for group in groups.values()]


def carry_over(groups: Sequence[tuple[Node, ...]], born: Mapping[int, int]) -> list[Group]:
    """Give the groups the ids of the clusters they come from; `born` tells when each was made."""
    eldest: dict[int, Node] = {}
    for node in (node for group in groups for node in group):
        if node.cluster is not None:
            known = eldest.setdefault(node.cluster, node)
            if (node.arrived, node.id) < (known.arrived, known.id):
                eldest[node.cluster] = node
    claims: dict[int, list[int]] = {}
    for cluster, node in eldest.items():
        claims.setdefault(node.number, []).append(cluster)
    carried = []
    for group in groups:
        claimed = [cluster for node in group for cluster in claims.get(node.number, ())]
        claimed.sort(key=lambda cluster: (born.get(cluster, cluster), cluster))
        kept = claimed[0] if claimed else None
        carried.append(Group(group, kept, tuple(claimed[1:])))
    return carried


def bring_back(
    groups: Sequence[Group], redirects: Iterable[tuple[int, int, str | None]]
) -> list[Group]:
    """Give parts that split off the ids they had before a merge, where that is undone.

    `redirects` are (old, new, the article `old` was made for), the oldest first: the part with that
    article is the old cluster again; further redirects of its articles lead to it.
    """
    founders: dict[str, list[int]] = {}
    for old, _, article in redirects:
        if article is not None:
            founders.setdefault(article, []).append(old)
    return [group if group.cluster is not None else _return(group, founders) for group in groups]


def _return(group: Group, founders: Mapping[str, Sequence[int]]) -> Group:
    olds = sorted(old for node in group.members for old in founders.get(node.id, ()))
    return replace(group, returned=olds[0], merged=tuple(olds[1:])) if olds else group
