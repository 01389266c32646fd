"""Requests of one article that come together: asked once, answered as if each had come alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import orjson
import pytest
from fakes.memory_archive import MemoryArchive
from fakes.office import WAIT_S, FussyArchive, Office, article, make_app, post, read
from werkzeug.test import EnvironBuilder

from service.connections import Connection
from service.halves import Half, Question


class Told:
    """What an app says of its answer before the body."""

    def __init__(self) -> None:
        self.status, self.headers = "", dict[str, str]()

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, dict(headers)
        return bytes


def environ(path: str, body: bytes, request_id: str) -> dict[str, Any]:
    made = EnvironBuilder(path, method="POST", data=body, content_type="application/json")
    return {**made.get_environ(), "HTTP_X_REQUEST_ID": request_id}


@pytest.fixture
def archive() -> MemoryArchive:
    return FussyArchive()


@pytest.fixture
def office(archive: MemoryArchive) -> Iterator[Office]:
    with ExitStack() as stack:
        opened = Office(archive, stack)
        yield opened
        opened.clerk.stop()
        opened.clerk.join(WAIT_S)


def test_all_that_wait_are_asked_about_at_once(office: Office, archive: MemoryArchive) -> None:
    for number in range(20):
        office.send(post(article(f"a{number}")))
    office.clerk.start()
    assert [(status, body["id"]) for status, body in office.read()] == [
        (201, f"a{number}") for number in range(20)
    ]
    assert archive.batches == [20]
    assert all(office.host.done.get(timeout=WAIT_S)[1] for _ in range(20))


def test_the_clerk_reads_its_share_of_many(office: Office, archive: MemoryArchive) -> None:
    for number in range(14):
        office.send(post(article(f"a{number}")))
    office.clerk.start()
    assert len(office.read()) == 14
    first, third = [(False, [f"a{n + k}" for k in range(4)]) for n in (0, 8)]
    own = [f"a{number}" for number in (4, 5, 6, 7, 12, 13)]
    assert archive.prepared == [first, third, (True, own)]


def test_what_comes_while_the_share_is_read_is_of_the_round() -> None:
    class Meanwhile(FussyArchive):
        def prepare(self, articles: Sequence[Any], **named: Any) -> Sequence[Any]:
            if named.get("here"):
                for body in (article("late"), b"{"):
                    office.send(post(body))
            return articles

    archive = Meanwhile()
    with ExitStack() as stack:
        office = Office(archive, stack)
        for number in range(5):
            office.send(post(article(f"a{number}")))
        office.clerk.start()
        first = [read(client)[0] for client in office.clients[:5]]
        assert first + [read(client)[0] for client in office.clients[5:]] == [201] * 6 + [400]
        office.clerk.stop()
        office.clerk.join(WAIT_S)
    assert archive.batches == [6]


@pytest.mark.parametrize(("count", "prepared"), [(3, []), (4, [(False, ["a0", "a1", "a2", "a3"])])])
def test_few_are_read_when_they_are_asked_about(
    office: Office, archive: MemoryArchive, count: int, prepared: list[tuple[bool, list[str]]]
) -> None:
    for number in range(count):
        office.send(post(article(f"a{number}")))
    office.clerk.start()
    assert len(office.read()) == count
    assert archive.prepared == prepared


def test_what_is_wrong_with_one_hurts_no_other(office: Office, archive: MemoryArchive) -> None:
    for body in (article("a"), b"{", article("bad"), article("b", title=7), article("c")):
        office.send(post(body))
    office.clerk.start()
    statuses = [status for status, _ in office.read()]
    assert statuses == [201, 400, 500, 422, 201]
    assert set(archive.held) == {"a", "c"}
    assert not office.host.errors


def test_a_flood_of_what_is_wrong_keeps_nobody_waiting(office: Office) -> None:
    for body in (article("a"), *[b"{"] * 80):
        office.send(post(body))
    office.clerk.start()
    done = [office.host.done.get(timeout=WAIT_S)[0] for _ in range(81)]
    assert done.index(office.conns[0]) < 80
    assert read(office.clients[0])[0] == 201


def test_who_does_not_take_an_answer_keeps_nobody_waiting(office: Office) -> None:
    name = "ش" * 500
    deaf = office.send(
        post(orjson.dumps({"id": name, "body": "Something", **dict.fromkeys(map(str, range(90)))}))
    )
    office.send(post(article("a")))
    office.clerk.start()
    assert read(office.clients[1])[0] == 201
    conn, kept = office.host.done.get(timeout=WAIT_S)
    assert (conn, kept) == (office.conns[1], True)
    assert office.host.done.empty()
    status, verdict = read(deaf)
    assert (status, verdict["id"]) == (201, name)
    assert office.host.done.get(timeout=WAIT_S)[1]


def test_whatever_happens_in_a_round_there_is_a_next(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taken = office.host.take_back

    def fail_once(conns: Sequence[Connection], *, kept: bool) -> None:
        monkeypatch.setattr(office.host, "take_back", taken)
        raise RuntimeError

    monkeypatch.setattr(office.host, "take_back", fail_once)
    office.send(post(article("a")))
    office.clerk.start()
    assert read(office.clients[0])[0] == 201
    office.send(post(article("b")))
    assert read(office.clients[1])[0] == 201
    assert office.host.done.get(timeout=WAIT_S) == (office.conns[1], True)
    assert "RuntimeError" in caplog.text


def test_connections_close_when_the_worker_is_to_end(office: Office) -> None:
    office.host.closing = True
    client = office.send(post(article("a")))
    office.clerk.start()
    assert read(client)[0] == 201
    assert client.recv(1) == b""
    assert office.host.done.get(timeout=WAIT_S)[1] is False


BODIES = [
    article("a"),
    article("a", unknown=1),
    b"[]",
    b"{",
    b"\xff",
    article("x/y"),
    article("a", body=""),
    article("a", html="<p>"),
    orjson.dumps({"html": "<p>"}),
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["/v1/articles", "/v1/articles?evidence=false", "/v1/check?x=1"])
def test_two_halves_answer_as_one(body: bytes, path: str) -> None:
    told = Told()
    whole = b"".join(make_app(FussyArchive())(environ(path, body, "one"), told))
    archive, halved, half = FussyArchive(), Told(), Half()
    pieces = half.begin(make_app(archive), environ(path, body, "one"), halved)
    left = half.left
    if isinstance(left, Question):
        assert not halved.status
        verdict = archive.ingest([left.article], evidence=left.evidence)[0]
        pieces = half.end(partial(left.answer, verdict))
    elif left is not None:
        pieces = half.end(left.answer)
    assert (halved.status, halved.headers, b"".join(pieces)) == (told.status, told.headers, whole)


def test_each_half_has_the_context_of_its_request() -> None:
    archive = MemoryArchive()
    app = make_app(archive)
    begun = []
    for name in "abc":
        half, told = Half(), Told()
        half.begin(app, environ("/v1/articles", article(name), f"id-{name}"), told)
        begun.append((name, half, told))
    for name, half, told in begun[::-1]:
        left = half.left
        assert isinstance(left, Question)
        assert left.article.id == name
        half.end(partial(left.answer, archive.check([left.article])[0]))
        assert told.headers["X-Request-ID"] == f"id-{name}"


KIND, LENGTH = b"Content-Type: application/json\r\n", b"Content-Length: 2\r\n"
POST = b"POST /v1/articles HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (POST + KIND + LENGTH, b"/v1/articles"),
        (b"POST /v1/check?evidence=true HTTP/1.0\r\n" + KIND + LENGTH, b"/v1/check"),
        (POST + KIND.lower().replace(b": ", b":") + LENGTH.lower(), b"/v1/articles"),
        (POST + KIND.replace(b"json", b"json; charset=utf-8") + LENGTH, b"/v1/articles"),
        (POST.replace(b"POST", b"GET") + KIND + LENGTH, b""),
        (POST + KIND.replace(b"json", b"x-ndjson") + LENGTH, b""),
        (POST + KIND, b""),
        (POST + KIND + LENGTH + b"Content-Encoding: gzip\r\n", b""),
    ],
)
def test_only_plain_short_articles_are_gathered(head: bytes, path: bytes) -> None:
    conn = Connection.__new__(Connection)
    conn._held = bytearray(head + b"\r\n{}")
    assert conn.asked_path() == path
