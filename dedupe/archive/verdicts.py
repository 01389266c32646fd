"""Pairs, clusters and records -> verdicts: of texts that just came, or of stored ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from dedupe.answers import Outcome, Verdict
from dedupe.archive.origins import RecordCache, decide_alone, read_provenance
from dedupe.archive.regrouping import Regrouped, cluster_name
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import Link
from dedupe.matching import RELATIONS
from dedupe.members import PairRow, Proof
from dedupe.models import Match, Provenance
from dedupe.records import Record

__all__ = ["SHOWN", "Source", "Told", "closest_first", "match_of", "tell_stored", "tell_verdict"]

SHOWN = 100
"""Matches in a verdict, the closest ones; `Archive.matches` gives all."""


class Source(Protocol):
    """Where a verdict comes from."""

    def links(self, number: int) -> Sequence[Link]:
        """The pairs of a text, closest first."""

    def record(self, number: int) -> Record | None:
        """The record of a text."""

    def cluster(self, number: int) -> int | None:
        """The cluster of a text."""

    def provenance(self, number: int) -> Provenance:
        """What the cluster of a text says."""


def match_of(link: Link, left: Record, right: Record, proof: Proof | None = None) -> Match:
    """The pair by ids."""
    return PairRow(*link).as_match(left, right, proof)


def closest_first(links: Iterable[Link], number: int) -> list[Link]:
    """Pairs that unite before others, then by probability and similarity, then by the other."""

    def key(link: Link) -> tuple[bool, bool, float, float, int]:
        relation = RELATIONS[link.relation]
        other = link.right if link.left == number else link.left
        return (
            not relation.unites,
            not relation.copying,
            -link.probability,
            -link.similarity,
            other,
        )

    return sorted(links, key=key)


class Told:
    """Verdicts of texts that this batch brought."""

    def __init__(
        self,
        numbers: Iterable[int],
        links: Sequence[Link],
        regrouped: Regrouped,
        records: RecordCache,
        reader: Reader,
        provenances: Mapping[int, Provenance] | None = None,
    ) -> None:
        """`numbers` are the texts that are asked for, `links` all their pairs."""
        self._links: dict[int, list[Link]] = {}
        for link in links:
            self._links.setdefault(link.left, []).append(link)
            self._links.setdefault(link.right, []).append(link)
        self._regrouped, self._provenances = regrouped, provenances or {}
        self._records = records.get({*numbers, *self._links}, reader)

    def links(self, number: int) -> Sequence[Link]:
        """See `Source`."""
        return closest_first(self._links.get(number, ()), number)[:SHOWN]

    def record(self, number: int) -> Record | None:
        """See `Source`."""
        return self._records.get(number)

    def cluster(self, number: int) -> int | None:
        """See `Source`."""
        return self._regrouped.cluster_of.get(number)

    def provenance(self, number: int) -> Provenance:
        """See `Source`."""
        cluster = self._regrouped.cluster_of[number]
        if cluster in self._provenances:
            return self._provenances[cluster]
        return self._regrouped.origins[cluster].provenance


def tell_stored(
    reader: Reader,
    numbers: Iterable[int],
    records: RecordCache,
    pins: Mapping[str, str] | None = None,
) -> Told:
    """Verdicts of texts that are stored."""
    wanted = set(numbers)
    regrouped = Regrouped()
    if not wanted:
        return Told((), (), regrouped, records, reader)
    rows = reader.places(wanted)
    facts = reader.clusters(row.cluster for row in rows.values() if row.cluster is not None)
    provenances = {}
    own = records.get(wanted, reader)
    for number, row in rows.items():
        if row.cluster is None:
            continue
        regrouped.cluster_of[number] = row.cluster
        packed = facts[row.cluster].provenance if row.cluster in facts else None
        provenances[row.cluster] = (
            read_provenance(packed)
            if packed is not None
            else decide_alone(own[number], pins or {}).provenance
        )
    return Told(wanted, reader.links(wanted), regrouped, records, reader, provenances)


def tell_verdict(
    source: Source,
    links: Sequence[Link],
    proofs: Mapping[tuple[int, int], Proof],
    number: int,
    revision: str,
    outcome: Outcome,
    warnings: tuple[str, ...],
) -> Verdict:
    """The answer to one article whose current text has this number; `links` are its pairs.

    `proofs` are what pairs of numbers rest on, as far as that is to be told.
    """
    record = source.record(number)
    if record is None:
        raise LookupError(f"text {number} is not there")
    matches, others = [], []
    for link in links:
        left, right = source.record(link.left), source.record(link.right)
        if left is not None and right is not None:
            matches.append(match_of(link, left, right, proofs.get(link[:2])))
            others.append(right.id if link.left == number else left.id)
    cluster = source.cluster(number)
    return Verdict(
        record.id,
        revision,
        outcome,
        None if cluster is None else cluster_name(cluster),
        matches[0].relation if matches else None,
        others[0] if others else None,
        tuple(matches),
        record.attribution,
        source.provenance(number),
        warnings,
    )
