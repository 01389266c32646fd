"""Rows -> the catalogue, in bulk: tuples and prepared statements, no object a row.

Core compiles each statement once; executing it with plain tuples is twice as fast as handing Core a
dictionary a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Connection,
    Dialect,
    Table,
    bindparam,
    delete,
    insert,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from dedupe.catalog import tables
from dedupe.catalog.reader import Reader, in_steps
from dedupe.catalog.rows import (
    ClusterFacts,
    ContentRow,
    JudgementRow,
    LedgerRow,
    Link,
    Placement,
    TextRow,
)

__all__ = ["Writer"]

texts, matches = tables.texts, tables.matches


def _upsert(dialect: str, table: Table) -> ClauseElement:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _statements(dialect: str) -> dict[str, ClauseElement]:
    which: BindParameter[int] = bindparam("which")
    moved = tables.moved
    return {
        "add texts": insert(texts),
        "add contents": insert(tables.contents),
        "put contents": _upsert(dialect, tables.contents),
        "place texts": update(texts)
        .ordered_values(
            *((texts.c[name], bindparam(f"new_{name}")) for name in Placement._fields[:-1])
        )
        .where(texts.c.number == which),
        "set words": update(texts)
        .values(words=bindparam("new_words"))
        .where(texts.c.number == which),
        "add links": insert(matches),
        "put clusters": _upsert(dialect, tables.clusters),
        "turn redirects": update(moved).values(new=bindparam("to")).where(moved.c.new == which),
        "put redirects": _upsert(dialect, moved),
        "add changes": insert(tables.ledger),
        "add judgements": insert(tables.judgements),
        "put counters": _upsert(dialect, tables.counters),
        "put facts": _upsert(dialect, tables.facts),
        "add configurations": insert(tables.configurations),
    }


_compiled: dict[str, dict[str, str]] = {}


def _compile(dialect: Dialect) -> dict[str, str]:
    """Compile every statement once for a kind of database."""
    if dialect.name not in _compiled:
        _compiled[dialect.name] = {
            name: str(statement.compile(dialect=dialect))
            for name, statement in _statements(dialect.name).items()
        }
    return _compiled[dialect.name]


class Writer(Reader):
    """Writes, and reads its own writes, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._sql = _compile(connection.dialect)

    def _many(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self.connection.exec_driver_sql(self._sql[name], list(rows))

    def add_texts(self, rows: Sequence[TextRow], wide: Sequence[ContentRow]) -> None:
        """Store texts with their contents."""
        self._many("add texts", rows)
        self._many("add contents", wide)

    def drop_texts(self, numbers: Iterable[int]) -> None:
        """Remove texts with their contents and pairs."""
        for step in in_steps(sorted(set(numbers))):
            self.connection.execute(delete(texts).where(texts.c.number.in_(step)))

    def place(self, rows: Sequence[Placement]) -> None:
        """Say where texts belong, and their state."""
        self._many("place texts", rows)

    def put_contents(self, rows: Sequence[ContentRow]) -> None:
        """Store contents of texts that are there, instead of what they had."""
        self._many("put contents", rows)

    def set_words(self, rows: Sequence[tuple[int, int]]) -> None:
        """Say how many words texts have: (words, number)."""
        self._many("set words", rows)

    def add_links(self, rows: Sequence[Link]) -> None:
        """Store pairs."""
        self._many("add links", rows)

    def drop_links(self, numbers: Iterable[int] | None = None) -> None:
        """Remove all pairs of these texts; of all texts without any."""
        if numbers is None:
            self.connection.execute(delete(matches))
            return
        for step in in_steps(sorted(set(numbers))):
            self.connection.execute(delete(matches).where(matches.c.left.in_(step)))
            self.connection.execute(delete(matches).where(matches.c.right.in_(step)))

    def put_clusters(self, rows: Sequence[ClusterFacts]) -> None:
        """Store clusters, instead of what they were."""
        self._many("put clusters", rows)

    def drop_clusters(self, numbers: Iterable[int]) -> None:
        """Remove clusters that have no members any more."""
        for step in in_steps(sorted(set(numbers))):
            table = tables.clusters
            self.connection.execute(delete(table).where(table.c.number.in_(step)))

    def move_clusters(self, rows: Sequence[tuple[int, int]]) -> None:
        """Leave a redirect (old, new), and turn earlier ones that led to the old one."""
        self._many("turn redirects", [(new, old) for old, new in rows])
        self._many("put redirects", rows)

    def add_changes(self, rows: Sequence[LedgerRow]) -> None:
        """Store lines of the ledger."""
        self._many("add changes", rows)

    def add_judgements(self, rows: Sequence[JudgementRow]) -> None:
        """Store judgements."""
        self._many("add judgements", rows)

    def withdraw_judgement(self, number: int, at: int, who: str) -> None:
        """Mark a judgement as taken back."""
        table = tables.judgements
        self.connection.execute(
            update(table).where(table.c.number == number).values(withdrawn=at, withdrawn_by=who)
        )

    def put_counters(self, values: dict[str, int]) -> None:
        """Store the last number given, by what is numbered."""
        self._many("put counters", list(values.items()))

    def put_facts(self, values: dict[str, str]) -> None:
        """Store what is true of the whole catalogue."""
        self._many("put facts", list(values.items()))

    def configuration(self, config_id: str) -> int:
        """The number of a configuration, given now if it has none."""
        table = tables.configurations
        found = self.connection.execute(
            table.select().where(table.c.config_id == config_id)
        ).scalar()
        if found is not None:
            return int(found)
        number = self.count(table) + 1
        self._many("add configurations", [(number, config_id)])
        return number
