"""What the routes of one app work with, found through the app that answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import current_app

from dedupe.archive import Archive
from service.intake import Intake
from service.jobs import Jobs
from service.limits import Limits
from service.metrics import Meters

__all__ = ["Bell", "Check", "Services", "services"]

Check = Callable[[], object]
"""Asks a dependency for a sign of life; raises when there is none."""


class Bell:
    """Wakes the feeds when the ledger has grown, and for good when the process is to end."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0
        self.stopping = False

    def ring(self) -> None:
        """Say that there may be news."""
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def stop(self) -> None:
        """Say that the process is to end."""
        self.stopping = True
        self.ring()

    def count(self) -> int:
        """How often it was rung."""
        return self._count

    def wait(self, heard: int, timeout_s: float) -> None:
        """Wait until it has been rung more often than `heard`."""
        with self._rung:
            self._rung.wait_for(lambda: self._count != heard, timeout_s)


@dataclass(frozen=True, slots=True)
class Services:
    """The archive and all that stands around it; `jobs` in distributed mode only.

    `reports` lets one report be written at a time: it reads all that is stored.
    """

    archive: Archive
    limits: Limits
    intake: Intake
    meters: Meters
    checks: Mapping[str, Check]
    bell: Bell
    feeds: threading.BoundedSemaphore
    jobs: Jobs | None = None
    reports: threading.BoundedSemaphore = field(default_factory=threading.BoundedSemaphore)


def services() -> Services:
    """Give those of the app that answers now."""
    found: Services = current_app.extensions["isnad"]
    return found
