"""Compiled kernels are those of the sources as they stand, wherever they are kept."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import numba
import pytest

import dedupe
from dedupe.jit import _choose_folder, _discard_stale_cache, _is_source

HOUR_NS = 3600 * 10**9


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A kernel, constants, another file, and a cache that is an hour younger than all of them."""
    for name, text in (
        ("stage/kernels.py", "from dedupe.jit import kernel\n"),
        ("limits.py", "MOST = 0.5\n"),
        ("words.py", "pass\n"),
        ("stage/__pycache__/kernels.nbi", ""),
        ("stage/__pycache__/kernels.1.nbc", ""),
        ("stage/__pycache__/kernels.pyc", ""),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        set_age(path, 1 if path.parent.name == "__pycache__" else 2)
    return tmp_path


def set_age(path: Path, hours: int) -> None:
    then = 1_760_000_000 * 10**9 - hours * HOUR_NS
    os.utime(path, ns=(then, then))


def kept(package: Path) -> set[str]:
    return {path.suffix for path in package.glob("**/__pycache__/*")}


@pytest.mark.parametrize("name", ["stage/kernels.py", "limits.py"])
def test_machine_code_older_than_a_source_goes(package: Path, name: str) -> None:
    set_age(package / name, 0)
    _discard_stale_cache(package)
    assert kept(package) == {".pyc"}


def test_machine_code_stays_while_other_files_change(package: Path) -> None:
    set_age(package / "words.py", 0)
    _discard_stale_cache(package)
    assert kept(package) == {".nbi", ".nbc", ".pyc"}


def test_each_version_has_a_folder_of_its_own(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose() -> str:
        monkeypatch.setattr(numba.config, "CACHE_DIR", "/var/cache/isnad")
        _choose_folder(package)
        return numba.config.CACHE_DIR

    first = choose()
    assert first.startswith("/var/cache/isnad/isnad-")
    (package / "words.py").write_text("changed\n", "utf-8")
    assert choose() == first
    (package / "limits.py").write_text("MOST = 0.6\n", "utf-8")
    assert choose() != first


def names_in_kernels(tree: ast.Module) -> set[str]:
    return {
        node.id
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        and any(
            isinstance(mark, ast.Name) and mark.id == "kernel" for mark in function.decorator_list
        )
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
    }


def test_what_kernels_take_from_elsewhere_is_in_a_source() -> None:
    root = Path(dedupe.__file__).parent
    sources = {path for path in root.glob("**/*.py") if _is_source(path)}
    seen = 0
    for path in sources:
        tree = ast.parse(path.read_text("utf-8"))
        used = names_in_kernels(tree)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dedupe."):
                taken = used & {alias.name for alias in node.names}
                origin = root.joinpath(*node.module.split(".")[1:]).with_suffix(".py")
                assert not taken or origin in sources, f"{path.name}: {taken} of {node.module}"
                seen += len(taken)
    assert seen > 50
