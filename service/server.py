"""An app -> a server on an address: gunicorn with threads, in one worker process.

One process owns the embedded archive (CONTRACTS section 7), so there is one worker; gunicorn's
arbiter beside it holds the socket and starts the worker anew if it dies. The app is made in the
worker, after the fork: files, locks and threads belong to the process that uses them.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from dedupe.errors import IsnadError

__all__ = ["Server", "serve"]

GRACE_S = 60
"""How long requests that are being answered may take after SIGTERM."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that tells the app when it is to end, so that open feeds do not hold it back."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the feeds; requests that are being answered go on."""
        found = getattr(self.wsgi, "extensions", {}).get("isnad")
        if found is not None:  # not in the handler itself: it may interrupt who holds the lock
            threading.Thread(target=found.bell.stop, daemon=True).start()
        super().handle_exit(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one app; `options` are settings of gunicorn's own."""

    def __init__(
        self, make: Callable[[], Flask], close: Callable[[], None], options: Mapping[str, Any]
    ) -> None:
        self._make, self._close, self._options = make, close, options
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

    def load(self) -> Flask:
        """Make the app; an error of ours ends the server with its sentence."""
        try:
            return self._make()
        except IsnadError as error:
            print(f"isnad: {error}", flush=True)  # noqa: T201 - there is no log yet
            raise SystemExit(Arbiter.APP_LOAD_ERROR) from None

    def _exit(self, _arbiter: object, _worker: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._close()


def serve(
    make: Callable[[], Flask], close: Callable[[], None], host: str, port: int, **options: object
) -> None:
    """Serve until SIGTERM or SIGINT; `close` runs in the worker after its last answer."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(make, close, {"bind": [address], **options}).run()
