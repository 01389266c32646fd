"""A socket -> a request that is whole, or one that is read no slower than is allowed.

Threads are few, connections many: a client that sends half a request must not hold a thread. So the
event loop gathers the head of a request and a short body, and only what is whole goes to a thread.
A long body is read by its thread, which counts the time it waits: a client may keep it waiting for
some seconds and for one more with every few kilobytes it sends. Whoever does not read an answer is
cut off too. Long bodies are counted by caller, who may have a share of the threads only.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import select
import socket
import time
from collections.abc import Hashable, Mapping
from enum import Enum
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.body import Body
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from service.errors import Problem

__all__ = [
    "PAUSE_S",
    "AwaitedBody",
    "Connection",
    "State",
    "answer_problem",
    "has_left",
    "is_awaited",
]

PAUSE_S = 30.0
"""How long a client may keep a thread waiting, at once; in all, beside what its bytes earn."""
BYTES_PER_S = 8192
"""Earn a second. Apache's mod_reqtimeout asks for 500: 32 threads would be held by 16 kB/s."""
_SECRET = secrets.token_bytes(16)
_GATHERED = 64 << 10
_PIECE = 64 << 10
_END = b"\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LATER = re.compile(rb"^(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FORWARDED = re.compile(rb"^x-forwarded-for:([^\r\n]*)", re.I | re.M)
_ARTICLE = re.compile(rb"POST ([^ ?\r\n]+)[^ \r\n]* HTTP/1\.[01]\r\n")
_PLAIN = re.compile(rb"^content-type:[ \t]*application/json[ \t;\r]", re.I | re.M)
_PACKED = re.compile(rb"^content-encoding[ \t]*:", re.I | re.M)
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.I | re.M)


class State(Enum):
    """How much of a request is there."""

    EMPTY = "nothing"
    PARTIAL = "a part"
    WHOLE = "all that a thread needs"
    LONG = "the head of a request whose body a thread has to read"
    ENDLESS = "a head that is too long"
    ENDED = "the client has gone"


class _PatientUnreader(SocketUnreader):  # type: ignore[misc]
    """Reads from a socket within a time that grows with what comes; raises TimeoutError."""

    def __init__(self, sock: Any, pause_s: float) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(sock)
        self._pause_s = pause_s
        self._left_s = pause_s

    def begin(self) -> None:
        """Be as patient as at first: a new request."""
        self._left_s = self._pause_s

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Receive some bytes."""
        if self._left_s <= 0:
            raise TimeoutError("the client is too slow")
        before = self.sock.gettimeout()
        limit = min(self._left_s, self._pause_s)
        self.sock.settimeout(limit if before is None else min(before, limit))
        begun = time.monotonic()
        try:
            data: bytes = super().chunk(size_hint)
        finally:
            self._left_s -= time.monotonic() - begun
            self.sock.settimeout(before)
        self._left_s += len(data) / BYTES_PER_S
        return data


class Connection(TConn):  # type: ignore[misc]
    """A client; `since` is when the first byte of its request came, None before it."""

    def __init__(self, pause_s: float, *arguments: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*arguments)
        self._pause_s = pause_s
        self._held = bytearray()
        self._end = 0
        self._closed = False
        self.since: float | None = None
        self.long_of: str | None = None

    def init(self) -> None:
        """Make the parser, over a socket with a bound on time."""
        fresh = not self.initialized
        super().init()
        if fresh:
            self.parser.unreader = _PatientUnreader(self.sock, self._pause_s)

    def gather(self) -> State:
        """Take what has come, without waiting."""
        if self.parser is not None:
            self._held += self.parser.unreader.take_buffered()
        self.sock.setblocking(False)
        ended = False
        try:
            while (state := _judge(self._held)) in (State.EMPTY, State.PARTIAL):
                data = self.sock.recv(_PIECE)
                if not data:
                    ended = True
                    break
                self._held += data
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            return State.ENDED
        if ended:  # the parser says what is wrong with half a request
            return State.WHOLE if self._held else State.ENDED
        if state is State.PARTIAL and self.since is None:
            self.since = time.monotonic()
        return state

    def caller(self, proxies: int) -> str:
        """Who sends the request that was gathered, as the nearest of so many `proxies` says."""
        head = bytes(self._held[: self._held.find(_END) + 2])
        told = b",".join(_FORWARDED.findall(head)).decode("latin-1").split(",")
        if proxies and len(told) >= proxies and told[-proxies].strip():
            return _shorten(told[-proxies].strip())
        return _shorten(str(self.client[0])) if self.client else ""

    def asked_path(self) -> bytes:
        """Where a request that is whole posts plain JSON to; empty for all others."""
        head = bytes(self._held[: self._held.find(_END) + 2])
        found = _ARTICLE.match(head)
        plain = _PLAIN.search(head) and _LENGTH.search(head) and not _PACKED.search(head)
        return found[1] if found and plain else b""

    def name_head(self) -> Hashable:
        """What the head of a request that `asked_path` knows is called, but for its length.

        Two heads of one name differ in nothing but the digits of Content-Length, and came from one
        address: all that gunicorn and the app make of a head, they make of both. It is no more than
        a hash with a secret: a head may hold a key.
        """
        head = bytes(self._held[: self._held.find(_END) + 2])
        length = _LENGTH.search(head)
        assert length is not None
        hashed = blake2b(head[: length.start(1)], digest_size=16, key=_SECRET)
        hashed.update(b"\0" + head[length.end(1) :])  # which no valid head holds
        return hashed.digest(), self.client[0] if self.client else ""

    def cut_body(self) -> bytes | None:
        """The body of a request that `asked_path` knows; it stays until `forget`.

        None where the client ended before all of it came: the parser says what is wrong with that.
        """
        end = self._held.find(_END)
        length = _LENGTH.search(bytes(self._held[: end + 2]))
        assert length is not None
        self._end = end + len(_END) + int(length[1])
        whole = len(self._held) >= self._end
        return bytes(self._held[end + len(_END) : self._end]) if whole else None

    def forget(self) -> None:
        """Let go of the request whose body was cut: it is answered, or will be."""
        if not self.initialized:
            self.init()
            self.sock.setblocking(False)
        if rest := bytes(self._held[self._end :]):
            self.parser.unreader.unread(rest)
        self._held.clear()
        self.since, self.long_of, self.data_ready = None, None, True

    def hand_over(self, long_of: str | None) -> None:
        """Give what was gathered to the parser, before a thread takes the connection.

        `long_of` is the caller where the thread has to wait for the body.
        """
        self.init()
        self.parser.unreader.begin()
        self.parser.unreader.unread(bytes(self._held))
        self._held.clear()
        self.since, self.long_of, self.data_ready = None, long_of, True

    def close(self, graceful: bool = False) -> None:
        """Close once; a thread closes gracefully, so that the event loop need not wait for it."""
        if not self._closed:
            self._closed = True
            super().close(graceful)


def _shorten(address: str) -> str:
    """Leave of an IPv6 address the network, all of which one caller has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))


