"""Cluster -> what its card on a page needs beside itself: lead, source, bars, timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dedupe.models import Claim, Cluster, ClusterLink, Credit, Member
from dedupe.report.changes import Changed
from dedupe.report.overview import (
    Flow,
    NameOutlet,
    OutletRecord,
    Standing,
    count_credits,
    find_lead,
    find_source,
    tell_standing,
)
from dedupe.report.timeline import Timeline, draw_timeline

__all__ = [
    "BarPart",
    "ClusterView",
    "draw_flow",
    "draw_record",
    "list_claims",
    "make_anchor",
    "stack_bar",
    "view_cluster",
]

MEMBERS_SHOWN = 100
"""Members of one card: a cluster of thousands would freeze a phone; the data formats hold all."""


@dataclass(frozen=True, slots=True)
class BarPart:
    """One coloured part of a bar: `place` and `share` in [0, 1] of its width."""

    kind: str
    place: float
    share: float


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One cluster, made ready for a template."""

    cluster: Cluster
    anchor: str
    lead: Member
    source: str | None
    standing: Standing
    credit_names: Mapping[str, str]
    members: tuple[Member, ...]
    unshown: int
    timeline: Timeline
    links: tuple[tuple[ClusterLink, int], ...]
    bar: tuple[BarPart, ...]
    bar_label: str
    uncredited: int
    changes: Mapping[str, Changed]


def view_cluster(
    cluster: Cluster,
    strings: Mapping[str, Any],
    name_outlet: NameOutlet = str,
    changes: Mapping[str, Changed] | None = None,
) -> ClusterView:
    """Make one cluster ready; `strings` are the page's words (`wording.load_messages`).

    `changes` are what members changed, by id.
    """
    counts, standing = count_credits(cluster), tell_standing(cluster)
    first = strings["earliest" if standing == "earliest" else "original"]
    credit_names = {**strings["credits"], Credit.ORIGINAL.value: first}
    source = find_source(cluster, name_outlet)
    said = (f"{credit_names[c.value]} {counts[c]}" for c in Credit if counts[c])
    return ClusterView(
        cluster=cluster,
        anchor=make_anchor(cluster.cluster_id),
        lead=find_lead(cluster),
        source=source,
        standing=standing,
        credit_names=credit_names,
        members=cluster.members[:MEMBERS_SHOWN],
        unshown=max(0, len(cluster.members) - MEMBERS_SHOWN),
        timeline=draw_timeline(cluster),
        links=_group_links(cluster),
        bar=stack_bar(((c.value, counts[c]) for c in Credit), counts.total()),
        bar_label=" · ".join(said),
        uncredited=counts[Credit.UNCREDITED],
        changes=changes or {},
    )


def make_anchor(cluster_id: str) -> str:
    """Name a cluster's place on a page: ASCII, whatever the id holds."""
    return "c-" + quote(cluster_id.encode("utf-8", "replace"), safe="")


def draw_record(record: OutletRecord) -> tuple[BarPart, ...]:
    """Draw how an outlet's articles credit, over its whole width."""
    return stack_bar(((c.value, getattr(record, c.value)) for c in Credit), record.articles)


def draw_flow(flow: Flow, most: int) -> tuple[BarPart, ...]:
    """Draw a flow's credited, uncredited and unclear copies; `most` copies fill the width."""
    unclear = flow.copies - flow.credited - flow.uncredited
    parts = (("credited", flow.credited), ("uncredited", flow.uncredited), ("unclear", unclear))
    return stack_bar(parts, most)


def list_claims(claims: Iterable[Claim], limit: int = 5) -> list[Claim]:
    """Choose the claims to quote: one of those that say the same in the same words."""
    said: dict[tuple[str | None, str], Claim] = {}
    for claim in claims:
        said.setdefault((claim.name, claim.quote), claim)
    return list(said.values())[:limit]


def _group_links(cluster: Cluster) -> tuple[tuple[ClusterLink, int], ...]:
    """Give one link for each article outside, with how many members it concerns; most first."""
    counts: Counter[tuple[str, str]] = Counter()
    chosen: dict[tuple[str, str], ClusterLink] = {}
    for link in cluster.links:
        counts[link.other, link.container] += 1
        chosen.setdefault((link.other, link.container), link)
    return tuple((chosen[key], count) for key, count in counts.most_common())


def stack_bar(parts: Iterable[tuple[str, int]], whole: int) -> tuple[BarPart, ...]:
    """Put the counts of some kinds beside each other in a bar that `whole` fills."""
    whole = max(1, whole)
    stacked = []
    place = 0.0
    for kind, count in parts:
        stacked.append(BarPart(kind, place, count / whole))
        place += count / whole
    return tuple(stacked)
