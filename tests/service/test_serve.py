"""`isnad serve` as a user starts it: seeds on the first start, keys, and a graceful end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from service.client import Client, ServiceRefused
from service.keys import Keyring

ROOT = Path(__file__).parents[2]
SEED = "000_12631ab96fb70234"
SETTLED = {name: value for name, value in os.environ.items() if not name.startswith("ISNAD_")}
"""The environment of somebody who has set nothing."""


@contextmanager
def served(*words: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address that the command prints, and its process, ended as an operator would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dedupe.cli", "serve", "--port", "0", *map(str, words)],
        cwd=ROOT,
        env={**SETTLED, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    log: list[str] = []
    reader = threading.Thread(target=lambda: log.extend(process.stderr or ()))
    reader.start()
    try:
        told = process.stdout.readline()
        assert "listens on http://127.0.0.1:" in told, "".join(log)
        yield told.split()[3], process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(60)
        reader.join()
        process.stdout.close()
        process.stderr.close()
    assert code == 0
    for line in log:
        assert line.startswith(("Compiling", "Loading")) or json.loads(line)


def test_a_new_user_finds_the_seed_and_keeps_it(tmp_path: Path, seeds: Path) -> None:
    with served("--data", tmp_path / "data", "--seeds", seeds) as (url, _):
        client = Client(url)
        found: Any = client.ask(f"/v1/articles/{SEED}")
        assert found["attribution"]["original_source"] == "البوابة العربية للأخبار التقنية"
        sequence = client.ask("/v1/changes?limit=500")["next"]
        client.close()
    keyring = Keyring(tmp_path / "data/keys.json")
    _, key = keyring.create("desk", ["read"])
    with served("--data", tmp_path / "data", "--seeds", seeds) as (url, _):
        with closing(Client(url)) as nobody, pytest.raises(ServiceRefused, match="401"):
            nobody.ask(f"/v1/articles/{SEED}")
        client = Client(url, key)
        assert client.ask("/readyz")["ready"]
        assert client.ask("/v1/changes?limit=500")["next"] == sequence  # loaded once
        client.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "isnad key create"),
        (["--seeds", "/nowhere"], "/nowhere"),
        (["--data", "/proc/nothing"], "/proc/nothing"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(tmp_path: Path, words: list[str], told: str) -> None:
    assert told in refused(tmp_path, "--port", "0", *words)


def refused(folder: Path, *words: str) -> str:
    """The one sentence of a service that does not start."""
    ran = subprocess.run(
        [sys.executable, "-m", "dedupe.cli", "serve", *words],
        cwd=folder,
        env={**SETTLED, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    *before, sentence = ran.stderr.splitlines()
    assert before == []
    assert sentence.startswith("isnad: ")
    return sentence


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: address already in use" in refused(tmp_path, "--port", str(port))


def test_an_archive_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/isnad.sqlite").write_bytes(b"this is no catalogue" * 99)
    assert "isnad.sqlite: not a catalogue" in refused(tmp_path, "--port", "0", "--data", "data")
