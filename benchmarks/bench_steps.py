"""The same articles into an embedded and into a shared archive -> CPU of each, time of each step.

    python benchmarks/bench_steps.py --database-url URL --redis-url URL --input FILE [--n 4096]

One process, batch by batch in turn, so that both meet the same load of the machine. CPU is that of
this process; what the servers take is not in it. The steps are those of `dedupe.archive.phases`, by
the clock: the last one holds the lock of whoever changes clusters, so its share bounds how many
workers are of use. The database has to be empty.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine
from benchmarks.bench_archive import BATCH, read_articles
from benchmarks.given_servers import empty_settings, make_parser
from dedupe.archive import Archive, open_archive
from dedupe.archive.shared import Step
from dedupe.models import Article
from service.wiring import open_shared_archive

OUTPUT = machine.ROOT / "benchmarks" / "results" / "steps.json"
WARM = 2 * BATCH


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = make_parser(__doc__, OUTPUT)
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--n", type=int, default=4096)
    return parser.parse_args(arguments)


class Stopwatch:
    """Seconds from step to step."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.last = 0.0

    def __call__(self, made: Step) -> None:
        """Add the time since the step before."""
        now = time.perf_counter()
        self.seconds[made.value] += now - self.last
        self.last = now


def take(archive: Archive, batch: Sequence[Article], watch: Stopwatch) -> float:
    """Store a batch; CPU seconds."""
    watch.last, began = time.perf_counter(), time.process_time()
    archive.ingest(batch, evidence=False)
    return time.process_time() - began


def run(args: argparse.Namespace) -> dict[str, object]:
    """Fill both and measure."""
    articles = list(islice(read_articles(args.input), args.n + WARM))
    settings = empty_settings(args)
    watch = Stopwatch()
    cpu: defaultdict[str, float] = defaultdict(float)
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as folder:
        archives: dict[str, Archive] = {
            "embedded": open_archive(Path(folder) / "a.db", lambda: datetime.now(UTC)),
            "shared": open_shared_archive(settings, watch=watch),
        }
        for first in range(0, len(articles), BATCH):
            if first == WARM:
                watch.seconds.clear()
                cpu.clear()
            for name, archive in archives.items():
                cpu[name] += take(archive, articles[first : first + BATCH], watch)
        for archive in archives.values():
            archive.close()
    count = len(articles) - WARM
    return {
        "articles": count,
        "cpu_us_an_article": {name: round(1e6 * own / count) for name, own in cpu.items()},
        "wall_us_an_article_by_step": {
            name: round(1e6 * own / count) for name, own in watch.seconds.items()
        },
        "share_under_the_lock": round(watch.seconds["settled"] / sum(watch.seconds.values()), 3),
    }


def main() -> None:
    """Measure and write the result."""
    args = parse()
    occasion = machine.Occasion()
    found = run(args)
    command = f"python benchmarks/bench_steps.py --n {args.n} --input {args.input.name}"
    machine.write_result(args.output, {"command": command, **occasion.describe(), **found})
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
