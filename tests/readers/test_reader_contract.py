"""One suite for every reader. A new format adds one writer to `WRITERS`, nothing else."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from dedupe.models import Article, Reject, article_id
from dedupe.readers import READERS, ReadOptions, plan, read

OUTLET = "جريدة المرفأ"
START = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)
PARAGRAPHS = (
    "أعلنت بلدية المرفأ صباح اليوم أن أعمال توسعة الرصيف الشرقي انتهت قبل موعدها بثلاثة أسابيع، "
    "وأن السفن الصغيرة ستعود إلى مواقعها القديمة ابتداءً من يوم الخميس المقبل بحسب جدول معلن.",
    "The harbour office said that fishing crews would be paid for the eleven days they had lost, "
    "and that the list of claims stays open until the end of the month for every registered boat.",
    "Der Hafenmeister dankte allen Beteiligten und erinnerte daran, dass die alte Mole weiterhin "
    "gesperrt bleibt, bis die Prüfung der Fundamente abgeschlossen und veröffentlicht worden ist.",
)


def logical_articles(count: int = 5) -> list[dict[str, object]]:
    """What every writer writes: ids, titles with markup characters, three scripts, times."""
    return [
        {
            "id": f"a-{number}",
            "outlet": OUTLET,
            "url": f"https://marfa.example/news/{number}",
            "title": f"توسعة الرصيف & “pier” <{number}>",
            "body": "\n".join(f"{text} ({number + 1}-{at})" for at, text in enumerate(PARAGRAPHS)),
            "lang": "ar",
            "authors": [f"Rana Example {number}"],
            "published": START + timedelta(days=number),
        }
        for number in range(count)
    ]


def expected(fields: dict[str, object]) -> Article:
    return Article(**{**fields, "authors": tuple(fields["authors"])})  # type: ignore[arg-type]


def plain(fields: dict[str, object]) -> dict[str, object]:
    return {**fields, "published": fields["published"].isoformat()}  # type: ignore[attr-defined]


def write_jsonl(folder: Path, articles: list[dict | None]) -> Path:
    lines = ["{broken" if a is None else json.dumps(plain(a)) for a in articles]
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "in.jsonl"


def write_json(folder: Path, articles: list[dict | None]) -> Path:
    values = ["{broken}" if a is None else json.dumps(plain(a), indent=2) for a in articles]
    (folder / "in.json").write_text("[" + ",\n".join(values) + "]", "utf-8")
    return folder / "in.json"


def write_table(path: Path, articles: list[dict | None], delimiter: str) -> Path:
    columns = list(logical_articles(1)[0])
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for article in articles:
        row = {} if article is None else {**plain(article), "authors": article["authors"][0]}
        writer.writerow(["too", "few"] if article is None else [row[name] for name in columns])
    path.write_bytes(text.getvalue().encode())
    return path


def write_csv(folder: Path, articles: list[dict | None]) -> Path:
    return write_table(folder / "in.csv", articles, ";")


def write_tsv(folder: Path, articles: list[dict | None]) -> Path:
    return write_table(folder / "in.tsv", articles, "\t")


def write_parquet(folder: Path, articles: list[dict | None]) -> Path:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    empty = dict.fromkeys(logical_articles(1)[0])
    rows = [empty if article is None else article for article in articles]
    parquet.write_table(pa.Table.from_pylist(rows), folder / "in.parquet", row_group_size=2)
    return folder / "in.parquet"


def write_text(folder: Path, articles: list[dict | None]) -> Path:
    for number, article in enumerate(articles):
        data = b"\xff\xfe\xfd" if article is None else b""
        if article is not None:
            head = {**plain(article), "authors": article["authors"][0]}
            body = head.pop("body")
            lines = "".join(f"{name}: {value}\n" for name, value in head.items())
            data = f"---\n{lines}---\n{body}".encode()
        (folder / f"a-{number}.txt").write_bytes(data)
    return folder


def page(article: dict | None) -> str:
    if article is None:
        return "<html><body><script>nothing()</script></body></html>"
    told = {
        "@type": "NewsArticle",
        "author": {"name": article["authors"][0]},
        "datePublished": article["published"].isoformat(),
    }
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in article["body"].split("\n"))
    title = html.escape(article["title"])
    return (
        f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:site_name" content="{OUTLET}"><meta property="og:title" '
        f'content="{title}"><meta property="og:url" content="{article["url"]}">'
        f'<script type="application/ld+json">{json.dumps(told)}</script></head><body>'
        f"<article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


def write_html(folder: Path, articles: list[dict | None]) -> Path:
    for number, article in enumerate(articles):
        (folder / f"a-{number}.html").write_text(page(article), "utf-8")
    return folder


def write_feed(folder: Path, articles: list[dict | None]) -> Path:
    items = []
    for article in articles:
        if article is None:
            items.append("<item><guid>empty</guid><title>x</title></item>")
            continue
        body = "".join(f"<p>{html.escape(line)}</p>" for line in article["body"].split("\n"))
        items.append(
            f"<item><guid>{article['id']}</guid><link>{article['url']}</link>"
            f"<title>{html.escape(html.escape(article['title']))}</title>"
            f"<dc:creator>{article['authors'][0]}</dc:creator>"
            f"<pubDate>{format_datetime(article['published'])}</pubDate>"
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
        )
    (folder / "in.rss").write_text(
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{OUTLET}</title><language>ar</language>{''.join(items)}</channel></rss>",
        "utf-8",
    )
    return folder / "in.rss"


def warc_record(url: str, data: bytes, date: str = "2024-06-01T00:00:00Z") -> bytes:
    message = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
        + str(len(data)).encode()
        + b"\r\n\r\n"
        + data
    )
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{abs(hash(url))}>\r\n"
        f"WARC-Date: {date}\r\nWARC-Target-URI: {url}\r\nContent-Type: application/http; "
        f"msgtype=response\r\nContent-Length: {len(message)}\r\n\r\n"
    ).encode() + (message + b"\r\n\r\n")


def write_warc(folder: Path, articles: list[dict | None]) -> Path:
    records = [
        warc_record("https://marfa.example/empty" if a is None else a["url"], page(a).encode())
        for a in articles
    ]
    (folder / "in.warc").write_bytes(b"".join(records))
    return folder / "in.warc"


WRITERS = {
    "jsonl": write_jsonl,
    "json": write_json,
    "csv": write_csv,
    "tsv": write_tsv,
    "parquet": write_parquet,
    "text": write_text,
    "html": write_html,
    "feed": write_feed,
    "warc": write_warc,
}


def comparable(name: str, item: Article) -> Article:
    """A page says more than the logical article; an archive gives no id but the time of saving."""
    if name == "warc":
        same = article_id(item.outlet, item.url, item.title, item.body)
        assert item.id == same
        number = item.url.rsplit("/", 1)[-1]  # type: ignore[union-attr]
        item = replace(item, id=f"a-{number}", seen=None)
    return replace(item, metadata={})


def read_all(path: Path, **planned: int) -> list[Article | Reject]:
    return [item for part in plan([str(path)], **planned) for item in read(part)]


@pytest.fixture(params=WRITERS)
def name(request: pytest.FixtureRequest) -> str:
    if request.param in ("html", "feed", "warc"):
        pytest.importorskip("trafilatura")
    return request.param


def test_every_registered_format_is_in_the_suite() -> None:
    assert {reader.name for reader in READERS} == set(WRITERS)


def test_the_same_articles_come_out_of_every_format_in_order(name: str, tmp_path: Path) -> None:
    articles = logical_articles()
    found = read_all(WRITERS[name](tmp_path, articles))
    assert [comparable(name, item) for item in found] == [expected(a) for a in articles]


def test_a_bad_record_is_one_reject_and_the_rest_goes_on(name: str, tmp_path: Path) -> None:
    articles: list[dict | None] = [*logical_articles(5)]
    articles[2] = None
    found = read_all(WRITERS[name](tmp_path, articles))
    assert [type(item) for item in found] == [Article, Article, Reject, Article, Article]
    reject = found[2]
    assert isinstance(reject, Reject)
    assert reject.record in (3, None)
    assert reject.reason
    assert reject.detail


def test_the_parts_joined_are_the_whole(name: str, tmp_path: Path) -> None:
    path = WRITERS[name](tmp_path, [*logical_articles(5)])
    whole = read_all(path)
    parts = plan([str(path)], part_bytes=700)
    again = [pickle.loads(pickle.dumps(part)) for part in parts]
    assert [item for part in again for item in read(part)] == whole
    assert again == parts


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_compressed_input_is_known_by_its_bytes(name: str, packer: str, tmp_path: Path) -> None:
    if packer == "zstd":
        zstandard = pytest.importorskip("zstandard")
    path = WRITERS[name](tmp_path, [*logical_articles(3)])
    whole = read_all(path)
    for file in sorted(tmp_path.iterdir()):
        data = file.read_bytes()
        packed = gzip.compress(data) if packer == "gzip" else zstandard.compress(data)
        file.write_bytes(packed)
    assert read_all(path) == whole


def test_content_tells_the_format_when_the_name_does_not(name: str, tmp_path: Path) -> None:
    path = WRITERS[name](tmp_path, [*logical_articles(2)])
    file = sorted(tmp_path.iterdir())[0] if path.is_dir() else path
    renamed = file.rename(tmp_path / "input")
    reader = plan([str(renamed)])[0].reader
    assert reader == ("csv" if name == "tsv" else name)


def test_options_fill_what_is_not_declared(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"body": "x"}\n{"body": "x", "source": "S", "lang": "de"}\n', "utf-8")
    options = ReadOptions(outlet="O", lang="ar")
    first, second = (item for part in plan([str(path)], options) for item in read(part, options))
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.outlet, first.lang) == ("O", "ar")
    assert (second.outlet, second.lang) == ("S", "de")
