"""Real Redis and PostgreSQL from Debian's packages, each on a free port in a folder of its own.

For benchmarks and for the tests, which skip where a program is missing.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import connect
from redis import Redis
from redis.exceptions import RedisError

__all__ = [
    "Missing",
    "Postgres",
    "RedisServer",
    "await_true",
    "children",
    "cpu_s",
    "find_program",
    "free_port",
]

_PATIENCE_S = 60.0
REWRITE = "256mb"
"""How large Redis's append-only file is at least when it is written anew (docs/operations.md)."""


class Missing(Exception):
    """A program is not installed."""


def find_program(name: str) -> str:
    """Where a program is; raises Missing."""
    found = [shutil.which(name), *map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    for candidate in found:
        if candidate:
            return candidate
    raise Missing(f"{name} is missing: apt install redis-server postgresql")


def free_port() -> int:
    """A port that nothing listens on just now, and 10,000 above it (a cluster's bus) neither."""
    for _ in range(100):
        port = random.randrange(20_000, 50_000)  # below those that the system hands out by itself
        with socket.socket() as probe, socket.socket() as bus:
            try:
                probe.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return port
    raise OSError("no free port found")


def await_true(ready: Callable[[], bool], what: str, patience_s: float = _PATIENCE_S) -> None:
    """Poll until it is true; raises TimeoutError."""
    end = time.monotonic() + patience_s
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {patience_s:.0f} s")
        time.sleep(0.02)


def cpu_s(*processes: int) -> float:
    """CPU seconds of processes that run, and of all their children."""
    total, waiting = 0.0, list(processes)
    while waiting:
        process = waiting.pop()
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            waiting += children(process)
        except OSError:  # it ended meanwhile
            continue
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def children(process: int) -> list[int]:
    """The processes that a process started and that still run."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@dataclass
class RedisServer:
    """One Redis with an append-only file; `fsync` `always` waits for the disk before it answers."""

    folder: Path
    options: Sequence[str] = ()
    fsync: str = "always"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options: Any) -> Redis:  # noqa: ANN401 - redis-py's own
        """A new connection."""
        return Redis.from_url(self.url, socket_timeout=30, **options)

    def start(self) -> None:
        """Start, or start again with what is on disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            *(find_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", self.fsync),
            *("--auto-aof-rewrite-min-size", REWRITE),
            *("--save", "", "--logfile", "redis.log", *self.options),
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        await_true(self._answers, "Redis")

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        """Stop it the hard way."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Postgres:
    """One PostgreSQL; as root it runs as the user `postgres`, as it must."""

    folder: Path
    options: Sequence[str] = ()
    port: int = field(default_factory=free_port)

    def url(self, database: str = "isnad") -> str:
        """The address of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def plain_url(self, database: str = "isnad") -> str:
        """The address as libpq takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make a cluster in the folder, start it, make the database `isnad`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            for parent in self.folder.parents:
                if parent.stat().st_uid == 0 and parent != Path("/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run(
            *(find_program("initdb"), "-D", str(self.folder / "data"), "-U", "postgres"),
            *("--auth=trust", "-N", "--encoding=UTF8", "--locale=C.UTF-8"),
        )
        self.start()
        self.fresh_database("isnad")

    def fresh_database(self, name: str) -> str:
        """Make an empty database, or empty it; its address."""
        drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
        self.execute(drop, f'CREATE DATABASE "{name}"', database="postgres")
        return self.url(name)

    def start(self) -> None:
        """Start, or start again."""
        options = f"-p {self.port} -h 127.0.0.1 -k '' {' '.join(self.options)}"
        data = str(self.folder / "data")
        control = (find_program("pg_ctl"), "-D", data, "-w", "-o", options)
        self._run(*control, "-l", f"{data}/log", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; `immediate` is a crash."""
        data = str(self.folder / "data")
        self._run(find_program("pg_ctl"), "-D", data, "-w", "-m", mode, "stop")

    def execute(self, *statements: str, database: str = "isnad") -> list[tuple[object, ...]]:
        """Run statements; the rows of the last one."""
        with connect(self.plain_url(database), autocommit=True) as connection:
            for statement in statements:
                found = connection.execute(statement.encode())
            return list(found.fetchall()) if found.description else []

    def process(self) -> int:
        """The process of the server."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Stop it the hard way, if it runs."""
        try:
            self.stop("immediate")
        except (RuntimeError, FileNotFoundError):
            return

    def _run(self, *command: str) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with tempfile.TemporaryFile("w+") as said:  # no pipe: the server would keep it open
            done = subprocess.run(
                [*prefix, *command], cwd="/", stdout=said, stderr=said, check=False, timeout=120
            )
            said.seek(0)
            if done.returncode:
                raise RuntimeError(said.read())


def end(process: subprocess.Popen[bytes], patience_s: float = 60.0) -> int:
    """End a process as an operator would; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(patience_s)
