"""A connection -> what the catalogue holds, in batches: every method takes many numbers or ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select

from dedupe.catalog import tables
from dedupe.catalog.driver import name_error
from dedupe.catalog.rows import (
    ClusterFacts,
    ContentRow,
    Head,
    JudgementRow,
    LedgerRow,
    Link,
    Place,
    TextRow,
)
from dedupe.catalog.statements import make_asked, steps_of, whole_text

__all__ = ["Reader"]

_KEYS_A_STEP = 4096
texts = tables.texts

_MOVED = select(tables.moved.c.new).where(tables.moved.c.old == bindparam("number"))
_CHANGES = (
    select(tables.ledger)
    .where(tables.ledger.c.sequence > bindparam("after"))
    .order_by(tables.ledger.c.sequence)
    .limit(bindparam("limit"))
)


class Reader:
    """Reads in the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._database = connection.dialect.name
        self._driver: Any = connection.connection.driver_connection
        self._error: type[Exception] = connection.dialect.loaded_dbapi.Error

    def _rows(self, name: str, items: Iterable[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query for all of these items; mostly there are none to ask about."""
        found: list[tuple[Any, ...]] = []
        if wanted := set(items):
            try:
                for step in steps_of(self._database, wanted):
                    asked = make_asked(self._database, name, step)
                    found += self._driver.execute(*asked).fetchall()
            except self._error as error:
                raise name_error(self.connection, name, error) from error
        return found

    def _whole(self, name: str) -> list[tuple[Any, ...]]:
        with self._named_errors(name):
            rows: list[tuple[Any, ...]] = self._driver.execute(
                whole_text(self._database, name)
            ).fetchall()
        return rows

    @contextmanager
    def _named_errors(self, name: str) -> Iterator[None]:
        """Raise what SQLAlchemy raises for the same failure, without any value of a row."""
        try:
            yield
        except self._error as error:
            raise name_error(self.connection, name, error) from error

    def heads(self, ids: Iterable[str]) -> list[Head]:
        """All revisions of these articles."""
        return [Head._make(row) for row in self._rows("heads", ids)]

    def texts(self, numbers: Iterable[int]) -> dict[int, TextRow]:
        """Texts by number; unknown numbers are left out."""
        return {row[0]: TextRow._make(row) for row in self._rows("texts", numbers)}

    def places(self, numbers: Iterable[int]) -> dict[int, Place]:
        """Where texts belong, by number; unknown numbers are left out."""
        return {row[0]: Place._make(row) for row in self._rows("places", numbers)}

    def bodies(self, numbers: Iterable[int]) -> dict[int, tuple[bytes, bytes]]:
        """(body, details), both packed, by number."""
        return {row[0]: (row[1], row[2]) for row in self._rows("bodies", numbers)}

    def details(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Packed details by number."""
        return {row[0]: row[1] for row in self._rows("details", numbers)}

    def contents(self, numbers: Iterable[int]) -> dict[int, ContentRow]:
        """Contents by number."""
        return {row[0]: ContentRow._make(row) for row in self._rows("contents", numbers)}

    def links(self, numbers: Iterable[int]) -> list[Link]:
        """All pairs that one of these texts is part of, each once, sorted."""
        return self._pairs("links", numbers)

    def waiting(self, numbers: Iterable[int]) -> list[Link]:
        """All waiting pairs that one of these texts is part of, each once, sorted."""
        return self._pairs("waiting", numbers)

    def _pairs(self, name: str, numbers: Iterable[int]) -> list[Link]:
        wanted = set(numbers)
        if not wanted:
            return []
        rows = {
            (row[0], row[1]): row
            for side in ("left", "right")
            for row in self._rows(f"{name} of {side}", wanted)
        }
        return [Link._make((*row[:7], bool(row[7]), row[8])) for _, row in sorted(rows.items())]

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
        for cluster, number in set(self._rows("members", clusters)):
            found.setdefault(cluster, []).append(number)
        for numbers in found.values():
            numbers.sort()
        return found

    def clusters(self, numbers: Iterable[int]) -> dict[int, ClusterFacts]:
        """Clusters by number."""
        return {row[0]: ClusterFacts._make(row) for row in self._rows("clusters", numbers)}

    def births(self, numbers: Iterable[int]) -> dict[int, int]:
        """The line of the ledger that made each of these clusters."""
        return {row[0]: row[1] for row in self._rows("births", numbers)}

    def moved(self, old: int) -> int | None:
        """Where a cluster went."""
        found: int | None = self.connection.execute(_MOVED, {"number": old}).scalar()
        return found

    def moved_into(self, clusters: Iterable[int]) -> list[tuple[int, int, str | None]]:
        """(old, new, the article that `old` was made for) of redirects to clusters, sorted."""
        return sorted({(row[0], row[1], row[2]) for row in self._rows("moved into", clusters)})

    def changes(self, after: int, limit: int) -> list[LedgerRow]:
        """Lines of the ledger after a sequence number."""
        rows = self.connection.execute(_CHANGES, {"after": after, "limit": limit})
        return [LedgerRow._make(row) for row in rows]

    def standing_judgements(self) -> list[JudgementRow]:
        """Judgements that were not withdrawn, in order."""
        return [JudgementRow._make(row) for row in self._whole("standing judgements")]

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
        for first in range(0, len(numbers), _KEYS_A_STEP):
            rows = self._rows("keys", numbers[first : first + _KEYS_A_STEP].tolist())
            yield [(row[0], row[1], row[2], row[3]) for row in rows]

    def facts(self) -> dict[str, str]:
        """What is true of the whole catalogue."""
        return {row[0]: row[1] for row in self._whole("facts")}

    def counters(self) -> dict[str, int]:
        """Last number given, by what was numbered."""
        return {row[0]: row[1] for row in self._whole("counters")}

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
