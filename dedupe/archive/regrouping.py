"""A change of texts, pairs or judgements -> rows of clusters, members and ledger to write.

Nothing is written here: `ingest` and `delete` write it, `check` only looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dedupe.answers import ChangeKind
from dedupe.archive.grouping import (
    Group,
    Node,
    Pairs,
    bring_back,
    carry_over,
    gather,
    split_groups,
)
from dedupe.archive.origins import Origin, RecordCache, bound_key, decide_group, outlet_key
from dedupe.catalog.blobs import signed, unsigned
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import ClusterFacts, LedgerRow, Link, Placement
from dedupe.catalog.tables import CURRENT
from dedupe.matching import TEMPLATE, UNITING
from dedupe.records import Record

__all__ = ["CHANGES", "Delta", "Regrouped", "cluster_name", "cluster_number", "regroup"]

CHANGES = tuple(ChangeKind)
"""Kind of a ledger row by its number."""


def cluster_name(number: int) -> str:
    """The public id of a cluster."""
    return f"c{unsigned(number):016x}"


def cluster_number(name: str) -> int | None:
    """Undo `cluster_name`; None for what it never gives."""
    if len(name) != 17 or name[0] != "c" or not set(name[1:]) <= set("0123456789abcdef"):
        return None
    return signed(int(name[1:], 16))


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed: `fresh` texts that are current now, `links` found for them, `gone` texts.

    `left` are clusters that texts in `gone` belonged to; `seeds` texts to cluster again for other
    reasons. `revised` are those of `fresh` whose article was known.
    """

    fresh: Mapping[int, Node] = field(default_factory=dict)
    links: Sequence[Link] = ()
    gone: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    seeds: frozenset[int] = frozenset()
    revised: frozenset[int] = frozenset()


@dataclass(slots=True)
class Regrouped:
    """What follows: rows to write, and by text its cluster, by cluster its origin.

    `placements` are of texts whose place is new; that of the others is written already.
    `last` is the sequence of the ledger's last line, with those of `changes`.
    """

    last: int = 0
    placements: dict[int, Placement] = field(default_factory=dict)
    facts: list[ClusterFacts] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    changes: list[LedgerRow] = field(default_factory=list)
    cluster_of: dict[int, int] = field(default_factory=dict)
    origins: dict[int, Origin] = field(default_factory=dict)


class _Ledger:
    """Numbers lines as they come; the line that makes a cluster gives it its number."""

    def __init__(self, last: int, at: int) -> None:
        self.last, self.at = last, at
        self.rows: list[LedgerRow] = []

    def add(
        self, kind: ChangeKind, cluster: int | None, article: str | None, other: str | None = None
    ) -> int:
        self.last += 1
        if cluster is None:
            cluster = self.last
        number = CHANGES.index(kind)
        self.rows.append(LedgerRow(self.last, self.at, number, cluster, article, other))
        return self.last


def regroup(
    reader: Reader,
    delta: Delta,
    judged: Pairs,
    pins: Mapping[str, str],
    records: RecordCache,
    last: int,
    at: int,
) -> Regrouped:
    """Cluster everyone the change can matter to; `last` is the last sequence of the ledger."""
    seeds = _find_seeds(reader, delta, judged)
    around = gather(reader, seeds, delta.fresh, delta.links, delta.gone, judged)
    groups = split_groups(around, judged) if around.nodes else []
    groups += [(node,) for number, node in delta.fresh.items() if number not in around.nodes]
    known = {node.cluster for group in groups for node in group if node.cluster is not None}
    born = reader.births(known | delta.left)
    carried = carry_over(groups, born)
    parts = [node for group in carried if group.cluster is None for node in group.members]
    if split := {node.cluster for node in parts if node.cluster is not None}:
        carried = bring_back(carried, reader.moved_into(split))
    before: dict[int, set[int]] = {}
    for group in groups:
        for node in group:
            if node.cluster is not None:
                before.setdefault(node.cluster, set()).add(node.number)
    changed = [group for group in carried if _changed(group, before, delta)]
    changed.sort(key=lambda group: min(node.arrived for node in group.members))
    inside = _links_inside(changed, around.links)
    own = records.get([node.number for group in changed for node in group.members], reader)
    ledger = _Ledger(last, at)
    result = Regrouped()
    for index, one in enumerate(changed):
        number = _tell(one, ledger, delta)
        result.moved += [(old, number) for old in one.merged]
        if one.returned is not None:
            result.returned.append(one.returned)
        _describe(one, number, born.get(number, number), inside[index], pins, own, result)
    kept = {group.cluster for group in carried}
    result.vanished = sorted((known | delta.left) - kept)
    result.changes, result.last = ledger.rows, ledger.last
    return result


