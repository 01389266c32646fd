"""What a user waits for: importing the package and asking for help load nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numpy", "numba", "scipy", "pyarrow", "datasketch", "trafilatura", "redis", "flask"}


def loaded_after(code: str) -> set[str]:
    """The heavy packages a fresh interpreter holds after running `code`."""
    report = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True
    )
    return HEAVY.intersection(run.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import dedupe, dedupe.models, dedupe.errors")


@pytest.mark.parametrize("arguments", ["--help", "--version", "report --help", "compare --help"])
def test_asking_the_command_for_help_loads_nothing_heavy(arguments: str) -> None:
    code = f"""
import contextlib, io, sys
from dedupe.cli import main
sys.argv = ["isnad", *{arguments.split()!r}]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()
"""
    assert not loaded_after(code)


@pytest.mark.parametrize("arguments", ["attribute -", "serve --seeds none", "worker"])
def test_commands_load_numba_without_scipy(arguments: str) -> None:
    code = f"""
import io, sys
from dedupe.cli import main
sys.stdin, sys.stderr = io.TextIOWrapper(io.BytesIO()), io.StringIO()
main({arguments.split()!r})
"""
    loaded = loaded_after(code)
    assert "numba" in loaded
    assert "scipy" not in loaded


def test_a_report_loads_numba_without_scipy_and_threads() -> None:
    code = """
from dedupe.cli.inputs import load_configuration
load_configuration(None)
import dedupe.batch.local
assert "coverage" not in sys.modules
assert len(os.listdir("/proc/self/task")) == 1  # none that waits for matrices
import scipy.linalg  # whoever needs it still finds it
assert not sys.modules["numba.np.arraymath"]._HAVE_BLAS
"""
    assert loaded_after("import os, sys" + code) >= {"numba", "scipy"}
