"""Articles in an archive -> server time of every page that looks at all of them.

    python -m benchmarks.bench_pages [--n 200000] [--large 1500] [--archive FILE]

Each page is asked through the app, without a network: with nothing kept (the first visitor), and
again. Times are CPU seconds of the process, the database included, so that other work on the
machine counts little. An archive that is named is kept, else one is made and thrown away; it has a
cluster of `--large` copies of one text too, whose page is first asked for with nothing read.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks import corpora, machine
from benchmarks.bench_archive import BATCH, read_articles
from dedupe.archive.local import LocalArchive, open_archive
from dedupe.models import Article
from service.app import create_app
from service.settings import load_settings

OUTPUT = machine.ROOT / "benchmarks" / "results" / "pages.json"
ROUNDS = 5
NO_HIT = "zzzzqqqq"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=200_000, help="articles to store")
    parser.add_argument("--large", type=int, default=1500, help="articles of the largest cluster")
    parser.add_argument("--archive", type=Path, help="an archive to measure as it is")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def copy_one(first: Article, count: int) -> Iterator[Article]:
    """An article as so many outlets print it, an hour apart, every third with a word of its own."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        more = f" Note{number}." if number % 3 == 2 else ""
        yield replace(
            first,
            id=f"copy-{number}",
            outlet=f"outlet {number % 400}",
            url=None,
            body=first.body + more,
            published=start + timedelta(hours=number),
        )


def fill(path: Path, count: int, large: int) -> None:
    """Store generated articles, and many copies of the first one."""
    archive = open_archive(path, lambda: datetime.now(UTC))
    corpus = corpora.provide_corpus(count) / "articles.jsonl"
    articles = chain(copy_one(next(read_articles(corpus)), large), read_articles(corpus))
    while batch := list(islice(articles, BATCH)):
        archive.ingest(batch, evidence=False)
    archive.close()


def choose_pages(client: FlaskClient) -> dict[str, str]:
    """Name every kind of page and give an address of it."""
    listed, outlets = client.get("/clusters").text, client.get("/outlets").text

    def find(pattern: str, text: str) -> str:
        found = re.search(pattern, text)
        if found is None:
            raise SystemExit(f"no {pattern} on the page: is the archive empty?")
        return found[1].replace("&amp;", "&")

    outlet = find(r'<th scope="row"><a href="(/outlets/[^"]+)"', outlets)
    largest = find(r'href="(/clusters/c[0-9a-f]{16})"', listed)
    smaller = re.findall(r'href="(/clusters/c[0-9a-f]{16})"', listed)[-1]
    members = client.get(smaller).text
    article = find(r'<th scope="row"><a href="(/articles/[^"]+)"', members)
    return {
        "overview": "/",
        "clusters": "/clusters",
        "clusters, next page": find(r'rel="next" href="([^"]+)"', listed),
        "clusters, newest": "/clusters?sort=newest",
        "clusters, uncredited": "/clusters?credit=uncredited",
        "clusters, a title that nothing has": f"/clusters?title={NO_HIT}",
        "the largest cluster": largest,
        "outlets": "/outlets",
        "the busiest outlet": outlet,
        "an article": article,
        "an article explained": article + "/explain",
        "two articles compared": find(r'href="(/compare[^"]+)"', members),
    }


def measure(client: FlaskClient, archive: LocalArchive, path: str) -> dict[str, Any]:
    """Milliseconds of a page for the first visitor and for the next ones."""

    def ask() -> float:
        began = time.process_time()
        answer = client.get(path)
        took = time.process_time() - began
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        return 1000 * took

    def middle(prepare: Callable[[], object]) -> float:
        times = []
        for _ in range(ROUNDS):
            prepare()
            times.append(ask())
        return round(statistics.median(times), 1)

    began = ask()  # with what a process does once in its life
    return {
        "cold_ms": round(began, 1),
        "first_ms": middle(archive.overview.forget),
        "again_ms": middle(int),
    }


def measure_check(client: FlaskClient, archive: LocalArchive, path: str) -> dict[str, Any]:
    """Milliseconds of checking the text of a stored article, with another sentence before it."""
    id_ = path.rpartition("/")[2]
    stored = archive.article(id_)
    if stored is None:
        raise SystemExit(f"{id_} is not stored")
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/check").text)
    form = {
        "csrf": token[1] if token else "",
        "text": "Never written before. " + stored.article.body,
    }
    times = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        answer = client.post("/check", data=form)
        times.append(1000 * (time.process_time() - began))
        if answer.status_code != 200:
            raise SystemExit(f"/check: {answer.status_code}")
    return {"first_ms": round(times[0], 1), "again_ms": round(statistics.median(times[1:]), 1)}


def run(path: Path) -> dict[str, Any]:
    """Measure an archive."""
    archive = open_archive(path, lambda: datetime.now(UTC))
    try:
        client = create_app(load_settings({}), archive).test_client()
        client.environ_base |= {"HTTP_ACCEPT": "text/html"}
        counts = archive.summary()
        pages = choose_pages(client)
        measured = {name: measure(client, archive, address) for name, address in pages.items()}
        measured["a text checked"] = measure_check(client, archive, pages["an article"])
        return {
            "machine": machine.describe_machine(),
            "articles": counts.articles,
            "clusters": counts.clusters,
            "pages": measured,
        }
    finally:
        archive.close()


def main() -> None:
    """Measure and write the result."""
    args = parse()
    if args.archive is not None:
        result = run(args.archive)
    else:
        with tempfile.TemporaryDirectory(prefix="isnad-pages-") as folder:
            path = Path(folder) / "isnad.sqlite"
            fill(path, args.n, args.large)
            result = run(path)
    machine.write_result(args.output, result)
    for name, times in result["pages"].items():
        print(f"{name:40}", *(f"{key} {value:8.1f}" for key, value in times.items()))


if __name__ == "__main__":
    main()
