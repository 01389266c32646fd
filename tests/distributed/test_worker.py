"""The worker: what it does with jobs that fail, by themselves or because a store is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from types import SimpleNamespace

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import OutOfMemoryError
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from dedupe.answers import Outcome
from dedupe.errors import CatalogMismatch, TextLost
from dedupe.models import Article
from service.payload import PayloadUnreadable, read_payload, write_payload
from service.queue import Queue
from service.worker import Worker, WorkerOptions

pytestmark = pytest.mark.servers


class Shelf:
    """An archive that keeps ids, and fails as it is told to."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.batches: list[int] = []
        self.away = 0
        self.poison = "poison"

    def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[object]:
        self.batches.append(len(articles))
        if self.away:
            self.away -= 1
            raise OperationalError("INSERT", {}, Exception("disk is full"))
        for article in articles:
            if article.id == self.poison:
                raise ValueError("no such thing")
        self.stored += [article.id for article in articles]
        return [SimpleNamespace(id=each.id, outcome=Outcome.CREATED) for each in articles]

    def prepare(self, articles: Sequence[Article]) -> Sequence[Article]:
        return articles

    def begin(self, articles: Sequence[Article], *, evidence: bool = True) -> object:
        return partial(self.ingest, articles, evidence=evidence)


@pytest.fixture
def queue(redis: Redis) -> Queue:
    queue = Queue(redis)
    queue.open()
    return queue


def article(id_: str) -> Article:
    return Article(
        id_, "Harbour Ledger", None, "Ferry", "The ferry is back. \u0639\u0627\u062f\u062a"
    )


def make_worker(
    queue: Queue, shelf: Shelf, tidy: Callable[[], object] | None = None, **options: object
) -> Worker:
    shape = lambda verdict: {"id": verdict.id}  # noqa: E731 - as short as it gets
    values = {"block_s": 0.001, "idle_s": 0.0, "deliveries": 3} | options
    made = WorkerOptions(**values)  # type: ignore[arg-type]
    return Worker(queue, shelf, shape, made, name="w", tidy=tidy)  # type: ignore[arg-type]


def send(queue: Queue, *ids: str) -> list[str]:
    return queue.submit([write_payload(article(id_)) for id_ in ids])


def test_jobs_are_stored_together_and_answered(queue: Queue) -> None:
    shelf, jobs = Shelf(), send(queue, "a", "b", "c")
    worker = make_worker(queue, shelf)
    assert worker.step(Event()) == 3
    assert (shelf.stored, shelf.batches) == (["a", "b", "c"], [3])
    assert [queue.state(job).answer for job in jobs] == [{"id": i} for i in "abc"]  # type: ignore[union-attr]


def test_one_that_fails_does_not_stop_the_others_and_is_set_aside_at_last(queue: Queue) -> None:
    shelf = Shelf()
    jobs = send(queue, "a", "poison", "b")
    worker = make_worker(queue, shelf)
    for _ in range(4):
        worker.step(Event())
    assert sorted(shelf.stored) == ["a", "b"]
    state = queue.state(jobs[1])
    assert state is not None
    assert (state.state, state.reason, state.detail) == (
        "failed", "failed", "ValueError: no such thing",
    )  # fmt: skip
    assert [dead.deliveries for dead in queue.dead()] == [3]
    assert queue.status().length == 0


def test_one_that_ends_whoever_reads_it_is_set_aside_at_once_and_read_by_nobody_else(
    queue: Queue,
) -> None:
    class Careful(Shelf):
        def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[object]:
            if any(each.id == "poison" for each in articles):
                raise TextLost("poison")
            return super().ingest(articles, evidence=evidence)

    shelf, jobs = Careful(), send(queue, "a", "poison", "b")
    worker = make_worker(queue, shelf, idle_s=60.0)
    worker.step(Event())
    assert sorted(shelf.stored) == ["a", "b"]
    states = [queue.state(job) for job in jobs]
    assert [state and state.state for state in states] == ["done", "failed", "done"]
    assert [(dead.reason, dead.deliveries) for dead in queue.dead()] == [("failed", 1)]


def test_one_that_kills_its_workers_is_set_aside(queue: Queue) -> None:
    shelf = Shelf()
    (job,) = send(queue, "a")
    queue.read("dead", 1, 1)
    for name in ("dead 2", "dead 3"):
        queue.reclaim(name, 0)  # each dies of it
    make_worker(queue, shelf).step(Event())
    state = queue.state(job)
    assert state is not None
    assert (state.state, state.reason) == ("failed", "workers_died")
    assert shelf.stored == []


def test_a_full_disk_is_waited_for_and_costs_nothing(queue: Queue) -> None:
    shelf = Shelf()
    shelf.away = 2
    send(queue, "a", "b")
    make_worker(queue, shelf).step(Event())
    assert shelf.stored == ["a", "b"]
    assert queue.dead() == []


def test_told_to_stop_while_the_stores_are_away_leaves_the_jobs_pending(queue: Queue) -> None:
    shelf, stop = Shelf(), Event()
    shelf.away = 10**9
    send(queue, "a")
    stop.set()
    worker = make_worker(queue, shelf)
    with pytest.raises(OperationalError):
        worker.step(stop)
    worker.run(stop)  # does not raise
    assert queue.status().pending == 1


