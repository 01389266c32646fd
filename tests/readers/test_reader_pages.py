from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedupe.errors import DependencyMissing
from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, page_pool, plan, read
from dedupe.readers.parts import Refusal
from dedupe.readers.records import ArticleBuilder

pytest.importorskip("trafilatura")
import lxml.html

from dedupe.readers.blocks import page_blocks
from dedupe.readers.edges import recover_edges
from dedupe.readers.page import decode_page, fragment_text, read_page

TEXT = (
    "<p>افتتحت البلدية صباح أمس الجسر الجديد الذي يصل ضفتي النهر بعد عمل دام ثلاث سنوات، وحضر "
    "الافتتاح جمع كبير من سكان الحي القديم الذين انتظروا هذا اليوم طويلا.</p>"
    "<p>The bridge carries two lanes and a path for bicycles; lorries heavier than twelve tonnes "
    "must keep to the old crossing until the embankment has been strengthened next spring.</p>"
    "<p>وقال مهندس المشروع إن الأعمال انتهت قبل موعدها، وإن كلفة الجسر جاءت أقل مما كان مقدرا لها "
    "في الميزانية التي أقرها المجلس قبل أربع سنوات من الآن.</p>"
)


def page(before: str = "", after: str = "", head: str = "", text: str = TEXT) -> str:
    navigation = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(8))
    return (
        f'<html lang="ar"><head><title>جسر جديد</title>{head}</head><body><nav><ul>{navigation}'
        f"</ul></nav><main><article><h1>جسر جديد</h1>{before}<div class='text'>{text}</div>{after}"
        "</article></main><footer><p>Imprint of a site with many pages</p></footer></body></html>"
    )


def lines(markup: str) -> list[str]:
    return read_page(markup)["body"].split("\n")


@pytest.mark.parametrize(
    "line",
    [
        "نُشر هذا المقال أولا في صحيفة الضفة",
        "This article first appeared on The Example Courier and is republished with permission.",
        "ملاحظة: الخبر منقول من وكالة المثال، والموقع غير مسؤول عن مضمونه.",
        "Quelle: Beispieldienst",
        "(EXA)",
    ],
)
def test_a_credit_after_the_article_is_kept(line: str) -> None:
    found = lines(page(after=f'<div class="note"><p>{line}</p></div>'))
    assert found[-1] == line
    assert len(found) == 4


@pytest.mark.parametrize("line", ["By Example News Agency", "اقتصاد / وكالة المثال", "EXA"])
def test_a_credit_before_the_article_is_kept(line: str) -> None:
    assert lines(page(before=f'<div class="by"><span>{line}</span></div>'))[0] == line


def edges(before: str = "", after: str = "") -> tuple[list[str], list[str]]:
    """What is brought back before and after the three paragraphs."""
    text = fragment_text(TEXT)
    blocks = list(page_blocks(lxml.html.fromstring(page(before, after))))
    found = recover_edges(text, blocks, "جسر جديد")
    head, _, tail = found.partition(text)
    return head.splitlines(), tail.splitlines()[1:]


NOTE = "This article was originally published by Harbour Gazette."
SITE_HEAD = '<header><a href="/">Quay Times</a><p>News since 1890</p></header>'
SITE_FOOT = (
    '<footer><ul><li><a href="/i">About</a></li><li><a href="/c">Contact</a></li></ul>'
    "<p>© 2024 Quay Times, a paper of the harbour</p></footer>"
)


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<article>{}</article><footer><p>" + NOTE + "</p></footer>", NOTE),
        ("<main><article>{}</article></main><p>" + NOTE + "</p>" + SITE_FOOT, NOTE),
        ('<article>{}</article><div class="source">Source: <a href="u">EXA</a></div>', "EXA"),
        ('<article>{}</article><div class="disclaimer">' + NOTE + "</div>", NOTE),
        ('<div class="content">{}</div><p>' + NOTE + "</p>" + SITE_FOOT, NOTE),
        ("<article>{}</article><footer>هذا المقال منقول من بوابة المثال</footer>", "بوابة المثال"),
        ("<article>{}</article><div class='source'>المصدر: وكالة المثال</div>", "وكالة المثال"),
    ],
)
def test_a_notice_just_outside_the_article_is_kept(markup: str, line: str) -> None:
    text = "<h1>Bridge</h1>" + TEXT
    found = lines(f"<html><body>{SITE_HEAD}{markup.format(text)}</body></html>")
    assert line in found[3]
    assert len(found) == 4


