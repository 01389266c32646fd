"""Keys of real articles -> CPU of the index in Redis, of the server and of who publishes; bytes.

    python benchmarks/bench_index.py --input FILE... [--n 20000]

The keys are published in batches as workers have them, by this process alone, so that neither the
queue nor PostgreSQL nor attribution is in the figures. Redis keeps an append-only file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks import machine
from benchmarks.bench_distributed import read_articles
from benchmarks.servers import RedisServer, cpu_s
from dedupe.archive.engine import batch_keys
from dedupe.archive.prepared import split_prints
from dedupe.attribution import load_extractor
from dedupe.config import default_config
from dedupe.index.protocol import KeyBatch
from dedupe.models import Article
from dedupe.pipeline import process_articles
from dedupe.records import hash_text
from service.redis_client import open_redis
from service.redis_index import RedisIndex
from service.redis_keys import IndexShape

OUTPUT = machine.ROOT / "benchmarks" / "results" / "index.json"
_BATCH = 512


def make_batches(articles: Sequence[Article]) -> list[KeyBatch]:
    """The keys of articles, numbered from one, as so many at a time bring them."""
    config, extractor = default_config(), load_extractor()
    batches = []
    for first in range(0, len(articles), _BATCH):
        some = articles[first : first + _BATCH]
        prints = process_articles(some, config, extractor).fingerprints
        numbers = np.arange(first + 1, first + 1 + len(some))
        ranks = np.fromiter((hash_text(each.id) for each in some), np.uint64, len(some))
        keys = [text.keys for text in split_prints(prints, [0] * len(some))]
        batches.append(batch_keys(numbers, ranks, np.zeros_like(numbers), keys, config))
    return batches


def measure(batches: Sequence[KeyBatch], folder: Path) -> dict[str, Any]:
    """Publish all batches to a fresh server."""
    articles = sum(map(len, batches))
    keys = sum(batch.bands.size + len(batch.passages) for batch in batches)
    server = RedisServer(folder, fsync="everysec")
    try:
        server.start()
        process = server.process.pid if server.process else 0
        index = RedisIndex(open_redis(server.url), default_config(), IndexShape(articles))
        with closing(index):
            index.look(batches[0])  # what is done once is done
            size, own_s, server_s = index.memory(), time.process_time(), cpu_s(process)
            pairs = sum(len(index.publish(batch).places) for batch in batches)
            own_s, server_s = time.process_time() - own_s, cpu_s(process) - server_s
            size = index.memory() - size
    finally:
        server.kill()
    return {
        "articles": articles,
        "keys_an_article": round(keys / articles, 1),
        "pairs_an_article": round(pairs / articles, 2),
        "cpu_us_an_article": {
            "redis": round(server_s / articles * 1e6),
            "client": round(own_s / articles * 1e6),
        },
        "redis_bytes_a_key": round(size / keys, 2),
    }


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--input", type=Path, nargs="+", required=True, help="real articles")
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def main() -> None:
    """Measure and write the result."""
    args, occasion = parse(), machine.Occasion()
    batches = make_batches(read_articles(args.input, args.n))
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as folder:
        found = measure(batches, Path(folder))
    about = {"input": [path.name for path in args.input], **occasion.describe()}
    machine.write_result(args.output, about | found)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
