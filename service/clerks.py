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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

from gunicorn import SERVER
from gunicorn.http import wsgi
from gunicorn.http.errors import NoMoreData
from gunicorn.util import http_date
from werkzeug.http import HTTP_STATUS_CODES

from dedupe.answers import Verdict
from service.answering import JSON, Reply
from service.connections import Connection
from service.halves import Ask, Half, Question
from service.heads import BEGUN, Heads, Known, Moment

__all__ = ["Clerk", "Host"]

_ROUND = 64
"""Requests of one round: more would not make one of them cheaper, and keep the first waiting."""
_TOGETHER = 4
"""Articles that are begun to be read while the next requests are looked at. Every other four are
read by the clerk, who would only wait for the last of them otherwise (docs/decisions/0150)."""
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
class _Guest:
    """One request on its way whose head is known."""

    conn: Connection
    known: Known
    moment: Moment
    question: Question

    def write(self, reply: Reply, date: str, *, kept: bool) -> bytes:
        """Give the whole answer as bytes, as gunicorn and flask would write it."""
        lines = [
            f"HTTP/1.1 {reply.status} {HTTP_STATUS_CODES[reply.status].upper()}",
            f"Server: {SERVER}",
            f"Date: {date}",
            "Connection: keep-alive" if kept else "Connection: close",
            f"Content-Type: {JSON}",
            f"Content-Length: {len(reply.data)}",
            *[f"{name}: {value}" for name, value in reply.headers.items()],
            "",
        ]
        head = "\r\n".join(lines).encode("latin-1")
        return b"%b%b\r\n%b" % (head, self.known.end(self.moment, reply.status), reply.data)


