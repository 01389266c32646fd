"""Clients that send half a request, or too slowly, or what is no HTTP, or that do not read."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from http.client import HTTPResponse
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from core.corpus import story
from fakes.memory_archive import make_client
from fakes.running import Running, running_service

from service.connections import Connection, has_left
from service.context import Bell
from service.limits import Limits
from service.routes.changes import _events

pytestmark = pytest.mark.fault

THREADS = 4
HEAD = b"POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
STREAM = HEAD.replace(b"json", b"x-ndjson") + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of few threads that loses its patience soon."""
    folder = tmp_path_factory.mktemp("hasty")
    with running_service(folder, threads=THREADS, pause_s=1.5) as started:
        yield started


def connect(running: Running, data: bytes, source: str = "127.0.0.1") -> socket.socket:
    address = ("127.0.0.1", running.port)
    sock = socket.create_connection(address, timeout=60, source_address=(source, 0))
    sock.sendall(data)
    return sock


def read(sock: socket.socket) -> tuple[HTTPResponse, Any]:
    answer = HTTPResponse(sock)
    answer.begin()
    return answer, orjson.loads(answer.read())


def assert_cut_off(sock: socket.socket, status: int, name: str) -> None:
    answer, problem = read(sock)
    assert (answer.status, problem["type"]) == (status, f"urn:isnad:problem:{name}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Connection"] == "close"
    assert sock.recv(1) == b""


@pytest.mark.parametrize(
    "half",
    [b"GET /healthz HTTP/1.1\r\nHo", HEAD + b"Content-Length: 50\r\n\r\n{"],
    ids=["head", "body"],
)
def test_half_requests_hold_no_thread_and_are_cut_off(hasty: Running, half: bytes) -> None:
    with ExitStack() as stack:
        socks = [stack.enter_context(closing(connect(hasty, half))) for _ in range(3 * THREADS)]
        assert hasty.ask("GET", "/healthz")[0] == 200
        for sock in socks:
            assert_cut_off(sock, 408, "too-slow")


def test_long_bodies_that_do_not_come_leave_threads_for_others(hasty: Running) -> None:
    """One address gets half of what may wait, all together leave a thread for short requests."""
    with ExitStack() as stack:
        half = STREAM + b'5\r\n{"id\r\n'
        socks = [
            (source, stack.enter_context(closing(connect(hasty, half, source))))
            for source in ("127.0.0.1", "127.0.0.2")
            for _ in range(THREADS)
        ]
        begun = [(source, sock, sock.recv(12, socket.MSG_PEEK)) for source, sock in socks]
        taken = Counter(source for source, _, told in begun if told != b"HTTP/1.1 503")
        assert taken.total() == THREADS - 1
        assert max(taken.values()) == THREADS // 2
        for _, sock, told in begun:
            if told == b"HTTP/1.1 503":
                assert_cut_off(sock, 503, "busy")
        assert hasty.ask("GET", "/healthz")[0] == 200
    assert hasty.ask("GET", "/healthz")[0] == 200


def test_a_stream_that_stops_is_told_so(hasty: Running) -> None:
    with closing(connect(hasty, STREAM + b'5\r\n{"id\r\n')) as sock:
        answer, problem = read(sock)
    assert (answer.status, problem["type"]) == (408, "urn:isnad:problem:too-slow")


@pytest.mark.parametrize("words", [20, 20_000])
def test_a_body_that_is_shorter_than_it_says_is_refused(hasty: Running, words: int) -> None:
    body = orjson.dumps({"id": "short", "body": "word " * words})
    told = b"Content-Length: %d\r\n\r\n" % (len(body) + 7)
    with closing(connect(hasty, HEAD + told + body)) as sock:
        sock.shutdown(socket.SHUT_WR)
        answer, problem = read(sock)
    assert (answer.status, problem["type"]) == (400, "urn:isnad:problem:body-broken")
    assert hasty.ask("GET", "/v1/articles/short")[0] == 404


def test_a_stream_that_is_shorter_than_it_says_is_not_complete(hasty: Running) -> None:
    line = orjson.dumps({"id": "whole", "body": "A line that came whole."}) + b"\n"
    told = b"Content-Length: %d\r\n\r\n" % (len(line) + 50)
    with closing(connect(hasty, HEAD.replace(b"json", b"x-ndjson") + told + line)) as sock:
        sock.shutdown(socket.SHUT_WR)
        answer = HTTPResponse(sock)
        answer.begin()
        verdict, problem, last = map(orjson.loads, answer.read().splitlines())
    assert verdict["verdict"]["outcome"] == "created"
    assert problem["problem"]["type"] == "urn:isnad:problem:body-broken"
    assert last["complete"] is False


