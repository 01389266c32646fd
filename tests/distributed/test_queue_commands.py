"""`isnad queue`: what an operator sees and does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from distributed.servers import RedisServer
from redis import Redis

from dedupe.cli import main
from service.queue import Queue

pytestmark = pytest.mark.servers


@pytest.fixture
def queue(redis: Redis, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("ISNAD_REDIS_URL", redis_server.url)
    monkeypatch.setenv("ISNAD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    queue = Queue(redis)
    queue.open()
    return queue


@pytest.fixture
def dead(queue: Queue) -> list[str]:
    """Ids of three jobs that were set aside."""
    ids = queue.submit([b"1", b"2", b"3"])
    for job in queue.read("w", 3, 1):
        queue.set_aside(job, "failed", "ValueError: \u202ewhy\nnot")
    return ids


def test_the_status_is_a_table_or_json(queue: Queue, dead: list[str], capsys: Any) -> None:
    queue.submit([b"4", b"5"])
    queue.read("one", 1, 1)
    assert main(["queue", "status"]) == 0
    table = capsys.readouterr().out
    assert "length               2\n" in table
    assert "waiting              1\n" in table
    assert table.count("  failed  delivered 1  ValueError: \\u202ewhy not\n") == 3
    assert main(["queue", "status", "--json", "--dead", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["length"], told["pending"], told["dead"]) == (2, 1, 3)
    assert told["consumers"] == {"w": 0, "one": 1}
    assert told["silent"] == {}
    assert [row["job"] for row in told["set_aside"]] == dead[:2]
    assert "payload" not in told["set_aside"][0]


def test_jobs_set_aside_are_sent_again_by_id_or_all(
    queue: Queue, dead: list[str], capsys: Any
) -> None:
    assert main(["queue", "retry", dead[1], "7-7"]) == 1
    told = capsys.readouterr()
    assert told.out == "sent 1 again\n"
    assert "7-7" in told.err
    assert main(["queue", "retry", "--all"]) == 0
    assert capsys.readouterr().out == "sent 2 again\n"
    assert [job.payload for job in queue.read("w", 9, 1)] == [b"2", b"1", b"3"]
    assert main(["queue", "retry"]) == 2


def test_all_are_those_that_were_set_aside_before(
    queue: Queue, dead: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A worker that sets the same jobs aside at once does not keep the command going."""
    send, rounds = Queue.retry, []

    def fail_again(self: Queue, jobs: Any) -> list[str]:
        rounds.append(len(jobs))
        assert len(rounds) < 10
        ids = send(self, jobs)
        for job in self.read("w", 9, 1):
            self.set_aside(job, "failed", "again")
        return ids

    monkeypatch.setattr(Queue, "retry", fail_again)
    assert main(["queue", "retry", "--all"]) == 0
    assert capsys.readouterr().out == "sent 3 again\n"
    assert (rounds, len(queue.dead())) == ([3], 3)


def test_draining_waits_and_gives_up_in_time(queue: Queue, capsys: Any) -> None:
    assert main(["queue", "drain"]) == 0
    assert capsys.readouterr().out == "empty; 0 set aside\n"
    queue.submit([b"1"])
    assert main(["queue", "drain", "--timeout", "0"]) == 1
    assert "1 jobs are left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis://127.0.0.1:9/0", "ISNAD_REDIS_URL: ConnectionError"),
        ("what://secret", "ISNAD_REDIS_URL: redis://HOST:PORT/0 is wanted"),
        ("redis+cluster://127.0.0.1:9", "ISNAD_REDIS_URL: RedisClusterException"),
        ("", "ISNAD_"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    address: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("ISNAD_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    if address:
        monkeypatch.setenv("ISNAD_REDIS_URL", address)
    assert main(["queue", "status"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert "secret" not in error
