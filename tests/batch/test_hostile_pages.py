"""A page that keeps the extractor busy is a reject of the report; what follows it is read."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("trafilatura")

from dedupe.batch.local import RunOptions, run
from dedupe.config import default_config
from dedupe.readers import ReadOptions

WORDS = "The bridge carries two lanes and a path for bicycles; lorries keep to the old crossing. "
ENDLESS = "<html><body><article><p>" + "x<br>" * 400_000  # 19 s of a processor
PAGE = f"<html><body><article><h1>A bridge</h1><p>{WORDS * 6}</p></article></body></html>"


def test_a_page_that_does_not_end_costs_a_reject_and_not_the_run(tmp_path) -> None:
    (tmp_path / "a.html").write_text(ENDLESS)
    (tmp_path / "b.html").write_text(PAGE)
    lines = [{"id": "c", "html": ENDLESS}, {"id": "d", "html": PAGE}]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    read = ReadOptions(page_timeout_s=2.5)
    with run([str(tmp_path)], read, default_config(), RunOptions(jobs=2)) as result:
        [cluster] = result.clusters()
        assert {member.id for member in cluster.members} == {"b", "d"}
        told = sorted((reject.reason, reject.detail) for reject in result.rejects)
        assert told == [("html_invalid", "reading the page took longer than 2.5 s")] * 2
