"""A store is not there: one sentence, or patience; and what else can be told is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from distributed.servers import RedisServer
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from dedupe.cli import main
from dedupe.errors import CatalogAway, CatalogUnreachable, IsnadError
from service.distributed import await_stores, work
from service.metrics import Meters
from service.redis_client import RedisAway, RedisUnusable
from service.settings import load_settings
from service.wiring import open_shared_archive

pytestmark = pytest.mark.servers

NOBODY = "redis://127.0.0.1:9/0"
NOWHERE = "postgresql+psycopg://me:secret@127.0.0.1:9/none"


def test_commands_on_the_shared_archive_say_that_redis_is_away(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("ISNAD_DATABASE_URL", postgres_url)
    monkeypatch.setenv("ISNAD_REDIS_URL", NOBODY)
    assert main(["db", "upgrade", "--shared"]) == 0
    for command in (
        ["db", "check"],
        ["db", "recover"],
        ["reindex", "--to", "redis"],
        ["reindex", "--shared"],
    ):
        capsys.readouterr()
        assert main(command) == 2, command
        error = capsys.readouterr().err
        assert error == "isnad: ISNAD_REDIS_URL: ConnectionError: is it running?\n", command
    with pytest.raises(RedisUnusable):
        open_shared_archive(load_settings({}))


def test_metrics_are_given_while_a_store_is_away(postgres_url: str, own_redis: RedisServer) -> None:
    settings = load_settings({"database_url": postgres_url, "redis_url": own_redis.url})
    with closing(open_shared_archive(settings)) as archive:
        meters = Meters(archive.summary)
        told = meters.write().decode()
        assert "isnad_archive_up 1.0" in told
        assert "isnad_archive_articles 0.0" in told
        own_redis.kill()
        meters = Meters(archive.summary)
        for _ in range(2):  # the second time it is not asked again
            told = meters.write().decode()
            assert "isnad_archive_up 0.0" in told
            assert "isnad_archive_articles" not in told
            assert "isnad_http_requests" in told


class Patient(Event):
    """Waits for no time; `told` after some waits."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.left = waits

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert 1 <= timeout <= 10  # every few seconds
        self.left -= 1
        return self.left <= 0


def test_stores_that_are_away_at_the_start_are_waited_for() -> None:
    away: list[Exception] = [
        CatalogAway("postgresql://me:***@db/isnad", "connection refused"),
        RedisAway("ConnectionError: is it running?"),
        OperationalError("SELECT secret", {}, Exception("the server starts up")),
    ]

    def open_stores() -> str:
        if away:
            raise away.pop(0)
        return "opened"

    with capture_logs() as lines:
        assert await_stores(open_stores, Patient(9)) == "opened"
    assert [line["event"] for line in lines] == ["waiting for the stores"] * 3
    assert "postgresql://me:***@db/isnad: connection refused" in lines[0]["error"]
    assert "secret" not in repr(lines)


def test_waiting_for_stores_ends_when_told_to_and_only_then(postgres_url: str) -> None:
    for database, redis in ((NOWHERE, NOBODY), (postgres_url, NOBODY)):
        settings = load_settings({"database_url": database, "redis_url": redis})
        stop = Patient(2)
        assert await_stores(lambda: open_shared_archive(settings), stop) is None  # noqa: B023
        assert stop.left == 0


@pytest.mark.parametrize(
    ("database", "redis", "error"),
    [
        ("nonsense", NOBODY, CatalogUnreachable),
        ("mysql://me:secret@host/db", NOBODY, CatalogUnreachable),
        (None, "what://secret", RedisUnusable),
    ],
)
def test_an_address_that_is_none_ends_a_worker_at_once(
    postgres_url: str, database: str | None, redis: str, error: type[IsnadError]
) -> None:
    settings = load_settings({"database_url": database or postgres_url, "redis_url": redis})
    with pytest.raises(error) as raised:
        work(settings, tell=pytest.fail)
    assert "secret" not in str(raised.value)


def test_a_worker_that_waits_for_its_stores_ends_when_told_to() -> None:
    settings = {"ISNAD_DATABASE_URL": NOWHERE, "ISNAD_REDIS_URL": NOBODY}
    process = subprocess.Popen(
        [sys.executable, "-m", "dedupe.cli", "worker"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    waits = any("waiting for the stores" in line for line in lines)
    process.send_signal(signal.SIGTERM)
    out, rest = process.communicate(timeout=60)
    assert waits, rest
    assert (process.returncode, out) == (0, "")
