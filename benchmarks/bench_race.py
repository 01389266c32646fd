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
from benchmarks.given_servers import empty_settings, make_parser
from dedupe.models import Article
from service.settings import Settings
from service.wiring import open_shared_archive

OUTPUT = machine.ROOT / "benchmarks" / "results" / "race.json"
BATCH, WORDS, PATIENCE_S = 50, 90, 120


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = make_parser(__doc__, OUTPUT)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=4)
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
    settings = empty_settings(args)
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
    archive = open_shared_archive(settings)
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
    occasion = machine.Occasion()
    found = run(args)
    command = f"python benchmarks/bench_race.py --pairs {args.pairs} --workers {args.workers}"
    machine.write_result(args.output, {"command": command, **occasion.describe(), **found})
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
