"""What came over HTTP and what a file held fall into the same clusters."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import orjson
import pytest
from archive.conftest import copies, read_files, report_of, write_articles
from flask.testing import FlaskClient

from dedupe.batch.judgements import read_judgements
from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.readers import ReadOptions
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


def test_a_report_given_the_judgements_of_a_service_finds_its_clusters(
    client: FlaskClient, tmp_path: Path
) -> None:
    articles = [article for number in range(5) for article in copies(number, 4)]
    ingest(client, [write_article(article) for article in articles], 3)
    decisions = [
        {"kind": "cannot_link", "left": "0-0", "right": "0-2", "note": "two events"},
        {"kind": "cannot_link", "left": "1-3", "right": "1-0"},
        {"kind": "must_link", "left": "2-1", "right": "3-2"},
        {"kind": "must_link", "left": "1-0", "right": "4-0"},
        {"kind": "pin_original", "left": "4-3", "note": "they wrote it"},
        {"kind": "must_link", "left": "0-0", "right": "4-1"},
    ]
    numbers = [client.put("/v1/judgements", json=one).json["number"] for one in decisions]
    assert client.delete(f"/v1/judgements/{numbers[-1]}").status_code == 200
    path, file = tmp_path / "judgements.json", "?limit=2"
    with path.open("wb") as pages:
        while file:
            answer = client.get(f"/v1/judgements{file}")
            pages.write(answer.data)
            file = f"?limit=2&cursor={answer.json['next']}" if answer.json["next"] else ""
    stored = client.get("/v1/report").json["clusters"]
    options = RunOptions(judgements=read_judgements(path))
    source = write_articles(tmp_path / "articles.jsonl", articles)
    with run([str(source)], ReadOptions(), default_config(), options) as result:
        clusters = list(result.clusters())
    found = {frozenset(member.id for member in cluster.members) for cluster in clusters}
    assert found == {frozenset(m["id"] for m in cluster["members"]) for cluster in stored}
    assert len(found) == 4  # 0 and 1 are torn, 2 and 3 are one, 4 is with what is left of 1
    [pinned] = [c.provenance for c in clusters if c.provenance.original == "4-3"]
    assert (pinned.evidence[0].trust, pinned.evidence[0].quote) == ("judgement", "they wrote it")


@pytest.mark.slow
def test_real_articles_over_http_fall_into_the_clusters_of_the_report(
    client: FlaskClient, shared: Path, tmp_path: Path
) -> None:
    articles = read_files([shared / "data" / "news_ar_saudinewsnet.jsonl.gz"])
    lines = [write_article(article) for article in islice(articles, 3000)]
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b"\n".join(lines))
    assert ingest(client, lines, 2) == report_of([path])[0]
