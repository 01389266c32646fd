"""The archive and the batch report find the same clusters and matches in the same articles."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from archive.conftest import (
    clusters_of,
    copies,
    make_article,
    matches_of,
    partition_of,
    read_files,
    report_of,
    write_articles,
)
from core.corpus import fill_frame, story
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.archive import open_archive
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.readers import ReadOptions


def ingest_in_batches(archive, articles, seed):
    chance = random.Random(seed)
    articles = list(articles)
    chance.shuffle(articles)
    while articles:
        size = chance.choice([1, 3, 17, 60])
        archive.ingest(articles[:size], evidence=False)
        del articles[:size]


def check_large_clusters(archive):
    """A cluster that is too large to read all its pairs says the same as if all were read."""
    whole = list(archive.report().clusters())
    with patch("dedupe.archive.browsing._MANY", 1):
        assert list(archive.report().clusters()) == whole


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seeds_fall_into_the_clusters_of_the_report(archive, seeds, seed) -> None:
    files = sorted([*seeds.glob("*.txt"), *seeds.glob("*.jsonl")])
    articles = read_files(files)
    ingest_in_batches(archive, [*articles, *articles[:40]], seed)
    partition, matches = report_of(files)
    assert partition_of(archive) == partition
    assert matches_of(archive, [article.id for article in articles]) == matches
    check_large_clusters(archive)


def test_seeds_loaded_hour_by_hour_in_any_order_have_the_origins_of_the_report(
    archive, seeds, clock
) -> None:
    files = sorted([*seeds.glob("*.txt"), *seeds.glob("*.jsonl")])
    articles = read_files(files)
    random.Random(5).shuffle(articles)
    clock.now += timedelta(days=365)
    for first in range(0, len(articles), 10):
        archive.ingest(articles[first : first + 10], evidence=False)
        clock.now += timedelta(hours=1)
    found = {members_of(cluster): cluster.provenance for cluster in archive.report().clusters()}
    told = {members_of(cluster): cluster.provenance for cluster in clusters_of(files)}
    assert found == told
    assert sum(provenance.original is not None for provenance in told.values()) > 9


def test_crowded_keys_are_counted_as_the_report_does(tmp_path, clock) -> None:
    config = replace(default_config(), bucket_cap=4, passage_limit=6)
    frame = story(9, 60)
    articles = [*copies(1, 3), *copies(2, 5), *copies(3, 9)]
    articles += [make_article(f"f{n}", " ".join(frame + story(20 + n, 90))) for n in range(8)]
    path = tmp_path / "articles.jsonl"
    write_articles(path, articles)
    with closing(open_archive(tmp_path / "a.db", clock, config)) as archive:
        for first in range(0, len(articles), 4):
            archive.ingest(articles[first : first + 4], evidence=False)
        told = archive.report().summary
    with run([str(path)], ReadOptions(), config, RunOptions(learn=False)) as result:
        wanted = result.summary
    assert (told.capped_keys, told.skipped_keys) == (wanted.capped_keys, wanted.skipped_keys)
    assert min(told.capped_keys, told.skipped_keys) > 10


def members_of(cluster):
    return frozenset(member.id for member in cluster.members)


def family(number, size, chance):
    """Copies of one story, each shortened, extended or edited in its own way."""
    words = story(number, 160)
    for copy in range(size):
        own = list(words)
        kind = chance.randrange(5)
        if kind == 1:
            own = own[: 40 + chance.randrange(100)]
        elif kind == 2:
            own += story(1000 + 10 * number + copy, 60 + chance.randrange(200))
        elif kind == 3:
            for place in range(0, len(own), 3 + chance.randrange(8)):
                own[place] = f"edited{chance.randrange(10**6)}"
        elif kind == 4:
            own = story(2000 + 10 * number + copy, 50) + own[50:110]
        yield f"{number}-{copy}", " ".join(own)


def invent(seed):
    """Articles of which many are copies, some come twice and some in two texts."""
    chance = random.Random(seed)
    articles = [
        make_article(name, body, outlet=f"o{chance.randrange(4)}")
        for number in range(chance.randrange(1, 5))
        for name, body in family(number, chance.randrange(1, 6), chance)
    ]
    filled = fill_frame(0, chance.randrange(8), chance.randrange(1, 4))
    articles += [
        make_article(f"frame-{number}-{copy}", " ".join(words), outlet="o1")
        for number, words in enumerate(filled)
        for copy in range(chance.randrange(1, 3))
    ]
    for article in chance.sample(articles, len(articles) // 3):
        longer = f"{article.body} {' '.join(story(chance.randrange(50), 30))}"
        later = article.published.replace(hour=chance.randrange(24))
        articles.append(make_article(article.id, longer, outlet=article.outlet, published=later))
    return articles


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), order=st.integers(0, 10**6))
def test_any_order_batching_and_redelivery_gives_the_partition_of_the_report(
    tmp_path_factory, seed, order
) -> None:
    folder = tmp_path_factory.mktemp("parity")
    articles = invent(seed)
    partition, matches = report_of([write_articles(folder / "articles.jsonl", articles)])
    archive = open_archive(folder / "archive.db", lambda: articles[0].published)
    again = random.Random(order).sample(articles, len(articles) // 2)
    ingest_in_batches(archive, [*articles, *again], order)
    assert partition_of(archive) == partition
    assert matches_of(archive, {article.id for article in articles}) == matches
    check_large_clusters(archive)
    archive.close()


@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), order=st.integers(0, 10**6))
def test_what_is_left_after_deletions_is_clustered_as_if_the_rest_never_came(
    tmp_path_factory, seed, order
) -> None:
    folder = tmp_path_factory.mktemp("parity")
    articles = invent(seed)
    ids = sorted({article.id for article in articles})
    chance = random.Random(order)
    gone = set(chance.sample(ids, len(ids) // 2))
    rest = [article for article in articles if article.id not in gone]
    archive = open_archive(folder / "archive.db", lambda: articles[0].published)
    ingest_in_batches(archive, articles, order)
    assert all(archive.delete(name) for name in sorted(gone))
    partition, matches = (set(), {})
    if rest:
        partition, matches = report_of([write_articles(folder / "articles.jsonl", rest)])
    assert partition_of(archive) == partition
    assert matches_of(archive, ids) == matches
    archive.close()
