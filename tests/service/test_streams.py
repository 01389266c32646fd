"""NDJSON: an answer for every line, whatever the line is, and bounded memory."""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

import orjson
import pytest
from fakes.memory_archive import MemoryArchive, make_client
from hypothesis import given
from hypothesis import strategies as st

from dedupe.errors import TextLost
from service.bodies import split_lines
from service.limits import Limits

if sys.version_info >= (3, 14):
    from compression import zstd

    def pack_zstd(data: bytes) -> bytes:
        return zstd.compress(data)
else:
    import zstandard

    def pack_zstd(data: bytes) -> bytes:
        return zstandard.compress(data)


def send(client: Any, data: bytes, path: str = "/v1/articles", **headers: str) -> Any:
    return client.post(
        path, data=data, content_type="application/x-ndjson", headers=headers or None
    )


def lines_of(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/x-ndjson"
    return [orjson.loads(line) for line in answer.data.splitlines()]


def article(number: int, **more: Any) -> bytes:
    return (
        json.dumps({"id": f"a{number}", "body": f"Text number {number}", **more}).encode() + b"\n"
    )


def test_every_line_gets_its_answer_in_order_and_the_last_line_counts() -> None:
    client, archive = make_client(limits=Limits(batch_lines=2))
    data = article(1) + b"not json\n" + article(2) + b"\n" + b"[]\n" + article(3) + article(1)
    *answers, last = lines_of(send(client, data))
    assert [line["line"] for line in answers] == [1, 2, 3, 5, 6, 7]
    told = [line.get("verdict", {}).get("outcome") or line["problem"]["type"] for line in answers]
    assert told == [
        "created",
        "urn:isnad:problem:json-invalid",
        "created",
        "urn:isnad:problem:not-an-object",
        "created",
        "repeated",
    ]
    counts = {"created": 3, "repeated": 1, "revised": 0, "superseded": 0, "refused": 2, "blank": 1}
    assert last == {"counts": counts | {"lines": 7}, "complete": True}
    assert archive.batches == [1, 1, 2]


def test_a_last_line_without_an_end_and_a_stream_of_nothing_are_fine() -> None:
    client, _ = make_client()
    assert lines_of(send(client, article(1).rstrip(b"\n")))[-1]["counts"]["created"] == 1
    assert lines_of(send(client, b""))[-1]["counts"]["lines"] == 0


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", pack_zstd)])
def test_compressed_streams_are_read(encoding: str, pack: Any) -> None:
    client, archive = make_client()
    data = b"".join(map(article, range(1000)))
    answer = send(client, pack(data), **{"Content-Encoding": encoding})
    assert lines_of(answer)[-1]["counts"]["created"] == 1000
    assert len(archive.held) == 1000


@pytest.mark.parametrize(
    ("data", "encoding", "status", "name"),
    [
        (b"this is not gzip", "gzip", 400, "compression-broken"),
        (gzip.compress(article(1))[:-9], "gzip", 400, "compression-broken"),
        (b"nor zstd", "zstd", 400, "compression-broken"),
        (article(1), "br", 415, "encoding-unsupported"),
        (gzip.compress(bytes(64 << 20)), "gzip", 413, "compression-bomb"),
        (pack_zstd(bytes(64 << 20)), "zstd", 413, "compression-bomb"),
    ],
    ids=["no gzip", "cut gzip", "no zstd", "unknown", "gzip bomb", "zstd bomb"],  # gzip has a clock
)
def test_broken_compression_and_bombs_are_refused(
    data: bytes, encoding: str, status: int, name: str
) -> None:
    client, _ = make_client()
    answer = send(client, data, **{"Content-Encoding": encoding})
    assert answer.status_code == status
    assert answer.get_json(force=True)["type"] == f"urn:isnad:problem:{name}"


def test_what_breaks_after_the_first_batch_is_told_in_band() -> None:
    client, archive = make_client(limits=Limits(batch_lines=10))
    packed = gzip.compress(b"".join(map(article, range(2000))))
    *_, problem, last = lines_of(send(client, packed[:-200], **{"Content-Encoding": "gzip"}))
    assert problem["problem"]["type"] == "urn:isnad:problem:compression-broken"
    assert problem["line"] == last["counts"]["lines"] + 1
    assert last["complete"] is False
    assert len(archive.held) == last["counts"]["created"]


def test_a_line_that_is_too_long_is_refused_and_the_rest_goes_on() -> None:
    client, _ = make_client(limits=Limits(line_bytes=1000))
    *answers, last = lines_of(send(client, article(1) + b"x" * 5000 + b"\n" + article(2)))
    assert answers[1]["problem"]["type"] == "urn:isnad:problem:too-large"
    assert last["counts"]["created"] == 2


def test_a_stream_has_a_bounded_size_and_number_of_lines() -> None:
    data = gzip.compress(b"".join(map(article, range(9999))))
    for limits in (Limits(stream_bytes=300_000), Limits(stream_lines=2000)):
        client, archive = make_client(limits=limits)
        *_, problem, last = lines_of(send(client, data, **{"Content-Encoding": "gzip"}))
        assert problem["problem"]["status"] == 413
        assert last["complete"] is False
        assert 0 < last["counts"]["created"] == len(archive.held) < 9999


def test_answers_have_a_bounded_file() -> None:
    client, archive = make_client(limits=Limits(spool_bytes=2000, batch_lines=5))
    *_, problem, last = lines_of(send(client, b"".join(map(article, range(1000)))))
    assert problem["problem"]["type"] == "urn:isnad:problem:too-large"
    assert last["complete"] is False
    assert last["counts"]["created"] <= len(archive.held) < 1000


def test_an_archive_that_fails_midway_ends_the_stream_and_acknowledges_nothing_more() -> None:
    class Failing(MemoryArchive):
        def ingest(self, articles: Any, *, evidence: bool = True) -> Any:
            if self.batches:
                raise OSError("disk full")
            return super().ingest(articles)

    client, archive = make_client(Failing(), Limits(batch_lines=3))
    *answers, problem, last = lines_of(send(client, b"".join(map(article, range(9)))))
    assert len(answers) == len(archive.held) == 3
    assert problem["problem"]["type"] == "urn:isnad:problem:internal"
    assert "disk full" not in json.dumps(problem)
    assert last["complete"] is False


def test_a_text_that_ends_whoever_reads_it_is_a_problem_of_its_line() -> None:
    class Careful(MemoryArchive):
        def ingest(self, articles: Any, *, evidence: bool = True) -> Any:
            if any(each.id == "a4" for each in articles):
                raise TextLost("a4")
            return super().ingest(articles)

    archive = Careful()
    client, _ = make_client(archive, Limits(batch_lines=3))
    *answers, last = lines_of(send(client, b"".join(map(article, range(9)))))
    assert [answer["line"] for answer in answers] == list(range(1, 10))
    wrong = [answer for answer in answers if "problem" in answer]
    assert [answer["problem"]["type"] for answer in wrong] == ["urn:isnad:problem:text-unreadable"]
    assert (len(archive.held), last["counts"]["refused"], last["complete"]) == (8, 1, True)


def test_checking_a_stream_stores_nothing() -> None:
    client, archive = make_client()
    assert lines_of(send(client, article(1), "/v1/check"))[0]["verdict"]["outcome"] == "created"
    assert not archive.held


def test_two_texts_with_one_id_are_two_revisions() -> None:
    client, _ = make_client(limits=Limits(batch_lines=1))
    first, second, _ = lines_of(send(client, article(1) + article(1, body="Another text")))
    assert (first["verdict"]["outcome"], second["verdict"]["outcome"]) == ("created", "revised")


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(1, 50))
def test_lines_are_those_of_the_whole_body_however_it_is_cut(
    data: bytes, piece: int, limit: int
) -> None:
    pieces = iter([data[at : at + piece] for at in range(0, len(data), piece)])
    whole = data.split(b"\n")
    if not whole[-1]:
        whole.pop()
    assert list(split_lines(pieces, limit)) == [x if len(x) <= limit else None for x in whole]