def test_an_outdated_worker_ends_and_leaves_its_jobs_to_others(queue: Queue) -> None:
    class Moved(Shelf):
        def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[object]:
            raise CatalogMismatch("the catalogue", "mine", "another")

    send(queue, "a", "b")
    with pytest.raises(CatalogMismatch):
        make_worker(queue, Moved()).run(Event())
    assert queue.dead() == []
    shelf = Shelf()
    heir = make_worker(queue, shelf)
    heir.step(Event())
    heir.step(Event())
    assert sorted(shelf.stored) == ["a", "b"]


def test_bytes_that_are_no_article_are_set_aside_at_once(queue: Queue) -> None:
    shelf = Shelf()
    queue.submit([b"\x80\x04pickle", b"[]", b'{"id":"a"}', write_payload(article("fine"))])
    make_worker(queue, shelf).step(Event())
    assert shelf.stored == ["fine"]
    assert [dead.reason for dead in queue.dead()] == ["unreadable"] * 3


def test_entries_without_an_article_are_set_aside_and_end_nobody(
    queue: Queue, redis: Redis
) -> None:
    redis.xadd(queue.name, {"foo": "bar"})
    queue.read("dead", 1, 1)  # one is left lying by somebody
    redis.xadd(queue.name, {b"\xff": b"\xff"})
    send(queue, "fine")
    shelf = Shelf()
    worker = make_worker(queue, shelf)
    for _ in range(2):
        worker.step(Event())
    assert shelf.stored == ["fine"]
    told = [(dead.reason, dead.detail) for dead in queue.dead()]
    assert told == [("unreadable", "an entry without an article")] * 2
    assert queue.status().length == 0


def test_the_log_does_not_hold_what_redis_was_sent(queue: Queue) -> None:
    class Full(Shelf):
        def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[object]:
            if not self.batches:
                self.batches.append(0)
                raise OutOfMemoryError("Command # 1 (EVALSHA secret) of pipeline caused error: OOM")
            return super().ingest(articles, evidence=evidence)

    send(queue, "a")
    shelf = Full()
    with capture_logs() as lines:
        make_worker(queue, shelf).step(Event())
    assert shelf.stored == ["a"]
    assert any(line.get("error") == "OutOfMemoryError" for line in lines)
    assert "secret" not in repr(lines)


def test_answering_is_tried_again_without_storing_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, answer = Shelf(), queue.answer
    failures = [RedisAway("gone"), RedisAway("gone")]

    def flaky(answers: object) -> None:
        if failures:
            raise failures.pop()
        answer(answers)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "answer", flaky)
    send(queue, "a")
    make_worker(queue, shelf).step(Event())
    assert shelf.batches == [1]
    assert queue.status().length == 0


def test_an_article_survives_the_trip(tmp_path: object) -> None:
    sent = Article(
        "a/\u0627",
        None,
        "https://example.com/",
        "",
        "x\n",
        "ar",
        ("A",),
        None,
        None,
        None,
        {"k": [1]},
    )
    assert read_payload(write_payload(sent)) == sent


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"id":1,"body":2}', b'{"what":1}'])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PayloadUnreadable):
        read_payload(data)


def test_a_worker_tidies_up_before_its_first_jobs_and_not_between_all_of_them(
    queue: Queue,
) -> None:
    done: list[int] = []
    worker = make_worker(queue, Shelf(), tidy=lambda: done.append(1))
    for _ in range(3):
        send(queue, "a")
        assert worker.step(Event()) == 1
    assert done == [1]


def test_the_next_batch_is_read_while_one_is_stored(queue: Queue) -> None:
    class Slow(Shelf):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.overlapped = Event(), False

        def begin(self, articles: Sequence[Article], *, evidence: bool = True) -> object:
            if articles[0].id == "c":
                self.begun.set()
            return super().begin(articles, evidence=evidence)

        def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[object]:
            if not self.stored:
                self.overlapped = self.begun.wait(10)
            return super().ingest(articles, evidence=evidence)

    shelf, stop = Slow(), Event()
    jobs = send(queue, "a", "b", "c")
    worker = make_worker(queue, shelf, batch=2, idle_s=60.0)
    assert worker.step(stop) == 2
    assert shelf.overlapped
    assert (shelf.stored, queue.status().pending) == (["a", "b"], 1)
    stop.set()
    worker.run(stop)  # what it has in hand is finished
    assert shelf.batches == [2, 1]
    assert [queue.state(job).state for job in jobs] == ["done"] * 3  # type: ignore[union-attr]


def test_what_fails_when_it_is_read_ahead_is_tried_as_any_other(queue: Queue) -> None:
    class Torn(Shelf):
        def begin(self, articles: Sequence[Article], *, evidence: bool = True) -> object:
            raise OperationalError("SELECT", {}, Exception("away"))

    shelf = Torn()
    send(queue, "a", "poison", "b", "c")
    worker = make_worker(queue, shelf, batch=1)
    for _ in range(6):
        worker.step(Event())
    assert set(shelf.stored) == {"a", "b", "c"}
    assert [dead.reason for dead in queue.dead()] == ["failed"]
