"""What workers do beside their jobs: match what others left half stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from archive.conftest import copies, partition_of
from distributed.test_shared_archive import Died, hooked
from distributed.test_worker import Shelf, make_worker, send
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from dedupe.archive import recovering
from dedupe.archive.shared import SharedArchive, Step
from service.queue import Queue
from service.worker import Worker, WorkerOptions

pytestmark = pytest.mark.servers

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_a_worker_matches_what_died_half_stored_before_it_takes_jobs(
    open_shared: Callable[..., SharedArchive], redis: Redis
) -> None:
    first, second = copies(1, 2)
    archive, hook = hooked(open_shared)
    hook.die_at(Step.STORED)
    with pytest.raises(Died):
        archive.ingest([first])
    queue = Queue(redis)
    queue.open()
    tidy = lambda: archive.recover(-MINUTE)  # noqa: E731 - as short as it gets
    shape = lambda verdict: {"id": verdict.id}  # noqa: E731
    options = WorkerOptions(block_s=0.001)
    Worker(queue, archive, shape, options, name="w", tidy=tidy).step(Event())
    assert archive.article(first.id) is not None
    archive.ingest([second])
    assert partition_of(archive) == {frozenset({first.id, second.id})}


def test_a_half_stored_text_that_fails_again_is_left_alone_for_long(
    open_shared: Callable[..., SharedArchive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, hook = hooked(open_shared)
    hook.die_at(Step.STORED)
    with pytest.raises(Died):
        archive.ingest(copies(1, 1))

    def fail(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(recovering, "take", fail)
        with pytest.raises(Died):
            archive.recover(-MINUTE, DAY)
    assert archive.recover(-MINUTE, DAY) == 0
    assert archive.recover(-2 * DAY) == 1


def test_tidying_comes_first_and_stops_nobody(redis: Redis) -> None:
    queue, shelf = Queue(redis), Shelf()
    queue.open()
    send(queue, "a")
    failures: list[Exception] = [RedisAway(), ValueError("a text that fails")]

    def tidy() -> None:
        raise failures.pop(0)

    worker = make_worker(queue, shelf)
    worker._tidy = tidy
    with pytest.raises(RedisAway):  # run() comes back to it
        worker.step(Event())
    assert shelf.stored == []
    worker.step(Event())
    worker.step(Event())
    assert (shelf.stored, failures) == (["a"], [])
