"""Real servers from Debian's packages, each on a free port and in a folder of its own."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

_PATIENCE_S = 30.0


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
    pytest.fail("no free port found")


def need(program: str) -> str:
    """Where a program is; without it the test skips, and fails under CI."""
    candidates = [shutil.which(program) or ""]
    candidates += [
        str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    ]
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            return candidate
    missing = (
        f"needs {program}: `make test` installs it where it may (requirements/debian-test.txt)"
    )
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def wait_until(ready: object, what: str) -> None:
    """Poll until `ready()` is true; a server that does not come up fails the test."""
    deadline = time.monotonic() + _PATIENCE_S
    while not ready():  # type: ignore[operator]
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not start within {_PATIENCE_S:.0f} s")
        time.sleep(0.02)


@dataclass
class RedisServer:
    """One Redis with its append-only file on; `kill` and `start` keep port and data."""

    folder: Path
    port: int = field(default_factory=free_port)
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options: object) -> Redis:
        return Redis.from_url(self.url, socket_timeout=10, **options)  # type: ignore[arg-type]

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            need("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1",
            "--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "always",
            "--save", "", "--logfile", "redis.log", *self.options,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self.answers, f"Redis on port {self.port}")

    def answers(self) -> bool:
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
class PostgresServer:
    """One PostgreSQL cluster; as root it runs as the user `postgres`, as it must.

    One that nobody kills may be told not to wait for the disk.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    durable: bool = True

    def _run(self, *command: str) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with tempfile.TemporaryFile("w+") as said:  # no pipe: the server would keep it open
            done = subprocess.run(
                [*prefix, *command], cwd="/", stdout=said, stderr=said, check=False, timeout=60
            )
            said.seek(0)
            assert done.returncode == 0, said.read()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        initdb = need("initdb")
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            for parent in self.folder.parents:
                if parent.stat().st_uid == 0 and parent != Path("/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run(initdb, "-D", str(self.folder / "data"), "-U", "postgres", "--auth=trust", "-N",
                  "--encoding=UTF8", "--locale=C.UTF-8")  # fmt: skip
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        if not self.durable:
            options += " -c fsync=off -c full_page_writes=off"
        self._run(need("pg_ctl"), "-D", str(self.folder / "data"), "-w", "-o", options,
                  "-l", str(self.folder / "data" / "log"), "start")  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        self._run(need("pg_ctl"), "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def fresh_database(self, name: str) -> str:
        """An empty database; returns its URL."""
        with psycopg.connect(
            f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True
        ) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)
