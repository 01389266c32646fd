"""The floors, and each section of the quality table measured once a session."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Section = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def section(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Section:
    """Measure a section of `python -m benchmarks.quality` and return its rows by measure."""
    measured: dict[str, dict[str, Any]] = {}

    def measure(name: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        if name not in measured:
            output = tmp_path_factory.mktemp("quality") / f"{name}.json"
            command = [sys.executable, "-m", "benchmarks.quality", "--quick", "--only", name]
            done = subprocess.run(
                [*command, "--output", str(output), *options],
                cwd=checkout,
                capture_output=True,
                text=True,
                check=False,
            )
            assert output.is_file(), f"exit {done.returncode}: {done.stderr[-2000:]}"
            measured[name] = json.loads(output.read_text(encoding="utf-8"))
        result = measured[name]
        assert not result["failed"], result["failed"]
        assert not result["skipped"], result["skipped"]
        return {f"{row['section']}/{row['measure']}": row["value"] for row in result["rows"]}

    return measure
