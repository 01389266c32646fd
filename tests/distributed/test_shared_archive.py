"""The archive of many processes: the same partition however many take the articles and die."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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

from dedupe.answers import Outcome
from dedupe.archive.shared import SharedArchive, Step
from dedupe.catalog import tables
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.models import Article
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

pytestmark = pytest.mark.servers

Open = Callable[..., SharedArchive]


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
        for table in (tables.pending, tables.waiting):
            assert reader.count(table) == 0, table
        assert reader.numbers(PENDING).tolist() == []
        current = set(reader.numbers(CURRENT).tolist())
        assert {end for link in reader.links(current) for end in link[:2]} <= current


class Died(BaseException):
    """What ends a worker between two steps."""


class Hook:
    """Something that happens once, behind a step of the archive it is given to."""

    step: Step | None = None

    def __call__(self, made: Step) -> None:
        if made is self.step:
            self.step = None
            self.act()

    def at(self, step: Step, act: Callable[[], object]) -> None:
        self.step, self.act = step, act

    def die_at(self, step: Step) -> None:
        def die() -> None:
            raise Died

        self.at(step, die)


def hooked(open_shared: Open) -> tuple[SharedArchive, Hook]:
    hook = Hook()
    return open_shared(watch=hook), hook


def copies(number: int, count: int) -> list[Article]:
    body = " ".join(story(number, 90))
    return [make_article(f"{number}-{n}", body, outlet=f"o{n}") for n in range(count)]


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_partition_of_the_report(
    open_shared: Open, tmp_path, seeds, workers: int
) -> None:
    files = sorted([*seeds.glob("*.txt"), *seeds.glob("*.jsonl")])
    articles = [*read_files(files), *invent(workers, 40, 6)]
    partition, matches = report_of([write_articles(tmp_path / "all.jsonl", articles)])
    archives = [open_shared() for _ in range(workers)]
    share_out(archives, articles, workers)
    assert partition_of(archives[0]) == partition
    assert matches_of(archives[0], {article.id for article in articles}) == matches
    check_consistent(archives[-1])


def test_a_worker_that_dies_behind_any_step_leaves_nothing_undone(open_shared: Open) -> None:
    """Its article is sent again, after another worker has stored a copy of it, or before."""
    other = open_shared()
    dying, hook = hooked(open_shared)
    for number, step in enumerate(Step):
        first, second, third = copies(number, 3)
        hook.die_at(step)
        with pytest.raises(Died):
            dying.ingest([first])
        other.ingest([second])
        [verdict] = other.ingest([first])
        settled = step is Step.SETTLED
        assert verdict.outcome is (Outcome.REPEATED if settled else Outcome.CREATED), step
        assert [match.right for match in verdict.matches] == [second.id], step
        hook.die_at(step)
        with pytest.raises(Died):
            dying.ingest([third])
        [verdict] = other.ingest([third])
        assert len(verdict.matches) == 2, step
    assert partition_of(other) == {frozenset(a.id for a in copies(n, 3)) for n in range(len(Step))}
    assert other.summary().articles == 3 * len(Step)
    check_consistent(other)


def test_two_copies_find_each_other_however_their_steps_interleave(open_shared: Open) -> None:
    other, number, pairs = open_shared(), 0, []
    slow, hook = hooked(open_shared)
    dying, death = hooked(open_shared)
    for step in Step:
        for dead_at in (None, *Step):  # the other one gets to its end, or dies and comes again
            first, second = copies(number, 2)
            pairs.append(frozenset({first.id, second.id}))
            number += 1

            def interrupt(article: Article = second, dead_at: Step | None = dead_at) -> None:
                if dead_at is None:
                    dying.ingest([article])
                    return
                death.die_at(dead_at)
                with pytest.raises(Died):
                    dying.ingest([article])

            hook.at(step, interrupt)
            slow.ingest([first])
            other.ingest([second])
    assert partition_of(other) == set(pairs)
    assert other.summary().matches == {"identical": len(pairs)}
    check_consistent(other)


def test_revisions_and_deletions_between_two_steps_are_seen(open_shared: Open) -> None:
    other = open_shared()
    slow, hook = hooked(open_shared)
    for number, step in enumerate(Step):
        old, twin = copies(number, 2)
        later = old.published + timedelta(hours=2)
        new = make_article(old.id, " ".join(story(500 + number, 70)), published=later)
        same = make_article(old.id, old.body, outlet="other", published=old.published)
        other.ingest([twin])

        def overtake(new: Article = new, same: Article = same) -> None:
            other.ingest([new])
            other.ingest([same])

        hook.at(step, overtake)
        slow.ingest([old])
        stored = other.article(old.id)
        assert stored is not None
        assert (stored.article.body, len(stored.revisions)) == (new.body, 2), step
        assert other.matches(twin.id) == [], step

        gone = make_article(f"gone-{number}", twin.body)
        hook.at(step, lambda a=gone: other.delete(a.id))
        [verdict] = slow.ingest([gone])
        if step is not Step.SETTLED:  # the deletion came first, then the article
            assert [match.right for match in verdict.matches] == [gone.id], step
            assert other.delete(gone.id)
        assert other.article(gone.id) is None
        assert other.matches(twin.id) == []
    check_consistent(other)


def test_texts_that_nobody_comes_back_for_are_matched_by_whoever_recovers(
    open_shared: Open,
) -> None:
    first, second = copies(1, 2)
    archive, hook = hooked(open_shared)
    for step, article in ((Step.STORED, first), (Step.VERIFIED, second)):
        hook.die_at(step)
        with pytest.raises(Died):
            archive.ingest([article])
    assert archive.summary().articles == 0
    assert archive.article(first.id) is None
    assert archive.recover(timedelta(minutes=10)) == 0
    assert archive.recover(timedelta(seconds=-1)) == 2
    assert partition_of(archive) == {frozenset({first.id, second.id})}
    assert archive.ingest([first])[0].outcome is Outcome.REPEATED
    check_consistent(archive)


def test_copies_handed_to_four_workers_at_once_are_all_found(open_shared: Open) -> None:
    archives = [open_shared() for _ in range(4)]
    start = threading.Barrier(4)
    pairs = [copies(number, 2) for number in range(200)]

    def work(worker: int) -> None:
        for first in range(0, 200, 20):
            start.wait(60)
            some = range(first, first + 20)
            own = [a for n in some for k, a in enumerate(pairs[n]) if (n + k) % 4 == worker]
            archives[worker].ingest(own, evidence=False)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, worker) for worker in range(4)]:
            done.result()
    assert partition_of(archives[0]) == {frozenset({a.id, b.id}) for a, b in pairs}
    check_consistent(archives[0])


def test_four_workers_that_merge_the_same_clusters_at_once_lose_none(
    open_shared: Open, tmp_path
) -> None:
    """Two halves are strangers until somebody sends the whole."""
    archives = [open_shared() for _ in range(4)]
    words = [story(number, 240) for number in range(10)]
    halves = [
        make_article(f"{n}-{k}", " ".join(own[120 * k : 120 * k + 120]))
        for n, own in enumerate(words)
        for k in (0, 1)
    ]
    archives[0].ingest(halves)
    assert partition_of(archives[0]) == set()
    start = threading.Barrier(4)
    wholes = [
        [make_article(f"{n}-whole-{worker}", " ".join(own)) for n, own in enumerate(words)]
        for worker in range(4)
    ]

    def work(worker: int) -> None:
        own = random.Random(worker).sample(wholes[worker], len(words))
        for first in (0, 5):
            start.wait(60)
            archives[worker].ingest(own[first : first + 5], evidence=False)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, worker) for worker in range(4)]:
            done.result()
    everything = [*halves, *(a for own in wholes for a in own)]
    partition, matches = report_of([write_articles(tmp_path / "all.jsonl", everything)])
    assert len(partition) == 10
    assert partition_of(archives[0]) == partition
    assert matches_of(archives[0], {a.id for a in everything}) == matches
    check_consistent(archives[0])


def test_a_window_holds_from_the_moment_an_article_leaves_it(
    open_shared: Open, shared_settings: Settings
) -> None:
    """Not from the moment that its generation does, or that a process is started."""
    settings = load_settings(
        {
            "database_url": shared_settings.database_url.get_secret_value(),
            "redis_url": shared_settings.redis_url.get_secret_value(),
            "window": "10d",
        }
    )
    now = datetime.now(UTC)
    with closing(open_shared_archive(settings)) as archive:
        for article, age in zip(copies(1, 3), (11, 9, 0), strict=True):
            archive.ingest([replace(article, seen=now - timedelta(days=age))])
        assert partition_of(archive) == {frozenset({"1-1", "1-2"})}
