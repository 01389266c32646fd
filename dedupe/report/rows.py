"""Cluster -> a flat row a member, for spreadsheets and columnar files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dedupe.models import Cluster, Member
from dedupe.report.overview import find_source

__all__ = ["Row", "flatten"]


@dataclass(frozen=True, slots=True)
class Row:
    """One member with what is known of its cluster; the field order is the column order."""

    cluster_id: str
    cluster_size: int
    id: str
    outlet: str | None
    title: str
    published: datetime | None
    seen: datetime | None
    relation: str | None
    via: str | None
    similarity: float | None
    containment_left: float | None
    containment_right: float | None
    credit: str
    credits: tuple[str, ...]
    quotes: tuple[str, ...]
    original: str | None
    origin_outlet: str | None
    confidence: float
    independent_origins: int
    linked_clusters: tuple[str, ...]


def flatten(cluster: Cluster) -> Iterator[Row]:
    """Give the members of a cluster as rows, in their order."""
    source = find_source(cluster)
    for member in cluster.members:
        yield _make_row(cluster, member, source)


def _make_row(cluster: Cluster, member: Member, source: str | None) -> Row:
    names = dict.fromkeys(claim.name for claim in member.attributions if claim.name)
    links = dict.fromkeys(link.cluster_id for link in cluster.links if link.member == member.id)
    return Row(
        cluster_id=cluster.cluster_id,
        cluster_size=cluster.size,
        id=member.id,
        outlet=member.outlet,
        title=member.title,
        published=member.published,
        seen=member.seen,
        relation=member.relation.value if member.relation else None,
        via=member.via,
        similarity=member.similarity,
        containment_left=member.containment_left,
        containment_right=member.containment_right,
        credit=member.credit.value,
        credits=tuple(names),
        quotes=tuple(claim.quote for claim in member.attributions),
        original=cluster.provenance.original,
        origin_outlet=source,
        confidence=cluster.provenance.confidence,
        independent_origins=cluster.provenance.independent_origins,
        linked_clusters=tuple(links),
    )
