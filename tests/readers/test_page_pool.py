"""Pages in processes of their own: what a page does to its process hurts no other page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("trafilatura")

from dedupe.readers import page_pool
from dedupe.readers.page import read_page
from dedupe.readers.page_pool import PagePool, PagesBusy
from dedupe.readers.parts import Refusal

WORDS = "The bridge carries two lanes and a path for bicycles; lorries keep to the old crossing. "


def page(text: str = WORDS * 4, more: str = "") -> str:
    return (
        "<html lang='en'><head><meta property='article:published_time' "
        "content='2026-03-04T08:15:00Z'></head><body><main><article><h1>A bridge</h1>"
        f"<p>{text}</p><p>{WORDS * 3}</p>{more}</article></main></body></html>"
    )


NOTICE = "<div><p>This article first appeared on The Example Courier.</p></div>"


@pytest.fixture(scope="module")
def pool() -> Iterator[PagePool]:
    opened = PagePool(1, timeout_s=20, memory_bytes=256 << 20)
    yield opened
    opened.close()


def test_a_page_gives_what_the_reader_of_files_gives(pool: PagePool) -> None:
    markup = page(more=NOTICE)
    found, here = dict(pool.read(markup, None)), read_page(markup)
    assert str(found.pop("published"))[:10] == str(here.pop("published"))[:10] == "2026-03-04"
    assert found == here
    assert str(found["body"]).endswith("first appeared on The Example Courier.")


def test_a_page_without_an_article_is_refused_and_the_next_is_read(pool: PagePool) -> None:
    for markup in ("", "<html></html>", "\0", "\ud800", "no markup", "<" * 1000):
        with pytest.raises(Refusal):
            pool.read(markup)
    assert pool.read(page())["title"] == "A bridge"


BOMB = (
    '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    f"<html><body><article><p>{WORDS * 5} &c; &x;</p></article></body></html>"
)


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<div>" * 100_000 + WORDS * 5, id="deep"),
        pytest.param(page("<b>" * 50_000 + WORDS * 5), id="deep inline"),
        pytest.param(BOMB, id="entities"),
        pytest.param(page("<p>" + "x" * 2_000_000), id="one long word"),
        pytest.param("<table>" * 20_000 + WORDS, id="tables"),
        pytest.param(page("&#x1F600;&#0;&#xD800;&nosuch;" * 500 + WORDS * 5), id="characters"),
        pytest.param("<a " + "b=c " * 100_000 + ">" + WORDS * 5, id="attributes"),
    ],
)
def test_hostile_pages_give_an_article_or_a_refusal(pool: PagePool, markup: str) -> None:
    found: Mapping[str, object] = {}
    with suppress(Refusal):
        found = pool.read(markup)
    assert "root:" not in str(found.get("body"))
    assert len(str(found.get("body"))) < 3_000_000
    assert pool.read(page())["title"] == "A bridge"


def test_a_page_that_takes_too_long_is_refused_and_its_process_replaced() -> None:
    pool = PagePool(1, timeout_s=1e-4)
    with pytest.raises(Refusal, match=r"took longer than 0\.0001 s"):
        pool.read(page(WORDS * 3000))
    pool._timeout_s = 60.0
    assert pool.read(page())["title"] == "A bridge"
    pool.close()


def test_a_page_that_needs_too_much_memory_is_refused_and_the_next_is_read() -> None:
    pool = PagePool(1, timeout_s=60, memory_bytes=1 << 20)
    with pytest.raises(Refusal):
        pool.read(page("<p>" + WORDS * 40_000))
    with pytest.raises(Refusal):  # it starts anew within the same bound, and lives
        pool.read("")
    pool.close()


def test_a_process_that_was_killed_is_replaced(pool: PagePool) -> None:
    assert pool.read(page())
    process = pool._free.get()
    process._child.kill()
    process._child.wait()
    pool._free.put(process)
    with pytest.raises(Refusal, match="ended its process"):
        pool.read(page())
    assert pool.read(page())["title"] == "A bridge"


def test_a_process_is_replaced_after_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pool, "_PAGES", 1)
    pool = PagePool(1)
    pool.read(page())
    assert pool._free.queue == [None]
    assert pool.read(page())["title"] == "A bridge"
    pool.close()


def test_threads_share_the_processes(pool: PagePool) -> None:
    texts = [f"Number {n} of them. " + WORDS * 4 for n in range(12)]
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda text: pool.read(page(text))["body"], texts))
    assert [str(body)[:12] for body in found] == [text[:12] for text in texts]


def test_a_process_sees_no_environment(pool: PagePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISNAD_API_KEY", "hidden")
    pool.read(page())
    process = pool._free.get()
    pool._free.put(process)
    assert b"hidden" not in Path(f"/proc/{process._child.pid}/environ").read_bytes()


def test_a_closed_pool_reads_nothing() -> None:
    pool = PagePool(1)
    pool.close()
    with pytest.raises(PagesBusy):
        pool.read(page())
