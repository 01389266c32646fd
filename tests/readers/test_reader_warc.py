from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, plan, read

pytest.importorskip("fastwarc")
pytest.importorskip("trafilatura")

TEXT = (
    "<p>The council approved the new timetable for the ferries on Monday evening after a long "
    "debate in which the islanders asked for a later last crossing in the summer months.</p>"
    "<p>Der Fahrplan gilt ab dem ersten Juni; Fahrkarten behalten bis dahin ihre Gültigkeit und "
    "können an den Schaltern der Reederei ohne Gebühr umgetauscht werden.</p>"
)


def http(
    body: bytes, headers: str = "Content-Type: text/html; charset=utf-8", status: str = "200 OK"
) -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body


def html(word: str = "") -> bytes:
    return f"<html><body><article>{TEXT}<p>{word}</p></article></body></html>".encode()


def record(
    number: int, message: bytes, kind: str = "response", length: int | str | None = None
) -> bytes:
    return (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Date: 2024-06-01T00:00:00Z\r\nWARC-Target-URI: <https://x.example/{number}>\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {len(message) if length is None else length}\r\n\r\n"
    ).encode() + (message + b"\r\n\r\n")


def read_bytes(folder: Path, data: bytes, **options: int) -> list[Article | Reject]:
    path = folder / "in.warc"
    path.write_bytes(data)
    given = ReadOptions(**options)  # type: ignore[arg-type]
    return [item for part in plan([str(path)], given) for item in read(part, given)]


def told(items: list[Article | Reject]) -> list[str]:
    return [
        str(item.url) if isinstance(item, Article) else f"{item.record}:{item.reason}"
        for item in items
    ]


GOOD = record(1, http(html()))


def test_a_page_has_the_address_and_the_time_of_its_record(tmp_path: Path) -> None:
    (article,) = read_bytes(tmp_path, GOOD)
    assert isinstance(article, Article)
    assert article.url == "https://x.example/1"
    assert article.seen == datetime(2024, 6, 1, tzinfo=UTC)
    assert article.body.startswith("The council")
    assert len(article.id) == 32


def test_what_is_no_page_is_passed_over(tmp_path: Path) -> None:
    data = (
        record(1, b"software: x\r\n", "warcinfo")
        + record(2, b"GET / HTTP/1.1\r\n\r\n", "request")
        + record(3, http(b"\x89PNG", "Content-Type: image/png"))
        + record(4, http(html(), status="404 Not Found"))
        + record(5, http(b"", "Location: /x", status="301 Moved"))
        + record(6, http(b"x", ""))
        + record(7, http(html()))
    )
    assert told(read_bytes(tmp_path, data)) == ["https://x.example/7"]


def test_bodies_are_read_in_every_transfer_form(tmp_path: Path) -> None:
    plain = html()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(plain), plain)
    kind = "Content-Type: text/html"
    data = (
        record(1, http(gzip.compress(plain), f"{kind}\r\nContent-Encoding: gzip"))
        + record(2, http(chunked, f"{kind}\r\nTransfer-Encoding: chunked"))
        + record(3, http(plain, f"{kind}\r\nTransfer-Encoding: chunked"))
        + record(4, http(plain, f"{kind}\r\nContent-Encoding: gzip"))
        + record(5, http(plain, f"{kind}\r\nContent-Length: 9999999"))
        + record(6, http(plain.decode().encode("windows-1252"), f"{kind}; charset=windows-1252"))
    )
    items = read_bytes(tmp_path, data)
    assert told(items) == [f"https://x.example/{number}" for number in range(1, 7)]
    assert len({item.body for item in items if isinstance(item, Article)}) == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"no http at all", "http_invalid"),
        (b"", "http_invalid"),
        (b"HTTP/1.1 abc\r\n\r\n", "http_invalid"),
        (http(b"x" * 20_000), "body_too_large"),
        (
            http(gzip.compress(b" " * 10**7), "Content-Type: text/html\r\nContent-Encoding: gzip"),
            "compression_truncated",
        ),
        (http(b"<html></html>"), "body_missing"),
    ],
)
def test_a_bad_record_is_rejected_and_the_rest_goes_on(
    message: bytes, reason: str, tmp_path: Path
) -> None:
    items = read_bytes(tmp_path, GOOD + record(2, message) + GOOD, max_body_bytes=10_000)
    assert told(items) == ["https://x.example/1", f"2:{reason}", "https://x.example/1"]


def test_a_record_longer_than_allowed_is_not_held(tmp_path: Path) -> None:
    data = GOOD + record(2, http(b"x" * 3_000_000)) + GOOD
    items = read_bytes(tmp_path, data, max_body_bytes=10_000)
    assert told(items) == ["https://x.example/1", "2:body_too_large", "https://x.example/1"]


@pytest.mark.parametrize("length", [10**15, -5, "zz", "9" * 40])
def test_a_length_that_lies_ends_the_archive_without_harm(
    length: int | str, tmp_path: Path
) -> None:
    items = read_bytes(tmp_path, GOOD + record(2, http(html()), length=length) + GOOD)
    assert told(items)[0] == "https://x.example/1"
    assert isinstance(items[1], Reject)


def test_an_archive_that_ends_inside_a_record_gives_the_ones_before(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, (GOOD + GOOD)[:-100])
    assert told(items) == ["https://x.example/1", "2:record_truncated"]


def test_damage_is_one_reject_and_the_records_behind_it_are_read(tmp_path: Path) -> None:
    behind = record(3, http(html())) + record(4, http(html()))
    expected = ["https://x.example/1", "2:record_invalid", "https://x.example/3"]
    for damage in (b"garbage\r\n\r\n", b"x" * 3_000_000 + b"\n"):
        items = read_bytes(tmp_path, GOOD + damage + behind)
        assert told(items) == [*expected, "https://x.example/4"]
    items = read_bytes(tmp_path, GOOD + b"garbage\n" + behind + b"garbage")
    assert told(items) == [*expected, "https://x.example/4", "5:record_invalid"]


def test_a_length_that_is_too_small_costs_its_record_only(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, record(1, http(html()), length=60) + record(2, http(html())))
    assert told(items)[-1] == "https://x.example/2"


def test_an_archive_of_nothing_but_damage_ends(tmp_path: Path) -> None:
    items = read_bytes(tmp_path, b"junk\nWARC/1.junk\n" * 3000)
    assert {item.reason for item in items if isinstance(item, Reject)} == {"record_invalid"}
    assert len(items) <= 1000


def test_records_that_are_not_of_the_web_are_passed_over(tmp_path: Path) -> None:
    names = GOOD.replace(b"application/http; msgtype=response", b"text/dns")
    assert told(read_bytes(tmp_path, names + GOOD)) == ["https://x.example/1"]


def test_broken_compression_is_one_reject_after_the_articles_before_it(tmp_path: Path) -> None:
    whole = io.BytesIO()
    for number in range(20):
        whole.write(gzip.compress(record(number, http(html(str(number))))))
    items = read_bytes(tmp_path, whole.getvalue()[:-150])
    assert told(items)[:19] == [f"https://x.example/{number}" for number in range(19)]
    assert [item.reason for item in items if isinstance(item, Reject)] == ["compression_truncated"]
