"""Articles over HTTP in distributed mode: jobs, verdicts for those who wait, and a full queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from distributed.servers import RedisServer
from fakes.http_service import serving
from fakes.memory_archive import MemoryArchive, make_client
from redis import Redis

from dedupe.cli import main
from service.jobs import Jobs, read_wait
from service.limits import Limits
from service.queue import Queue
from service.shapes import verdict_object
from service.worker import Worker, WorkerOptions

pytestmark = pytest.mark.servers

ARTICLE = {"id": "a", "outlet": "Harbour Ledger", "body": "The ferry is back on Monday."}
ARRIVED = datetime(2026, 3, 2, 8, tzinfo=UTC)
NDJSON = "application/x-ndjson"


@pytest.fixture
def queue(redis: Redis) -> Queue:
    queue = Queue(redis, limit=20)
    queue.open()
    return queue


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


@pytest.fixture
def client(queue: Queue, archive: MemoryArchive) -> Any:
    jobs = Jobs(queue, lambda: ARRIVED, longest_wait_s=20)
    return make_client(archive, jobs=jobs, limits=Limits(batch_lines=4))[0]


@pytest.fixture
def worker(queue: Queue, archive: MemoryArchive) -> Worker:
    options = WorkerOptions(block_s=0.01, deliveries=1)
    return Worker(queue, archive, verdict_object, options, name="w")  # type: ignore[arg-type]


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def send_lines(client: Any, ids: str, **headers: str) -> tuple[int, list[Any]]:
    data = b"".join(orjson.dumps({**ARTICLE, "id": id_}) + b"\n" for id_ in ids)
    sent = client.post("/v1/articles", data=data, content_type=NDJSON, headers=headers)
    return sent.status_code, [orjson.loads(line) for line in sent.data.splitlines()]


def test_an_article_becomes_a_job_and_the_job_a_verdict(
    client: Any, worker: Worker, archive: MemoryArchive
) -> None:
    sent = client.post("/v1/articles", json=ARTICLE)
    assert sent.status_code == 202
    job = sent.json
    assert (job["state"], job["article"], job["verdict"]) == ("queued", "a", None)
    assert sent.headers["Location"] == job["href"]
    assert client.get(job["href"]).json == job
    worker.step(threading.Event())
    done = client.get(job["href"]).json
    assert (done["state"], done["article_href"]) == ("done", "/v1/articles/a")
    assert client.post("/v1/articles", json=ARTICLE).json["id"] != job["id"]
    assert done["verdict"]["outcome"] == "created"
    assert archive.held["a"].seen == ARRIVED  # when it came, not when a worker had time


def test_who_waits_gets_the_verdict_as_in_embedded_mode(client: Any, worker: Worker) -> None:
    embedded, _ = make_client()
    with working(worker):
        for status in (201, 200):
            sent = client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "wait=15"})
            alone = embedded.post("/v1/articles", json=ARTICLE)
            assert sent.status_code == alone.status_code == status
            assert sent.json == alone.json
            assert sent.headers["Preference-Applied"] == "wait=15"
            assert sent.headers.get("Location") == alone.headers.get("Location")


def test_who_waits_in_vain_gets_the_job(client: Any) -> None:
    sent = client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "wait=1"})
    assert (sent.status_code, sent.json["state"]) == (202, "queued")


def test_no_more_wait_than_leave_threads_for_others(queue: Queue, archive: MemoryArchive) -> None:
    jobs = Jobs(queue, lambda: ARRIVED, waiters=1)
    client = make_client(archive, jobs=jobs)[0]
    with jobs.waiting("wait=5") as seconds:
        assert seconds == 5
        sent = client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "wait=30"})
    assert (sent.status_code, sent.json["state"]) == (202, "queued")
    assert "Preference-Applied" not in sent.headers


def test_each_line_of_a_stream_is_answered_with_its_job_or_its_verdict(
    client: Any, worker: Worker
) -> None:
    status, (*jobs, last) = send_lines(client, "abcdef")
    assert status == 202
    assert [line["job"]["article"] for line in jobs] == list("abcdef")
    assert last["complete"]
    assert last["counts"]["queued"] == 6
    worker.step(threading.Event())
    assert client.get(jobs[5]["job"]["href"]).json["state"] == "done"
    with working(worker):
        status, (*lines, last) = send_lines(client, "abcg", Prefer="wait=15")
    assert status == 200
    outcomes = [line["verdict"]["outcome"] for line in lines]
    assert outcomes == ["repeated"] * 3 + ["created"]
    assert "queued" not in last["counts"]


def test_a_full_queue_says_when_to_come_back(client: Any, queue: Queue) -> None:
    queue.submit([b"{}"] * 20)
    sent = client.post("/v1/articles", json=ARTICLE)
    assert sent.status_code == 429
    assert sent.json["type"] == "urn:isnad:problem:queue-full"
    assert int(sent.headers["Retry-After"]) == sent.json["retry_after_s"] >= 1
    status, (problem,) = send_lines(client, "ab")
    assert (status, problem["type"]) == (429, "urn:isnad:problem:queue-full")


def test_a_stream_that_fills_the_queue_is_accepted_up_to_there(client: Any, queue: Queue) -> None:
    queue.submit([b"{}"] * 14)
    status, (*jobs, problem, last) = send_lines(client, "abcdefgh")
    assert status == 202
    assert len(jobs) == last["counts"]["queued"] == 4
    assert problem["problem"]["type"] == "urn:isnad:problem:queue-full"
    assert (problem["line"], last["complete"]) == (5, False)


def test_an_article_that_fails_says_why(client: Any, worker: Worker, archive: Any) -> None:
    def refuse(articles: Any, *, evidence: bool = True) -> Any:
        raise ValueError("no such thing")

    archive.ingest = refuse
    job = client.post("/v1/articles", json=ARTICLE).json
    worker.step(threading.Event())
    told = client.get(job["href"]).json
    assert (told["state"], told["article"], told["reason"]) == ("failed", "a", "failed")
    assert told["detail"] == "ValueError: no such thing"


@pytest.mark.parametrize(
    ("id_", "status"),
    [("1-1", 404), ("18446744073709551616-0", 404), ("no-job", 400), ("*", 400)],
)
def test_an_unknown_job_is_told(client: Any, id_: str, status: int) -> None:
    assert client.get(f"/v1/jobs/{id_}").status_code == status
    assert make_client()[0].get(f"/v1/jobs/{id_}").status_code == status


def test_metrics_and_readiness_know_the_queue(client: Any, queue: Queue) -> None:
    queue.submit([b"{}"] * 3)
    queue.read("w", 1, 1)
    told = client.get("/metrics").text
    for line in ("length 3.0", "lag 2.0", "pending 1.0", "dead 0.0", "workers 1.0", "up 1.0"):
        assert f"\nisnad_queue_{line}\n" in told
    assert "isnad_queue_oldest_seconds" in told
    ready = client.get("/readyz")
    assert ready.json["ready"]
    assert ready.json["dependencies"].keys() == {"catalogue", "queue"}


def test_a_redis_that_is_away_is_told_and_does_not_break_the_metrics(
    own_redis: RedisServer,
) -> None:
    with own_redis.client() as connection:
        client = make_client(jobs=Jobs(Queue(connection), lambda: ARRIVED))[0]
        own_redis.kill()
        away = client.post("/v1/articles", json=ARTICLE)
        assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
        assert client.get("/readyz").json["dependencies"]["queue"]["ready"] is False
        assert "\nisnad_queue_up 0.0\n" in client.get("/metrics").text


def test_the_client_takes_jobs_and_verdicts(
    client: Any, worker: Worker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out = tmp_path / "given.jsonl", tmp_path / "answers.jsonl"
    given.write_bytes(b"".join(orjson.dumps({**ARTICLE, "id": id_}) + b"\n" for id_ in "abcde"))
    with serving(client.application) as url:
        assert main(["ingest", str(given), "--url", url, "-o", str(out)]) == 0
        assert "queued 5" in capsys.readouterr().out
        told = [orjson.loads(line)["job"]["state"] for line in out.read_text().splitlines()]
        assert told == ["queued"] * 5
        with working(worker):
            assert main(["ingest", str(given), "--url", url, "--wait", "15"]) == 0
            capsys.readouterr()  # of jobs that were worked on meanwhile, which one came first
            assert main(["ingest", str(given), "--url", url, "--wait", "15"]) == 0
    assert "sent 5: created 0 \u00b7 repeated 5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0), ("", 0), ("wait=5", 5), ("respond-async, wait=7", 7), ('Wait="3"', 3),
        ("wait=99999999999", 20), ("wait", 0), ("wait=-1", 0), ("wait=1.5", 0), ("wait=\u0661", 0),
        ("handling=lenient; x=1, wait=2; y", 2),
    ],
)  # fmt: skip
def test_preferences_are_read_as_rfc_7240_has_them(prefer: str | None, seconds: float) -> None:
    assert read_wait(prefer, 20.0) == seconds
