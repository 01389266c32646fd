"""Connections whose requests are whole -> answers, all that wait at once, in one thread.

A clerk takes every request that has come, runs their first halves, asks the archive once for all of
them, and sends the answers. Nobody is waited for: what comes meanwhile is the next round. A request
that takes long for itself (a page to read, an answer that its client does not take) goes on in a
thread of the pool.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

from flask import Response
from gunicorn.http import wsgi
from gunicorn.http.errors import NoMoreData

from dedupe.answers import Verdict
from service.connections import Connection
from service.halves import Ask, Half, Question

__all__ = ["Clerk", "Host"]

_ROUND = 64
"""Requests of one round: more would not make one of them cheaper, and keep the first waiting."""
_TOGETHER = 4
"""Articles that are begun to be read while the next requests are looked at."""
_log = logging.getLogger("isnad.clerks")


class Host(Protocol):
    """What a clerk needs of the worker it belongs to."""

    cfg: Any
    wsgi: Any
    tpool: Any

    def must_close(self) -> bool:
        """Whether no connection is to be kept now."""

    def handle_error(self, req: object, client: object, addr: object, exc: BaseException) -> None:
        """Answer what no app could."""

    def patience_s(self) -> float:
        """How long a client may keep a thread waiting."""

    def take_back(self, conns: Sequence[Connection], *, kept: bool) -> None:
        """Take connections whose requests are answered; those that are not kept are closed."""


class _Wire:
    """Stands for a socket while an answer is made: keeps what is written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.pieces.append(data)


@dataclass(slots=True)
class _Visit:
    """One request on its way."""

    conn: Connection
    half: Half
    answer: Any
    wire: _Wire

    def write(self, body: Iterable[bytes]) -> bytes:
        """Give the whole answer as bytes."""
        try:
            for piece in body:
                self.answer.write(piece)
            self.answer.close()
        finally:
            if (close := getattr(body, "close", None)) is not None:
                close()
        return b"".join(self.wire.pieces)


class Clerk(threading.Thread):
    """Answers requests that ask the archive the same thing."""

    def __init__(self, host: Host, ask: Ask) -> None:
        super().__init__(name="clerk")
        self._host, self._ask = host, ask
        self._waiting: SimpleQueue[Connection | None] = SimpleQueue()

    def take(self, conn: Connection) -> None:
        """Take a connection whose request is whole."""
        self._waiting.put(conn)

    def stop(self) -> None:
        """End when all that was taken is answered."""
        self._waiting.put(None)

    def run(self) -> None:
        """Answer, round after round; whatever happens in one, there is a next."""
        while (conn := self._waiting.get()) is not None:
            try:
                self._serve(conn)
            except Exception as error:
                _log.error("unforeseen: %s", type(error).__name__, exc_info=error)

    def _serve(self, first: Connection) -> None:
        """Answer the first that came, and all that wait by then."""
        visits: list[_Visit] = []
        begun = 0
        conn: Connection | None = first
        for place in range(1, _ROUND + 1):  # those that need no archive count too
            if conn is None:
                break
            visit = self._begin(conn)
            if visit is not None:
                visits.append(visit)
                if len(visits) == begun + _TOGETHER:
                    self._ask.begin(_questions(visits[begun:]))
                    begun = len(visits)
            conn = self._next() if place < _ROUND else None
        if visits:
            self._answer(visits)

    def _next(self) -> Connection | None:
        """The next that waits; whoever is just about to bring one may do so first."""
        if self._waiting.empty():
            time.sleep(0)
        if self._waiting.empty():
            return None
        conn = self._waiting.get()
        if conn is None:
            self.stop()  # for the next round
        return conn

    def _begin(self, conn: Connection) -> _Visit | None:
        """Run the first half; None where the archive is not asked."""
        request = None
        try:
            conn.sock.setblocking(False)  # all of it is there: who has to read is mistaken
            request = next(conn.parser)
            visit, body = self._open(conn, request)
        except (NoMoreData, StopIteration):
            self._let_go(conn)
            return None
        except Exception as error:
            self._host.handle_error(request, conn.sock, conn.client, error)
            self._let_go(conn)
            return None
        left = visit.half.left
        if isinstance(left, Question):
            return visit
        if left is None:
            self._finish(visit, lambda: body)
        else:
            self._host.tpool.submit(self._finish, visit, partial(visit.half.end, left.answer))
        return None

    def _open(self, conn: Connection, request: Any) -> tuple[_Visit, Iterable[bytes]]:  # noqa: ANN401 - gunicorn's own
        host, wire = self._host, _Wire()
        answer, environ = wsgi.create(request, wire, conn.client, conn.server, host.cfg)
        environ["wsgi.multithread"] = True
        environ["gunicorn.socket"] = conn.sock
        if host.must_close():
            answer.force_close()
        visit = _Visit(conn, Half(), answer, wire)
        return visit, visit.half.begin(host.wsgi, environ, answer.start_response)

    def _answer(self, visits: Sequence[_Visit]) -> None:
        """Ask for all, then run the second halves."""
        questions = _questions(visits)
        try:
            found = self._ask(questions)
        except Exception as error:
            found = [error] * len(visits)
        done = []
        for visit, question, verdict in zip(visits, questions, found, strict=True):
            make = partial(_make, question, verdict)
            if self._send(visit, partial(visit.half.end, make)):
                done.append(visit.conn)
        self._host.take_back(done, kept=True)

    def _finish(self, visit: _Visit, make: Callable[[], Iterable[bytes]]) -> None:
        """Answer one by itself."""
        if self._send(visit, make):
            self._host.take_back([visit.conn], kept=True)

    def _send(self, visit: _Visit, make: Callable[[], Iterable[bytes]]) -> bool:
        """Send an answer; whether all is done and the connection is kept.

        What the client does not take at once, and closing, are left to a thread of the pool.
        """
        conn = visit.conn
        try:
            data = visit.write(make())
            kept = not visit.answer.should_close() and bool(conn.parser.finish_body())
            sent = _send_now(conn.sock, data)
            if sent < len(data):
                self._host.tpool.submit(self._send_rest, conn, data[sent:], kept=kept)
                return False
        except OSError:
            kept = False
        except Exception as error:
            self._host.handle_error(visit.answer.req, conn.sock, conn.client, error)
            kept = False
        if not kept:
            self._let_go(conn)
        return kept

    def _send_rest(self, conn: Connection, data: bytes, *, kept: bool) -> None:
        try:
            conn.sock.settimeout(self._host.patience_s())
            conn.sock.sendall(data)
        except OSError:
            kept = False
        if not kept:
            conn.close(graceful=True)
        self._host.take_back([conn], kept=kept)

    def _let_go(self, conn: Connection) -> None:
        self._host.tpool.submit(self._send_rest, conn, b"", kept=False)


def _send_now(sock: Any, data: bytes) -> int:  # noqa: ANN401 - gunicorn's own
    """Send what the system takes without waiting; how many bytes."""
    try:
        sent: int = sock.send(data)
    except BlockingIOError:
        return 0
    return sent


def _questions(visits: Sequence[_Visit]) -> list[Question]:
    return [visit.half.left for visit in visits if isinstance(visit.half.left, Question)]


def _make(question: Question, verdict: Verdict | Exception) -> Response:
    if isinstance(verdict, Exception):
        raise verdict
    return question.answer(verdict)
