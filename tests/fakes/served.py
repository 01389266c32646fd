"""`isnad serve` as a user starts it, with the demonstration corpus, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """A service that listens on this machine."""

    url: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and bytes of one request; a body is sent as JSON."""
        data = None if body is None else orjson.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = Request(self.url + path, data, {**kind, **headers}, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read()


@contextmanager
def serve_seeds(folder: Path, seeds: Path) -> Iterator[Served]:
    """A service for as long as the block runs."""
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dedupe.cli", "serve", "--port", "0",
             "--data", str(folder / "data"), "--seeds", str(seeds)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )  # fmt: skip
    try:
        told = process.stdout.readline() if process.stdout else ""
        assert "listens on http://127.0.0.1:" in told, (folder / "service.log").read_text()
        yield Served(told.split()[3])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if process.stdout:
            process.stdout.close()
