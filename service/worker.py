"""Jobs of the queue -> articles in the archive, answered when they are durable.

A batch is stored, then answered; so a worker that dies at any moment leaves its jobs pending,
another one takes them over, and storing them again changes nothing. While the clusters of one batch
are made, the index is asked about the next and the texts of that after it are read and stored.
What the stores cannot do just now (no connection, no room) is tried again for as long as it takes.
What fails by itself is tried alone, a bounded number of times, then set aside with the reason:
nothing stops for it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, TypeVar

import structlog

from dedupe.answers import Verdict
from dedupe.archive import Archive
from dedupe.archive.preparing import Offered
from dedupe.archive.protocol import Finish
from dedupe.errors import (
    CatalogBusy,
    CatalogMismatch,
    CatalogUnreachable,
    CatalogVersion,
    IndexUnready,
    TextLost,
)
from dedupe.models import Article
from service.errors import STORES_AWAY
from service.payload import PayloadUnreadable, name_article, read_payload
from service.queue import Job, Queue
from service.queue_metrics import WorkerMeters
from service.redis_client import REDIS_AWAY

__all__ = ["OUTDATED", "TRANSIENT", "Worker", "WorkerOptions", "name_worker"]

TRANSIENT: tuple[type[Exception], ...] = (
    *(*STORES_AWAY, OSError, IndexUnready, CatalogBusy, CatalogUnreachable),
)
"""What a store raises that is down, full or busy: nothing is wrong with the article."""
OUTDATED: tuple[type[Exception], ...] = (CatalogMismatch, CatalogVersion)
"""What another configuration or version raises: this worker must not go on, the article is fine."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_TIDY_EVERY_S = 60.0
_AHEAD = 2
"""Batches begun beside the one in hand: one is asked about, one is read (docs/decisions/0048)."""