@pytest.mark.parametrize("above", ["<header>{}</header>", '<div class="byline">{}</div>'])
def test_a_byline_just_outside_the_article_is_kept(above: str) -> None:
    byline = above.format("By Example News Agency")
    for title_within in (True, False):
        title = "<h1>Bridge</h1>"
        head = byline + "<article>" + title if title_within else title + byline + "<article>"
        found = lines(f"<html><body>{SITE_HEAD}{head}{TEXT}</article>{SITE_FOOT}</body></html>")
        assert found[0] == "By Example News Agency"
        assert len(found) == 4


@pytest.mark.parametrize(
    "furniture",
    [
        SITE_FOOT,
        '<div class="related"><p>Another story of the day</p></div>',
        "<section><h2>More</h2><p>Another story of the day</p></section>",
        "<div><input type=text><p>Find a story</p></div>",
        "<footer><p>All rights reserved by the paper</p></footer>",
        '<p><a href="/">To the first page</a></p>',
        "<div>" + "".join(f"<p>Short story {n}</p>" for n in range(7)) + "</div>",
    ],
)
def test_what_every_page_has_outside_the_article_stays_away(furniture: str) -> None:
    text = f"<article><h1>Bridge</h1>{TEXT}</article>"
    assert len(lines(f"<html><body>{SITE_HEAD}{text}{furniture}</body></html>")) == 3


def test_furniture_is_not_brought_back() -> None:
    assert edges(
        before="<figure><img src=x><figcaption>Photo: Someone</figcaption></figure><p>***</p>",
        after='<div class="share-bar">Share this</div><div class="related"><p>Other story</p></div>'
        '<p>12 345</p><p><a href="/">Home</a></p><h3>Read also</h3><p>The next story begins.</p>',
    ) == ([], [])


def test_what_is_brought_back_is_bounded() -> None:
    many = "".join(f"<p>Line number {number} of many more</p>" for number in range(100))
    head, tail = edges(before=many, after=many)
    assert head == [f"Line number {number} of many more" for number in range(96, 100)]
    assert tail == [f"Line number {number} of many more" for number in range(5)]
    long = f"<p>{'word ' * 200}</p>"
    assert edges(before=f"<p>By A</p>{long}", after=f"{long}<p>By B</p>") == ([], [])


def test_lines_above_the_title_and_outside_the_article_stay_away() -> None:
    assert edges(before="<p>By A</p>")[0] == ["By A"]
    markup = page("<p>By A</p>").replace("<main>", "<p>Banner of the day</p><main>")
    blocks = list(page_blocks(lxml.html.fromstring(markup)))
    assert recover_edges(fragment_text(TEXT), blocks, "").startswith("By A\n")


def test_text_that_is_not_on_the_page_is_left_alone() -> None:
    assert recover_edges("elsewhere", [], "") == "elsewhere"


def test_a_line_that_only_repeats_the_title_is_left_out() -> None:
    record = read_page(page())
    assert record["title"] == "جسر جديد"
    assert "جسر جديد" not in record["body"]


