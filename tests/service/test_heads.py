"""A head that was let through before is answered as the first time, and refused as any other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import orjson
import pytest
from fakes.office import WAIT_S, FussyArchive, Office, article, post

from service.connections import Connection
from service.heads import Heads
from service.keys import Keyring
from service.limits import Limits
from service.logs import log_requests
from service.security import secure
from service.settings import load_settings
from service.wiring import PlainSettings

PATH = "/v1/articles"
VARIES = {"Date", "X-Request-ID", "X-RateLimit-Reset"}


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys.json")


@contextmanager
def opened(ring: Keyring, known: int = 8, **given: Any) -> Iterator[Office]:
    """An office whose clerk is at work and keeps so many heads."""
    with ExitStack() as stack:
        settings = load_settings({"rate_limit": "1000/day", **given})  # no window ends meanwhile
        extensions = [log_requests, secure(settings, ring)]
        office = Office(FussyArchive(), stack, extensions)
        office.clerk._heads = Heads(known)
        office.clerk.start()
        try:
            yield office
        finally:
            office.clerk.stop()
            office.clerk.join(WAIT_S)


def ask(office: Office, request: bytes) -> tuple[int, dict[str, str], bytes]:
    return receive(office.send(request))


def receive(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    answer = HTTPResponse(client)
    answer.begin()
    headers = dict(answer.getheaders())
    return answer.status, headers, answer.read()


def compare(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, object, bytes]:
    return answer[0], {k: v for k, v in answer[1].items() if k not in VARIES}, answer[2]


def watch(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Those that go the long way."""
    seen: list[Connection] = []
    begin = office.clerk._begin_anew

    def note(conn: Connection, begun_s: float | None = None) -> Any:
        seen.append(conn)
        return begin(conn, begun_s)

    monkeypatch.setattr(office.clerk, "_begin_anew", note)
    return seen


BODIES = [
    article("a"),
    article("a"),
    article("a", title="Another text of it"),
    article("x/y"),
    article("خبر 100%?"),
    article("b", unknown=1),
    b"\xef\xbb\xbf" + article("c"),
    orjson.dumps({"id": 17, "body": "Something", "published": "never"}),
]
WRONG = [
    b"{",
    b"[]",
    b"\xff",
    article("bad"),
    article("a", body=""),
    article("a", title=7),
    orjson.dumps({"html": "<p>"}),
]
HEADS = [
    b"",
    b"X-Request-ID: mine\r\n",
    b"X-REQUEST-ID: not one\r\ncookie: session=x\r\n",
    b"Accept: text/html\r\nX-Forwarded-Proto: https\r\n",
]


@pytest.mark.parametrize("path", [PATH, f"{PATH}?evidence=false"])
@pytest.mark.parametrize("head", HEADS)
def test_a_known_head_is_answered_as_one_that_is_not(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch, path: str, head: bytes
) -> None:
    if head == HEADS[0]:
        _, text = ring.create("a", ["write"])
        head = b"Authorization: Bearer %b\r\n" % text.encode()
    requests = [
        post(body, path).replace(b"Host:", head + b"Host:") for body in (*BODIES, *WRONG, BODIES[0])
    ]
    with opened(ring, 0) as office:
        plain = [ask(office, request) for request in requests]
    with opened(ring) as office:
        first = ask(office, requests[0])
        seen = watch(office, monkeypatch)
        others = [ask(office, request) for request in requests[1:]]
        assert seen == office.conns[len(BODIES) : -1]
        assert not office.host.errors
    assert [compare(answer) for answer in (first, *others)] == [compare(each) for each in plain]
    assert {answer[0] for answer in plain} == {200, 201, 400, 422, 500}
    asked = {answer[1]["X-Request-ID"] for answer in (first, *others)}
    assert asked == {"mine"} if b"mine" in head else len(asked) == len(requests)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"HTTP/1.1", b"HTTP/1.0"), (b"Host:", b"Connection: close\r\nHost:")],
)
def test_a_head_that_is_not_typical_is_read_each_time(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes
) -> None:
    with opened(ring) as office:
        request = post(article("a")).replace(old, new, 1)
        seen = watch(office, monkeypatch)
        answers = [ask(office, request) for _ in range(2)]
        assert seen == office.conns
        assert answers[0][1].get("Connection") == answers[1][1].get("Connection")


def test_a_key_that_is_no_more_in_force_opens_nothing(ring: Keyring) -> None:
    key, text = ring.create("a", ["write"])
    ring.create("b", ["write"])
    request = post(article("a")).replace(
        b"Host:", b"Authorization: Bearer %b\r\nHost:" % text.encode()
    )
    with opened(ring) as office:
        assert [ask(office, request)[0] for _ in range(2)] == [201, 200]
        ring.revoke(key.id)
        assert [ask(office, request)[0] for _ in range(2)] == [401, 401]


def test_a_head_without_a_key_is_refused_when_there_is_one(ring: Keyring) -> None:
    with opened(ring) as office:
        assert [ask(office, post(article("a")))[0] for _ in range(2)] == [201, 200]
        ring.create("a", ["write"])
        assert ask(office, post(article("a")))[0] == 401


def test_keys_that_cannot_be_read_cost_nobody_an_answer(ring: Keyring, tmp_path: Path) -> None:
    _, text = ring.create("a", ["write"])
    shown = b"Authorization: Bearer %b\r\nHost:" % text.encode()
    request = post(article("a")).replace(b"Host:", shown)
    file = tmp_path / "keys.json"
    whole = file.read_bytes()
    with opened(ring) as office:
        assert ask(office, request)[0] == 201
        file.write_bytes(b"{broken")
        answers = [receive(client) for client in [office.send(request) for _ in range(3)]]
        assert [answer[0] for answer in answers] == [503, 503, 503]
        file.write_bytes(whole)
        assert ask(office, request)[0] == 200
        assert not office.host.errors
        done = [office.host.done.get(timeout=WAIT_S)[0] for _ in office.conns]
        assert set(done) == set(office.conns)


