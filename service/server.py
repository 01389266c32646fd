"""An app -> a server on an address: gunicorn with threads, in one worker process.

One process owns the embedded archive (CONTRACTS section 7), so there is one worker; gunicorn's
arbiter beside it holds the socket and starts the worker anew if it dies. The app is made in the
worker, after the fork: files, locks and threads belong to the process that uses them.
"""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from types import FrameType
from typing import Any, NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import errors as http_errors
from gunicorn.workers.gthread import ThreadWorker

from dedupe.errors import IsnadError
from service.clerks import Clerk
from service.connections import PAUSE_S, AwaitedBody, Connection, State, answer_problem
from service.errors import Problem
from service.halves import Ask
from service.memory import give_memory_back

__all__ = [
    "AddressUnusable",
    "Server",
    "ServiceFailed",
    "Worker",
    "count_connections",
    "count_long",
    "serve",
]

GRACE_S = 60
"""How long requests that are being answered may take after SIGTERM."""
_SPARED = 4
"""One thread in so many takes no request whose body it would have to wait for."""
_FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_FULL_S = 0.5
"""How long no connection is taken where the system has no room for one more."""
_CONNECTIONS, _OWN_FILES, _FILES_A_THREAD = 1000, 64, 3
"""Connections at most; descriptors that stores and log, and the files of each thread, may need."""
_SWITCH_S = 0.0005
"""How long a thread computes while others wait, instead of 5 ms: twenty callers wait a quarter less
at p95, at the same CPU (docs/decisions/0025)."""
_log = logging.getLogger("isnad.server")

_REFUSED: tuple[tuple[type[Exception], str, str], ...] = (
    (http_errors.LimitRequestLine, "uri-too-long", "the address is too long"),
    (http_errors.LimitRequestHeaders, "headers-too-large", "the headers are too many or too long"),
    (http_errors.UnsupportedTransferCoding, "transfer-unsupported", "send chunked, or a length"),
    (http_errors.ExpectationFailed, "expectation-failed", "only 100-continue can be expected"),
    (http_errors.ParseException, "request-invalid", "the request is not HTTP/1.1 as it should be"),
)


class AddressUnusable(IsnadError):
    """The address cannot be listened on."""

    def __init__(self, address: str, reason: str) -> None:
        """Keep the address and what the system says."""
        self.address = address
        super().__init__(f"{address}: {reason}; is it another service's? --port names another one")


