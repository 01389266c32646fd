"""Archives in temporary folders, articles to fill them with, and the batch report beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from core.corpus import story

from dedupe.answers import ClusterQuery
from dedupe.archive import open_archive
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.models import Article
from dedupe.readers import ReadOptions, plan, read


class Clock:
    """Time that goes on by a second whenever it is asked for."""

    def __init__(self):
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def archive(tmp_path, clock):
    opened = open_archive(tmp_path / "archive.db", clock)
    yield opened
    opened.close()


def read_files(paths):
    options = ReadOptions()
    parts = plan([str(path) for path in paths], options)
    return [item for part in parts for item in read(part, options) if isinstance(item, Article)]


def make_article(name, body, **more):
    published = more.pop("published", datetime(2026, 3, 1, 6, tzinfo=UTC))
    values = {"outlet": "paper", "url": None, "title": " ".join(body.split()[:5])}
    return Article(id=name, body=body, published=published, **{**values, **more})


def copies(number, count, words=120):
    body = " ".join(story(number, words))
    return [make_article(f"{number}-{n}", body, outlet=f"outlet {n}") for n in range(count)]


def partition_of(archive):
    """Clusters of two or more articles, as sets of ids."""
    found, cursor = set(), None
    while True:
        page = archive.clusters(ClusterQuery(cursor=cursor, limit=100))
        for row in page.rows:
            cluster = archive.cluster(row.cluster_id)
            assert cluster.size == row.size == len(cluster.members)
            found.add(frozenset(member.id for member in cluster.members))
        cursor = page.next
        if cursor is None:
            return found


def matches_of(archive, ids):
    """Every stored match by its pair, without spans."""
    found = {}
    for name in ids:
        for match in archive.matches(name) or ():
            found[match.left, match.right] = numbers_of(match)
    return found


def numbers_of(match):
    return (
        match.relation.value, match.container, match.similarity, match.containment_left,
        match.containment_right, match.probability,
    )  # fmt: skip


def report_of(paths):
    """(partition, matches) of the batch report."""
    with run([str(p) for p in paths], ReadOptions(), default_config(), RunOptions()) as result:
        partition = {frozenset(m.id for m in cluster.members) for cluster in result.clusters()}
        matches = {(m.left, m.right): numbers_of(m) for m in result.matches()}
    return partition, matches


def clusters_of(paths):
    """The clusters of the batch report that learns nothing of its own, as the archive does not."""
    options = RunOptions(learn=False)
    with run([str(p) for p in paths], ReadOptions(), default_config(), options) as result:
        return list(result.clusters())


def write_articles(path, articles):
    """A file of articles as the batch report reads it."""
    names = ("id", "outlet", "url", "title", "body", "lang")
    with path.open("w", encoding="utf-8") as file:
        for article in articles:
            row = {name: getattr(article, name) for name in names}
            for name in ("published", "modified"):
                time = getattr(article, name)
                row[name] = time.isoformat() if time else None
            file.write(json.dumps(row) + "\n")
    return path
