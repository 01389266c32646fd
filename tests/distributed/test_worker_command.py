"""`isnad worker` and `isnad serve` as processes on real servers: from an article to a verdict."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed.servers import free_port, need, wait_until
from redis import Redis

from service.client import Client
from service.queue import Queue

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(told: str, *words: str, **settings: str) -> Iterator[tuple[str, Any]]:
    """A command of ours, and the line by which it said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dedupe.cli", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert told in line, process.communicate()[1]
        yield line, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    for entry in log.splitlines():
        assert entry.startswith(("Compiling", "Loading")) or json.loads(entry)


def test_an_article_goes_through_the_queue_to_its_verdict(
    redis: Redis, redis_server: Any, postgres_url: str, tmp_path: Path, seeds: Path
) -> None:
    servers = {"ISNAD_DATABASE_URL": postgres_url, "ISNAD_REDIS_URL": redis_server.url}
    settings = servers | {"ISNAD_DATA": str(tmp_path)}
    port = str(free_port())
    serve = ("serve", "--port", "0", "--seeds", str(seeds))
    with running("listens on", *serve, **settings) as (line, _):
        url = line.split()[3]
        assert Queue(redis).status().length > 100  # the seeds wait for a worker
        worker = ("worker", "--name", "w-1", "--metrics-port", port)
        with running("The worker w-1 is ready", *worker, **settings) as (_, process):
            client = Client(url)
            article = {"id": "n-1", "body": "The choir sings in the market hall on Sunday."}
            (answer,) = client.send("/v1/articles", [json.dumps(article).encode()], wait_s=30)
            assert answer["verdict"]["outcome"] == "created"
            wait_until(lambda: not Queue(redis).status().length, "storing the seeds")
            found = client.ask("/v1/articles/000_12631ab96fb70234")
            assert found["attribution"]["original_source"] == "البوابة العربية للأخبار التقنية"
            ready = client.ask("/readyz")
            assert ready["dependencies"].keys() == {"catalogue", "index", "queue"}
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as metrics:
                told = metrics.read().decode()
            assert 'isnad_articles_total{outcome="created"}' in told
            lines = [write_article_line(number) for number in range(400)]
            client.send("/v1/articles", lines)
            process.send_signal(signal.SIGTERM)  # with work in hand
            assert process.wait(60) == 0
            client.close()
        status = Queue(redis).status()
        assert status.pending == 0  # what it had taken it answered
        assert status.consumers == {}


def write_article_line(number: int) -> bytes:
    return json.dumps({"id": f"m-{number}", "body": f"Text {number} of a long afternoon."}).encode()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="isnad-run-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def test_one_command_starts_all_and_leaves_nothing(open_folder: Path) -> None:
    for program in ("redis-server", "initdb"):
        need(program)
    isnad = Path(sys.executable).with_name("isnad")
    process = subprocess.Popen(
        [ROOT / "scripts/run-distributed", isnad],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ISNAD_PORT": str(free_port()),
             "TMPDIR": str(open_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    ready = ("listens on", "worker-1 is ready", "worker-2 is ready")
    while not all(any(word in line for line in lines) for word in ready):
        lines.append(process.stdout.readline())
        assert lines[-1], "".join(lines)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=90)
    assert process.returncode == 0, rest
    assert list(open_folder.iterdir()) == []


def test_a_worker_without_servers_says_what_is_missing() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "dedupe.cli", "worker"],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("isnad: set ISNAD_DATABASE_URL and ISNAD_REDIS_URL")
