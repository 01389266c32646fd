"""Articles one batch after another -> how fast the archive takes them, as it grows.

    python benchmarks/bench_archive.py --n 200000 [--input FILE] [--output FILE]

One process without HTTP: reading, attribution, matching, clustering and the durable commit are in
the rate. Then `check` of articles the archive does not hold, 20 threads that hand in one article
each, and a restart. Memory is that of the process, anonymous and mapped pages apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine
from dedupe.archive import LocalArchive, open_archive
from dedupe.models import Article
from dedupe.readers import ReadOptions, plan, read

Work = Callable[[Sequence[Article]], object]

OUTPUT = machine.ROOT / "benchmarks" / "results" / "archive.json"
BATCH, WINDOW, SINGLES, THREADS = 256, 10_000, 1_000, 20


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=100_000, help="articles to store")
    parser.add_argument("--input", type=Path, help="articles to read instead of generated ones")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def read_articles(path: Path) -> Iterator[Article]:
    """Walk the articles of a file."""
    options = ReadOptions()
    for part in plan([str(path)], options):
        for item in read(part, options):
            if isinstance(item, Article):
                yield item


def memory_mb() -> dict[str, float]:
    """Resident megabytes of this process: anonymous, and mapped from files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("RssAnon", "RssFile"):
            found[name] = round(int(value.split()[0]) / 1024, 1)
    return {"anonymous": found["RssAnon"], "mapped": found["RssFile"]}


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th of a hundred, in milliseconds."""
    ordered = sorted(seconds)
    return {
        f"p{share}_ms": round(1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 2)
        for share in (50, 95, 99)
    }


def fill(archive: LocalArchive, articles: Iterator[Article]) -> list[dict[str, Any]]:
    """Store all articles; the rate of every window."""
    windows: list[dict[str, Any]] = []
    stored = 0
    while True:
        wall = cpu = 0.0
        count = 0
        while count < WINDOW:
            batch = list(islice(articles, BATCH))  # reading is not measured
            if not batch:
                break
            began, began_cpu = time.perf_counter(), time.process_time()
            archive.ingest(batch, evidence=False)
            wall += time.perf_counter() - began
            cpu += time.process_time() - began_cpu
            count += len(batch)
        if count < WINDOW // 2:
            return windows
        stored += count
        windows.append(
            {
                "stored": stored,
                "articles_a_second": round(count / wall),
                "cpu_us_an_article": round(1e6 * cpu / count),
                "memory_mb": memory_mb(),
                "index_mb": round(archive.index_bytes() / 1e6, 1),
            }
        )
        print(json.dumps(windows[-1]), file=sys.stderr, flush=True)


def time_each(work: Work, articles: Sequence[Article]) -> list[float]:
    """Seconds of each call."""
    seconds = []
    for article in articles:
        began = time.perf_counter()
        work([article])
        seconds.append(time.perf_counter() - began)
    return seconds


def time_together(archive: LocalArchive, articles: Sequence[Article]) -> dict[str, float]:
    """Latency of single articles handed in by many threads at once."""
    seconds: list[float] = []
    began = time.perf_counter()
    threads = [
        threading.Thread(
            target=lambda own: seconds.extend(time_each(archive.ingest, own)), args=(a,)
        )
        for a in (articles[place::THREADS] for place in range(THREADS))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(articles) / (time.perf_counter() - began)
    return {**quantiles(seconds), "articles_a_second": round(rate)}


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Fill an archive and measure it."""
    extra = 3 * SINGLES
    path = args.input or corpora.provide_corpus(args.n) / "articles.jsonl"
    articles = read_articles(path)
    singles = list(islice(articles, extra))
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as folder:
        file = Path(folder) / "archive.db"
        archive = open_archive(file, lambda: datetime.now(UTC))
        archive.ingest([replace(singles[0], id="warm")])  # the kernels are loaded
        archive.check([replace(singles[1], id="warm-too")])
        windows = fill(archive, islice(articles, args.n))
        result = {
            "windows": windows,
            "check": quantiles(time_each(archive.check, singles[:SINGLES])),
            "ingest_alone": quantiles(time_each(archive.ingest, singles[:SINGLES])),
            "ingest_20_threads": time_together(archive, singles[SINGLES:]),
            "catalog_bytes_an_article": round(file.stat().st_size / windows[-1]["stored"]),
            "index_bytes_an_article": round(archive.index_bytes() / windows[-1]["stored"]),
            "counts": archive.summary().matches,
        }
        archive.close()
        began = time.perf_counter()
        archive = open_archive(file, lambda: datetime.now(UTC))
        result["restart_s"] = round(time.perf_counter() - began, 2)
        archive.drop_index_files()
        archive.close()
        began = time.perf_counter()
        open_archive(file, lambda: datetime.now(UTC)).close()
        result["restart_without_index_s"] = round(time.perf_counter() - began, 2)
    return result


def main() -> None:
    """Measure and write the result."""
    args = parse()
    occasion = machine.Occasion()
    result = run(args)
    source = f" --input {args.input.name}" if args.input else ""
    described = {
        "command": f"python benchmarks/bench_archive.py --n {args.n}{source}",
        **occasion.describe(),
        **result,
    }
    machine.write_result(args.output, described)
    print(json.dumps({name: described[name] for name in result if name != "windows"}, indent=1))


if __name__ == "__main__":
    main()
