"""HTML over HTTP: a page becomes an article, its notice stays, and no page is a 500."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

pytest.importorskip("trafilatura")

from fakes.memory_archive import make_client

from service.extraction import Pages, open_pages
from service.settings import load_settings

TEXT = "The ferry runs again from Monday after two months of repairs, the port authority said. " * 5
PAGE = (
    "<html lang='en'><head><meta property='og:title' content='Ferry returns'><meta "
    "property='og:site_name' content='Harbour Ledger'></head><body><main><article><h1>Ferry "
    f"returns</h1><p>{TEXT}</p><p>{TEXT}</p><div><p>This article first appeared on The Example "
    "Courier.</p></div></article></main></body></html>"
)


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    opened = open_pages(load_settings({"page_workers": 1}))
    assert opened is not None
    yield opened
    opened.close()


def test_a_page_becomes_an_article_with_its_notice(pages: Pages) -> None:
    client, archive = make_client(pages=pages)
    answer = client.post("/v1/articles", json={"id": "a", "html": PAGE, "lang": "en-GB"})
    assert answer.status_code == 201
    article = archive.held["a"]
    assert article.title == "Ferry returns"
    assert article.outlet == "Harbour Ledger"
    assert article.lang == "en-GB"  # what is declared stands before what the page says
    assert article.body.endswith("first appeared on The Example Courier.")


@pytest.mark.parametrize(
    "markup", ["", "<html></html>", "no markup at all", "<p>" * 50_000, "&#0;", "<![CDATA[", "<!--"]
)
def test_a_page_without_an_article_is_told_so(pages: Pages, markup: str) -> None:
    client, _ = make_client(pages=pages)
    answer = client.post("/v1/articles", json={"html": markup})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.mimetype == "application/problem+json"


def test_a_stream_may_hold_pages(pages: Pages) -> None:
    client, _ = make_client(pages=pages)
    lines = [orjson.dumps({"id": str(n), "html": html}) for n, html in enumerate([PAGE, "", PAGE])]
    answer = client.post(
        "/v1/articles", data=b"\n".join(lines), content_type="application/x-ndjson"
    )
    told = [orjson.loads(line) for line in answer.data.splitlines()]
    assert ["verdict" in line for line in told] == [True, False, True, False]


def test_no_pages_are_taken_where_none_are_wanted() -> None:
    assert open_pages(load_settings({"page_workers": 0})) is None
    client, _ = make_client()
    assert client.post("/v1/articles", json={"html": PAGE}).status_code == 422
