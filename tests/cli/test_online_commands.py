"""The commands that speak to a service, with one behind a real socket."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.http_service import serving
from fakes.memory_archive import MemoryArchive, make_client


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


@pytest.fixture
def url(archive: MemoryArchive) -> Iterator[str]:
    with serving(make_client(archive)[0].application) as address:
        yield address


def test_ingest_sends_everything_once(isnad: Any, articles: Any, url: str, archive: Any) -> None:
    ran = isnad("ingest", articles, "--url", url)
    assert ran.code == 0, ran.err
    assert b"sent 5: created 5" in ran.out
    assert set(archive.held) == {"ar-1", "ar-2", "en-1", "en-2", "x-1"}
    assert b"repeated 5" in isnad("ingest", articles, "--url", url).out


def test_ingest_writes_the_verdicts(isnad: Any, articles: Any, url: str, tmp_path: Any) -> None:
    out = tmp_path / "verdicts.jsonl"
    assert isnad("ingest", articles, "--url", url, "-o", out).code == 0
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert [verdict["outcome"] for verdict in told] == ["created"] * 5


def test_rejected_records_make_exit_code_1(isnad: Any, broken: Any, url: str) -> None:
    ran = isnad("ingest", broken, "--url", url)
    assert ran.code == 1
    assert "3 records rejected" in ran.err
    assert b"created 5" in ran.out


def test_a_state_is_gone_on_from(isnad: Any, articles: Any, url: str, tmp_path: Any) -> None:
    state = tmp_path / "state.json"
    assert b"sent 5" in isnad("ingest", articles, "--url", url, "--state", state).out
    assert b"sent 0" in isnad("ingest", articles, "--url", url, "--state", state).out
    ran = isnad("ingest", articles, "--url", url, "--state", state, "--outlet", "Other")
    assert ran.code == 2
    assert "begin anew" in ran.err
    assert isnad("ingest", "-", "--url", url, "--state", state).code == 2


def test_check_stores_nothing(isnad: Any, articles: Any, url: str, archive: Any) -> None:
    ran = isnad("check", articles, "--url", url)
    assert ran.code == 0, ran.err
    assert [line["id"] for line in ran.lines] == ["ar-1", "ar-2", "en-1", "en-2", "x-1"]
    assert archive.held == {}


def test_nobody_there_is_one_sentence(isnad: Any, articles: Any) -> None:
    ran = isnad("ingest", articles, "--url", "http://127.0.0.1:9", "--tries", "1")
    assert ran.code == 2
    assert "isnad serve" in ran.err
    assert "Traceback" not in ran.err


def test_watch_gives_the_ledger_as_lines(isnad: Any, monkeypatch: Any) -> None:
    from service.client import Client

    pages = {0: [{"sequence": 1}, {"sequence": 2}], 2: []}
    monkeypatch.setattr(
        Client,
        "ask",
        lambda _, path: {
            "changes": pages[int(path.split("=")[1].split("&")[0])],
            "next": 2,
        },
    )
    ran = isnad("watch", "--once", "--url", "http://127.0.0.1:9")
    assert ran.lines == [{"sequence": 1}, {"sequence": 2}]


def test_a_key_is_made_listed_and_revoked(isnad: Any, tmp_path: Any) -> None:
    made = isnad("key", "create", "desk", "--scope", "read", "--data", tmp_path / "d")
    assert made.code == 0
    text = made.out.decode().strip()
    assert text.startswith("isnad_")
    id_ = text.split("_")[1]
    path = tmp_path / "d" / "keys.json"
    assert text not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "in force" in isnad("key", "list", "--data", tmp_path / "d").out.decode()
    assert isnad("key", "revoke", id_, "--data", tmp_path / "d").code == 0
    assert "revoked 2" in isnad("key", "list", "--data", tmp_path / "d").out.decode()
    assert isnad("key", "revoke", "nobody", "--data", tmp_path / "d").code == 2


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_key_needs_a_name_that_can_be_shown(isnad: Any, tmp_path: Any, name: str) -> None:
    assert isnad("key", "create", name, "--scope", "read", "--data", tmp_path).code == 2
