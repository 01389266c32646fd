"""A connection -> what the catalogue holds, in batches: every method takes many numbers or ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, func, select

from dedupe.catalog import tables
from dedupe.catalog.rows import (
    ClusterFacts,
    ContentRow,
    Head,
    JudgementRow,
    LedgerRow,
    Link,
    TextRow,
)

__all__ = ["Reader", "in_steps"]

_STEP = 512
_KEYS_A_STEP = 4096
Item = TypeVar("Item")
texts, contents, matches = tables.texts, tables.contents, tables.matches

_HEADS = select(*(texts.c[name] for name in Head._fields)).where(
    texts.c.id.in_(bindparam("ids", expanding=True))
)
_TEXTS = select(texts).where(texts.c.number.in_(bindparam("numbers", expanding=True)))
_BODIES = select(contents.c.number, contents.c.body, contents.c.details).where(
    contents.c.number.in_(bindparam("numbers", expanding=True))
)
_DETAILS = select(contents.c.number, contents.c.details).where(
    contents.c.number.in_(bindparam("numbers", expanding=True))
)
_CONTENTS = select(contents).where(contents.c.number.in_(bindparam("numbers", expanding=True)))
_LEFT = select(matches).where(matches.c.left.in_(bindparam("numbers", expanding=True)))
_RIGHT = select(matches).where(matches.c.right.in_(bindparam("numbers", expanding=True)))
_WAITING = [
    select(tables.waiting).where(end.in_(bindparam("numbers", expanding=True)))
    for end in (tables.waiting.c.left, tables.waiting.c.right)
]
_MEMBERS = select(texts.c.cluster, texts.c.number).where(
    texts.c.cluster.in_(bindparam("numbers", expanding=True))
)
_CLUSTERS = select(tables.clusters).where(
    tables.clusters.c.number.in_(bindparam("numbers", expanding=True))
)
_MOVED = select(tables.moved.c.new).where(tables.moved.c.old == bindparam("number"))
_MOVED_INTO = (
    select(tables.moved.c.old, tables.moved.c.new, tables.ledger.c.article)
    .join(tables.ledger, tables.ledger.c.sequence == tables.moved.c.old)
    .where(tables.moved.c.new.in_(bindparam("numbers", expanding=True)))
)
_CHANGES = (
    select(tables.ledger)
    .where(tables.ledger.c.sequence > bindparam("after"))
    .order_by(tables.ledger.c.sequence)
    .limit(bindparam("limit"))
)
_STANDING = (
    select(tables.judgements)
    .where(tables.judgements.c.withdrawn.is_(None))
    .order_by(tables.judgements.c.number)
)
_KEYS = (
    select(contents.c.number, texts.c.rank, texts.c.seen, contents.c["keys"])
    .join(texts, texts.c.number == contents.c.number)
    .where(contents.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(contents.c.number)
)


def in_steps(items: Sequence[Item], size: int = _STEP) -> Iterator[list[Item]]:
    """Items in lists of a few lengths only, the last item repeated: few statements to prepare."""
    for first in range(0, len(items), size):
        step = list(items[first : first + size])
        wanted = 1 << (len(step) - 1).bit_length()
        yield step + step[-1:] * (wanted - len(step))


class Reader:
    """Reads in the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _all(self, statement: Select[Any], name: str, items: Sequence[Any]) -> Iterator[Any]:
        for step in in_steps(items):
            yield from self.connection.execute(statement, {name: step})

    def heads(self, ids: Iterable[str]) -> list[Head]:
        """All revisions of these articles."""
        return [Head._make(row) for row in self._all(_HEADS, "ids", sorted(set(ids)))]

    def texts(self, numbers: Iterable[int]) -> dict[int, TextRow]:
        """Texts by number; unknown numbers are left out."""
        rows = self._all(_TEXTS, "numbers", sorted(set(numbers)))
        return {row[0]: TextRow._make(row) for row in rows}

    def bodies(self, numbers: Iterable[int]) -> dict[int, tuple[bytes, bytes]]:
        """(body, details), both packed, by number."""
        rows = self._all(_BODIES, "numbers", sorted(set(numbers)))
        return {row[0]: (row[1], row[2]) for row in rows}

    def details(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Packed details by number."""
        rows = self._all(_DETAILS, "numbers", sorted(set(numbers)))
        return {row[0]: row[1] for row in rows}

    def contents(self, numbers: Iterable[int]) -> dict[int, ContentRow]:
        """Contents by number."""
        rows = self._all(_CONTENTS, "numbers", sorted(set(numbers)))
        return {row[0]: ContentRow._make(row) for row in rows}

    def links(self, numbers: Iterable[int]) -> list[Link]:
        """All pairs that one of these texts is part of, each once, sorted."""
        wanted = sorted(set(numbers))
        rows = {(row[0], row[1]): row for row in self._all(_LEFT, "numbers", wanted)}
        rows.update(((row[0], row[1]), row) for row in self._all(_RIGHT, "numbers", wanted))
        return [Link._make(rows[pair]) for pair in sorted(rows)]

    def waiting(self, numbers: Iterable[int]) -> list[Link]:
        """All waiting pairs that one of these texts is part of, each once, sorted."""
        wanted = sorted(set(numbers))
        rows = {
            (row[0], row[1]): row for ask in _WAITING for row in self._all(ask, "numbers", wanted)
        }
        return [Link._make(rows[pair]) for pair in sorted(rows)]

    def pending(self, before: int, limit: int) -> list[int]:
        """Numbers of texts that are pending since before a time, the oldest first."""
        table = tables.pending
        rows = self.connection.execute(
            select(table.c.number)
            .where(table.c.since < before)
            .order_by(table.c.since, table.c.number)
            .limit(limit)
        )
        return list(rows.scalars())

    def members(self, clusters: Iterable[int]) -> dict[int, list[int]]:
        """Numbers of the texts of each cluster, in order."""
        found: dict[int, list[int]] = {}
        for cluster, number in set(self._all(_MEMBERS, "numbers", sorted(set(clusters)))):
            found.setdefault(cluster, []).append(number)
        for numbers in found.values():
            numbers.sort()
        return found

    def clusters(self, numbers: Iterable[int]) -> dict[int, ClusterFacts]:
        """Clusters by number."""
        rows = self._all(_CLUSTERS, "numbers", sorted(set(numbers)))
        return {row[0]: ClusterFacts._make(row) for row in rows}

    def moved(self, old: int) -> int | None:
        """Where a cluster went."""
        found: int | None = self.connection.execute(_MOVED, {"number": old}).scalar()
        return found

    def moved_into(self, clusters: Iterable[int]) -> list[tuple[int, int, str | None]]:
        """(old, new, the article that `old` was made for) of redirects to clusters, sorted."""
        rows = self._all(_MOVED_INTO, "numbers", sorted(set(clusters)))
        return sorted({(row[0], row[1], row[2]) for row in rows})

    def changes(self, after: int, limit: int) -> list[LedgerRow]:
        """Lines of the ledger after a sequence number."""
        rows = self.connection.execute(_CHANGES, {"after": after, "limit": limit})
        return [LedgerRow._make(row) for row in rows]

    def standing_judgements(self) -> list[JudgementRow]:
        """Judgements that were not withdrawn, in order."""
        return [JudgementRow._make(row) for row in self.connection.execute(_STANDING)]

    def judgement(self, number: int) -> JudgementRow | None:
        """One judgement, withdrawn or not."""
        table = tables.judgements
        row = self.connection.execute(select(table).where(table.c.number == number)).first()
        return JudgementRow._make(row) if row else None

    def numbers(self, state: int) -> NDArray[np.int64]:
        """Numbers of all texts in a state, in order."""
        rows = self.connection.execute(
            select(texts.c.number).where(texts.c.state == state).order_by(texts.c.number)
        )
        return np.fromiter(rows.scalars(), np.int64)

    def keys(
        self, numbers: NDArray[np.int64]
    ) -> Iterator[list[tuple[int, int, int | None, bytes]]]:
        """(number, rank, seen, keys) of texts, some thousands at a time, in order."""
        for step in in_steps(numbers.tolist(), _KEYS_A_STEP):
            rows = self.connection.execute(_KEYS, {"numbers": step}).all()
            yield [(row[0], row[1], row[2], row[3]) for row in rows]

    def facts(self) -> dict[str, str]:
        """What is true of the whole catalogue."""
        rows = self.connection.execute(select(tables.facts.c.name, tables.facts.c.value))
        return {row[0]: row[1] for row in rows}

    def counters(self) -> dict[str, int]:
        """Last number given, by what was numbered."""
        rows = self.connection.execute(select(tables.counters.c.name, tables.counters.c.value))
        return {row[0]: row[1] for row in rows}

    def is_empty(self) -> bool:
        """Whether no text is stored."""
        return self.connection.execute(select(texts.c.number).limit(1)).first() is None

    def count_texts(self) -> int:
        """How many texts are stored, pending ones too."""
        return self.count(texts)

    def count(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        """Rows of a table."""
        statement = select(func.count()).select_from(table).where(*conditions)
        return int(self.connection.execute(statement).scalar_one())
