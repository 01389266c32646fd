"""Workers on real servers -> articles a second, depth of the queue, bytes an article.

    python benchmarks/bench_distributed.py all --input FILE... [--n 20000]
    python benchmarks/bench_distributed.py workers|paced|queue --input FILE...

Redis (append-only file, `--fsync`), PostgreSQL (fsync on) and `isnad worker` run on this machine,
as on a small installation; the articles are put into the queue by this process, which costs 30 us
each. `workers`: all at once, once with one worker and once with two, from the first submitted to
the last answered; the CPU seconds of workers and servers are counted apart, since a busy machine
makes the clock say less. `paced`: so many a second for a time, and how deep the queue is meanwhile.
Sizes are those after `workers` with one: Redis when the answers have gone, PostgreSQL after a
vacuum. `queue`: bytes of a job that waits and of an answer that is kept, in Redis. Each part writes
its own key of the result.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from redis import Redis
from redis.cluster import RedisCluster

from benchmarks import machine
from benchmarks.servers import Postgres, RedisServer, await_true, children, cpu_s, end
from dedupe.models import Article
from dedupe.readers import ReadOptions, plan, read
from service.jobs import Jobs
from service.queue import Queue
from service.redis_client import open_redis
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

OUTPUT = machine.ROOT / "benchmarks" / "results" / "distributed.json"
ANSWER_S = 2
_LOOK_S, _SEND = 0.1, 500


@dataclass
class Stack:
    """The servers, and what runs on them."""

    redis: RedisServer
    postgres: Postgres
    folder: Path
    capacity: int
    """Articles that the index is laid out for: as many as come, or its buckets stay empty."""
    answer_s: int

    @property
    def settings(self) -> Settings:
        """Of a process on these servers; answers go soon, so that Redis can be weighed."""
        given = {"database_url": self.postgres.url(), "redis_url": self.redis.url}
        return load_settings(given | {"answer_s": self.answer_s, "index_capacity": self.capacity})

    @contextmanager
    def workers(self, count: int) -> Iterator[list[int]]:
        """So many `isnad worker`, ready; their processes."""
        with ExitStack() as stack:
            started = [stack.enter_context(self._worker(number)) for number in range(count)]
            for process in started:
                if process.stdout is None or b"is ready" not in process.stdout.readline():
                    raise SystemExit("a worker did not start: see the log in its folder")
            yield [process.pid for process in started]

    @contextmanager
    def _worker(self, number: int) -> Iterator[subprocess.Popen[bytes]]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(machine.ROOT),
            "ISNAD_DATABASE_URL": self.postgres.url(),
            "ISNAD_REDIS_URL": self.redis.url,
            "ISNAD_ANSWER_S": str(self.answer_s),
            "ISNAD_INDEX_CAPACITY": str(self.capacity),
        }
        command = [sys.executable, "-m", "dedupe.cli", "worker", "--name", f"worker-{number}"]
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                end(process)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def opened(capacity: int, fsync: str, answer_s: int = ANSWER_S) -> Iterator[Stack]:
    """Fresh servers, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as name:
        folder = Path(name)
        redis, postgres = RedisServer(folder / "redis", fsync=fsync), Postgres(folder / "postgres")
        try:
            redis.start()
            postgres.create()
            stack = Stack(redis, postgres, folder, max(1000, capacity), answer_s)
            open_shared_archive(stack.settings).close()  # makes the tables
            yield stack
        finally:
            redis.kill()
            postgres.kill()


def read_articles(paths: Sequence[Path], count: int) -> list[Article]:
    """The first `count` articles of files that `isnad report` reads."""
    options = ReadOptions()
    items = (item for part in plan([str(path) for path in paths], options)
             for item in read(part, options))  # fmt: skip
    articles = list(islice((item for item in items if isinstance(item, Article)), count))
    if not articles:
        raise SystemExit("no articles in the input")
    return articles


def _now() -> datetime:
    return datetime.now(UTC)


# --- all at once ----------------------------------------------------------------------------------


