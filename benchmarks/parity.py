"""The same articles over HTTP and in the batch report -> whether both find the same clusters.

    python -m benchmarks.parity [--only seeds synthetic saudinewsnet] [--n 20000]

The service is a real one on a fresh file. It gets the articles as streams in a shuffled order, and
a tenth of them a second time; the report reads them from a file. Clusters are compared as sets of
ids, and told apart where they differ. Where a key was capped or skipped equality is not promised
(CONTRACTS section 5), so those are counted.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks import corpora, machine
from benchmarks.bench_service import NDJSON, Service, ask, read_lines, serving
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.models import Article
from dedupe.readers import ReadOptions, plan, read
from service.client import write_article

OUTPUT = machine.ROOT / "benchmarks" / "results" / "parity.json"
STREAM = 2_000
"""Articles of one request: clusters grow over several."""
Partition = set[frozenset[str]]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ("seeds", "synthetic", "saudinewsnet")
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--n", type=int, default=20_000, help="synthetic articles")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def seed_lines(folder: Path) -> Iterator[bytes]:
    """The seeds as records: what the readers make of them."""
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.jsonl")])
    for part in plan([str(path) for path in files]):
        for item in read(part):
            if isinstance(item, Article):
                yield write_article(item) + b"\n"


def corpus_lines(name: str, count: int) -> Iterator[bytes] | None:
    """Records of a corpus, or None where it is not there."""
    if name == "seeds":
        return seed_lines(machine.ROOT / "seeds")
    if name == "synthetic":
        return islice(read_lines(corpora.provide_corpus(count) / "articles.jsonl"), count)
    path = Path(os.environ.get("ISNAD_SHARED") or ".") / "data" / "news_ar_saudinewsnet.jsonl.gz"
    return read_lines(path) if path.is_file() else None


def report(path: Path) -> tuple[Partition, dict[str, Any]]:
    """Clusters that the batch engine finds, and what it says of keys and counts."""
    with run([str(path)], ReadOptions(), default_config(), RunOptions()) as result:
        partition = {frozenset(m.id for m in cluster.members) for cluster in result.clusters()}
        summary = orjson.loads(orjson.dumps(result.summary, option=orjson.OPT_NON_STR_KEYS))
    kept = ("articles", "clusters", "capped_keys", "skipped_keys")
    return partition, {name: summary[name] for name in kept if name in summary}


def ingest(service: Service, lines: Sequence[bytes], seed: int) -> Partition:
    """Stream articles in another order, some twice; the clusters of the service."""
    chance = random.Random(seed)
    order = [*lines, *chance.sample(lines, len(lines) // 10)]
    chance.shuffle(order)
    to = http.client.HTTPConnection("127.0.0.1", service.port)
    for first in range(0, len(order), STREAM):
        body = b"".join(order[first : first + STREAM])
        status, answer = ask(to, "POST", "/v1/articles", body, NDJSON)
        last = orjson.loads(answer.splitlines()[-1])
        if status != 200 or not last["complete"] or last["counts"]["refused"]:
            raise SystemExit(f"status {status}: {last}")
    status, answer = ask(to, "GET", "/v1/report")
    if status != 200:
        raise SystemExit(f"status {status}: {answer[:500]!r}")
    clusters = orjson.loads(answer)["clusters"]
    return {frozenset(member["id"] for member in cluster["members"]) for cluster in clusters}


def compare(name: str, lines: Sequence[bytes]) -> dict[str, Any]:
    """One corpus by both ways."""
    with tempfile.TemporaryDirectory(prefix="isnad-parity-") as folder:
        path = Path(folder) / "articles.jsonl"
        path.write_bytes(b"".join(lines))
        batch, summary = report(path)
        with serving(Path(folder)) as service:
            online = ingest(service, lines, len(lines))
    found = {
        "articles": len(lines),
        "clusters": len(batch),
        "equal": online == batch,
        "only_report": len(batch - online),
        "only_service": len(online - batch),
        "report": summary,
    }
    print(name, json.dumps(found), flush=True)
    return found


def main() -> int:
    """Compare and write the result; 1 where any corpus differs."""
    args = parse()
    occasion = machine.Occasion()
    result: dict[str, Any] = {
        "command": f"python -m benchmarks.parity --n {args.n}",
        "corpora": {},
    }
    for name in args.only:
        lines = corpus_lines(name, args.n)
        if lines is None:
            print(f"{name}: not there (set ISNAD_SHARED)", flush=True)
            continue
        result["corpora"][name] = compare(name, list(lines))
        machine.write_result(args.output, result | occasion.describe())
    return 0 if all(found["equal"] for found in result["corpora"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
