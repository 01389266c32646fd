"""The file of a catalogue and its log: readers beside commits, nothing lost or left behind."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archive.conftest import Clock, make_article
from sqlalchemy.exc import DBAPIError, OperationalError

from dedupe.archive import open_archive
from dedupe.catalog import Writer, checkpoints, open_catalog, sqlite
from dedupe.catalog.catalog import FileCatalog
from dedupe.catalog.sqlite import journal_mode

PATIENCE_S = 30
needs_log = pytest.mark.skipif(journal_mode() != "WAL", reason="an SQLite without a safe log")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[FileCatalog]:
    opened = open_catalog(path)
    yield opened
    opened.close()


def put(catalog: FileCatalog, name: str, value: str) -> None:
    with catalog.writing() as writer:
        writer.put_facts({name: value})


def fact(catalog: FileCatalog, name: str) -> str | None:
    with catalog.reading() as reader:
        return reader.facts().get(name)


def test_a_log_is_kept_where_its_package_is_required() -> None:
    required = sys.platform == "linux" and platform.machine() == "x86_64"
    assert journal_mode() == "WAL" or not required


@needs_log
def test_a_reader_sees_its_moment_and_keeps_nobody_from_writing(catalog: FileCatalog) -> None:
    put(catalog, "word", "first")
    with catalog.reading() as reader:
        assert reader.facts()["word"] == "first"
        writes = threading.Thread(target=put, args=(catalog, "word", "second"))
        writes.start()
        writes.join(PATIENCE_S)
        assert not writes.is_alive()
        assert reader.facts()["word"] == "first"
    assert fact(catalog, "word") == "second"


@needs_log
def test_a_log_is_copied_and_begun_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_LONG", 20)
    catalog = open_catalog(path)
    log = path.with_name(f"{path.name}-wal")
    sizes = []
    for number in range(200):
        put(catalog, f"name {number}", "x" * 20_000)
        sizes.append(log.stat().st_size)
    assert max(sizes) < 200 * 20_000 / 2
    catalog.close()
    assert not log.exists()
    again = open_catalog(path, create=False)
    assert all(fact(again, f"name {number}") == "x" * 20_000 for number in range(200))
    again.close()


@needs_log
def test_what_was_committed_is_there_after_a_crash(
    path: Path, catalog: FileCatalog, tmp_path: Path
) -> None:
    for number in range(50):
        put(catalog, f"name {number}", f"value {number}")
    assert path.with_name(f"{path.name}-wal").stat().st_size > 0
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in (path.name, f"{path.name}-wal"):  # as the disk is when a process is killed
        shutil.copy(path.with_name(name), crashed / name)
    found = open_catalog(crashed / path.name, create=False)
    assert [fact(found, f"name {number}") for number in range(50)] == [
        f"value {number}" for number in range(50)
    ]
    found.close()


@needs_log
def test_what_is_stored_is_stored_whatever_becomes_of_its_log(
    catalog: FileCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("PRAGMA", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.Checkpoints, "_run", fail)
        put(catalog, "word", "stored")
        assert catalog.write(lambda writer: lambda: "told")() == "told"
        assert catalog.write(lambda writer: lambda: "told", quick=True)() == "told"
    assert fact(catalog, "word") == "stored"


@pytest.mark.parametrize("quick", [False, True])
def test_a_commit_that_fails_tells_nothing(
    catalog: FileCatalog, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    def store(writer: Writer) -> Callable[[], str]:
        writer.put_facts({"word": "lost"})
        return lambda: "told"

    with monkeypatch.context() as patch:
        patch.setattr(catalog, "_commit", fail)
        with pytest.raises(OperationalError):
            catalog.write(store, quick=quick)
    assert fact(catalog, "word") is None
    assert catalog.write(store, quick=quick)() == "told"
    assert fact(catalog, "word") == "lost"


@pytest.mark.parametrize("quick", [False, True])
def test_a_commit_that_the_file_refuses_is_undone_and_nothing_stays_open(
    catalog: FileCatalog, quick: bool
) -> None:
    def store(writer: Writer) -> Callable[[], str]:
        writer.put_facts({"word": "lost"})
        return lambda: "told"

    def deny(action: int, first: str | None, *_: object) -> int:
        ends = action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT"
        return sqlite3.SQLITE_DENY if ends else sqlite3.SQLITE_OK

    with catalog._writer.connect() as connection:
        driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_authorizer(deny)
    with pytest.raises(DBAPIError, match="not authorized"):
        catalog.write(store, quick=quick)
    driver.set_authorizer(None)
    assert not driver.in_transaction
    assert fact(catalog, "word") is None
    assert catalog.write(store, quick=quick)() == "told"
    assert fact(catalog, "word") == "lost"


def test_a_file_that_another_holds_is_an_error_of_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_WAIT_MS", 1)
    catalog = open_catalog(path)
    other = sqlite.sqlite3.connect(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        put(catalog, "word", "one")
    other.close()
    put(catalog, "word", "two")
    assert fact(catalog, "word") == "two"
    catalog.close()


@needs_log
def test_traces_that_another_reader_kept_go_behind_a_later_commit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_TRIES", 2)
    catalog = open_catalog(path)
    log = path.with_name(f"{path.name}-wal")
    put(catalog, "word", "secret word")
    other = open_catalog(path, own=False)  # as another process does
    with other.reading() as reader:
        assert reader.facts()["word"] == "secret word"
        put(catalog, "word", "another")
        catalog.erase_traces()
        assert catalog._log is not None
        tried = catalog._log._running
        put(catalog, "at", "once")
        assert catalog._log._running is tried  # not behind every commit: all would wait
    with path.with_name("seen").open("wb") as seen:  # not by reading it here: locks would be lost
        subprocess.run(["cat", str(log)], stdout=seen, check=True)
    assert b"secret word" in path.with_name("seen").read_bytes()
    other.close()
    for number in range(checkpoints._COMMITS):
        put(catalog, "next", str(number))
    assert catalog._log._running is not None
    catalog._log._running.result(PATIENCE_S)
    assert log.read_bytes() == b""
    assert b"secret word" not in path.read_bytes()
    catalog.close()


@needs_log
def test_a_delete_over_which_a_process_was_killed_is_made_good_at_the_next_start(
    path: Path, catalog: FileCatalog, tmp_path: Path
) -> None:
    put(catalog, "word", "secret word")
    put(catalog, "word", "another")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    names = (path.name, f"{path.name}-wal")
    for name in names:
        shutil.copy(path.with_name(name), crashed / name)
    assert any(b"secret word" in (crashed / name).read_bytes() for name in names)
    found = open_catalog(crashed / path.name, create=False)
    assert not any(b"secret word" in (crashed / name).read_bytes() for name in names)
    assert fact(found, "word") == "another"
    found.close()


def test_a_file_goes_from_one_journal_to_the_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word, version in (("old", (3, 40, 1)), ("new", (3, 51, 3)), ("older", (3, 40, 1))):
        with monkeypatch.context() as patch:
            patch.setattr(sqlite.sqlite3, "sqlite_version_info", version)
            catalog = open_catalog(path)
            put(catalog, word, word)
            catalog.close()
    catalog = open_catalog(path)
    assert [fact(catalog, word) for word in ("old", "new", "older")] == ["old", "new", "older"]
    catalog.close()


def test_a_deleted_text_is_in_no_file(path: Path, clock: Clock) -> None:
    title = "Zwölf Boxkämpfer jagen Viktor"

    def files_with_title() -> list[str]:
        found = [file for file in path.parent.rglob("*") if file.is_file()]
        return [file.name for file in found if title.encode() in file.read_bytes()]

    archive = open_archive(path, clock)
    archive.ingest([make_article("a", "Ein kurzer Text über Boxer. " * 5, title=title)])
    assert files_with_title()
    assert archive.delete("a")
    assert files_with_title() == []
    archive.close()
    assert files_with_title() == []
