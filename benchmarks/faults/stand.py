"""Servers, workers and a sender on one machine; and the account of all articles afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from redis import Redis

from benchmarks.faults.nursery import Order
from benchmarks.servers import Postgres, RedisServer, await_true
from dedupe.answers import ClusterQuery
from dedupe.archive import Archive
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.models import Article
from dedupe.readers import ReadOptions
from service.errors import Problem
from service.jobs import Jobs
from service.payload import read_payload
from service.queue import Queue, QueueStatus
from service.redis_client import REDIS_AWAY
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

__all__ = ["Account", "Stand", "invent", "partition_of"]

ROOT = Path(__file__).resolve().parents[2]
_DRAIN_S = 300.0
"""How long a queue may take: workers begin anew, and a busy machine gives them little of a core."""
Partition = frozenset[frozenset[str]]


@dataclass(frozen=True)
class Account:
    """What became of the articles: every one that was acknowledged is stored once or set aside."""

    sent: int
    acknowledged: int
    stored: int
    dead_lettered: int
    lost: int
    twice: int
    refused: int
    same_partition: bool


@dataclass
class Stand:
    """Redis, PostgreSQL and the nursery of workers, in a folder."""

    folder: Path
    redis: RedisServer = field(init=False)
    postgres: Postgres = field(init=False)
    workers: list[int] = field(default_factory=list)
    refused: int = 0
    acknowledged: set[str] = field(default_factory=set)
    _nursery: subprocess.Popen[bytes] | None = None
    _number: int = 0
    _database: str = ""
    _looking: Redis | None = None

    def open(self) -> None:
        """Start all three."""
        self.redis = RedisServer(self.folder / "redis")
        self.redis.start()
        # processes crash here, not machines: without fsync a restart does not wait for the disk
        self.postgres = Postgres(self.folder / "postgres", ("-c fsync=off",))
        self.postgres.create()
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.nursery"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._hear() != "ready":
            raise RuntimeError("the nursery of workers did not start")

    def close(self) -> None:
        """End all; nothing is left."""
        self.end_workers()
        if self._nursery is not None and self._nursery.stdin is not None:
            self._nursery.stdin.close()
            self._nursery.wait(30)
            if self._nursery.stdout is not None:
                self._nursery.stdout.close()
        if self._looking is not None:
            self._looking.close()
        self.redis.kill()
        self.postgres.kill()

    def begin(self) -> None:
        """An empty database, an empty Redis, no workers."""
        self.end_workers()
        if self._database:
            self.postgres.execute(f'DROP DATABASE "{self._database}" WITH (FORCE)')
        self._number += 1
        self._database = f"fault_{self._number}"
        self.postgres.fresh_database(self._database)
        with self.redis.client() as client:
            client.config_set("maxmemory", 0)
            client.flushall()
        self.acknowledged, self.refused = set(), 0
        with closing(self.archive()):
            pass  # the tables are there before two workers would make them

    # --- who works ---

    def work(self, name: str, **more: Any) -> int:  # noqa: ANN401 - fields of an Order
        """Start a worker; its process, which takes jobs from now on."""
        log = str(self.folder / f"{name}.log")
        order = Order(name, self.postgres.url(self._database), self.redis.url, log, **more)
        if self._nursery is None or self._nursery.stdin is None:
            raise RuntimeError("the stand is not open")
        self._nursery.stdin.write(order.write())
        self._nursery.stdin.flush()
        process = int(self._hear())
        if not process:
            raise RuntimeError(Path(log).read_text()[-2000:])
        self.workers.append(process)
        return process

    def _hear(self) -> str:
        if self._nursery is None or self._nursery.stdout is None:
            raise RuntimeError("the stand is not open")
        return self._nursery.stdout.readline().decode().strip()

    def is_alive(self, process: int) -> bool:
        """Whether a worker runs."""
        return Path(f"/proc/{process}").exists()

    def kill(self, process: int) -> None:
        """Kill a worker the hard way and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        self.await_end(process)

    def await_end(self, process: int) -> None:
        """Wait until a worker has gone."""
        await_true(lambda: not self.is_alive(process), "the end of a worker")
        self.workers.remove(process)

    def end_workers(self) -> None:
        """Ask them to stop, and wait."""
        for process in self.workers:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        for process in list(self.workers):
            self.await_end(process)

    # --- who sends and looks ---

    @property
    def settings(self) -> Settings:
        """Those of a service on these servers."""
        url = self.postgres.url(self._database)
        return load_settings({"database_url": url, "redis_url": self.redis.url})

    def archive(self) -> Archive:
        """The archive, opened by this process."""
        return open_shared_archive(self.settings)

    def client(self) -> Redis:
        """A connection to Redis."""
        return self.redis.client()

    def status(self) -> QueueStatus:
        """The queue as it is."""
        if self._looking is None:
            self._looking = self.client()
        return Queue(self._looking).status()

    def send(
        self,
        articles: Sequence[Article],
        size: int = 20,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience_s: float = 30.0,
    ) -> None:
        """Enqueue as the HTTP side does, again and again what was not acknowledged."""
        end = time.monotonic() + patience_s
        with self.client() as client:
            jobs = Jobs(Queue(client), clock)
            for first in range(0, len(articles), size):
                some = articles[first : first + size]
                while not self._offer(jobs, some):
                    self.refused += 1
                    if time.monotonic() > end:
                        raise TimeoutError("nobody takes the articles")
                    time.sleep(0.05)

    def _offer(self, jobs: Jobs, articles: Sequence[Article]) -> bool:
        try:
            jobs.take(articles)
        except (Problem, *REDIS_AWAY):
            return False
        self.acknowledged.update(article.id for article in articles)
        return True

    def await_length(self, most: int) -> None:
        """Wait until the queue holds at most so many jobs."""
        await_true(lambda: self.status().length <= most, f"a queue of {most}", _DRAIN_S)

    def account(self, sent: Iterable[Article]) -> Account:
        """Look for every article; `sent` are all that should be there or set aside."""
        articles = {article.id: article for article in sent}
        with self.client() as client:
            dead = {read_payload(job.payload).id for job in Queue(client).dead(10_000)}
        with closing(self.archive()) as archive:
            stored = {id_ for id_ in articles if archive.article(id_) is not None}
            twice = archive.summary().articles - len(stored)
            found = partition_of(archive)
        expected = _batch_partition(tuple((id_, articles[id_].body) for id_ in sorted(stored)))
        return Account(
            len(articles),
            len(self.acknowledged),
            len(stored),
            len(dead),
            len(self.acknowledged - stored - dead),
            twice,
            self.refused,
            found == expected,
        )


