"""The servers of `benchmarks.servers` for tests: what is not installed skips, or fails in CI."""

from __future__ import annotations

import os

import pytest

from benchmarks import servers
from benchmarks.servers import await_true as wait_until
from benchmarks.servers import free_port

__all__ = ["PostgresServer", "RedisServer", "free_port", "need", "wait_until"]


def need(program: str) -> str:
    """Where a program is; without it the test skips, and fails under CI."""
    try:
        return servers.find_program(program)
    except servers.Missing:
        missing = f"needs {program}: `make test` installs it (requirements/debian-test.txt)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


class RedisServer(servers.RedisServer):
    """One Redis with its append-only file on; `kill` and `start` keep port and data."""

    def start(self) -> None:
        need("redis-server")
        super().start()


class PostgresServer(servers.Postgres):
    """One PostgreSQL; as root it runs as the user `postgres`, as it must."""

    def create(self) -> None:
        need("initdb")
        super().create()
