"""What a result was measured on and with: machine, load, versions, hashes of what was read."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = ("click", "datasketch", "numba", "numpy", "orjson", "rapidfuzz", "scipy")


def describe_machine() -> dict[str, object]:
    """Processor, cores that may be used, memory, kernel, Python."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def load() -> list[float]:
    """The three load averages."""
    return [round(value, 2) for value in os.getloadavg()]


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def our_versions() -> dict[str, str]:
    """Versions of what our side runs on; a package that is not installed is left out."""
    found = {}
    for name in _OURS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit of the checkout, with `+` where it has changes, or `unknown`."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", "dedupe", "benchmarks")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Occasion:
    """When a measurement began, and under what load."""

    def __init__(self) -> None:
        self._started, self._load = now(), load()

    def describe(self) -> dict[str, object]:
        """What every result tells of its making, up to now."""
        return {
            "started": self._started,
            "finished": now(),
            "commit": commit(),
            "machine": describe_machine(),
            "load_before": self._load,
            "load_after": load(),
            "versions": our_versions(),
        }


def write_result(path: Path, result: Mapping[str, object]) -> None:
    """Write a result as JSON, in a folder that need not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


def sha256(path: Path) -> str:
    """Hash of a file's bytes, first 16 hex digits."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()[:16]
