"""A write-ahead log that grew -> its pages in the file, while others read and write.

SQLite itself does this within the commit that finds the log too long, and the caller waits for the
file to be written and flushed. Here a thread does it with a connection of its own. What is
committed meanwhile is brought over in a second step, which nobody may commit beside: it is short,
and only a log of which nothing is left to be copied is begun anew.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from dedupe.catalog.driver import run_text
from dedupe.catalog.sqlite import Gate

__all__ = ["Checkpoints"]

_LONG = 8192
"""Pages of 4 KiB from which on a log is copied: a restart reads so many again."""
_TRIES, _PAUSE_S, _COMMITS = 20, 0.05, 100
"""How often a delete tries to empty the log while another process reads, with which pauses, and
behind how many commits it is tried again: each try keeps all others waiting for 50 ms."""


class Checkpoints:
    """Keeps the log of one file short; `turn` is held by who writes, `gate` passed by who reads."""

    def __init__(self, engine: Engine, turn: threading.Lock, gate: Gate) -> None:
        """Connect; `engine` belongs to this object from now on and begins no transactions."""
        self._engine, self._turn, self._gate = engine, turn, gate
        self._connection = engine.connect()
        self._using = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "checkpoint")
        self._running: Future[None] | None = None
        self._next = _LONG
        self._owed, self._commits = False, 0
        self._clear()  # a process that was killed over a delete left its text in the log

    def consider(self) -> None:
        """Begin to copy the log if it is long; to be called behind every commit.

        Raises nothing: what was committed is stored, whatever becomes of its log.
        """
        self._commits += 1
        if self._running is not None and not self._running.done():
            return
        if self._owed and self._commits >= _COMMITS:
            self._running = self._thread.submit(self._clear)
            return
        with suppress(DBAPIError):
            _, pages = self._run("NOOP")
            self._next = min(self._next, pages + _LONG)  # it was begun anew
            if pages >= self._next:
                self._next = pages + _LONG  # not again at once, if a reader keeps it
                self._running = self._thread.submit(self._copy)

    def clear(self) -> None:
        """Copy the log and leave nothing in it.

        Where another process reads all the while, that is made good behind the next commits, or at
        the next start.
        """
        for _ in range(_TRIES):
            self._running = self._thread.submit(self._clear)
            self._running.result()
            if not self._owed:
                return
            threading.Event().wait(_PAUSE_S)

    def close(self) -> None:
        """End what was begun, and close the connection."""
        self._thread.shutdown()
        self._connection.close()
        self._engine.dispose()

    def _copy(self) -> None:
        with suppress(DBAPIError):  # a full disk is met by the next commit, which can say so
            self._run("PASSIVE")
            with self._turn:
                self._run("PASSIVE")

    def _clear(self) -> None:
        self._owed = True
        with suppress(DBAPIError), self._turn, self._gate.alone():
            self._owed, _ = self._run("TRUNCATE")
        self._commits = 0

    def _run(self, mode: str) -> tuple[bool, int]:
        """Whether somebody stood in the way, and the pages in the log."""
        with self._using:
            (found,) = run_text(self._connection, f"PRAGMA wal_checkpoint({mode})")
        return bool(found[0]), int(found[1])
