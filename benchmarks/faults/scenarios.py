"""The faults: each is done to a stand that is at work, and ends when its queue is empty."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.faults.nursery import PHASES, POISON
from benchmarks.faults.stand import Account, Stand, invent
from benchmarks.servers import await_true
from dedupe.models import Article

__all__ = ["SCENARIOS", "Scenario"]

Scenario = Callable[[Stand, int], Account]
"""Does it to so many articles on a stand that has begun."""

_FULL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""


def _killed_in(phase: str) -> Scenario:
    """A worker is killed behind a phase of its second batch; another one takes over."""

    def act(stand: Stand, count: int) -> Account:
        articles = invent(count)
        # batch after batch: what a batch without copies skips (it verifies nothing) comes later
        doomed = stand.work("doomed", die_at=phase, die_after=2)
        stand.send(articles)
        stand.await_end(doomed)
        stand.work("heir")
        stand.await_length(0)
        return stand.account(articles)

    return act


def killed_at_random(stand: Stand, count: int) -> Account:
    """Workers are killed wherever they are, one after the other, while articles come in."""
    articles, chance = invent(count), Random(3)
    for number in range(3):
        stand.work(f"worker{number}")
    with _sending(stand, articles):
        for number in range(3, 8):
            _await_work(stand)
            stand.kill(chance.choice(stand.workers))
            stand.work(f"worker{number}")
    stand.await_length(0)
    return stand.account(articles)


def redis_killed(stand: Stand, count: int) -> Account:
    """Redis is killed and started again, twice, under senders and workers."""
    articles = invent(count)
    stand.work("one")
    stand.work("two")
    with _sending(stand, articles):
        for _ in range(2):
            _await_work(stand)
            stand.redis.kill()
            stand.redis.start()
    stand.await_length(0)
    return stand.account(articles)


def postgres_crashed(stand: Stand, count: int) -> Account:
    """PostgreSQL crashes in the middle of batches and comes back."""
    articles = invent(count)
    stand.work("one")
    stand.work("two")
    with _sending(stand, articles):
        _await_work(stand)
        stand.postgres.stop("immediate")
        stand.postgres.start()
    stand.await_length(0)
    return stand.account(articles)


def poison(stand: Stand, count: int) -> Account:
    """Two articles kill whoever stores them; workers are started again as a supervisor would."""
    articles = invent(count)
    poisoned = [Article(f"{POISON}-{n}", None, None, "", f"bad text {n}") for n in range(2)]
    articles[count // 3 : count // 3] = poisoned
    stand.send(articles)
    number = 0

    def is_done() -> bool:
        nonlocal number
        for process in [each for each in stand.workers if not stand.is_alive(each)]:
            stand.workers.remove(process)
        while len(stand.workers) < 2:
            number += 1
            stand.work(f"worker{number}", idle_s=0.2, deliveries=3)
        return stand.status().length == 0

    await_true(is_done, "the rest to flow on")
    return stand.account(articles)


def delivered_twice(stand: Stand, count: int) -> Account:
    """Everything is sent twice, and two workers take each other's jobs all the time."""
    articles = invent(count)
    for number in range(2):
        stand.work(f"worker{number}", idle_s=0.001, deliveries=10**6)
    stand.send(articles)
    stand.send(list(reversed(articles)))
    stand.await_length(0)
    return stand.account(articles)


def clocks_jump(stand: Stand, count: int) -> Account:
    """The clocks of senders and workers jump by days to and fro."""
    articles, chance = invent(count), Random(11)
    for number in range(2):
        stand.work(f"worker{number}", clock_jumps=72)
    stand.send(articles, clock=lambda: datetime.now(UTC) + timedelta(hours=chance.uniform(-72, 72)))
    stand.await_length(0)
    return stand.account(articles)


def catalogue_full(stand: Stand, count: int) -> Account:
    """The disk of the catalogue is full (SQLSTATE 53100) until somebody makes room."""
    articles = invent(count)
    table, database = "texts", stand.settings.database_url
    if database is None:
        raise RuntimeError("no database")
    name = database.get_secret_value().rpartition("/")[2]
    trigger = f"CREATE TRIGGER refusing BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()"
    stand.postgres.execute(_FULL, trigger, database=name)
    stand.work("one")
    stand.work("two")
    stand.send(articles)
    log = Path(stand.folder / "one.log")
    await_true(lambda: "DiskFull" in log.read_text() or "No space left" in log.read_text(), "it")
    stand.postgres.execute(f"DROP TRIGGER refusing ON {table}", database=name)
    stand.await_length(0)
    return stand.account(articles)


def redis_full(stand: Stand, count: int) -> Account:
    """Redis has no memory left: senders are told to come back, until there is more."""
    articles = invent(count)
    with stand.client() as client:
        used = int(client.info("memory")["used_memory"])
        client.config_set("maxmemory", used + (64 << 10))
        stand.work("one")
        stand.work("two")
        with _sending(stand, articles):
            await_true(lambda: stand.refused > 2, "a sender that is refused")
            client.config_set("maxmemory", 0)
    stand.await_length(0)
    return stand.account(articles)


def _await_work(stand: Stand) -> None:
    """Wait until a worker has jobs in hand, or has none left."""

    def is_at_work() -> bool:
        status = stand.status()
        return status.pending > 0 or (bool(stand.acknowledged) and not status.length)

    await_true(is_at_work, "some work")


@contextmanager
def _sending(stand: Stand, articles: Sequence[Article]) -> Iterator[None]:
    """Articles come in while the block runs; it ends when all were acknowledged."""
    errors: list[BaseException] = []

    def send() -> None:
        try:
            stand.send(articles)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if errors:
        raise errors[0]


SCENARIOS: Mapping[str, Scenario] = {
    **{f"worker killed behind {phase}": _killed_in(phase) for phase in PHASES},
    "workers killed at random": killed_at_random,
    "Redis killed and restarted": redis_killed,
    "PostgreSQL crashed and restarted": postgres_crashed,
    "poison article": poison,
    "everything delivered twice": delivered_twice,
    "clocks jump": clocks_jump,
    "disk of the catalogue full": catalogue_full,
    "Redis out of memory": redis_full,
}
