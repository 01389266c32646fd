"""A service that is killed, stopped, or written to by a client that does not read."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

import orjson
import pytest
from core.corpus import story
from fakes.running import Running, running_service, start_service

pytestmark = pytest.mark.fault

NDJSON = {"Content-Type": "application/x-ndjson"}


def make_lines(count: int) -> list[bytes]:
    """Articles of 60 words, every fourth a copy of the one before."""
    lines = []
    for number in range(count):
        body = " ".join(story(number - (number % 4 == 3), 60))
        lines.append(orjson.dumps({"id": f"a{number}", "body": body}) + b"\n")
    return lines


def send_batches(running: Running, lines: list[bytes], size: int, heard: set[str]) -> None:
    """Stream in requests of `size` lines and note every id that was acknowledged."""
    for first in range(0, len(lines), size):
        try:
            with closing(running.connect()) as connection:
                body = b"".join(lines[first : first + size])
                connection.request("POST", "/v1/articles", body, NDJSON)
                answers = connection.getresponse().read().splitlines()
        except (OSError, HTTPException):  # killed before, while or after it answered
            return
        heard.update(line["verdict"]["id"] for line in map(orjson.loads, answers[:-1]))


def partition(running: Running) -> set[frozenset[str]]:
    """Clusters as sets of ids."""
    status, report = running.ask("GET", "/v1/report")
    assert status == 200
    return {
        frozenset(member["id"] for member in cluster["members"]) for cluster in report["clusters"]
    }


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    lines = make_lines(20_000)
    heard: set[str] = set()
    running = start_service(tmp_path / "isnad.sqlite")
    sender = threading.Thread(target=send_batches, args=(running, lines, 200, heard))
    sender.start()
    while len(heard) < random.Random(5).randrange(600, 1400):
        sender.join(0.01)
    worker = running.worker()
    os.kill(running.process.pid, signal.SIGKILL)  # first, or it would start another worker
    os.kill(worker, signal.SIGKILL)
    running.process.wait()
    sender.join()
    acknowledged = set(heard)
    assert 600 <= len(acknowledged) < 20_000

    with running_service(tmp_path) as again:
        for id_ in random.Random(1).sample(sorted(acknowledged), 100):
            assert again.ask("GET", f"/v1/articles/{id_}")[0] == 200
        told = again.ask("GET", "/v1/report")[1]["summary"]["articles"]
        assert told >= len(acknowledged)
        rest = lines[: max(2000, told)]
        send_batches(again, rest, 500, heard)
        stored = again.ask("GET", "/v1/report")[1]["summary"]["articles"]
        assert stored == len(rest)
        after_the_kill = partition(again)
        copies = {frozenset({f"a{n - 1}", f"a{n}"}) for n in range(3, len(rest), 4)}
        assert after_the_kill == copies


@pytest.mark.parametrize("ctrl_c", [False, True])
def test_what_is_being_answered_is_finished_when_the_service_is_told_to_stop(
    tmp_path: Path, ctrl_c: bool
) -> None:
    running = start_service(tmp_path / "isnad.sqlite")
    with closing(running.connect()) as feed, closing(running.connect()) as stream:
        feed.request("GET", "/v1/changes", headers={"Accept": "text/event-stream"})
        events = feed.getresponse()
        lines = make_lines(600)
        stream.putrequest("POST", "/v1/articles")
        stream.putheader("Content-Type", "application/x-ndjson")
        stream.putheader("Transfer-Encoding", "chunked")
        stream.endheaders()
        write_chunk(stream, b"".join(lines[:550]))
        wait_for(events, b"event: created")  # a batch is stored, the stream is under way
        if ctrl_c:  # a terminal sends it to all processes
            os.kill(running.worker(), signal.SIGINT)
        running.process.send_signal(signal.SIGINT if ctrl_c else signal.SIGTERM)
        events.read()  # the feed is closed, and holds nothing back
        write_chunk(stream, b"".join(lines[550:]))
        write_chunk(stream, b"")
        last = orjson.loads(stream.getresponse().read().splitlines()[-1])
    assert (last["complete"], last["counts"]["created"]) == (True, 600)
    assert running.process.wait(30) == 0
    with running_service(tmp_path) as again:
        assert again.ask("GET", "/v1/articles/a599")[0] == 200


def write_chunk(connection: Any, data: bytes) -> None:
    connection.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def wait_for(answer: Any, wanted: bytes) -> None:
    while line := answer.readline():
        if wanted in line:
            return
    raise AssertionError(f"the feed ended without {wanted!r}")


def test_a_client_that_writes_all_before_it_reads_is_answered(running: Running) -> None:
    line = orjson.dumps({"id": "again", "body": "x" * 20_000}) + b"\n"
    body = line * 1000  # 20 MB in; its answers are more than any socket holds
    with closing(running.connect()) as connection:
        connection.request("POST", "/v1/articles?evidence=true", body, NDJSON)
        answers = connection.getresponse().read().splitlines()
    assert len(answers) == 1001
    assert orjson.loads(answers[-1])["complete"] is True


def test_a_body_that_is_too_large_is_answered_and_the_connection_goes_on(running: Running) -> None:
    with closing(running.connect()) as connection:
        for _ in range(2):
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/v1/articles", b"x" * 11_000_000, headers)
            answer = connection.getresponse()
            assert (answer.status, orjson.loads(answer.read())["status"]) == (413, 413)
