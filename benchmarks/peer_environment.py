"""requirements.in -> an environment of its own for the peers; what fails is told, not fatal.

The peers' pins (pyarrow, scipy) must not decide ours, so they never share our environment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.machine import ROOT

REQUIREMENTS = ROOT / "benchmarks" / "requirements.in"


def read_requirements() -> list[str]:
    """The requirement lines, comments and blank lines left out."""
    lines = (line.partition("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    return [line for line in lines if line]


def provide_environment(folder: Path) -> tuple[str, dict[str, str]]:
    """Return the environment's interpreter and, by requirement, why it could not be installed."""
    python = folder / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    failures = {}
    for requirement in read_requirements():
        command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
        done = subprocess.run([*command, requirement], capture_output=True, text=True, check=False)
        if done.returncode:
            failures[requirement] = done.stderr.strip().splitlines()[-1:][0] if done.stderr else ""
    return str(python), failures