def test_the_head_of_a_page_fills_fields_and_metadata() -> None:
    told = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "not an article"},
            {
                "@type": ["NewsArticle"],
                "headline": "dropped",
                "author": [{"@type": "Person", "name": "Rana Example"}, {"name": "Omar Example"}],
                "publisher": {"name": "الضفة"},
                "datePublished": "2024-03-05T12:00:00+03:00",
                "dateModified": "never",
                "isBasedOn": "https://origin.example/1",
                "copyrightHolder": {"name": "Wire"},
            },
        ],
    }
    head = (
        '<meta property="og:url" content="https://daffa.example/2"><meta name="Syndication-Source" '
        'content="https://origin.example/1"><meta name="robots" content="noindex">'
        '<meta name="keywords" content="dropped"><meta property="article:modified_time" '
        'content="2024-03-06T00:00:00Z"><link rel="canonical" href="https://origin.example/1">'
        f'<script type="application/ld+json">{json.dumps(told)}</script>'
        '<script type="application/ld+json">{broken</script>'
    )
    traces = (
        '<img src="https://origin.example/?republication-pixel=true&amp;post=1"><img src="/a.png">'
        '<a rel="item-license" href="#Rights">©</a>'
    )
    record = read_page(page(head=head, after=traces))
    assert record["url"] == "https://daffa.example/2"
    assert record["outlet"] == "الضفة"
    assert record["lang"] == "ar"
    assert record["authors"] == ["Rana Example", "Omar Example"]
    assert record["published"] == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert record["modified"] == datetime(2024, 3, 6, tzinfo=UTC)
    metadata = record["metadata"]
    assert metadata["canonical"] == "https://origin.example/1"
    assert metadata["meta"] == {
        "robots": ["noindex"],
        "syndication-source": ["https://origin.example/1"],
    }
    assert metadata["trackers"] == ["https://origin.example/?republication-pixel=true&post=1"]
    assert metadata["item_license"] == ["#Rights"]
    (article,) = metadata["json_ld"]
    assert set(article) == {"@type", "author", "publisher", "isBasedOn", "copyrightHolder"}


GRAPH = {
    "@graph": [
        {
            "@type": "NewsArticle",
            "publisher": {"@id": "#pub"},
            "sourceOrganization": [{"@id": "https://wire.example/#org"}],
            "copyrightHolder": {"@id": "_:b0"},
            "author": {"@id": "#nobody"},
            "provider": {"@id": "https://far.example/#org"},
        },
        {"@type": "Organization", "@id": "#pub", "name": "The Bank"},
        {"@type": "Organization", "@id": "https://wire.example/#org", "name": "Wire"},
        {"@type": "Organization", "@id": "_:b0", "url": "https://hill.example/"},
    ]
}


@pytest.mark.parametrize(
    "frame", ["{}", "//<![CDATA[\n{}\n//]]>", "/*<![CDATA[*/{}/*]]>*/", "<!--\n{}\n-->"]
)
def test_references_in_a_graph_are_followed(frame: str) -> None:
    script = frame.format(json.dumps(GRAPH))
    text = "The ferry runs again from Monday, the port authority said."
    page = f"<script type='application/ld+json'>{script}</script><p>{text}</p>"
    (article,) = read_page(page)["metadata"]["json_ld"]
    assert article["publisher"]["name"] == "The Bank"
    assert [item["name"] for item in article["sourceOrganization"]] == ["Wire"]
    assert article["copyrightHolder"]["url"] == "https://hill.example/"
    assert article["author"] is None
    assert article["provider"] == {"@id": "https://far.example/#org"}


@pytest.mark.parametrize("markup", ["<p>{}</p>", "<div>{}</div>", "<p id='a'>{}</p>\n"])
def test_one_block_is_a_page(markup: str) -> None:
    text = "The ferry runs again from Monday, the port authority said."
    assert read_page(markup.format(text))["body"].strip() == text


def test_a_page_without_markup_is_told_so() -> None:
    with pytest.raises(Refusal, match="it has no markup"):
        read_page("3 < 4, and no more")


