from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedupe.models import Article, Reject
from dedupe.readers import plan, read

pytest.importorskip("feedparser")
pytest.importorskip("trafilatura")

RSS = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>قناة</title>'
)


def read_text(folder: Path, text: str | bytes, name: str = "in.xml") -> list[Article | Reject]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [item for part in plan([str(path)]) for item in read(part)]


def one(folder: Path, item: str, head: str = "") -> Article:
    (found,) = read_text(folder, f"{head}{RSS}<item>{item}</item></channel></rss>")
    assert isinstance(found, Article)
    return found


def test_the_full_text_goes_before_the_description(tmp_path: Path) -> None:
    full = "<content:encoded>&lt;p&gt;full&lt;/p&gt;</content:encoded>"
    short = "<description>short</description>"
    assert one(tmp_path, short + full).body == "full"
    assert one(tmp_path, short).body == "short"
    assert one(tmp_path, short).outlet == "قناة"


def test_the_line_that_names_the_first_publisher_is_kept(tmp_path: Path) -> None:
    tail = '<p>The post <a href="https://o.example/1">T</a> appeared first on <a>Origin</a>.</p>'
    article = one(tmp_path, f"<description><![CDATA[<p>Text.</p>{tail}]]></description>")
    assert article.body == "Text.\nThe post T appeared first on Origin."


def test_the_source_of_an_item_is_metadata(tmp_path: Path) -> None:
    article = one(
        tmp_path,
        '<description>x</description><source url="https://o.example/feed">Origin</source>'
        "<dc:source>Wire</dc:source>",
    )
    assert article.metadata == {
        "feed_source": {"name": "Origin", "url": "https://o.example/feed"},
        "dc_source": "Wire",
    }


def test_atom_is_read(tmp_path: Path) -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Journal</title><entry>'
        "<id>tag:x,1</id><title type='html'>A &amp;lt;b&amp;gt;</title><link href='https://x.example/1'/>"
        "<published>2024-03-05T12:00:00Z</published><updated>2024-03-06T12:00:00Z</updated>"
        "<author><name>A. Exemple</name></author><content type='html'>&lt;p&gt;un&lt;/p&gt;deux"
        "</content><source><id>tag:o</id><title>Origine</title></source></entry></feed>"
    )
    (article,) = read_text(tmp_path, text, "in.atom")
    assert isinstance(article, Article)
    assert (article.id, article.url) == ("tag:x,1", "https://x.example/1")
    assert article.published == datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert article.modified == datetime(2024, 3, 6, 12, tzinfo=UTC)
    assert (article.authors, article.body) == (("A. Exemple",), "un\ndeux")
    assert article.metadata == {"feed_source": {"name": "Origine"}}


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ("<id>https://o.example/feed</id>", "https://o.example/feed"),
        ("<id>tag:o</id><link href='https://o.example/'/>", "https://o.example/"),
        ("<id>tag:o</id>", None),
    ],
)
def test_the_source_of_an_entry_has_its_address(tmp_path: Path, stated: str, url: str) -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Journal</title><entry><id>tag:x,1</id>'
        f"<content>un deux</content><source>{stated}<title>Origine</title></source></entry></feed>"
    )
    (article,) = read_text(tmp_path, text, "in.atom")
    assert isinstance(article, Article)
    named = {"name": "Origine"} | ({"url": url} if url else {})
    assert article.metadata == {"feed_source": named}


def test_a_missing_time_of_change_is_not_made_up(tmp_path: Path) -> None:
    article = one(tmp_path, "<description>x</description><pubDate>soon</pubDate>")
    assert (article.published, article.modified) == (None, None)
    assert len(article.warnings) == 1


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<?xml version="1.0"?><!-- <rss --><!DOCTYPE rss [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p "x">]>',
    ],
)
def test_a_feed_that_declares_entities_is_refused_unparsed(head: str, tmp_path: Path) -> None:
    text = f"{head}{RSS}<item><description>&b;</description></item></channel></rss>"
    for data in (text.encode(), text.encode("utf-16")):
        (reject,) = read_text(tmp_path, data)
        assert isinstance(reject, Reject)
        assert reject.reason == "feed_invalid"


def test_a_plain_document_type_is_no_harm(tmp_path: Path) -> None:
    head = '<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC "-//N//DTD 0.91//EN" "http://x.example/d">'
    assert one(tmp_path, "<description>a &amp; b &eacute;</description>", head).body == "a & b é"


def test_old_encodings_are_read(tmp_path: Path) -> None:
    text = RSS + "<item><description>مرحبا بكم</description></item></channel></rss>"
    head = '<?xml version="1.0" encoding="windows-1256"?>'
    (article,) = read_text(tmp_path, (head + text).encode("windows-1256"))
    assert isinstance(article, Article)
    assert (article.body, article.outlet) == ("مرحبا بكم", "قناة")


@pytest.mark.parametrize(
    "text", ["", "x", "<html><body>x</body></html>", "<opml></opml>", "\0\0", "<rss"]
)
def test_what_is_no_feed_is_one_reject(text: str, tmp_path: Path) -> None:
    (reject,) = read_text(tmp_path, text)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.record) == ("feed_invalid", None)


def test_a_feed_without_entries_has_none(tmp_path: Path) -> None:
    assert read_text(tmp_path, RSS + "</channel></rss>") == []


def test_a_broken_feed_gives_what_can_be_read(tmp_path: Path) -> None:
    text = RSS + "<item><description>one & two</description></item><item><description>thr"
    items = read_text(tmp_path, text)
    assert isinstance(items[0], Article)
    assert items[0].body == "one & two"


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    one(tmp_path, "<description>a &amp;#xD800; b &#xD800;</description>").body.encode()
