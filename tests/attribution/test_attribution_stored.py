"""Compiled rules beside the bytecode: the same as compiled anew, never stale, never in the way."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from dedupe.attribution import folding, rule_files, stored
from dedupe.attribution.rule_files import LANGUAGES, load_language, load_languages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two languages, and a place of its own for what they compile to."""
    for name in ("ar.toml", "en.toml"):
        shutil.copy(LANGUAGES / name, tmp_path / name)
    beside = tmp_path / "cache" / "stored.pyc"
    monkeypatch.setattr(stored.importlib.util, "cache_from_source", lambda _: str(beside))
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*.json"))


def test_what_is_restored_equals_what_was_compiled(folder: Path) -> None:
    compiled = load_languages(folder)
    assert len(kept(folder)) == 1
    assert load_languages(folder) == compiled
    assert compiled == tuple(load_language(folder / name) for name in ("ar.toml", "en.toml"))


def test_a_changed_rule_is_never_missed(folder: Path) -> None:
    load_languages(folder)
    file = folder / "en.toml"
    file.write_text(
        file.read_text("utf-8").replace('name = "English"', 'name = "Anglais"'), "utf-8"
    )
    assert [language.name for language in load_languages(folder)] == ["Arabic", "Anglais"]


def test_the_second_load_does_not_compile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_languages(folder)

    def refuse(_: Path) -> None:
        raise AssertionError

    monkeypatch.setattr(rule_files, "load_language", refuse)
    assert len(load_languages(folder)) == 2


def test_a_damaged_file_is_made_again(folder: Path) -> None:
    compiled = load_languages(folder)
    kept(folder)[0].write_bytes(b'[{"code": ')
    assert load_languages(folder) == compiled
    assert kept(folder)[0].stat().st_size > 1000


def test_a_folder_that_cannot_be_written_costs_time_only(folder: Path) -> None:
    (folder / "cache").write_text("in the way")
    assert len(load_languages(folder)) == 2


def test_a_write_that_fails_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path, target: Path) -> None:
        raise OSError(28, "no space left", str(target))

    monkeypatch.setattr(Path, "replace", fail)
    assert len(load_languages(folder)) == 2
    assert list((folder / "cache").iterdir()) == []


def test_old_ones_are_cleared_away(folder: Path) -> None:
    file = folder / "en.toml"
    for number in range(5):
        file.write_text(file.read_text("utf-8") + f"\n# {number}\n", "utf-8")
        load_languages(folder)
    assert len(kept(folder)) <= 3


def test_tables_are_read_as_they_were_made_and_made_again_when_cut_off(folder: Path) -> None:
    made = fold, letters = folding.tables.__wrapped__()
    (file,) = (folder / "cache").glob("tables-*.bin")
    for damage in (b"", file.read_bytes()[:-4]):
        again = folding.tables.__wrapped__()
        assert all(map(np.array_equal, again, made))
        file.write_bytes(damage)
    again = folding.tables.__wrapped__()
    assert np.array_equal(again[0], fold)
    assert np.array_equal(again[1], letters)
    assert file.stat().st_size == fold.nbytes + letters.nbytes
