"""Redis is not there: one sentence, and what else can be told is told."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from distributed.servers import RedisServer

from dedupe.cli import main
from service.metrics import Meters
from service.redis_client import RedisUnusable
from service.settings import load_settings
from service.wiring import open_shared_archive

pytestmark = pytest.mark.servers

NOBODY = "redis://127.0.0.1:9/0"


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
