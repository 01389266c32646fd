"""Clusters -> who republishes whom, who credits and who does not, where the texts come from.

Where somebody states an origin, the others carry its text. Where nobody does, the earliest article
is known to be the earliest and no more: both may carry a third. The two are never counted together.

Counted cluster by cluster while a writer walks them; memory grows with the outlets and the pairs of
outlets, not with the articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from dedupe.models import Cluster, Credit, Member, Trust

__all__ = [
    "Basis",
    "Flow",
    "Headline",
    "NameOutlet",
    "OutletRecord",
    "Overview",
    "Standing",
    "count_credits",
    "count_given",
    "find_lead",
    "find_source",
    "tell_standing",
]

Standing = Literal["inside", "outside", "earliest", "unknown"]
"""What is known of a cluster's origin: stated and in the collection, stated and outside it, nobody
states one and an article is the earliest, or nothing."""
Basis = Literal["stated", "earliest"]
NameOutlet = Callable[[str], str]
"""The name to show for an outlet's key; what is no key comes back as it is."""

_STATEMENTS = frozenset(trust.value for trust in Trust)


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
    """How often `carrier` has the texts of `source`; agency credits count as credited.

    `basis` "stated": articles state the source; "earliest": it is only the first that is known.
    """

    basis: Basis
    source: str
    carrier: str | None
    copies: int
    credited: int
    uncredited: int


@dataclass(frozen=True, slots=True)
class Headline:
    """The counts and shares that a report and the first page of the service begin with.

    `credited` and `uncredited` are articles in clusters that carry another one's text and say so,
    or do not; those of which it is not known are in neither.
    """

    articles: int
    clusters: int
    clustered: int
    credited: int
    uncredited: int

    @property
    def copies(self) -> int:
        """Articles that a cluster has beside one."""
        return self.clustered - self.clusters

    @property
    def carried(self) -> int:
        """Articles of which it is known that their text is another one's."""
        return self.credited + self.uncredited

    @property
    def clustered_share(self) -> float:
        """Articles in clusters, of all."""
        return self.clustered / max(1, self.articles)

    @property
    def copied_share(self) -> float:
        """Copies, of all articles: the share that is duplicate."""
        return self.copies / max(1, self.articles)

    @property
    def credited_share(self) -> float:
        """Articles that say where their text comes from, of those that carry another one's."""
        return self.credited / max(1, self.carried)


class Overview:
    """Counts over the clusters added so far."""

    def __init__(self, name_outlet: NameOutlet = str) -> None:
        """`name_outlet` names the sources that only their key is known of."""
        self._name_outlet = name_outlet
        self._records: dict[str | None, Counter[Credit]] = {}
        self._flows: dict[tuple[Basis, str, str | None], Counter[Credit]] = {}
        self._standings: Counter[Standing] = Counter()

    def add(self, cluster: Cluster) -> None:
        """Count one cluster."""
        source, standing = find_source(cluster, self._name_outlet), tell_standing(cluster)
        basis: Basis = "earliest" if standing == "earliest" else "stated"
        self._standings[standing] += 1
        for member in cluster.members:
            self._records.setdefault(member.outlet, Counter())[member.credit] += 1
            if source is not None and _carries(member, source, cluster):
                self._flows.setdefault((basis, source, member.outlet), Counter())[
                    member.credit
                ] += 1

    def list_outlets(self) -> list[OutletRecord]:
        """List outlets, most articles first, then by name; those without a name last."""
        records = [_make_record(outlet, counts) for outlet, counts in self._records.items()]
        records.sort(key=lambda r: (-r.articles, r.outlet is None, r.outlet or ""))
        return records

    def list_flows(self, basis: Basis | None = None) -> list[Flow]:
        """List flows, of one basis or the stated before the others: most copies first, by names."""
        flows = [
            _make_flow(key, counts)
            for key, counts in self._flows.items()
            if basis is None or key[0] == basis
        ]
        flows.sort(
            key=lambda f: (
                f.basis != "stated",
                -f.copies,
                f.source,
                f.carrier is None,
                f.carrier or "",
            )
        )
        return flows

    def count_carried(self) -> tuple[int, int]:
        """Articles that carry another one's text: (those that say so, those that do not)."""
        counts = sum(self._records.values(), Counter[Credit]())
        return count_given(counts), counts[Credit.UNCREDITED]

    @property
    def standings(self) -> Mapping[Standing, int]:
        """Clusters by what is known of their origin."""
        return {key: self._standings[key] for key in get_args(Standing)}


def find_source(cluster: Cluster, name_outlet: NameOutlet = str) -> str | None:
    """Name the outlet a text comes from: as its original writes it, else as the verdict says."""
    verdict = cluster.provenance
    for member in cluster.members:
        if member.id == verdict.original and member.outlet is not None:
            return member.outlet
    return name_outlet(verdict.outlet) if verdict.outlet is not None else None


def count_credits(cluster: Cluster) -> Counter[Credit]:
    """Count members by how they credit."""
    return Counter(member.credit for member in cluster.members)


def count_given(counts: Mapping[Credit, int]) -> int:
    """Count those that say where their text comes from."""
    return sum(count for credit, count in counts.items() if credit.is_given)


def _carries(member: Member, source: str, cluster: Cluster) -> bool:
    own = member.credit is Credit.ORIGINAL or member.id == cluster.provenance.original
    return not own and member.outlet not in (source, cluster.provenance.outlet)


def find_lead(cluster: Cluster) -> Member:
    """Choose the member that names a cluster: the original, else the first."""
    original = cluster.provenance.original
    return next((m for m in cluster.members if m.id == original), cluster.members[0])


def tell_standing(cluster: Cluster) -> Standing:
    """Say where a cluster's original is."""
    verdict = cluster.provenance
    if verdict.original is None:
        return "outside" if verdict.outlet is not None else "unknown"
    stated = any(evidence.trust in _STATEMENTS for evidence in verdict.evidence)
    return "inside" if stated else "earliest"


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


def _make_flow(key: tuple[Basis, str, str | None], counts: Counter[Credit]) -> Flow:
    return Flow(*key, counts.total(), count_given(counts), counts[Credit.UNCREDITED])
