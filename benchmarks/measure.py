"""Command -> Usage: CPU and wall seconds and peak memory of a whole process tree.

CPU seconds come from the kernel's account of the waited process and its children (`os.wait4`), or
from what the sampler saw of every process where that is more: a JVM is nobody's waited child.
Peak memory is the largest sum over the tree that a sampler saw in /proc, split into anonymous,
file-backed and shared pages, beside the kernel's own maximum of the largest single process. Pages
shared between forked processes count once for each: the sum is an upper bound.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLE_S = 0.05
_MIB = 1024 * 1024
_FIELDS = {"RssAnon": "anon", "RssFile": "file", "RssShmem": "shmem"}


class RunFailedError(Exception):
    """A measured command ended with an error; `tail` is the end of its standard error."""

    def __init__(self, code: int, tail: str) -> None:
        """Keep the exit code and the last words."""
        self.code, self.tail = code, tail
        super().__init__(f"exit {code}: {tail.strip()[-400:]}")


@dataclass(frozen=True)
class Usage:
    """What a command cost. Memory in MiB: `peak_*` are taken at the moment of the largest sum."""

    code: int
    wall_s: float
    cpu_s: float
    max_process_mib: float
    peak_mib: float
    peak_anon_mib: float
    peak_file_mib: float
    peak_shmem_mib: float
    stdout: str
    stderr: str

    def numbers(self) -> dict[str, float]:
        """Everything but the texts."""
        return {k: v for k, v in asdict(self).items() if k not in ("code", "stdout", "stderr")}


def _children(pid: int) -> list[int]:
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - /proc by the thousand
    except OSError:
        return []
    for thread in tasks:
        try:
            text = Path(f"/proc/{pid}/task/{thread}/children").read_text()
        except OSError:
            continue
        found += [int(child) for child in text.split()]
    return found


def _resident(pid: int) -> dict[str, float]:
    sizes = dict.fromkeys(_FIELDS.values(), 0.0)
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return sizes
    for line in status.splitlines():
        name, _, rest = line.partition(":")
        if name in _FIELDS:
            sizes[_FIELDS[name]] = int(rest.split()[0]) / 1024
    return sizes


def _busy_s(pid: int) -> float:
    """User and system seconds of one process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Sampler(threading.Thread):
    """Keeps the largest sum of resident pages over a process and all below it, and their CPU."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.busy: dict[int, float] = {}
        self.peak = dict.fromkeys(_FIELDS.values(), 0.0)
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(SAMPLE_S):
            self.sample()

    def sample(self) -> None:
        total = dict.fromkeys(self.peak, 0.0)
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            waiting += _children(pid)
            self.busy[pid] = max(self.busy.get(pid, 0.0), _busy_s(pid))
            for name, size in _resident(pid).items():
                total[name] += size
        if sum(total.values()) > sum(self.peak.values()):
            self.peak = total


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
) -> Usage:
    """Run `command` to its end and account for it.

    Raises RunFailedError when its exit code is not in `accept`.
    """
    environment = os.environ | {"PYTHONHASHSEED": "0"} | (env or {})
    # installed packages have their bytecode; in a checkout it would be compiled at every start
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        clock = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=cwd, env=environment)
        sampler = _Sampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - clock
        process.returncode = code = os.waitstatus_to_exitcode(status)
        sampler.done.set()
        sampler.join()
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read(), err.read()
    if code not in accept:
        raise RunFailedError(code, stderr)
    peak, largest = sampler.peak, usage.ru_maxrss * 1024 / _MIB
    return Usage(
        code=code,
        wall_s=round(wall, 3),
        cpu_s=round(max(usage.ru_utime + usage.ru_stime, sum(sampler.busy.values())), 3),
        max_process_mib=round(largest, 1),
        peak_mib=round(max(sum(peak.values()), largest), 1),
        peak_anon_mib=round(peak["anon"], 1),
        peak_file_mib=round(peak["file"], 1),
        peak_shmem_mib=round(peak["shmem"], 1),
        stdout=stdout,
        stderr=stderr,
    )


def isnad(*arguments: str) -> list[str]:
    """The command line of our own command, as the interpreter at hand runs it."""
    return [sys.executable, "-m", "dedupe.cli", *arguments]
