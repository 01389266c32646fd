"""Articles of a component and the pairs between them -> a Cluster with its provenance."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from dedupe.attribution.outlets import load_outlets
from dedupe.matching import RELATIONS, age_of
from dedupe.models import (
    Claim,
    Cluster,
    ClusterLink,
    Credit,
    Evidence,
    Match,
    Member,
    Relation,
    Side,
    SpanPair,
)
from dedupe.provenance import Carrier, ResolvedOutlet, Verdict, decide_provenance
from dedupe.records import Record
from dedupe.slotted import constructor_of

__all__ = [
    "DIRECTED",
    "ClusterBuilder",
    "FinishedPair",
    "PairRow",
    "Proof",
    "decide_origin",
    "lead_out",
    "look_in",
    "resolve_outlet",
]


DIRECTED = frozenset(map(RELATIONS.index, (Relation.EXCERPT, Relation.REVISION)))
"""The uniting relations that say something of who was first."""
_AT_ONCE = 16  # articles whose pairs are asked for together
_new_carrier, _new_member = constructor_of(Carrier), constructor_of(Member)
_new_cluster = constructor_of(Cluster)


class Hint(NamedTuple):
    """A `provenance.Directed` pair; a Match with its rounded numbers takes three times as long."""

    left: str
    right: str
    relation: Relation
    container: Side | None
    earlier: Side | None


class FinishedPair(NamedTuple):
    """A verified pair by ids, `left` below `right`; other fields as in `matching.Judged`."""

    left: str
    right: str
    relation: int
    probability: float
    similarity: float
    containment_left: float
    containment_right: float
    left_longer: bool
    slot_places: int


class Proof(NamedTuple):
    """What a pair rests on: its spans in both bodies, and what each feature added."""

    spans: tuple[SpanPair, ...]
    features: Mapping[str, float]


class PairRow(NamedTuple):
    """One verified pair by article numbers; fields as in `matching.Judged`."""

    left: int
    right: int
    relation: int
    probability: float
    similarity: float
    containment_left: float
    containment_right: float
    left_longer: bool
    slot_places: int

    def as_hint(self, left: Record, right: Record) -> Hint:
        """What the pair says of who was first: all that a verdict asks of it."""
        relation = RELATIONS[self.relation]
        container: Side | None = None
        earlier: Side | None = None
        if relation is Relation.EXCERPT:
            container = "left" if self.left_longer else "right"
        elif relation is Relation.REVISION:
            earlier = "left" if _age(left) <= _age(right) else "right"
        return Hint(left.id, right.id, relation, container, earlier)

    def as_match(self, left: Record, right: Record, proof: Proof | None = None) -> Match:
        """The pair by ids, left id first; `proof` has left first as the pair has."""
        relation = RELATIONS[self.relation]
        swap = right.id < left.id
        container: Side | None = None
        if relation in (Relation.EXCERPT, Relation.EMBEDS):
            container = "left" if self.left_longer != swap else "right"
        earlier: Side | None = None
        if relation is Relation.REVISION:
            earlier = "left" if (_age(left) <= _age(right)) != swap else "right"
        shares = (self.containment_left, self.containment_right)
        spans, features = proof or ((), {})
        if swap and spans:
            spans = tuple(sorted((c, d, a, b) for a, b, c, d in spans))
        return Match(
            right.id if swap else left.id,
            left.id if swap else right.id,
            relation,
            container,
            earlier,
            round(self.similarity, 6),
            round(shares[1 if swap else 0], 6),
            round(shares[0 if swap else 1], 6),
            round(self.probability, 6),
            spans,
            features,
        )


PairsOf = Callable[[Sequence[int]], Iterable[PairRow]]
"""Numbers of articles -> every uniting pair inside their cluster that one of them is part of."""


def _age(record: Record) -> tuple[float, str]:
    return age_of(record.modified or record.published), record.id


def resolve_outlet(name: str, url: str | None, /) -> ResolvedOutlet | None:
    """The outlet of a name or key, or of an address; remembered by what can tell it."""
    return _look_up(name, _shorten(url) if url else None)


def _shorten(url: str) -> str:
    """Host and first folder, which is all that can tell an outlet: so few are ever looked up."""
    return "/".join(url.split("://", 1)[-1].split("/", 2)[:2])


@lru_cache(maxsize=65536)
def _look_up(name: str, address: str | None) -> ResolvedOutlet | None:
    outlets = load_outlets()
    outlet = outlets[name] if name in outlets else outlets.resolve(name, address)
    if outlet is None:
        return None
    return ResolvedOutlet(outlet.key, outlet.kind, outlets.family(outlet.key))


def decide_origin(
    records: Mapping[int, Record], rows: Sequence[PairRow], pins: Mapping[str, str]
) -> Verdict:
    """Where the text of a cluster comes from; `rows` are the uniting pairs inside it.

    A pinned article among the members is the original, whatever speaks against it; of several the
    one with the lowest id.
    """
    hints = [
        row.as_hint(records[row.left], records[row.right])
        for row in rows
        if row.relation in DIRECTED
    ]
    carriers = [_carrier(record) for record in records.values()]
    verdict = decide_provenance(carriers, hints, resolve_outlet)
    pinned = min((c for c in carriers if c.id in pins), key=lambda c: c.id, default=None)
    return _pin(verdict, pinned, carriers, pins[pinned.id]) if pinned else verdict


def _pin(verdict: Verdict, pinned: Carrier, carriers: Sequence[Carrier], note: str) -> Verdict:
    outlet = resolve_outlet(pinned.outlet or "", pinned.url)
    key = outlet.key if outlet else None
    decided = verdict.provenance
    provenance = replace(
        decided,
        original=pinned.id,
        outlet=key or pinned.outlet,
        confidence=1.0,
        chain=decided.chain if decided.original == pinned.id else (),
        evidence=(
            Evidence(
                "judgement", pinned.id, pinned.outlet, outlet.key if outlet else None, note, 1
            ),
            *decided.evidence,
        ),
    )
    credits = dict(verdict.credits)
    for carrier in carriers:
        own = carrier.id == pinned.id or (pinned.outlet and carrier.outlet == pinned.outlet)
        if own:
            credits[carrier.id] = Credit.ORIGINAL
        elif credits[carrier.id] is Credit.ORIGINAL:
            credits[carrier.id] = Credit.UNCLEAR
    return Verdict(provenance, credits, pinned.id)


def lead_out(row: PairRow) -> Iterator[tuple[int, int, bool, float]]:
    """An `embeds` pair from both ends: (member, other, member contains, share of the container)."""
    share = row.containment_left if row.left_longer else row.containment_right
    yield row.left, row.right, row.left_longer, share
    yield row.right, row.left, not row.left_longer, share


class ClusterBuilder:
    """Makes Cluster values; `embeddings` are the `embeds` pairs that lead out of each cluster."""

    def __init__(
        self,
        record: Callable[[int], Record],
        cluster_id: Callable[[int], str],
        label_of: Callable[[int], int],
        embeddings: Mapping[int, Sequence[tuple[int, int, bool, float]]],
        pins: Mapping[str, str] | None = None,
    ) -> None:
        """`record` and `label_of` take an article number, `cluster_id` a label.

        `pins` are articles that a person declared the original, with the reason given.
        """
        self._pins = pins or {}
        self._record = record
        self._cluster_id = cluster_id
        self._label_of = label_of
        self._embeddings = embeddings

    def build(
        self,
        label: int,
        numbers: Sequence[int],
        rows: Sequence[PairRow],
        pairs_of: PairsOf | None = None,
    ) -> Cluster:
        """The cluster of the articles `numbers`, from the uniting pairs between them.

        With `pairs_of` those of the relations `DIRECTED` are enough: it is asked for others as far
        as they are needed, which in a cluster of thousands is for very few of them.
        """
        records = {number: self._record(number) for number in numbers}
        verdict = decide_origin(records, rows, self._pins)
        representative = next(n for n, r in records.items() if r.id == verdict.representative)
        ties = _shortest_ties(representative, len(numbers), pairs_of or look_in(rows))
        members = []
        for number, record in records.items():
            tie = ties.get(number)
            members.append(
                _new_member(
                    record.id,
                    record.outlet,
                    record.title,
                    record.published,
                    record.seen,
                    RELATIONS[tie.relation] if tie else None,
                    records[tie.via].id if tie and tie.via != representative else None,
                    tie.similarity if tie else None,
                    tie.own_containment if tie else None,
                    tie.other_containment if tie else None,
                    verdict.credits[record.id],
                    _claims(record),
                )
            )
        members.sort(key=_spread_order(representative_id=verdict.representative))
        return _new_cluster(
            self._cluster_id(label),
            len(members),
            tuple(members),
            verdict.provenance,
            self._links(label, records),
        )

    def _links(self, label: int, records: Mapping[int, Record]) -> tuple[ClusterLink, ...]:
        links = [
            ClusterLink(
                self._cluster_id(self._label_of(other)),
                Relation.EMBEDS,
                records[member].id,
                self._record(other).id,
                "member" if contains else "other",
                round(share, 6),
            )
            for member, other, contains, share in self._embeddings.get(label, ())
        ]
        return tuple(sorted(links, key=lambda link: (link.member, link.other)))


def _carrier(record: Record) -> Carrier:
    return _new_carrier(
        record.id,
        record.outlet,
        record.url,
        record.title,
        record.published,
        record.modified,
        record.seen,
        record.words,
        record.attribution,
    )


def _claims(record: Record) -> tuple[Claim, ...]:
    return record.attribution.claims if record.attribution else ()


def _spread_order(representative_id: str) -> Callable[[Member], tuple[bool, float, str]]:
    """The representative first, then by time seen or published, then by id."""

    def key(member: Member) -> tuple[bool, float, str]:
        time = member.seen or member.published
        return (
            member.id != representative_id,
            time.timestamp() if time else float("inf"),
            member.id,
        )

    return key


class _Tie(NamedTuple):
    """How a member hangs on the cluster: the pair with `via`, seen from the member."""

    via: int
    relation: int
    similarity: float
    own_containment: float
    other_containment: float


def _tie_left(row: PairRow) -> _Tie:
    similarity = round(row.similarity, 6)
    shares = round(row.containment_left, 6), round(row.containment_right, 6)
    return _Tie(row.right, row.relation, similarity, *shares)


def _tie_right(row: PairRow) -> _Tie:
    similarity = round(row.similarity, 6)
    shares = round(row.containment_right, 6), round(row.containment_left, 6)
    return _Tie(row.left, row.relation, similarity, *shares)


def look_in(rows: Sequence[tuple[Any, ...]]) -> PairsOf:
    """Find pairs among `rows`; they are sorted by article when asked a second time.

    `rows` hold the values of `PairRow`, which is made of those that are asked for: one of five.
    """
    near: defaultdict[int, list[PairRow]] = defaultdict(list)
    asked = False

    def find(numbers: Sequence[int]) -> Iterable[PairRow]:
        nonlocal asked
        if not asked:
            asked, wanted = True, set(numbers)
            return [PairRow._make(row) for row in rows if row[0] in wanted or row[1] in wanted]
        if not near:
            for row in map(PairRow._make, rows):
                near[row.left].append(row)
                near[row.right].append(row)
        return [row for number in numbers for row in near[number]]

    return find


def _shortest_ties(representative: int, size: int, pairs_of: PairsOf) -> dict[int, _Tie]:
    """Breadth first from the representative: the nearest and, among those, most alike neighbour.

    Nearly always everyone matches the representative, and its pairs are all that is looked at.
    """
    ties: dict[int, _Tie] = {}
    for row in pairs_of([representative]):
        if row.left == representative:
            ties[row.right] = _tie_right(row)
        else:
            ties[row.left] = _tie_left(row)
    queue = deque(sorted(ties, key=lambda number: (-ties[number].similarity, number)))
    while queue and len(ties) < size - 1:
        places = [queue.popleft() for _ in range(min(_AT_ONCE, len(queue)))]
        near: dict[int, list[tuple[float, int, PairRow]]] = {place: [] for place in places}
        for row in pairs_of(places):
            for place, other in ((row.left, row.right), (row.right, row.left)):
                if place in near:
                    near[place].append((-row.similarity, other, row))
        for place in places:
            for _, other, row in sorted(near[place]):
                if other != representative and other not in ties:
                    ties[other] = _tie_right(row) if other == row.right else _tie_left(row)
                    queue.append(other)
    return ties