class ServiceFailed(IsnadError):
    """The process that was to answer ended before it was ready; the sentence is its own."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker whose threads get requests that are whole, and which ends open feeds at its end."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*arguments, **named)
        self._full_until = 0.0
        self._long: Counter[str] = Counter()
        self._most_long = count_long(self.cfg.threads)
        self._share = (self._most_long + 1) // 2
        self._clerks: dict[bytes, Clerk] = {}

    def init_process(self) -> None:
        """Begin to serve."""
        sys.setswitchinterval(_SWITCH_S)
        give_memory_back()
        super().init_process()

    def run(self) -> None:
        """Serve; articles that come one by one are gathered where the app can answer so."""
        asks: Mapping[str, Ask] = getattr(self.wsgi, "extensions", {}).get("isnad-asks", {})
        self._clerks = {path.encode(): Clerk(self, ask) for path, ask in asks.items()}
        for clerk in self._clerks.values():
            clerk.start()
        try:
            super().run()
        finally:
            for clerk in self._clerks.values():
                clerk.stop()

    def init_signals(self) -> None:
        """Heed signals; Ctrl-C reaches every process of a terminal, and ends like SIGTERM."""
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.siginterrupt(signal.SIGINT, False)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the feeds; requests that are being answered go on."""
        app = getattr(self, "wsgi", None)  # none while it is being made
        found = getattr(app, "extensions", {}).get("isnad")
        if found is not None:  # not in the handler itself: it may interrupt who holds the lock
            threading.Thread(target=found.bell.stop, daemon=True).start()
        super().handle_exit(sig, frame)

    # --- connections: in the event loop -----------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection; without room for it, none for a moment: those there go on."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in _FULL:
                raise
            _log.error("no connection can be taken: %s", error.strerror)
            self._full_until = time.monotonic() + _FULL_S
            self.set_accept_enabled(False)
            return
        self.nr_conns += 1
        self.enqueue_req(
            Connection(self.app.pause_s, self.cfg, sock, client, listener.getsockname())
        )

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or cease to take connections; asked again and again by the loop."""
        if not enabled or time.monotonic() >= self._full_until:
            super().set_accept_enabled(enabled)

    def enqueue_req(self, conn: Connection) -> None:
        """Give a request to a thread when it is whole, else wait for the rest of it."""
        state = conn.gather()
        if state is State.ENDED:
            self._drop(conn)
        elif state is State.ENDLESS:
            self._refuse(conn, Problem("headers-too-large", "the headers are too long"))
        elif state in (State.WHOLE, State.LONG):
            self._hand_over(conn, long=state is State.LONG)
        else:
            wait_s = self.cfg.keepalive if conn.since is None else self.app.pause_s
            conn.timeout = (conn.since or time.monotonic()) + wait_s
            self.pending_conns.append(conn)
            callback = partial(self.on_pending_socket_readable, conn)
            self.poller.register(conn.sock, EVENT_READ, callback)

    def _hand_over(self, conn: Connection, *, long: bool) -> None:
        caller = conn.caller(self.app.proxies) if long else None
        if caller is not None:
            own = self._long[caller] >= self._share
            if own or self._long.total() >= self._most_long:
                where = " from this address" if own else ""
                told = {"Retry-After": "5"}
                detail = f"too many long requests{where} are open"
                self._refuse(conn, Problem("busy", detail, headers=told))
                return
            self._long[caller] += 1
        clerk = None if long else self._clerks.get(conn.asked_path())
        if clerk is None:
            conn.hand_over(caller)
            super().enqueue_req(conn)
        else:
            clerk.take(conn)

    def _refuse(self, conn: Connection, problem: Problem) -> None:
        """Answer a request that no thread takes; what else it sends is not read."""
        with suppress(OSError):
            answer_problem(conn.sock, problem)
            conn.sock.shutdown(socket.SHUT_WR)
        self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Cut off who sent half a request, and who sent nothing, and let them wait no longer."""
        now = time.monotonic()
        for conn in [conn for conn in self.pending_conns if conn.timeout <= now]:
            self.pending_conns.remove(conn)
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(conn.sock)
            if conn.since is None:
                self._drop(conn)
            else:
                self._refuse(conn, Problem("too-slow", "the request did not come in time"))

    def _cap_keepalive(self, deadline: float) -> None:
        """At the end wait no longer for connections that have not sent anything."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            if conn.since is None:
                conn.timeout = min(conn.timeout, deadline)

    def take_back(self, conns: Sequence[Connection], *, kept: bool) -> None:
        """Take connections back from a clerk, in any thread."""
        done: Future[object] = Future()
        done.set_result(kept)
        self.method_queue.defer(self._take_back, conns, done)

    def _take_back(self, conns: Sequence[Connection], done: Future[object]) -> None:
        for conn in conns:
            self.finish_request(conn, done)

    def finish_request(self, conn: Connection, done: Future[object]) -> None:
        """Take a connection back from its thread."""
        if conn.long_of is not None:
            self._long -= Counter([conn.long_of])  # callers without any leave
            conn.long_of = None
        super().finish_request(conn, done)

    def must_close(self) -> bool:
        """Whether no connection is to be kept now, as gunicorn decides it."""
        crowded = len(self.keepalived_conns) >= self.max_keepalived
        return crowded or not self.alive or not self.cfg.keepalive

    def patience_s(self) -> float:
        """How long a client may keep a thread waiting."""
        pause_s: float = self.app.pause_s
        return pause_s

    # --- requests: in a thread --------------------------------------------------------------------

    def handle(self, conn: Connection) -> object:
        """Answer one request; here and not in the event loop wait for a client to close."""
        kept = super().handle(conn)
        if not kept:
            conn.close(graceful=True)
        return kept

    def handle_request(self, req: Any, conn: Connection) -> object:  # noqa: ANN401 - gunicorn's own
        """Answer; a client that does not read what it asked for is cut off."""
        conn.sock.settimeout(self.app.pause_s)
        if req._expected_100_continue:
            req._expected_100_continue = False  # or gunicorn says so before the app has looked
            req.body = AwaitedBody(req, conn.sock)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            raise StopIteration from None  # to gunicorn: close the connection

    def handle_error(self, _req: object, client: Any, _addr: object, exc: BaseException) -> None:  # noqa: ANN401 - gunicorn's own
        """Answer what no app could with a problem object too."""
        for kind, name, detail in _REFUSED:
            if isinstance(exc, kind):
                problem = Problem(name, detail)
                break
        else:
            _log.error("unforeseen: %s", type(exc).__name__, exc_info=exc)
            problem = Problem("internal", "the log of the service tells more")
        with suppress(OSError):
            answer_problem(client, problem)


def count_long(threads: int) -> int:
    """How many threads may wait for bodies at a time: one in four is spared, but for one."""
    return max(1, threads - max(1, threads // _SPARED))


def count_connections(threads: int) -> int:
    """How many connections fit into the descriptors that this process may open."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = _CONNECTIONS if limit == resource.RLIM_INFINITY else limit
    return max(2 * threads, min(_CONNECTIONS, room - _OWN_FILES - _FILES_A_THREAD * threads))