def measure_workers(articles: Sequence[Article], count: int, fsync: str) -> dict[str, Any]:
    """Rate and CPU of so many workers; with one of them the sizes too."""
    with opened(len(articles), fsync) as stack, closing(open_redis(stack.redis.url)) as client:
        before = int(client.info("memory")["used_memory"])
        queue = Queue(client, limit=10**6)
        with stack.workers(count) as workers:
            used = partial(_use, stack, workers)
            cpu, begun = used(), time.perf_counter()
            jobs = Jobs(queue, _now)
            for first in range(0, len(articles), _SEND):
                jobs.take(articles[first : first + _SEND])
            sent_s = time.perf_counter() - begun
            await_true(lambda: queue.status().length == 0, "an empty queue", 3600)
            seconds = time.perf_counter() - begun
            cpu = {name: now - cpu[name] for name, now in used().items()}
        dead = queue.status().dead
        found = {
            "workers": count,
            "redis_fsync": fsync,
            "articles": len(articles),
            "dead": dead,
            "sent_s": round(sent_s, 2),
            "seconds": round(seconds, 2),
            "articles_per_s": round(len(articles) / seconds, 1),
            "cpu_us_an_article": {
                name: round(value / len(articles) * 1e6) for name, value in cpu.items()
            },
        }
        return found | (weigh(stack, client, articles, before) if count == 1 else {})


def _use(stack: Stack, workers: Sequence[int]) -> dict[str, float]:
    """CPU seconds so far; `texts` are the processes of the workers that read articles."""
    texts = cpu_s(*(child for worker in workers for child in children(worker)))
    redis = stack.redis.process.pid if stack.redis.process else 0
    return {
        "workers": cpu_s(*workers) - texts,
        "texts": texts,
        "redis": cpu_s(redis),
        "postgres": cpu_s(stack.postgres.process()),
    }