def _judge(data: bytearray) -> State:
    if not data:
        return State.EMPTY
    end = data.find(_END)
    if end < 0:
        return State.PARTIAL if len(data) <= _GATHERED else State.ENDLESS
    head = bytes(data[: end + 2])
    if _LATER.search(head):
        return State.LONG
    length = _LENGTH.search(head)
    wanted = int(length[1]) if length else 0
    if len(data) >= end + len(_END) + wanted:
        return State.WHOLE
    return State.PARTIAL if wanted <= _GATHERED else State.LONG


class AwaitedBody(Body):  # type: ignore[misc]
    """A body whose client waits to hear that it is wanted (`Expect: 100-continue`).

    It hears so when the app begins to read. Whoever is refused before that need not send it, and
    the connection ends: nobody could tell a body that comes after all from the next request.
    """

    def __init__(self, request: Any, sock: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(request.body.reader)
        self._request, self._sock = request, sock
        self._closing, request.must_close = request.must_close, True
        self.is_wanted = False

    def _read_reader(self, size: int) -> bytes:
        if not self.is_wanted:
            self.is_wanted, self._request.must_close = True, self._closing
            self._sock.sendall(_CONTINUE)
        data: bytes = super()._read_reader(size)
        return data


def is_awaited(environ: Mapping[str, Any]) -> bool:
    """Whether the client of a request has not begun to send its body, and need not."""
    body = environ.get("wsgi.input")
    return isinstance(body, AwaitedBody) and not body.is_wanted


def has_left(environ: Mapping[str, Any]) -> bool:
    """Whether the client of a request that was read whole has closed its connection.

    Else it shows only when something is written to it. False where a server does not tell its
    socket.
    """
    sock = environ.get("gunicorn.socket")
    if sock is None:
        return False
    try:
        ready = select.poll()  # first: a socket with a timeout waits whatever its flags say
        ready.register(sock, select.POLLIN)
        return bool(ready.poll(0)) and not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except (OSError, ValueError):
        return True


def answer_problem(sock: Any, problem: Problem) -> None:  # noqa: ANN401 - gunicorn's own
    """Write a problem to a socket whose request never reached the app; does not wait."""
    response = problem.answer()
    response.headers["Connection"] = "close"
    status = f"{problem.status} {HTTPStatus(problem.status).phrase}"
    head = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
    data = f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + response.get_data()
    util.write_nonblock(sock, data)