Answer = TypeVar("Answer")
Shape = Callable[[Verdict], Mapping[str, Any]]
Row = tuple[Job, Article]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works.

    `batch` jobs are stored together; a job not answered within `idle_s` is taken over; one
    delivered more than `deliveries` times is set aside. `block_s` is below the client's timeout.
    """

    batch: int = 512
    block_s: float = 1.0
    idle_s: float = 60.0
    deliveries: int = 5


@dataclass(frozen=True, slots=True)
class _Batch:
    """Jobs stored together, with evidence or without; `begun` where they are read ahead."""

    rows: Sequence[Row]
    offered: Sequence[Offered]
    begun: Future[Finish] | None = None

    @property
    def jobs(self) -> list[Job]:
        """The jobs."""
        return [job for job, _ in self.rows]


def name_worker() -> str:
    """A name of its own for every process: host and process id."""
    return f"{socket.gethostname()}-{os.getpid()}"


class Worker:
    """Takes jobs until it is told to stop; then it finishes what it has in hand."""

    def __init__(
        self,
        queue: Queue,
        archive: Archive,
        shape: Shape,
        options: WorkerOptions | None = None,
        *,
        name: str | None = None,
        meters: WorkerMeters | None = None,
        tidy: Callable[[], object] | None = None,
    ) -> None:
        """`shape` makes the answer that a client gets of a verdict.

        `tidy` is done at the start and now and then; what fails in it, but for stores that are
        away, stops nobody.
        """
        self._queue, self._archive, self._shape = queue, archive, shape
        self._options = options or WorkerOptions()
        self.name, self._meters = name or name_worker(), meters or WorkerMeters()
        self.stored = self.dead = self.taken_over = 0
        self._tidy, self._tidy_s = tidy, 0.0
        self._look_s = 0.0
        self._ahead: list[_Batch] = []
        self._reader = ThreadPoolExecutor(1, "first step")

    def run(self, stop: Event) -> None:
        """Work until `stop` is set.

        Raises CatalogMismatch and CatalogVersion where the catalogue has moved on to another
        configuration or form; its jobs wait for workers that have it.
        """
        _log.info("worker started", worker=self.name)
        try:
            self._persist(self._queue.open, stop)
            while self._ahead or not stop.is_set():
                self._persist(lambda: self.step(stop), stop)
            self._queue.leave(self.name)
        except TRANSIENT as error:  # told to stop while the stores are away
            _log.warning("stopped with jobs pending", worker=self.name, error=_say(error))
        finally:
            self._reader.shutdown(cancel_futures=True)
        _log.info("worker stopped", worker=self.name, stored=self.stored, dead=self.dead)

    def step(self, stop: Event) -> int:
        """One round: a job that somebody else left lying, then new ones; how many were handled."""
        self._meters.alive()
        self._tidy_up()
        left, block_s = self._look_for_left(), self._options.block_s
        if left is not None:
            self.taken_over += 1
            self._meters.taken_over.inc()
            self._handle_ahead(stop)  # it may end this process, which must not cost others
            self._handle_alone(left, stop)
            block_s = 0.001
        if self._ahead:
            handled = [self._ahead.pop(0)]
        else:
            handled = self._sort(self._read(round(block_s * 1000)), stop)
        if handled:
            self._read_ahead(stop)
        for batch in handled:
            self._handle(batch, stop)
        return sum(len(batch.rows) for batch in handled) + (left is not None)

    def _read(self, block_ms: int | None) -> list[Job]:
        return self._queue.read(self.name, self._options.batch, block_ms)

    def _handle_ahead(self, stop: Event) -> None:
        while self._ahead:
            self._handle(self._ahead.pop(0), stop)

    def _read_ahead(self, stop: Event) -> None:
        """Begin with jobs that wait already, if any."""
        while len(self._ahead) < _AHEAD and not stop.is_set():
            try:
                found = self._sort(self._read(None), stop)
            except TRANSIENT:  # what is in hand meets it too, and waits
                return
            if not found:
                return
            for each in found:
                offered = self._archive.prepare([article for _, article in each.rows])
                batch = _Batch(each.rows, offered)
                begun = self._reader.submit(self._begin, batch)
                self._ahead.append(replace(batch, begun=begun))

    def _begin(self, batch: _Batch) -> Finish:
        return self._archive.begin(batch.offered, evidence=batch.jobs[0].evidence)

    def _tidy_up(self) -> None:
        """Every minute, with no job in hand: others wait for none of it."""
        now = time.monotonic()
        if self._tidy is None or now < self._tidy_s:
            return
        try:
            self._tidy()
        except (*TRANSIENT, *OUTDATED):
            raise
        except Exception as error:  # one half-stored text, which is left alone from now on
            _log.warning("tidying failed", worker=self.name, error=_say(error))
        self._tidy_s = now + _TIDY_EVERY_S

    def _look_for_left(self) -> Job | None:
        """A job that lies since `idle_s`; looked for often enough, and on while there are some.

        So Redis hears of this worker every second, whatever the queue holds.
        """
        now = time.monotonic()
        if now < self._look_s:
            return None
        left = self._queue.reclaim(self.name, round(self._options.idle_s * 1000))
        if left is None:
            self._queue.report(self.name)
        self._look_s = 0.0 if left is not None else now + min(1.0, self._options.idle_s / 4)
        return left

    def _sort(self, jobs: Sequence[Job], stop: Event) -> list[_Batch]:
        """Batches of the jobs that can be read; the others are set aside."""
        readable: list[Row] = []
        for job in jobs:
            try:
                readable.append((job, read_payload(job.payload)))
            except PayloadUnreadable as error:
                self._set_aside(job, "unreadable", str(error), stop)
        # who asked for evidence is mostly waiting for it
        sorts = ([row for row in readable if row[0].evidence is sort] for sort in (True, False))
        return [_Batch(rows, [article for _, article in rows]) for rows in sorts if rows]

    def _handle(self, batch: _Batch, stop: Event) -> None:
        try:
            self._store(batch, stop)
        except (*TRANSIENT, *OUTDATED):
            raise  # told to stop while the stores are away, or outdated: the jobs stay pending
        except Exception as error:  # whatever it is, it must not stop the others
            if len(batch.rows) == 1:
                self._give_back(*batch.rows[0], error, stop)
                return
            _log.warning("batch failed, trying one by one", jobs=len(batch.rows), error=_say(error))
            for row, offered in zip(batch.rows, batch.offered, strict=True):
                self._handle(_Batch([row], [offered]), stop)

    def _handle_alone(self, job: Job, stop: Event) -> None:
        """A job left lying may be what its worker died of, so it gets a batch of its own."""
        if job.deliveries > self._options.deliveries:
            detail = f"delivered {job.deliveries - 1} times and never answered: its workers stopped"
            self._set_aside(job, "workers_died", detail, stop, name_article(job.payload))
        else:
            for batch in self._sort([job], stop):
                self._handle(batch, stop)

    def _store(self, batch: _Batch, stop: Event) -> None:
        jobs = batch.jobs
        with self._meters.batch_s.time():
            verdicts = self._finish(batch, stop)
        answers = [(job, self._shape(one)) for job, one in zip(jobs, verdicts, strict=True)]
        self._persist(lambda: self._queue.answer(answers), stop, jobs)
        self.stored += len(jobs)
        self._meters.count(verdicts)

    def _finish(self, batch: _Batch, stop: Event) -> list[Verdict]:
        """Store a batch; if anything fails, all is done again."""
        try:
            if batch.begun is not None:
                return batch.begun.result()()
            return self._begin(batch)()
        except OUTDATED:
            raise
        except TextLost:  # nobody must try once more what ends who reads it
            raise
        except Exception as error:
            _log.info("batch begins again", jobs=len(batch.rows), error=_say(error))
        jobs, offered = batch.jobs, batch.offered
        evidence = jobs[0].evidence
        return self._persist(lambda: self._archive.ingest(offered, evidence=evidence), stop, jobs)

    def _give_back(self, job: Job, article: Article, error: Exception, stop: Event) -> None:
        """Leave a job that failed by itself pending, to be tried again; at last set it aside."""
        _log.warning("job failed", job=job.id, deliveries=job.deliveries, error=_say(error))
        if job.deliveries >= self._options.deliveries or isinstance(error, TextLost):
            self._set_aside(job, "failed", _say(error), stop, article.id)

    def _set_aside(
        self, job: Job, reason: str, detail: str, stop: Event, article: str | None = None
    ) -> None:
        self._persist(lambda: self._queue.set_aside(job, reason, detail, article), stop, [job])
        self.dead += 1
        self._meters.dead.labels(reason).inc()
        _log.error("job set aside", job=job.id, reason=reason)

    def _persist(self, act: Callable[[], Answer], stop: Event, jobs: Sequence[Job] = ()) -> Answer:
        """Do something with the stores, again and again while they are away.

        Raises what they raise once `stop` is set: no use in waiting then.
        """
        pause = _FIRST_PAUSE_S
        while True:
            try:
                if pause > _FIRST_PAUSE_S:  # so that nobody takes over what only waits for a store
                    ahead = [job for batch in self._ahead for job in batch.jobs]
                    self._queue.keep(self.name, [*jobs, *ahead])
                return act()
            except TRANSIENT as error:
                _log.warning("stores are away", error=_say(error), pause_s=pause)
                self._meters.alive()
                if stop.wait(pause):
                    raise
                pause = min(_LONGEST_PAUSE_S, 2 * pause)


def _say(error: Exception) -> str:
    """Kind and first line of an error, without the values of a statement: those are articles.

    Of what redis-py raises the kind alone: its words begin with the command that failed.
    """
    if isinstance(error, REDIS_AWAY):
        return type(error).__name__
    original = getattr(error, "orig", None) or error
    first = str(original).partition("\n")[0]
    return f"{type(error).__name__}: {first}"[:300]
