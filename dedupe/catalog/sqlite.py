"""Path -> engines on one SQLite file, owned by one process.

One connection writes; readers have their own and see what was committed. WAL lets them read while
it commits, but had a corruption bug with several connections up to SQLite 3.51.2; before 3.51.3 the
rollback journal is used, where a commit needs the file alone. `Gate` keeps readers out for just
that moment, instead of letting SQLite poll for it with sleeps.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from dedupe.errors import CatalogBusy, InputUnreadable

__all__ = ["FileLock", "Gate", "connect_sqlite", "journal_mode"]

_WAL_SAFE = (3, 51, 3)
_CACHE_KIB = 64 << 10
_WAIT_MS = 10_000


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


def connect_sqlite(path: Path, readers: int = 8, *, own: bool = True) -> tuple[Engine, Engine]:
    """(engine that writes, engine that reads) on a file; raises InputUnreadable for another file.

    The file may be new: whoever asked for it makes the tables.
    """
    if own:  # its journal will be as private as the file
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    url = URL.create("sqlite+pysqlite", database=str(path))
    arguments: dict[str, Any] = {"check_same_thread": False, "cached_statements": 512}
    writer = create_engine(url, poolclass=StaticPool, connect_args=arguments)
    reader = create_engine(
        url, poolclass=QueuePool, pool_size=readers, max_overflow=8, connect_args=arguments
    )
    _prepare(writer, "BEGIN IMMEDIATE", ["PRAGMA secure_delete=ON", "PRAGMA cache_spill=OFF"])
    _prepare(reader, "BEGIN", ["PRAGMA query_only=ON"])
    try:
        with (writer if own else reader).connect() as connection:
            wanted = f"={journal_mode()}" if own else ""
            connection.exec_driver_sql(f"PRAGMA journal_mode{wanted}").all()
    except Exception as error:
        writer.dispose()
        reader.dispose()
        if isinstance(error.__cause__, sqlite3.Error):
            raise InputUnreadable(str(path), f"not a catalogue: {error.__cause__}") from error
        raise
    return writer, reader


def _prepare(engine: Engine, begin: str, more: list[str]) -> None:
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

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
