"""The archive of many processes: the same partition however many take the articles and die."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from archive.conftest import (
    make_article,
    matches_of,
    partition_of,
    read_files,
    report_of,
    write_articles,
)
from archive.test_parity import family
from core.corpus import story
from distributed.servers import RedisServer
from redis import Redis

from dedupe.archive.shared import SharedArchive
from dedupe.models import Article
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

pytestmark = pytest.mark.servers

Open = Callable[..., SharedArchive]


@pytest.fixture
def settings(postgres_url: str, redis_server: RedisServer, redis: Redis) -> Settings:
    return load_settings({"database_url": postgres_url, "redis_url": redis_server.url})


@pytest.fixture
def open_archive(settings: Settings) -> Iterator[Open]:
    """Opens the same archive as often as it is asked to."""
    opened: list[SharedArchive] = []

    def make(**more: object) -> SharedArchive:
        opened.append(open_shared_archive(settings, **more))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for archive in opened:
        archive.close()


def invent(seed: int, families: int, size: int) -> list[Article]:
    """Articles of which many are copies and some come in two texts or two records."""
    chance = random.Random(seed)
    articles = [
        make_article(name, body, outlet=f"o{chance.randrange(9)}")
        for number in range(families)
        for name, body in family(number, 1 + chance.randrange(size), chance)
    ]
    for article in chance.sample(articles, len(articles) // 5):
        later = article.published.replace(hour=chance.randrange(24))
        body = f"{article.body} {' '.join(story(chance.randrange(90), 30))}"
        articles.append(make_article(article.id, body, outlet=article.outlet, published=later))
        articles.append(make_article(article.id, body, outlet="moved", published=later))
    return articles


def share_out(archives: Sequence[SharedArchive], articles: Sequence[Article], seed: int) -> None:
    """Hand batches of changing size to all archives at once, some articles to two of them."""
    chance = random.Random(seed)
    rows = [*articles, *chance.sample(list(articles), len(articles) // 3)]
    chance.shuffle(rows)
    batches = []
    while rows:
        size = chance.choice([1, 3, 17, 40])
        batches.append(rows[:size])
        rows = rows[size:]
    lock = threading.Lock()

    def work(archive: SharedArchive) -> None:
        while True:
            with lock:
                if not batches:
                    return
                batch = batches.pop()
            verdicts = archive.ingest(batch, evidence=False)
            assert [verdict.id for verdict in verdicts] == [article.id for article in batch]

    with ThreadPoolExecutor(len(archives)) as threads:
        for done in [threads.submit(work, archive) for archive in archives]:
            done.result()


def check_consistent(archive: SharedArchive) -> None:
    """Every line of the ledger is there once and in order; nothing is pending or waits."""
    changes = archive.changes(0, 1000)
    numbers = [change.sequence for change in changes]
    assert numbers == list(range(1, len(numbers) + 1))
    with archive._core.catalog.reading() as reader:
        numbers_pending = reader.pending(2**62, 100)
        current = {row.number for row in reader.texts(range(1, 20_000)).values() if row.state == 1}
        assert (numbers_pending, reader.waiting(range(1, 20_000))) == ([], [])
        assert {end for link in reader.links(current) for end in link[:2]} <= current


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_partition_of_the_report(
    open_archive: Open, tmp_path, seeds, workers: int
) -> None:
    files = sorted([*seeds.glob("*.txt"), *seeds.glob("*.jsonl")])
    articles = [*read_files(files), *invent(workers, 40, 6)]
    partition, matches = report_of([write_articles(tmp_path / "all.jsonl", articles)])
    archives = [open_archive() for _ in range(workers)]
    share_out(archives, articles, workers)
    assert partition_of(archives[0]) == partition
    assert matches_of(archives[0], {article.id for article in articles}) == matches
    check_consistent(archives[-1])
