"""Path -> an open catalogue: transactions for one writer at a time and many readers."""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import get_ident
from typing import TypeVar

from sqlalchemy import RootTransaction

from dedupe.catalog.checkpoints import Checkpoints
from dedupe.catalog.reader import Reader
from dedupe.catalog.schema import check_version, current_version, upgrade
from dedupe.catalog.sqlite import Engines, FileLock, Gate, connect_sqlite
from dedupe.catalog.writer import Writer
from dedupe.errors import CatalogMismatch, InputMissing

__all__ = ["Catalog", "FileCatalog", "open_catalog", "upgrade_catalog"]

Told = TypeVar("Told")


class Catalog(ABC):
    """Durable truth. `reading()` and `writing()` are transactions."""

    shared = False
    """Whether other processes write too."""

    def __init__(self, path: str, argument: str | None = None) -> None:
        """`path` is shown in errors and holds no password; commands are told `argument`, or it."""
        self.path, self.argument = path, argument or path
        self.catalog_id = self.config_id = ""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Reader]:
        """A short transaction that sees what is committed, all of one moment."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Writer]:
        """A transaction that is durable when the block ends, and undone if it raises.

        One at a time, in all processes.
        """

    def write(
        self, work: Callable[[Writer], Callable[[], Told]], *, quick: bool = False
    ) -> Callable[[], Told]:
        """Run `work` in a transaction as `writing`, and then what it gave back.

        Returns when all is durable; what is returned gives, or raises, what came of the second.
        With `quick` that takes less than waking a thread, and is done behind the commit.
        """
        with self.writing() as writer:
            return work(writer)

    def storing(self) -> AbstractContextManager[Writer]:
        """A transaction beside others, for rows that nobody else changes; or one as any."""
        return self.writing()

    @abstractmethod
    def erase_traces(self) -> None:
        """Take deleted text out of what the database keeps beside the tables, where it can."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections."""

    def use_configuration(self, config_id: str, *, adopt: bool = False) -> None:
        """Check the configuration of all that is stored, or with `adopt` set it.

        Raises CatalogMismatch.
        """
        if self.config_id == config_id:
            return
        if self.config_id and not adopt:
            raise CatalogMismatch(self.path, config_id, self.config_id, self.argument)
        with self.writing() as writer:
            writer.put_facts({"config_id": config_id})
        self.config_id = config_id

    def _read_facts(self, *, own: bool) -> None:
        """Read what is true of the whole; with `own` give it an id where it has none."""
        with self.reading() as reader:
            facts = reader.facts()
        if not facts.get("catalog_id") and own:
            with self.writing() as writer:
                facts = writer.facts()
                if not facts.get("catalog_id"):
                    facts["catalog_id"] = secrets.token_hex(8)
                    writer.put_facts({"catalog_id": facts["catalog_id"]})
        self.catalog_id, self.config_id = facts.get("catalog_id", ""), facts.get("config_id", "")