def partition_of(archive: Archive) -> Partition:
    """Clusters of two or more articles, as sets of ids."""
    found: set[frozenset[str]] = set()
    cursor: str | None = None
    while True:
        page = archive.clusters(ClusterQuery(cursor=cursor, limit=500))
        for row in page.rows:
            cluster = archive.cluster(row.cluster_id)
            found.add(frozenset(member.id for member in getattr(cluster, "members", ())))
        cursor = page.next
        if cursor is None:
            return frozenset(found)


@cache
def _batch_partition(texts: tuple[tuple[str, str], ...]) -> Partition:
    """What the batch report makes of the same texts."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for id_, body in texts:
            file.write(json.dumps({"id": id_, "body": body}) + "\n")
        file.flush()
        options = RunOptions(learn=False)
        with run([file.name], ReadOptions(), default_config(), options) as result:
            return frozenset(
                frozenset(member.id for member in cluster.members) for cluster in result.clusters()
            )


def invent(count: int, seed: int = 7) -> list[Article]:
    """Articles of which every third is a copy, shortened or continued, of another one's text."""
    chance = Random(seed)
    letters = "bcdfghjklmnpqrstvwz"
    vowels = "aeiou"

    def word() -> str:
        return "".join(chance.choice(letters) + chance.choice(vowels) for _ in range(3))

    stories: list[list[str]] = []
    articles = []
    for number in range(count):
        if number % 3 == 2:
            told = list(chance.choice(stories))
            told = told[: chance.randrange(90, 120)] if chance.random() < 0.5 else [*told, word()]
        else:
            told = [word() for _ in range(120)]
            stories.append(told)
        body = " ".join(told)
        articles.append(Article(f"a{number:05}", f"outlet {number % 7}", None, "", body))
    chance.shuffle(articles)
    return articles