def test_a_page_without_article_is_refused() -> None:
    for markup in ("", "<", "<html></html>", "no markup", "<html><body><script>x</script></body>"):
        with pytest.raises(Refusal, match="body_missing"):
            read_page(markup)


@pytest.mark.parametrize(
    "data",
    [
        f'<html><head><meta charset="windows-1256"></head>{TEXT}'.encode("windows-1256"),
        f'<?xml version="1.0" encoding="ISO-8859-6"?><html>{TEXT}'.encode("iso8859-6", "ignore"),
        f"<html>{TEXT}".encode("utf-16"),
        f"<html>{TEXT}".encode("utf-8-sig"),
    ],
)
def test_declared_encodings_are_used(data: bytes) -> None:
    assert "افتتحت البلدية" in decode_page(data)


def test_encodings_of_the_transport_and_false_ones() -> None:
    assert "افتتحت" in decode_page("افتتحت".encode("windows-1256"), "windows-1256")
    assert "افتتحت" in decode_page(b'<meta charset="latin1">' + "افتتحت".encode())
    for name in ("no-such-codec", "base64", "zip", "\0", "punycode", "idna"):
        assert isinstance(decode_page(b"caf\xe9 " * 20, name), str)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain text\nwith lines", "plain text\nwith lines"),
        ("<p>a &amp; b</p><p>c<br>d</p>", "a & b\nc\nd"),
        (
            '<p>x</p><p>The post <a href="u">T</a> appeared first on <a>S</a>.</p>',
            "x\nThe post T appeared first on S.",
        ),
        ("<script>alert(1)</script>a<style>b</style>c", "ac"),
        ("a<!-- b -->c", "ac"),
        ("AT&amp;T", "AT&T"),
        ("<![CDATA[x]]>", ""),
        ("<div><div><p>deep</p>tail</div></div>", "deep\ntail"),
        ("", ""),
    ],
)
def test_pieces_of_markup_become_lines(markup: str, text: str) -> None:
    assert fragment_text(markup) == text


def test_a_record_with_markup_only_is_read_as_a_page() -> None:
    record = {"html": page(), "title": "Declared", "id": "7", "metadata": {"mine": 1}}
    article = ArticleBuilder(ReadOptions()).build(record)
    assert (article.id, article.title, article.lang) == ("7", "Declared", "ar")
    assert article.body.startswith("افتتحت")
    assert article.metadata["mine"] == 1
    mapped = {"doc": {"page": page()}}
    options = ReadOptions(fields={"html": "doc.page"})
    assert ArticleBuilder(options).build(mapped).body == article.body
    with pytest.raises(Refusal, match="body_too_large"):
        ArticleBuilder(ReadOptions(max_body_bytes=100)).build(record)


def test_hostile_pages_are_read_or_refused(tmp_path: Path) -> None:
    pages = {
        "deep": "<div>" * 50_000 + "text",
        "attributes": "<p " + "a=b " * 50_000 + ">" + TEXT,
        "open": "<" * 200_000,
        "nul": page(text=TEXT.replace("new", "n\0w")),
        "entities": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        + page(after="<p>&b;</p>"),
        "outside": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + page(after="&a;"),
        "surrogate": page(after="<p>lone &#xD800; half</p>"),
    }
    for name, markup in pages.items():
        (tmp_path / f"{name}.html").write_text(markup)
    items = [item for part in plan([str(tmp_path)]) for item in read(part)]
    assert len(items) == len(pages)
    for item in items:
        assert isinstance(item, (Article, Reject))
        if isinstance(item, Article):
            item.body.encode()
            assert "root:" not in item.body
            assert "aaaaaaaa" not in item.body


def test_without_the_extra_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.html"
    path.write_text(page())
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "trafilatura.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path / "without")  # where the page process looks, too
    monkeypatch.setattr(page_pool, "_own", None)
    with pytest.raises(DependencyMissing, match="html"):
        list(read(plan([str(path)])[0]))
