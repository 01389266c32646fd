"""What came over HTTP and what a file held fall into the same clusters."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import orjson
import pytest
from archive.conftest import read_files, report_of
from flask.testing import FlaskClient

from service.client import write_article

STREAM = 50


def ingest(client: FlaskClient, lines: list[bytes], seed: int) -> set[frozenset[str]]:
    """Stream articles in another order, a fifth of them twice; the clusters that are reported."""
    chance = random.Random(seed)
    order = [*lines, *chance.sample(lines, len(lines) // 5)]
    chance.shuffle(order)
    for first in range(0, len(order), STREAM):
        body = b"\n".join(order[first : first + STREAM])
        answer = client.post("/v1/articles", data=body, content_type="application/x-ndjson")
        last = orjson.loads(answer.data.splitlines()[-1])
        assert (last["complete"], last["counts"]["refused"]) == (True, 0)
    clusters = orjson.loads(client.get("/v1/report").data)["clusters"]
    return {frozenset(member["id"] for member in cluster["members"]) for cluster in clusters}


def test_the_seeds_over_http_fall_into_the_clusters_of_the_report(
    client: FlaskClient, seeds: Path
) -> None:
    files = sorted([*seeds.glob("*.txt"), *seeds.glob("*.jsonl")])
    lines = [write_article(article) for article in read_files(files)]
    assert ingest(client, lines, 1) == report_of(files)[0]


@pytest.mark.slow
def test_real_articles_over_http_fall_into_the_clusters_of_the_report(
    client: FlaskClient, shared: Path, tmp_path: Path
) -> None:
    articles = read_files([shared / "data" / "news_ar_saudinewsnet.jsonl.gz"])
    lines = [write_article(article) for article in islice(articles, 3000)]
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b"\n".join(lines))
    assert ingest(client, lines, 2) == report_of([path])[0]
