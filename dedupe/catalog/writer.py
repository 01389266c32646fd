"""Rows -> the catalogue, in bulk: tuples and prepared statements, no object a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from dedupe.catalog import tables
from dedupe.catalog.driver import name_error
from dedupe.catalog.reader import Reader
from dedupe.catalog.rows import (
    ClusterFacts,
    ContentRow,
    JudgementRow,
    LedgerRow,
    Link,
    Placement,
    Settling,
    TextRow,
)
from dedupe.catalog.statements import make_asked, steps_of, write_text
from dedupe.foldtable import fold_words

__all__ = ["Writer"]


class Writer(Reader):
    """Writes, and reads its own writes, in one transaction."""

    def _many(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            try:
                self._driver.executemany(write_text(name), rows)
            except self._error as error:
                raise name_error(self.connection, name, error) from error

    def _drop(self, name: str, numbers: Iterable[int]) -> None:
        if wanted := set(numbers):
            try:
                for step in steps_of(self._database, wanted):
                    self._driver.execute(*make_asked(self._database, name, step))
            except self._error as error:
                raise name_error(self.connection, name, error) from error

    def add_texts(self, rows: Sequence[TextRow], wide: Sequence[ContentRow]) -> None:
        """Store texts with the words of their titles and their contents."""
        self._many("add texts", rows)
        words = ((row.number, fold_words(row.title)) for row in rows)
        self._many("add titles", [pair for pair in words if pair[1]])
        self._many("add contents", wide)

    def drop_texts(self, numbers: Iterable[int]) -> None:
        """Remove texts with their contents and pairs."""
        self._drop("drop texts", numbers)

    def place(self, rows: Sequence[Placement]) -> None:
        """Say where texts belong, and their state."""
        self._many("place texts", rows)

    def add_pending(self, rows: Sequence[tuple[int, int]]) -> None:
        """Say since when texts are pending: (number, microseconds since 1970)."""
        self._many("add pending", rows)

    def claim_pending(self, number: int, before: int, now: int) -> bool:
        """Say that somebody tries to place a text now, so that others leave it alone.

        Whether it was still pending since before a time: nobody else has placed, claimed or deleted
        it.
        """
        table = tables.pending
        free = (table.c.number == number) & (table.c.since < before)
        statement = update(table).where(free).values(since=now).returning(table.c.number)
        return self.connection.execute(statement).scalar() is not None

    def settle(self, rows: Sequence[Settling]) -> None:
        """Give pending texts their revision, place and state."""
        self._many("settle texts", rows)
        self._drop("drop pending", [row.number for row in rows])

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
        """Remove all pairs of these texts; without any all pairs, those that wait too."""
        if numbers is None:
            self.connection.execute(delete(tables.matches))
            self.connection.execute(delete(tables.waiting))
            return
        wanted = set(numbers)
        self._drop("drop links of left", wanted)
        self._drop("drop links of right", wanted)

    def add_waiting(self, rows: Sequence[Link]) -> None:
        """Store pairs of which a text is pending."""
        self._many("add waiting", rows)

    def drop_waiting(self, numbers: Iterable[int]) -> None:
        """Remove all waiting pairs of these texts."""
        wanted = set(numbers)
        self._drop("drop waiting of left", wanted)
        self._drop("drop waiting of right", wanted)

    def put_clusters(self, rows: Sequence[ClusterFacts]) -> None:
        """Store clusters, instead of what they were."""
        self._many("put clusters", rows)

    def drop_clusters(self, numbers: Iterable[int]) -> None:
        """Remove clusters that have no members any more."""
        self._drop("drop clusters", numbers)

    def move_clusters(self, rows: Sequence[tuple[int, int]]) -> None:
        """Leave a redirect (old, new), and turn earlier ones that led to the old one."""
        self._many("turn redirects", [(new, old) for old, new in rows])
        self._many("put redirects", rows)

    def drop_redirects(self, old: Iterable[int]) -> None:
        """Forget that clusters were merged away: they are there again."""
        self._drop("drop redirects", old)

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

    def reserve(self, name: str, count: int) -> int:
        """Count up by so many at once; returns the last number."""
        table = tables.counters
        make = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        statement = make(table).values(name=name, value=count)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": table.c.value + count}
        )
        return int(self.connection.execute(statement.returning(table.c.value)).scalar_one())

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