@dataclass(slots=True)
class _Visit:
    """One request on its way."""

    conn: Connection
    half: Half
    answer: Any
    wire: _Wire

    @property
    def question(self) -> Question:
        """What the archive is asked."""
        assert isinstance(self.half.left, Question)
        return self.half.left

    def learned(self) -> Known | None:
        """What is to be kept of the head: only where nothing about the connection is special."""
        request = self.answer.req
        return self.half.known if request.version == (1, 1) and not request.should_close() else None

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
        self._heads = Heads()

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
        visits: list[_Visit | _Guest] = []
        own: list[_Visit | _Guest] = []
        room = _ROUND  # those that need no archive take room too
        begun = 0
        for visit in self._gather(first, _ROUND):
            room -= 1
            if visit is None:
                continue
            visits.append(visit)
            if len(visits) == begun + _TOGETHER:
                if begun // _TOGETHER % 2:
                    own += visits[begun:]
                else:
                    self._prepare(visits[begun:])
                begun = len(visits)
        if begun and (rest := [*own, *visits[begun:]]):
            self._prepare(rest, here=True)
            if room and (late := self._next()) is not None:  # what came while the share was read
                visits += [visit for visit in self._gather(late, room) if visit is not None]
        if visits:
            self._answer(visits)

    def _gather(self, first: Connection, most: int) -> Iterator[_Visit | _Guest | None]:
        """Begin what waits; None for each that the archive is not asked about."""
        conn: Connection | None = first
        for place in range(1, most + 1):
            if conn is None:
                break
            yield self._begin(conn)
            conn = self._next() if place < most else None

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

    def _prepare(self, visits: Sequence[_Visit | _Guest], *, here: bool = False) -> None:
        """Have articles begun to be read; what fails here, the archive meets when it is asked."""
        try:
            self._ask.begin(_questions(visits), here=here)
        except Exception as error:
            _log.error("unforeseen: %s", type(error).__name__, exc_info=error)

    def _begin(self, conn: Connection) -> _Visit | _Guest | None:
        """Run the first half; None where the archive is not asked."""
        try:
            name = conn.name_head()
            guest = self._recognise(conn, self._heads.find(name))
            if guest is not None:
                return guest
            visit = self._begin_anew(conn)
            if visit is not None and (learned := visit.learned()) is not None:
                self._heads.keep(name, learned)
        except Exception as error:
            self._fail(conn, None, error)
            return None
        return visit

    def _recognise(self, conn: Connection, known: Known | None) -> _Guest | None:
        """Run the first half of a request whose head is known; None where it goes the long way."""
        body = None if known is None else conn.cut_body()
        begun = None if known is None or body is None else known.begin(body)
        return None if known is None or begun is None else _Guest(conn, known, *begun)

    def _begin_anew(self, conn: Connection, begun_s: float | None = None) -> _Visit | None:
        """Run the first half as if the head had never come; `begun_s` is when it came."""
        request = None
        try:
            conn.hand_over(None)
            conn.sock.setblocking(False)  # all of it is there: who has to read is mistaken
            request = next(conn.parser)
            visit, body = self._open(conn, request, begun_s)
        except (NoMoreData, StopIteration):
            self._let_go(conn)
            return None
        except Exception as error:
            self._fail(conn, request, error)
            return None
        left = visit.half.left
        if isinstance(left, Question):
            return visit
        if left is None:
            self._finish(visit, lambda: body)
        else:
            self._host.tpool.submit(self._finish, visit, partial(visit.half.end, left.answer))
        return None

    def _open(
        self,
        conn: Connection,
        request: Any,  # noqa: ANN401 - gunicorn's own
        begun_s: float | None,
    ) -> tuple[_Visit, Iterable[bytes]]:
        host, wire = self._host, _Wire()
        answer, environ = wsgi.create(request, wire, conn.client, conn.server, host.cfg)
        environ["wsgi.multithread"] = True
        environ["gunicorn.socket"] = conn.sock
        if begun_s is not None:
            environ[BEGUN] = begun_s
        if host.must_close():
            answer.force_close()
        visit = _Visit(conn, Half(), answer, wire)
        return visit, visit.half.begin(host.wsgi, environ, answer.start_response)

    def _answer(self, visits: Sequence[_Visit | _Guest]) -> None:
        """Ask for all, then run the second halves."""
        questions = _questions(visits)
        try:
            found = self._ask(questions)
        except Exception as error:
            found = [error] * len(visits)
        date = http_date()
        done = []
        for visit, question, verdict in zip(visits, questions, found, strict=True):
            try:
                if self._tell(visit, partial(_make, question, verdict), date):
                    done.append(visit.conn)
            except Exception as error:  # it costs no other its answer
                self._fail(visit.conn, None, error)
        self._host.take_back(done, kept=True)

    def _tell(self, visit: _Visit | _Guest, make: Callable[[], Reply], date: str) -> bool:
        """Answer one of a round; whether all is done and the connection is kept."""
        if isinstance(visit, _Guest):
            return self._see_off(visit, make, date)
        return self._send(visit, partial(visit.half.end, make))

    def _see_off(self, guest: _Guest, make: Callable[[], Reply], date: str) -> bool:
        """Answer a request whose head is known; whether all is done and the connection is kept.

        An error is answered the long way.
        """
        kept = not self._host.must_close()
        try:
            data = guest.write(make(), date, kept=kept)
        except Exception as error:
            guest.known.undo()
            visit = self._begin_anew(guest.conn, guest.moment.begun_s)
            if visit is None:  # it was answered, which is nearly impossible
                return False
            return self._send(visit, partial(visit.half.end, partial(_raise, error)))
        guest.conn.forget()
        return self._put(guest.conn, data, kept=kept)

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
        except OSError:
            self._let_go(conn)
            return False
        except Exception as error:
            self._fail(conn, visit.answer.req, error)
            return False
        return self._put(conn, data, kept=kept)

    def _put(self, conn: Connection, data: bytes, *, kept: bool) -> bool:
        """Put an answer on its way; whether all is done and the connection is kept."""
        try:
            sent = _send_now(conn.sock, data)
        except OSError:
            sent, kept = len(data), False
        if sent < len(data):
            self._host.tpool.submit(self._send_rest, conn, data[sent:], kept=kept)
            return False
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

    def _fail(self, conn: Connection, request: object, error: Exception) -> None:
        """Answer what no app could, and let its connection go: none is ever lost."""
        self._host.handle_error(request, conn.sock, conn.client, error)
        self._let_go(conn)

    def _let_go(self, conn: Connection) -> None:
        self._host.tpool.submit(self._send_rest, conn, b"", kept=False)


def _send_now(sock: Any, data: bytes) -> int:  # noqa: ANN401 - gunicorn's own
    """Send what the system takes without waiting; how many bytes."""
    try:
        sent: int = sock.send(data)
    except BlockingIOError:
        return 0
    return sent


def _questions(visits: Sequence[_Visit | _Guest]) -> list[Question]:
    return [visit.question for visit in visits]


def _make(question: Question, verdict: Verdict | Exception) -> Reply:
    if isinstance(verdict, Exception):
        raise verdict
    return question.answer(verdict)


def _raise(error: Exception) -> Reply:
    raise error