def test_a_step_that_fails_costs_one_request_only(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(ring) as office:
        ask(office, post(article("a")))
        begin = office.clerk._recognise

        def fail(conn: Connection, known: Any) -> Any:
            if b"bad" in conn._held:
                raise ZeroDivisionError
            return begin(conn, known)

        monkeypatch.setattr(office.clerk, "_recognise", fail)
        lost = office.send(post(article("bad")))
        assert ask(office, post(article("b")))[0] == 201
        assert lost.recv(1) == b""
        assert [type(error) for error in office.host.errors] == [ZeroDivisionError]


def test_a_body_that_is_cut_short_is_none_behind_a_known_head(ring: Keyring) -> None:
    cut = post(article("b")).replace(b"Content-Length: ", b"Content-Length: 5")
    assert cut != post(article("b"))
    with opened(ring, 0) as office:
        ask(office, post(article("a")))
        plain = receive(office.send(cut, ends=True))
    with opened(ring) as office:
        assert ask(office, post(article("a")))[0] == 201
        assert compare(receive(office.send(cut, ends=True))) == compare(plain)
    assert plain[0] == 400


def test_a_head_is_known_from_one_address_only(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(ring) as office:
        ask(office, post(article("a")))
        seen = watch(office, monkeypatch)
        begin = office.clerk._begin

        def move(conn: Connection) -> Any:
            conn.client = ("127.0.0.9", 1)
            return begin(conn)

        monkeypatch.setattr(office.clerk, "_begin", move)
        assert ask(office, post(article("a")))[0] == 200
        assert len(seen) == 1


def test_every_request_is_counted_once(ring: Keyring) -> None:
    bodies = [article("a"), article("b"), article("bad"), b"{", article("c"), article("d")]
    with opened(ring, rate_limit="5/hour;5/day") as office:
        answers = [ask(office, post(body)) for body in bodies]
        again = ask(office, post(article("e")))
        held = office.host.wsgi.extensions["isnad"].meters.write().decode()
    assert [status for status, _, _ in (*answers, again)] == [201, 201, 500, 400, 201, 429, 429]
    left = [answer[1]["X-RateLimit-Remaining"] for answer in answers]
    assert left == ["4", "3", "2", "1", "0", "0"]
    assert 'isnad_http_requests_total{endpoint="articles.ingest",status="201"} 3.0' in held
    assert 'isnad_http_requests_total{endpoint="articles.ingest",status="500"} 1.0' in held


def test_what_comes_behind_a_request_is_the_next_one(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(ring) as office:
        ask(office, post(article("a")))
        seen = watch(office, monkeypatch)
        client = office.send(post(article("b")) + post(article("c")))
        assert orjson.loads(receive(client)[2])["id"] == "b"
        while (conn := office.host.done.get(timeout=WAIT_S)[0]) is not office.conns[1]:
            pass
        assert conn.parser.unreader.take_buffered() == post(article("c"))
        assert not seen


def test_who_does_not_take_an_answer_keeps_no_clerk(ring: Keyring) -> None:
    long = article("\u0634" * 500, **dict.fromkeys(map(str, range(90))))
    with opened(ring) as office:
        ask(office, post(article("a")))
        deaf = office.send(post(long))
        assert ask(office, post(article("a")))[0] == 200
        assert receive(deaf)[0] == 201


def test_a_connection_is_closed_when_the_worker_is_to_end(ring: Keyring) -> None:
    with opened(ring) as office:
        assert ask(office, post(article("a")))[1]["Connection"] == "keep-alive"
        office.host.closing = True
        client = office.send(post(article("b")))
        assert receive(client)[1]["Connection"] == "close"
        assert client.recv(1) == b""


def test_a_body_may_be_as_large_as_any(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainSettings, "__init__", lambda self: None)
    monkeypatch.setattr(PlainSettings, "limits", Limits(body_bytes=200), raising=False)
    with opened(ring) as office:
        assert ask(office, post(article("a")))[0] == 201
        assert ask(office, post(article("a", body="x" * 200)))[0] == 413
        assert ask(office, post(article("a", metadata={"x": ["x" * 160]})))[0] == 413


def test_who_does_not_say_what_it_is_for_a_head_is_asked_each_time(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(ring) as office:
        called: list[int] = []
        office.host.wsgi.before_request_funcs[None].append(lambda: called.append(1))
        for _ in range(3):
            ask(office, post(article("a")))
        assert len(called) == 3


def test_heads_are_few() -> None:
    heads, known = Heads(2), object()
    for name in "abc":
        heads.keep(name, known)  # type: ignore[arg-type]
    assert [heads.find(name) for name in "abc"] == [None, known, known]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (b"Length: 36", b"Length: 7", True),
        (b"Length: 36", b"Length:  35", False),
        (b"localhost", b"localhos", False),
        (b"localhost", b"localhost\r\nContent-Length: 36", False),
        (b"\r\nContent-Type", b"\r\nX: \0\r\nContent-Type", False),
    ],
)
def test_only_the_length_may_differ(old: bytes, new: bytes, *, same: bool) -> None:
    request = post(article("a", body="x" * 16))
    assert old in request
    assert (name(request) == name(request.replace(old, new, 1))) is same


def name(request: bytes) -> object:
    conn = Connection.__new__(Connection)
    conn._held, conn.client = bytearray(request), ("127.0.0.1", 1)
    return conn.name_head()
