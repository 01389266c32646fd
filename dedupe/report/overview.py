"""Clusters -> who republishes whom, who credits and who does not, where the texts come from.

Counted cluster by cluster while a writer walks them; memory grows with the outlets and the pairs of
outlets, not with the articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from dedupe.models import Cluster, Credit, Member

__all__ = [
    "Flow",
    "OutletRecord",
    "Overview",
    "count_credits",
    "find_lead",
    "find_source",
    "tell_standing",
]

Standing = Literal["inside", "outside", "unknown"]
"""Where a cluster's original is: in the collection, outside it, or not known."""


@dataclass(frozen=True, slots=True)
class OutletRecord:
    """How one outlet's articles in the clusters stand; None gathers articles without an outlet."""

    outlet: str | None
    articles: int
    original: int
    credited: int
    agency: int
    uncredited: int
    unclear: int


@dataclass(frozen=True, slots=True)
class Flow:
    """How often `carrier` carries the texts of `source`; agency credits count as credited."""

    source: str
    carrier: str | None
    copies: int
    credited: int
    uncredited: int


class Overview:
    """Counts over the clusters added so far."""

    def __init__(self) -> None:
        self._records: dict[str | None, Counter[Credit]] = {}
        self._flows: dict[tuple[str, str | None], Counter[Credit]] = {}
        self._standings: Counter[Standing] = Counter()

    def add(self, cluster: Cluster) -> None:
        """Count one cluster."""
        source = find_source(cluster)
        self._standings[tell_standing(cluster)] += 1
        for member in cluster.members:
            self._records.setdefault(member.outlet, Counter())[member.credit] += 1
            if source is not None and _carries(member, source, cluster):
                self._flows.setdefault((source, member.outlet), Counter())[member.credit] += 1

    def list_outlets(self, limit: int | None = None) -> list[OutletRecord]:
        """List outlets, most articles first, then by name; those without a name last."""
        records = [_make_record(outlet, counts) for outlet, counts in self._records.items()]
        records.sort(key=lambda r: (-r.articles, r.outlet is None, r.outlet or ""))
        return records[:limit]

    def list_flows(self, limit: int | None = None) -> list[Flow]:
        """List flows, most copies first, then by names."""
        flows = [_make_flow(pair, counts) for pair, counts in self._flows.items()]
        flows.sort(key=lambda f: (-f.copies, f.source, f.carrier is None, f.carrier or ""))
        return flows[:limit]

    @property
    def standings(self) -> Mapping[Standing, int]:
        """Clusters whose original is in the collection, outside it, or unknown."""
        return {key: self._standings[key] for key in get_args(Standing)}


def find_source(cluster: Cluster) -> str | None:
    """Name the outlet a text comes from: as its original writes it, else the verdict's."""
    verdict = cluster.provenance
    for member in cluster.members:
        if member.id == verdict.original and member.outlet is not None:
            return member.outlet
    return verdict.outlet


def count_credits(cluster: Cluster) -> Counter[Credit]:
    """Count members by how they credit."""
    return Counter(member.credit for member in cluster.members)


def _carries(member: Member, source: str, cluster: Cluster) -> bool:
    own = member.credit is Credit.ORIGINAL or member.id == cluster.provenance.original
    return not own and member.outlet not in (source, cluster.provenance.outlet)


def find_lead(cluster: Cluster) -> Member:
    """Choose the member that names a cluster: the original, else the first."""
    original = cluster.provenance.original
    return next((m for m in cluster.members if m.id == original), cluster.members[0])


def tell_standing(cluster: Cluster) -> Standing:
    """Say where a cluster's original is."""
    if cluster.provenance.original is not None:
        return "inside"
    return "outside" if cluster.provenance.outlet is not None else "unknown"


def _make_record(outlet: str | None, counts: Counter[Credit]) -> OutletRecord:
    return OutletRecord(
        outlet,
        counts.total(),
        counts[Credit.ORIGINAL],
        counts[Credit.CREDITED],
        counts[Credit.AGENCY],
        counts[Credit.UNCREDITED],
        counts[Credit.UNCLEAR],
    )


def _make_flow(pair: tuple[str, str | None], counts: Counter[Credit]) -> Flow:
    credited = counts[Credit.CREDITED] + counts[Credit.AGENCY]
    return Flow(*pair, counts.total(), credited, counts[Credit.UNCREDITED])
