"""A real service in a process of its own, on a free port and a fresh SQLite file."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from pathlib import Path
from service.wiring import serve_embedded
options = dict(word.split("=") for word in sys.argv[3:])
numbers = {name: float(value) if "." in value else int(value) for name, value in options.items()}
serve_embedded(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), graceful_timeout=10, **numbers)
"""


@dataclass
class Running:
    """Where it listens, and the process that holds the socket."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def worker(self) -> int:
        """The process that answers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON value of one request; the body is sent as JSON."""
        data = None if body is None else orjson.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        with closing(self.connect()) as connection:
            connection.request(method, path, data, kind | headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, orjson.loads(text) if text else None

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def start_service(database: Path, **options: float) -> Running:
    """Start a service and wait until it is ready; whoever starts it stops it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = database.parent / "service.log"
    options.setdefault("text_workers", 0)  # a second less at the start
    words = [f"{name}={value}" for name, value in options.items()]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(database), str(port), *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    running = Running(port, process, log)
    while process.poll() is None:
        try:
            if running.ask("GET", "/readyz")[0] == 200:
                return running
        except OSError:
            time.sleep(0.02)  # until the socket is there
    raise AssertionError(f"the service ended:\n{log.read_text()}")


@contextmanager
def running_service(folder: Path, **options: float) -> Iterator[Running]:
    """A service for as long as the block runs; `options` as `service.server.serve` takes them."""
    running = start_service(folder / "isnad.sqlite", **options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