def _find_seeds(reader: Reader, delta: Delta, judged: Pairs) -> set[int]:
    seeds = set(delta.seeds)
    for link in delta.links:
        if link.relation in UNITING or link.relation == TEMPLATE:
            seeds.update((link.left, link.right))
    if delta.gone:
        for link in reader.links(delta.gone):
            if link.relation in UNITING or link.relation == TEMPLATE:
                seeds.update((link.left, link.right))
    if judged.together or judged.apart:
        touched = seeds | delta.gone | delta.fresh.keys()
        for a, b in (*judged.together, *judged.apart):
            if not touched.isdisjoint((a, b)):
                seeds.update((a, b))
    return seeds - delta.gone


def _changed(group: Group, before: Mapping[int, set[int]], delta: Delta) -> bool:
    """Whether what a cluster says may be another thing now.

    Pairs that lead out of it and do not unite say nothing: that they were looked at is no reason.
    """
    if group.cluster is None or group.merged:
        return True
    numbers = {node.number for node in group.members}
    if numbers != before[group.cluster] or group.cluster in delta.left:
        return True
    return not numbers.isdisjoint(delta.seeds) or not numbers.isdisjoint(delta.fresh)


def _links_inside(groups: Sequence[Group], links: Sequence[Link]) -> list[list[Link]]:
    """The links between two members of each group."""
    place = {node.number: index for index, group in enumerate(groups) for node in group.members}
    inside: list[list[Link]] = [[] for _ in groups]
    for link in links:
        index = place.get(link.left, -1)
        if index >= 0 and index == place.get(link.right, -2):
            inside[index].append(link)
    return inside


def _tell(group: Group, ledger: _Ledger, delta: Delta) -> int:
    """Write what happened to a group into the ledger; returns the number of its cluster."""
    members = sorted(group.members, key=lambda node: (node.arrived, node.id))
    number, founder = group.cluster, members[0]
    split = False
    if number is None:
        came = [node for node in members if node.cluster is not None]
        split = bool(came)
        if split:
            founder = came[0]
            origin = cluster_name(came[0].cluster or 0)
            line = ledger.add(ChangeKind.SPLIT, group.returned, founder.id, origin)
            number = line if group.returned is None else group.returned
        else:
            number = ledger.add(ChangeKind.CREATED, None, founder.id)
    for old in group.merged if not split else ():
        ledger.add(ChangeKind.MERGED, number, None, cluster_name(old))
    passed = {group.cluster, *group.merged}
    for node in members:
        new_here = node.cluster not in passed and (node is not founder or group.cluster is not None)
        if node.number in delta.revised:
            ledger.add(ChangeKind.REVISED, number, node.id)
        if node.cluster is None and (node is not founder or group.cluster is not None):
            ledger.add(ChangeKind.JOINED, number, node.id)
        elif node.cluster is not None and new_here and not split:
            ledger.add(ChangeKind.JOINED, number, node.id, cluster_name(node.cluster))
    return number


def _describe(
    group: Group,
    number: int,
    born: int,
    links: Sequence[Link],
    pins: Mapping[str, str],
    records: Mapping[int, Record],
    result: Regrouped,
) -> None:
    """Decide where the text of a group comes from, and fill in the rows that say so."""
    own = {node.number: records[node.number] for node in group.members}
    origin = decide_group(own, links, pins)
    result.facts.append(origin.facts(number, born, list(own.values())))
    result.origins[number] = origin
    alone, wrote = len(own) == 1, bound_key(origin.provenance.outlet)
    for node in group.members:
        record, credit, source = own[node.number], None, None
        if not alone:
            home = outlet_key(record.outlet, record.url)
            source = None if home == wrote else wrote
            credit = origin.credits[record.id].value
        result.cluster_of[node.number] = number
        known = node.stored
        if known is None or (known.cluster, known.credit, known.origin) != (number, credit, source):
            placement = Placement(number, credit, source, CURRENT, node.number)
            result.placements[node.number] = placement
