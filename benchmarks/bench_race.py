"""Pairs of copies handed to worker processes at the same moment -> how many find each other.

    python benchmarks/bench_race.py --database-url URL --redis-url URL [--pairs 4000] [--workers 4]

The database has to be empty; the index in Redis becomes its own. The two copies of a pair always go
to two processes, which begin every batch together. Counted are clusters of two: a pair that was
missed is two clusters of one. The time is told, but is no measure of speed: everybody waits for the
slowest at every batch.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine
from dedupe.models import Article
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

OUTPUT = machine.ROOT / "benchmarks" / "results" / "race.json"
BATCH, WORDS, PATIENCE_S = 50, 90, 120


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--redis-url", required=True)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def write_copy(pair: int, side: int) -> Article:
    """One of the two copies: words that no other pair has."""
    chance = random.Random(pair)
    body = " ".join(f"w{chance.getrandbits(40):x}" for _ in range(WORDS))
    return Article(f"{pair}-{side}", f"outlet {side}", None, "", body)


def work(settings: Settings, worker: int, workers: int, pairs: int, start: Barrier) -> None:
    """Take this worker's side of every batch of pairs, together with the others."""
    archive = open_shared_archive(settings)
    try:
        for first in range(0, pairs, BATCH):
            own = [
                write_copy(pair, side)
                for pair in range(first, min(first + BATCH, pairs))
                for side in (0, 1)
                if (pair + side) % workers == worker
            ]
            start.wait(PATIENCE_S)
            archive.ingest(own, evidence=False)
    finally:
        archive.close()


def run(args: argparse.Namespace) -> dict[str, object]:
    """Let the workers race and count."""
    settings = load_settings({"database_url": args.database_url, "redis_url": args.redis_url})
    archive = open_shared_archive(settings)
    if archive.summary().revisions:
        raise SystemExit("the database is not empty")
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(args.workers)
    began = time.perf_counter()
    workers = [
        spawn.Process(target=work, args=(settings, number, args.workers, args.pairs, start))
        for number in range(args.workers)
    ]
    for process in workers:
        process.start()
    for process in workers:
        process.join()
    counts = archive.summary()
    archive.close()
    return {
        "pairs": args.pairs,
        "workers": args.workers,
        "failed_workers": sum(process.exitcode != 0 for process in workers),
        "articles": counts.articles,
        "found": counts.clusters,
        "clustered": counts.clustered,
        "missed": args.pairs - counts.clusters,
        "seconds": round(time.perf_counter() - began, 1),
    }


def main() -> None:
    """Count and write the result."""
    args = parse()
    described = {
        "command": f"python benchmarks/bench_race.py --pairs {args.pairs} --workers {args.workers}",
        "started": machine.now(),
        "commit": machine.commit(),
        "machine": machine.describe_machine(),
        "load_before": machine.load(),
        **run(args),
    }
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(described, indent=1))


if __name__ == "__main__":
    main()
