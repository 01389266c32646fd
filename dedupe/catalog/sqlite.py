"""Path -> engines on one SQLite file, owned by one process.

One connection writes; readers have their own and see what was committed. WAL lets them read while
it commits, and a commit is one flush, but it had a corruption bug with several connections up to
SQLite 3.51.2. So the SQLite that `pysqlite3` brings is taken where it is installed; before 3.51.3
the rollback journal is used, where a commit needs the file alone. `Gate` keeps readers out for just
that moment, instead of letting SQLite poll for it with sleeps.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from dedupe.catalog.driver import run_text
from dedupe.errors import CatalogBusy, InputUnreadable

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:  # no wheel for this machine
        import sqlite3

__all__ = ["Engines", "FileLock", "Gate", "connect_sqlite", "journal_mode"]

_WAL_SAFE = (3, 51, 3)
_CACHE_KIB = 64 << 10
_WAIT_MS = 10_000
_WRITING = [
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_spill=OFF",
    "PRAGMA wal_autocheckpoint=65536",  # within a commit, where readers kept others from it
]


def journal_mode() -> str:
    """The journal that is safe with the SQLite that is linked.

    A truncated journal holds no text of deleted articles and costs no entry in the folder.
    """
    return "WAL" if sqlite3.sqlite_version_info >= _WAL_SAFE else "TRUNCATE"


class FileLock:
    """Holds `PATH.lock` while a process owns the catalogue; the system frees it at its end."""

    def __init__(self, path: Path) -> None:
        """Take the lock; raises CatalogBusy."""
        self.path = path.with_name(f"{path.name}.lock")
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._file, 64, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise CatalogBusy(str(path), f"process {owner}" if owner else "") from None
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next process have it; the file stays, or two could lock two of one name."""
        os.close(self._file)


class Gate:
    """Many pass together, or one alone; who wants to be alone goes before later ones."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._waiting = 0
        self._alone = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Pass with others; not to be nested in one thread."""
        with self._condition:
            self._condition.wait_for(lambda: not self._alone and not self._waiting)
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Pass when nobody else is inside."""
        with self._condition:
            self._waiting += 1
            self._condition.wait_for(lambda: not self._alone and not self._inside)
            self._waiting -= 1
            self._alone = True
        try:
            yield
        finally:
            with self._condition:
                self._alone = False
                self._condition.notify_all()


class Engines(NamedTuple):
    """Engines on one file; `checkpointer` is there where it has a write-ahead log that we own."""

    writer: Engine
    reader: Engine
    checkpointer: Engine | None

    def dispose(self) -> None:
        """Close all connections."""
        for engine in self:
            if engine is not None:
                engine.dispose()


def connect_sqlite(path: Path, readers: int = 8, *, own: bool = True) -> Engines:
    """Engines on a file; raises InputUnreadable for another file, CatalogBusy for a locked one.

    The file may be new: whoever asked for it makes the tables.
    """
    if own:  # its journal will be as private as the file
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    url = URL.create("sqlite+pysqlite", database=str(path))
    arguments: dict[str, Any] = {"check_same_thread": False, "cached_statements": 512}
    common: dict[str, Any] = {"module": sqlite3, "connect_args": arguments}
    writer = create_engine(url, poolclass=StaticPool, **common)
    reader = create_engine(url, poolclass=QueuePool, pool_size=readers, max_overflow=8, **common)
    _prepare(writer, "BEGIN IMMEDIATE", _WRITING)
    _prepare(reader, "BEGIN", ["PRAGMA query_only=ON"])
    engines = Engines(writer, reader, None)
    try:
        mode = _ask_mode(writer if own else reader, f"={journal_mode()}" if own else "")
    except Exception as error:
        engines.dispose()
        found = error.__cause__ or error
        if isinstance(found, sqlite3.OperationalError) and "locked" in str(found):
            raise CatalogBusy(str(path), "a process that reads it") from error
        if isinstance(found, sqlite3.Error):
            raise InputUnreadable(str(path), f"not a catalogue: {found}") from error
        raise
    if not own or mode != "wal":
        return engines
    checkpointer = create_engine(url, poolclass=StaticPool, isolation_level="AUTOCOMMIT", **common)
    _prepare(checkpointer, None, ["PRAGMA busy_timeout=50"])  # all others wait meanwhile
    return Engines(writer, reader, checkpointer)


def _ask_mode(engine: Engine, wanted: str) -> str:
    """Set the journal mode, where one is wanted; which one it is. Outside of any transaction."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA journal_mode{wanted}")
        ((mode,),) = cursor.fetchall()
        return str(mode)
    finally:
        raw.close()


def _prepare(engine: Engine, begin: str | None, more: list[str]) -> None:
    pragmas = [
        f"PRAGMA busy_timeout={_WAIT_MS}",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA trusted_schema=OFF",
        "PRAGMA temp_store=MEMORY",
        f"PRAGMA cache_size=-{_CACHE_KIB}",
        *more,
    ]

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # else the driver begins transactions by itself
        for pragma in pragmas:
            connection.execute(pragma)

    if begin is None:
        return

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        run_text(connection, begin)