def weigh(
    stack: Stack, client: Redis | RedisCluster, articles: Sequence[Article], before: int
) -> dict[str, Any]:
    """Bytes in both stores, by article and by key."""
    await_true(lambda: not any(client.scan_iter("*:answer:*", count=10_000)), "expiry", 60)
    client.memory_purge()
    used = int(client.info("memory")["used_memory"]) - before
    stack.postgres.execute("VACUUM ANALYZE", "CHECKPOINT")
    ((size,),) = stack.postgres.execute("SELECT pg_database_size('isnad')")
    with closing(open_shared_archive(stack.settings)) as archive:
        counts = archive.summary()
        sample = [archive.explain(article.id) for article in articles[:: len(articles) // 200 or 1]]
    keys = statistics.fmean(len(e.bands) + len(e.passages) for e in sample if e is not None)
    text = statistics.fmean(len(each.body.encode()) for each in articles)
    return {
        "stored": counts.articles,
        "clusters": counts.clusters,
        "body_bytes_an_article": round(text),
        "keys_an_article": round(keys, 1),
        "redis_bytes_an_article": round(used / counts.articles),
        "redis_bytes_a_key": round(used / counts.articles / keys, 2),
        "postgres_bytes_an_article": round(int(str(size)) / counts.articles),
    }


def measure_queue(articles: Sequence[Article], fsync: str) -> dict[str, Any]:
    """Bytes of a job that waits, and of an answer that is kept."""
    with (
        opened(len(articles), fsync, answer_s=3600) as stack,
        closing(open_redis(stack.redis.url)) as client,
    ):
        queue = Queue(client, limit=10**6)
        queue.open()
        weights = [_used(client)]
        jobs = Jobs(queue, _now)
        for first in range(0, len(articles), _SEND):
            jobs.take(articles[first : first + _SEND])
        weights.append(_used(client))
        with stack.workers(1):
            await_true(lambda: queue.status().length == 0, "an empty queue", 3600)
        weights.append(_used(client))
        for name in client.scan_iter("*:answer:*", count=10_000):
            client.unlink(name)
        weights.append(_used(client))
    empty, full, answered, left = weights
    return {
        "articles": len(articles),
        "body_bytes_an_article": round(statistics.fmean(len(a.body.encode()) for a in articles)),
        "redis_bytes_a_waiting_job": round((full - empty) / len(articles)),
        "redis_bytes_an_answer": round((answered - left) / len(articles)),
    }


def _used(client: Any) -> int:  # noqa: ANN401 - typed for two protocols at once
    """Bytes that Redis uses, once it has given back what it deleted."""
    time.sleep(0.5)
    client.memory_purge()
    return int(client.info("memory")["used_memory"])


# --- at a pace ------------------------------------------------------------------------------------


def measure_paced(
    articles: Sequence[Article], per_s: int, seconds: float, count: int, fsync: str
) -> dict[str, Any]:
    """Depth of the queue and age of its oldest job while articles come at a pace."""
    depths: list[int] = []
    ages: list[float] = []
    with opened(len(articles), fsync) as stack, closing(open_redis(stack.redis.url)) as client:
        queue = Queue(client, limit=10**6)
        jobs, step = Jobs(queue, _now), max(1, per_s // 20)
        with stack.workers(count):
            begun, sent, looked = time.monotonic(), 0, 0.0
            while (now := time.monotonic() - begun) < seconds and sent < len(articles):
                if now - looked >= _LOOK_S:
                    status, looked = queue.status(), now
                    depths.append(status.length)
                    ages.append(status.oldest_s)
                if sent <= now * per_s:
                    jobs.take(articles[sent : sent + step])
                    sent += step
                else:
                    time.sleep(0.005)
            took = time.monotonic() - begun
            await_true(lambda: queue.status().length == 0, "an empty queue", 600)
            drained_s = time.monotonic() - begun - took
    half = len(depths) // 2
    return {
        "workers": count,
        "asked_per_s": per_s,
        "sent_per_s": round(sent / took, 1),
        "seconds": round(took, 1),
        "depth": {
            "median": statistics.median(depths),
            "median_first_half": statistics.median(depths[:half]),
            "median_second_half": statistics.median(depths[half:]),
            "most": max(depths),
        },
        "oldest_s": {"median": round(statistics.median(ages), 3), "most": round(max(ages), 3)},
        "drained_s": round(drained_s, 2),
    }


# --- the command ----------------------------------------------------------------------------------


def run_workers(args: argparse.Namespace, note: Callable[[str, Any], None]) -> None:
    """One worker, then two."""
    articles = read_articles(args.input, args.n)
    one, two = (measure_workers(articles, count, args.fsync) for count in (1, 2))
    speed_up = round(two["articles_per_s"] / one["articles_per_s"], 2)
    note("workers", {"one": one, "two": two, "speed_up": speed_up})


def run_queue(args: argparse.Namespace, note: Callable[[str, Any], None]) -> None:
    """What waits and what was answered."""
    note("queue", measure_queue(read_articles(args.input, min(args.n, 5000)), args.fsync))


def run_paced(args: argparse.Namespace, note: Callable[[str, Any], None]) -> None:
    """One worker at a pace."""
    articles = read_articles(args.input, args.n)
    note("paced", measure_paced(articles, args.per_s, args.seconds, 1, args.fsync))


PARTS: dict[str, Callable[[argparse.Namespace, Callable[[str, Any], None]], None]] = {
    "workers": run_workers,
    "paced": run_paced,
    "queue": run_queue,
}
"""Part -> what runs it; a new one needs a line here."""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("--input", type=Path, nargs="+", required=True, help="real articles")
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--per-s", type=int, default=500, help="paced: articles a second")
    parser.add_argument("--seconds", type=float, default=40.0, help="paced: for so long")
    parser.add_argument("--fsync", choices=["everysec", "always"], default="everysec")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def main() -> None:
    """Run the parts asked for; each replaces its own key of the result."""
    args = parse()
    names, occasion = [path.name for path in args.input], machine.Occasion()

    def note(part: str, found: dict[str, Any]) -> None:
        told = json.loads(args.output.read_text()) if args.output.exists() else {}
        told[part] = {
            **occasion.describe(),
            "input": names,
            **found,
        }
        machine.write_result(args.output, told)
        print(part, json.dumps(found, indent=1), flush=True)

    for part, act in PARTS.items():
        if args.part in (part, "all"):
            act(args, note)


if __name__ == "__main__":
    main()
