"""Workers that end as they are told, each a process of its own: what kills them stands here only.

    python -m benchmarks.faults.nursery

reads one JSON object a line (see `Order`), forks a worker for each and answers with its process
when it begins, with 0 when it cannot.
Forked, since importing and compiling takes seconds and a fault only one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from dedupe.answers import Verdict
from dedupe.archive.preparing import Awaited, Offered
from dedupe.archive.shared import Step
from service import wiring
from service.distributed import open_queue
from service.logs import start_log
from service.queue import Job, Queue
from service.settings import load_settings
from service.shapes import verdict_object
from service.worker import Worker, WorkerOptions

__all__ = ["PHASES", "POISON", "Order"]

PHASES = ("taken", *(step.value for step in Step), "answering", "answered")
"""Between any two of these a worker may be killed; most are steps of the archive."""
POISON = "poison"
"""An article whose id begins so kills whoever stores it."""


@dataclass(frozen=True)
class Order:
    """One worker: it kills itself when it has passed `die_at` for the `die_after`th time."""

    name: str
    database_url: str
    redis_url: str
    log: str
    die_at: str | None = None
    die_after: int = 1
    batch: int = 16
    idle_s: float = 0.3
    deliveries: int = 50
    """Many: what is slow on a busy machine is taken over too early, which must not matter."""
    clock_jumps: int = 0
    """Its clock jumps up to so many hours to and fro with every look."""

    def write(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


class _Doom:
    """Counts how often a phase was passed, and kills the process in time."""

    def __init__(self, order: Order) -> None:
        self._at, self._left = order.die_at, order.die_after

    def pass_by(self, phase: str) -> None:
        """Note a phase."""
        if phase == self._at:
            self._left -= 1
            if self._left == 0:
                die()


def die() -> None:
    """End this process at once: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def _work(order: Order) -> None:
    os.setsid()
    log = Path(order.log).open("a")  # noqa: SIM115 - for as long as the process lives
    os.dup2(log.fileno(), sys.stderr.fileno())
    start_log("info", log)
    doom = _Doom(order)
    if order.clock_jumps:
        wiring._now = _jump(order.clock_jumps, Random(order.name))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = load_settings({"database_url": order.database_url, "redis_url": order.redis_url})
    with open_queue(settings) as queue:
        archive: Any = wiring.open_shared_archive(
            settings, watch=lambda step: doom.pass_by(step.value)
        )
        _lay_traps(queue, archive, doom)
        options = WorkerOptions(
            batch=order.batch, block_s=0.05, idle_s=order.idle_s, deliveries=order.deliveries
        )
        print(os.getpid(), flush=True)
        Worker(queue, archive, verdict_object, options, name=order.name).run(stop)
        archive.close()


def _lay_traps(queue: Queue, archive: Any, doom: _Doom) -> None:  # noqa: ANN401 - replaced below
    read, answer = queue.read, queue.answer
    ingest, begin = archive.ingest, archive.begin

    def read_and_pass(worker: str, count: int, block_ms: int | None) -> list[Job]:
        jobs = read(worker, count, block_ms)
        if jobs:
            doom.pass_by("taken")
        return jobs

    def answer_and_pass(answers: Any) -> None:  # noqa: ANN401 - as it is there
        doom.pass_by("answering")
        answer(answers)
        doom.pass_by("answered")

    def die_of(offered: Sequence[Offered]) -> None:
        articles = (each.article if isinstance(each, Awaited) else each for each in offered)
        if any(article.id.startswith(POISON) for article in articles):
            die()

    def ingest_or_die(articles: Sequence[Offered], *, evidence: bool = True) -> list[Verdict]:
        die_of(articles)
        return list(ingest(articles, evidence=evidence))

    def begin_or_die(articles: Sequence[Offered], *, evidence: bool = True) -> Any:  # noqa: ANN401
        die_of(articles)
        return begin(articles, evidence=evidence)

    for owner, name, replaced in (
        (queue, "read", read_and_pass),
        (queue, "answer", answer_and_pass),
        (archive, "ingest", ingest_or_die),
        (archive, "begin", begin_or_die),
    ):
        setattr(owner, name, replaced)


def _jump(hours: int, chance: Random) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(hours=chance.uniform(-hours, hours))


def main() -> None:
    """Fork a worker for every line."""
    wiring.warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    print("ready", flush=True)
    for line in sys.stdin.buffer:
        order = Order(**json.loads(line))
        if os.fork() == 0:
            try:
                _work(order)
            except BaseException:
                traceback.print_exc()
                print(0, flush=True)
            finally:
                os._exit(0)


if __name__ == "__main__":
    main()
