"""Judgements that stand -> pairs and pins by the numbers of the texts that are current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dedupe.answers import Judgement, JudgementKind, JudgementRecord
from dedupe.archive.grouping import Pairs
from dedupe.catalog.blobs import moment
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import JudgementRow
from dedupe.catalog.tables import CURRENT

__all__ = ["Judged", "judgement_of", "read_judged"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What people decided; `ids` are all articles it speaks of, `pins` reasons by article."""

    pairs: Pairs = field(default_factory=Pairs)
    pins: Mapping[str, str] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()


def judgement_of(row: JudgementRow) -> JudgementRecord:
    """The record in a row."""
    at = moment(row.at)
    if at is None:
        raise ValueError("a judgement without a time")
    kind = JudgementKind(row.kind)
    judgement = Judgement(kind, row.left, row.right, row.who, row.note)
    return JudgementRecord(row.number, judgement, at, moment(row.withdrawn))


def read_judged(reader: Reader, newer: Mapping[str, int] | None = None) -> Judged:
    """The judgements that stand; `newer` are numbers of texts that are about to be current."""
    rows = reader.standing_judgements()
    ids = {name for row in rows for name in (row.left, row.right) if name is not None}
    if not ids:
        return Judged()
    current = {head.id: head.number for head in reader.heads(ids) if head.state == CURRENT}
    current.update((name, number) for name, number in (newer or {}).items() if name in ids)
    pairs: dict[str, list[tuple[int, int]]] = {kind.value: [] for kind in JudgementKind}
    pins: dict[str, str] = {}
    for row in rows:
        if row.right is None:
            pins[row.left] = row.note
        elif row.left in current and row.right in current:
            pairs[row.kind].append((current[row.left], current[row.right]))
    together, apart = pairs[JudgementKind.MUST_LINK.value], pairs[JudgementKind.CANNOT_LINK.value]
    return Judged(Pairs(tuple(together), tuple(apart)), pins, frozenset(ids))
