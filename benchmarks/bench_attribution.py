"""Articles -> what reading their notices costs: with and without one, and at its worst.

    python benchmarks/bench_attribution.py [--n 20000] [--shared DIR] [--output FILE]

CPU time of one process on articles that are in memory, so beyond reading them; the median of
`--rounds` passes after one that compiles what the collection needs. `plain` articles are those in
which nothing was found to look at closely, `read` those that were read closely, `read_new` half of
these at first sight, in one pass after the other half: without what is remembered of their own
names. `worst` is the dearest of a million code points made of one rule's own example, or of marks,
over and over.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine
from dedupe.attribution import Extractor, load_extractor
from dedupe.attribution.rule_files import load_languages
from dedupe.models import Article

BATCH = 256
MILLION = 1_000_000
MARKS = (
    "(AP) ",
    "AP/",
    "source: ",
    "((((",
    "&amp;",
    "\u0640",
    "\n",
    "\u0627\u0644\u0645\u0635\u062f\u0631: ",
)
COLLECTIONS = {
    "saudinewsnet": "news_ar_saudinewsnet.jsonl.gz",
    "ant": "news_ar_ant.jsonl.gz",
    "reuters": "news_en_reuters21578.jsonl.gz",
    "wnam": "news_en_wnam2015.jsonl.gz",
    "insm": "news_de_insm.jsonl.gz",
}


def read_articles(lines: Iterable[bytes], limit: int) -> list[Article]:
    """Bodies of the first `limit` records, without metadata: what the text alone costs."""
    found = []
    for number, line in zip(range(limit), lines, strict=False):
        record = orjson.loads(line)
        body = record.get("body") or record.get("text") or ""
        outlet = record.get("outlet") or record.get("source")
        found.append(Article(str(number), outlet, None, record.get("title") or "", body))
    return found


def _seconds(extractor: Extractor, articles: Sequence[Article]) -> float:
    started = time.process_time()
    for first in range(0, len(articles), BATCH):
        extractor.extract(articles[first : first + BATCH])
    return time.process_time() - started


def measure(extractor: Extractor, articles: Sequence[Article], rounds: int) -> dict[str, Any]:
    """Microseconds of CPU an article: of all, of those without and with something to look at."""
    hit = extractor.select([article.body for article in articles])
    read = [article for article, own in zip(articles, hit, strict=True) if own]
    plain = [article for article, own in zip(articles, hit, strict=True) if not own]
    half = len(read) // 2
    _seconds(extractor, read[:half])  # compiles the expressions, knows none of the other texts
    new = _seconds(extractor, read[half:])
    found = sum(one is not None for one in extractor.extract(articles))
    row: dict[str, Any] = {
        "articles": len(articles),
        "characters": round(statistics.mean(len(a.body) for a in articles)),
        "read_share": round(len(read) / len(articles), 4),
        "found_share": round(found / len(articles), 4),
    }
    for name, group in (("all", articles), ("plain", plain), ("read", read)):
        if group:
            times = [_seconds(extractor, group) for _ in range(rounds)]
            row[f"{name}_us"] = round(statistics.median(times) / len(group) * 1e6, 1)
    if read:
        row["read_new_us"] = round(new / (len(read) - half) * 1e6, 1)
    row["articles_per_second"] = round(1e6 / row["all_us"])
    return row


def hostile_texts() -> Iterator[tuple[str, str]]:
    """(name, a million code points) of every rule's first example, and of marks."""
    for language in load_languages():
        for rule in language.rules:
            yield rule.id, str(rule.positive[0]["text"]) + "\n"
    for mark in MARKS:
        yield repr(mark), mark


def measure_worst(extractor: Extractor, most: int = 5) -> list[dict[str, Any]]:
    """The dearest hostile texts, in milliseconds of CPU; the better of two readings each."""
    rows: list[tuple[float, str]] = []
    for name, text in hostile_texts():
        article = [Article("a", None, None, "", text * (MILLION // len(text)))]
        rows.append((min(_seconds(extractor, article) for _ in range(2)), name))
    dearest = sorted(rows, reverse=True)[:most]
    return [{"text": name, "ms": round(1e3 * seconds, 1)} for seconds, name in dearest]


def measure_start() -> float:
    """CPU seconds of loading rules and outlets in a fresh process, the better of three."""
    code = (
        "import time; from dedupe.attribution import load_extractor; "
        "t = time.process_time(); load_extractor(); print(time.process_time() - t)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    return round(min(float(run.stdout) for run in runs), 3)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--n", type=int, default=20_000, help="synthetic articles")
    parser.add_argument("--limit", type=int, default=6_000, help="articles of each real collection")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shared", type=Path, default=machine.ROOT.parent / "shared")
    parser.add_argument(
        "--output", type=Path, default=machine.ROOT / "benchmarks/results/attribution_speed.json"
    )
    asked = parser.parse_args()
    before = machine.load()
    extractor = load_extractor()
    corpus = corpora.provide_corpus(asked.n)
    with (corpus / "articles.jsonl").open("rb") as lines:
        groups = {"synthetic": read_articles(lines, asked.n)}
    for name, file in COLLECTIONS.items():
        path = asked.shared / "data" / file
        if path.is_file():
            with gzip.open(path) as lines:
                groups[name] = read_articles(lines, asked.limit)
    result: dict[str, Any] = {
        "machine": machine.describe_machine(),
        "versions": machine.our_versions(),
        "commit": machine.commit(),
        "at": machine.now(),
        "load": {"before": before},
        "start_s": measure_start(),
        "collections": {
            name: measure(extractor, group, asked.rounds) for name, group in groups.items()
        },
        "worst": measure_worst(extractor),
    }
    result["load"]["after"] = machine.load()
    for name, row in result["collections"].items():
        print(f"{name:14}", "  ".join(f"{key} {value}" for key, value in row.items()))
    print("start", result["start_s"], "s; worst", result["worst"], "load", result["load"])
    machine.write_result(asked.output, result)


if __name__ == "__main__":
    main()