class _Overseer(Arbiter):  # type: ignore[misc]
    """Holds the socket and ends the worker: gracefully at Ctrl-C too, at once at a second one."""

    def handle_int(self) -> NoReturn:
        """Let requests finish."""
        raise StopIteration


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one app; `options` are settings of gunicorn's own."""

    def __init__(
        self,
        make: Callable[[], Flask],
        close: Callable[[], None],
        options: Mapping[str, Any],
        pause_s: float = PAUSE_S,
        proxies: int = 0,
    ) -> None:
        self._make, self._close, self._options = make, close, options
        self.pause_s, self.proxies = pause_s, proxies
        self._heard, self._said = os.pipe()
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn up; its control socket is off, nothing of ours uses it."""
        settings: dict[str, Any] = {
            "worker_class": Worker,
            "workers": 1,
            "threads": 32,
            "graceful_timeout": GRACE_S,
            "timeout": 120,
            "keepalive": 15,
            "control_socket_disable": True,
            "worker_tmp_dir": None,
            "limit_request_line": 8190,
            "worker_exit": self._exit,
            **self._options,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)
        if "worker_connections" not in settings:
            self.cfg.set("worker_connections", count_connections(self.cfg.threads))

    def load(self) -> Flask:
        """Make the app; what stands in the way ends the server with its sentence."""
        try:
            return self._make()
        except IsnadError as error:
            self._fail(str(error))
        except OSError as error:
            place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
            self._fail(f"{place}{error.strerror or error}")

    def _fail(self, sentence: str) -> NoReturn:
        os.write(self._said, sentence.encode("utf-8", "replace")[:4096])
        raise SystemExit(Arbiter.APP_LOAD_ERROR)

    def run(self) -> None:
        """Serve until the end; raises ServiceFailed where the worker could not begin."""
        owner = os.getpid()
        try:
            _Overseer(self).run()
        except SystemExit as ended:
            if os.getpid() != owner or ended.code in (0, None):
                raise
            os.set_blocking(self._heard, False)
            with suppress(BlockingIOError):
                raise ServiceFailed(os.read(self._heard, 4096).decode("utf-8", "replace")) from None
            raise ServiceFailed("the service could not begin: the log tells why") from None

    def _exit(self, _arbiter: object, _worker: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._close()


def serve(
    make: Callable[[], Flask],
    close: Callable[[], None],
    host: str,
    port: int,
    *,
    pause_s: float = PAUSE_S,
    proxies: int = 0,
    **options: Any,  # noqa: ANN401 - gunicorn's own
) -> None:
    """Serve until SIGTERM or SIGINT; `close` runs in the worker after its last answer.

    A client may keep a thread waiting for `pause_s`; behind `proxies` that are trusted a client is
    who X-Forwarded-For says. Raises AddressUnusable and ServiceFailed.
    """
    bind = f"fd://{_listen(host, port)}"
    Server(make, close, {"bind": [bind], **options}, pause_s, proxies).run()


def _listen(host: str, port: int) -> int:
    """Take an address before anything else is begun; raises AddressUnusable.

    Returns a descriptor that gunicorn closes. Its own way is to try five times, log each and exit.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(2048)
            return listener.detach()
    except OSError as error:
        raise AddressUnusable(shown, (error.strerror or str(error)).lower()) from None