class FileCatalog(Catalog):
    """A catalogue in one SQLite file that this process owns, or only reads (`lock` None)."""

    def __init__(self, path: str, engines: Engines, lock: FileLock | None) -> None:
        """Take over engines whose tables are of this version; see `open_catalog`."""
        super().__init__(path)
        self._engines, self._owner = engines, lock
        self._writer, self._reader, log = engines
        self._turn = threading.Lock()
        self._gate = Gate()
        self._committing = ThreadPoolExecutor(1, "commit")
        self._telling: tuple[int, Future[None]] | None = None
        self._log = None if log is None else Checkpoints(log, self._turn, self._gate)
        self._read_facts(own=lock is not None)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """See `Catalog.reading`; commits wait for it to end where there is no write-ahead log."""
        telling = self._telling  # read once: whoever writes changes it meanwhile
        if telling is not None and telling[0] == get_ident():
            telling[1].result()  # who tells what came of a transaction sees it
        with self._gate.together(), self._reader.connect() as connection, connection.begin():
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """See `Catalog.writing`."""
        with self._begun() as (writer, transaction):
            yield writer
            self._commit(transaction)

    def write(
        self, work: Callable[[Writer], Callable[[], Told]], *, quick: bool = False
    ) -> Callable[[], Told]:
        """See `Catalog.write`: another thread waits for the disk, but for what is `quick`."""
        with self._begun() as (writer, transaction):
            meanwhile = work(writer)
            if quick:
                self._commit(transaction)
                return _keep(meanwhile)
            begun, committed = self._begin_commit(transaction)
            self._telling = get_ident(), committed
            try:
                begun.acquire()  # else it waits half a millisecond for the lock of the interpreter
                return _keep(meanwhile)
            finally:  # whatever comes, nothing is rolled back under the commit
                self._telling = None
                committed.result()

    def _begin_commit(self, transaction: RootTransaction) -> tuple[threading.Lock, Future[None]]:
        """Have the thread that computes nothing commit; a lock is free when it has begun to."""
        begun = threading.Lock()
        begun.acquire()

        def commit() -> None:
            begun.release()
            self._commit(transaction)

        return begun, self._committing.submit(commit)

    @contextmanager
    def _begun(self) -> Iterator[tuple[Writer, RootTransaction]]:
        """The one transaction that writes, undone if it raises."""
        with self._turn, self._writer.connect() as connection:
            transaction = connection.begin()
            try:
                yield Writer(connection), transaction
            except BaseException:
                transaction.close()  # undone; one that a failed commit ended is so by the pool
                raise

    def _commit(self, transaction: RootTransaction) -> None:
        if self._log is None:
            with self._gate.alone():
                transaction.commit()
        else:
            transaction.commit()
            self._log.consider()

    def erase_traces(self) -> None:
        """Take deleted text out of the log too; a journal is emptied by each commit."""
        if self._log is not None:
            self._log.clear()

    def close(self) -> None:
        """Close all connections and free the file."""
        self._committing.shutdown()
        if self._log is not None:
            self._log.close()
        self._engines.dispose()
        if self._owner:
            self._owner.release()


def _keep(work: Callable[[], Told]) -> Callable[[], Told]:
    """Run it now, and give or raise later what came of it."""
    told: Future[Told] = Future()
    try:
        told.set_result(work())
    except Exception as error:
        told.set_exception(error)
    return told.result


def open_catalog(path: Path, *, create: bool = True, own: bool = True) -> FileCatalog:
    """Open the catalogue in a file, a new one with `create`; to read only without `own`.

    Who does not own it may read while another process writes, in short transactions.

    Raises CatalogBusy where another process owns it, CatalogVersion where its tables are of another
    version, InputMissing, and InputUnreadable for what is no catalogue.
    """
    if own:
        return _open(path, create=create)
    if not path.exists():
        raise InputMissing(str(path))
    engines = connect_sqlite(path, own=False)
    try:
        with engines.reader.begin() as connection:
            check_version(connection, str(path))
        return FileCatalog(str(path), engines, None)
    except BaseException:
        engines.dispose()
        raise


def upgrade_catalog(path: Path) -> tuple[str, str]:
    """Bring the tables of a file to this version; (version before, version now).

    Raises as `open_catalog`, CatalogVersion only for a newer one.
    """
    if not path.exists():
        raise InputMissing(str(path))
    lock = FileLock(path)
    try:
        engines = connect_sqlite(path)
        try:
            with engines.writer.begin() as connection:
                before = current_version(connection) or "none"
                upgrade(connection, str(path))
                return before, current_version(connection) or "none"
        finally:
            engines.dispose()
    finally:
        lock.release()


def _open(path: Path, *, create: bool) -> FileCatalog:
    if not path.exists():
        if not create:
            raise InputMissing(str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        engines = connect_sqlite(path)
        try:
            with engines.writer.begin() as connection:
                if create and current_version(connection) is None:
                    upgrade(connection, str(path))
                check_version(connection, str(path))
            return FileCatalog(str(path), engines, lock)
        except BaseException:
            engines.dispose()
            raise
    except BaseException:
        lock.release()
        raise