def test_a_body_in_many_pieces_is_one_body(hasty: Running) -> None:
    body = orjson.dumps({"id": "slow", "body": " ".join(story(1, 80))})
    with closing(connect(hasty, HEAD)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (
            f"Content-Length: {len(body)}\r".encode(),
            b"\n\r",
            b"\n",
            body[:9],
            body[9:],
        ):
            sock.sendall(piece)
        answer, verdict = read(sock)
        assert (answer.status, verdict["id"]) == (201, "slow")
        request = b"GET /v1/articles/slow HTTP/1.1\r\nHost: localhost\r\n\r\n"
        sock.sendall(request * 2)  # both at once: the second is read with the first
        data = b""
        while data.count(b"HTTP/1.1 200") < 2:
            data += sock.recv(1 << 16)


EXPECT = HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(hasty: Running) -> None:
    with closing(connect(hasty, EXPECT % (11 << 20))) as sock:
        assert sock.recv(12, socket.MSG_PEEK | socket.MSG_WAITALL) == b"HTTP/1.1 413"
        assert_cut_off(sock, 413, "too-large")


def test_a_body_that_is_wanted_is_asked_for(hasty: Running) -> None:
    body = orjson.dumps({"id": "awaited", "body": " ".join(story(2, 80))})
    with closing(connect(hasty, EXPECT % len(body))) as sock:
        asked = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert sock.recv(len(asked), socket.MSG_WAITALL) == asked
        for request in (body, EXPECT % len(body) + body):  # the second does not wait to be asked
            sock.sendall(request)
            answer, verdict = read(sock)
            assert (answer.status, verdict["id"]) in {(201, "awaited"), (200, "awaited")}
            assert answer.headers["Connection"] == "keep-alive"


@pytest.mark.parametrize(
    ("sent", "status", "name"),
    [
        (b"\x16\x03\x01 nonsense\r\n\r\n", 400, "request-invalid"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nbro ken\r\n\r\n", 400, "request-invalid"),
        (b"GET /%b HTTP/1.1\r\n\r\n" % (b"x" * 9000), 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\n%b\r\n" % (b"A: b\r\n" * 200), 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\n%b" % (b"A: b\r\n" * 20_000), 431, "headers-too-large"),
        (HEAD + b"Expect: something\r\n\r\n", 417, "expectation-failed"),
        (HEAD + b"Transfer-Encoding: strange\r\n\r\n", 501, "transfer-unsupported"),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400, "request-invalid"),
    ],
)
def test_what_is_no_request_is_a_problem_object_too(
    hasty: Running, sent: bytes, status: int, name: str
) -> None:
    with closing(connect(hasty, sent)) as sock:
        answer, problem = read(sock)
    assert (answer.status, problem["type"]) == (status, f"urn:isnad:problem:{name}")


def test_a_client_that_does_not_read_its_answer_is_cut_off(hasty: Running) -> None:
    line = orjson.dumps({"id": "long", "body": "x" * 50_000})
    asked = STREAM.replace(b"articles HTTP", b"articles?evidence=true HTTP")
    chunk = line + b"\n"
    with ExitStack() as stack:
        for _ in range(THREADS):
            sock = socket.socket()
            stack.enter_context(closing(sock))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", hasty.port))
            sock.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
        assert hasty.ask("GET", "/healthz")[0] == 200
    with closing(connect(hasty, asked)) as sock:
        sock.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(chunk), chunk))
        assert read_lines(sock)[-1]["complete"] is True


def read_lines(sock: socket.socket) -> list[Any]:
    answer = HTTPResponse(sock)
    answer.begin()
    return [orjson.loads(line) for line in answer.read().splitlines()]


def test_a_feed_ends_when_its_client_has_left() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        environ = {"gunicorn.socket": ours}
        assert not has_left(environ)
        theirs.send(b"more")
        assert not has_left(environ)
        ours.recv(4)
        _, archive = make_client()
        made: Any = SimpleNamespace(archive=archive, bell=Bell(), limits=Limits(feed_s=3600.0))
        events = _events(made, 0, False, partial(has_left, environ))
        assert next(events).startswith(b"retry:")
        theirs.close()
        assert list(events) == []


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "caller"),
    [
        ("192.0.2.7", "", 0, "192.0.2.7"),
        ("192.0.2.7", "X-Forwarded-For: 203.0.113.9", 0, "192.0.2.7"),
        ("192.0.2.7", "x-forwarded-for: 198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("192.0.2.7", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.6", 2,
         "203.0.113.9"),
        ("192.0.2.7", "", 1, "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "", 0, "192.0.2.7"),
        ("192.0.2.7", "X-Forwarded-For: " + "x" * 300, 1, "x" * 300),
    ],
)  # fmt: skip
def test_a_caller_is_an_address_or_what_trusted_proxies_say(
    client: str, forwarded: str, proxies: int, caller: str
) -> None:
    conn = Connection.__new__(Connection)
    conn.client = (client, 1)
    conn._held = bytearray(f"POST / HTTP/1.1\r\n{forwarded}\r\n\r\nbody".encode())
    assert conn.caller(proxies) == caller
