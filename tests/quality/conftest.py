"""What floors are held against: the sections of the quality table, measured in one command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Section = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def own(request: pytest.FixtureRequest, checkout: Path, tmp_path_factory: Any) -> Section:
    """`own("seed")` -> rows by measure of a section that needs this checkout only."""
    output = tmp_path_factory.mktemp("own") / "quality.json"
    return measure(checkout, output, list_asked(request, "own"))


@pytest.fixture(scope="module")
def real(
    request: pytest.FixtureRequest, checkout: Path, shared: Path, tmp_path_factory: Any
) -> Section:
    """The same of a section that needs the real data beside it."""
    output = tmp_path_factory.mktemp("real") / "quality.json"
    return measure(checkout, output, list_asked(request, "real"), "--shared", str(shared))


def list_asked(request: pytest.FixtureRequest, fixture: str) -> list[str]:
    """The sections that tests of this run ask a fixture for."""
    asked = (
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and fixture in item.fixturenames
    )
    return list(dict.fromkeys(asked))


def measure(checkout: Path, output: Path, names: list[str], *options: str) -> Section:
    """Run `python -m benchmarks.quality` over some sections."""
    command = [sys.executable, "-m", "benchmarks.quality", "--n", "10000", "--output", str(output)]
    command += [word for name in names for word in ("--only", name)]
    done = subprocess.run(
        [*command, *options], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert output.is_file(), f"exit {done.returncode}: {done.stderr[-2000:]}"
    result = json.loads(output.read_text(encoding="utf-8"))
    rows = {f"{row['section']}/{row['measure']}": row["value"] for row in result["rows"]}

    def section(name: str) -> dict[str, Any]:
        for trouble in (result["failed"], result["skipped"]):
            assert name not in trouble, trouble[name]
        return rows

    return section
