"""A clerk with what waits for it, and the clients at the other ends; no event loop, no network."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from queue import SimpleQueue
from typing import Any

import orjson
from fakes.memory_archive import MemoryArchive
from flask import Flask
from gunicorn.config import Config

from dedupe.answers import Verdict
from dedupe.models import Article
from service.app import create_app
from service.clerks import Clerk
from service.connections import Connection, State
from service.logs import log_requests
from service.wiring import PlainSettings

WAIT_S = 30
Extend = Callable[[Flask], None]


class FussyArchive(MemoryArchive):
    """Fails where an article is called `bad`, and with it whoever is asked about together."""

    def ingest(self, articles: Sequence[Article], *, evidence: bool = True) -> list[Verdict]:
        if any(article.id == "bad" for article in articles):
            raise RuntimeError("bad")
        return super().ingest(articles, evidence=evidence)


def make_app(archive: MemoryArchive, extensions: Sequence[Extend] = (log_requests,)) -> Flask:
    app = create_app(PlainSettings(), archive, extensions=extensions)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def post(body: bytes, path: str = "/v1/articles") -> bytes:
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return b"POST %b HTTP/1.1\r\nHost: localhost\r\n%b%b" % (path.encode(), kind, body)


def article(name: str, **more: object) -> bytes:
    return orjson.dumps({"id": name, "body": f"What {name} says, once.", **more})


class Host:
    """A worker without an event loop."""

    def __init__(self, app: Flask, pool: ThreadPoolExecutor) -> None:
        self.cfg, self.wsgi, self.tpool = Config(), app, pool
        self.closing = False
        self.done: SimpleQueue[tuple[Connection, bool]] = SimpleQueue()
        self.errors: list[BaseException] = []

    def must_close(self) -> bool:
        return self.closing

    def patience_s(self) -> float:
        return WAIT_S

    def handle_error(
        self, _req: object, _client: object, _addr: object, exc: BaseException
    ) -> None:
        self.errors.append(exc)

    def take_back(self, conns: Sequence[Connection], *, kept: bool) -> None:
        for conn in conns:
            self.done.put((conn, kept))


class Office:
    """A clerk with what waits for it, and the clients at the other ends."""

    def __init__(
        self,
        archive: MemoryArchive,
        stack: ExitStack,
        extensions: Sequence[Extend] = (log_requests,),
    ) -> None:
        app = make_app(archive, extensions)
        self._stack = stack
        self.host = Host(app, stack.enter_context(ThreadPoolExecutor(2)))
        self.clerk = Clerk(self.host, app.extensions["isnad-asks"]["/v1/articles"])
        self.clients: list[socket.socket] = []
        self.conns: list[Connection] = []

    def send(self, data: bytes, *, ends: bool = False) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._stack.enter_context(closing(theirs))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        theirs.settimeout(WAIT_S)
        theirs.sendall(data)
        if ends:
            theirs.shutdown(socket.SHUT_WR)
        conn = Connection(WAIT_S, self.host.cfg, ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        self._stack.callback(conn.close)
        assert conn.gather() is State.WHOLE
        assert conn.asked_path() == b"/v1/articles"
        self.clerk.take(conn)
        self.clients.append(theirs)
        self.conns.append(conn)
        return theirs

    def read(self) -> list[tuple[int, Any]]:
        return [read(client) for client in self.clients]


def read(client: socket.socket) -> tuple[int, Any]:
    answer = HTTPResponse(client)
    answer.begin()
    return answer.status, orjson.loads(answer.read())
