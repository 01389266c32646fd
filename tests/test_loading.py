"""What a user waits for: importing the package and asking for help load nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_kernels_of_a_command_come_from_their_cache_without_the_compiler(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from dedupe.cli.numba_start import load_numba
load_numba()
import numpy as np
from dedupe.shinglemap import count_distinct
found = np.zeros(1, np.int32)
count_distinct(np.array([5, 5, 7, 0], np.uint32), np.zeros(1, int), np.full(1, 4), found)
assert found[0] == 2
print("numba.typed.typeddict" in sys.modules)
"""
    own = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert runs == [["True"], ["False"]]
