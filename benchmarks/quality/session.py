"""Names of inputs -> files that `isnad` wrote, and rows of the table.

Everything goes through the command line as a subprocess: what is measured is what a user gets.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.machine import ROOT, sha256
from benchmarks.quality.targets import TARGETS, Bound

Value = float | int | str | None


class SharedDataMissingError(Exception):
    """A section needs the folder of real data and it is not there."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `n` is what the value is a share of."""

    section: str
    measure: str
    value: Value
    n: int | None
    target: str | None
    met: str | None


@dataclass(frozen=True)
class Report:
    """The files of one `isnad report` and what it cost."""

    clusters: Path
    matches: Path
    rejected: int
    usage: measure.Usage


@dataclass
class Session:
    """Where things are for one run of the table, and what it has found."""

    scratch: Path
    shared: Path | None
    n: int
    jobs: int | None = None
    rows: list[Row] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def data(self, name: str) -> Path:
        """A file of the shared data, noted with its hash.

        Raises SharedDataMissingError when the folder or the file is not there.
        """
        if self.shared is None:
            raise SharedDataMissingError(
                "no folder of real data: give --shared DIR or set ISNAD_SHARED"
            )
        path = self.shared / "data" / name
        if not path.is_file():
            raise SharedDataMissingError(f"data/{name} is not in the folder given as shared data")
        self.inputs.setdefault(name, sha256(path))
        return path

    def report(
        self, name: str, *inputs: Path, options: tuple[str, ...] = (), with_matches: bool = True
    ) -> Report:
        """Run `isnad report` over `inputs`; records that are rejected do not end it."""
        clusters = self.scratch / f"{name}.clusters.jsonl"
        matches = self.scratch / f"{name}.matches.jsonl"
        command = measure.isnad("report", *map(str, inputs), "--format", "jsonl")
        rejects = self.scratch / f"{name}.rejects.jsonl"
        command += ["--output", str(clusters), "--rejects", str(rejects), *options]
        if with_matches:
            command += ["--matches", str(matches)]
        if self.jobs is not None and "--jobs" not in options:
            command += ["--jobs", str(self.jobs)]
        usage = _run(command)
        rejected = sum(1 for _ in read_rows(rejects)) if rejects.is_file() else 0
        return Report(clusters, matches, rejected, usage)

    def attribute(self, name: str, *inputs: Path) -> Path:
        """Run `isnad attribute` over `inputs` and return the file of its answers."""
        usage = _run(measure.isnad("attribute", *map(str, inputs)))
        output = self.scratch / f"{name}.attributions.jsonl"
        output.write_text(usage.stdout, encoding="utf-8")
        return output

    def add(self, section: str, name: str, value: Value, n: int | None = None) -> None:
        """Add a row, with its target where one is written."""
        bound: Bound | None = TARGETS.get(section, {}).get(name)
        met = None
        if bound is not None:
            met = "yes" if isinstance(value, (int, float)) and bound.holds(value) else "NO"
        self.rows.append(Row(section, name, value, n, str(bound) if bound else None, met))

    def add_cost(self, section: str, report: Report, articles: int) -> None:
        """Add what a report cost, and how many records it could not read."""
        self.add(section, "records rejected", report.rejected, articles)
        self.add(section, "CPU seconds", round(report.usage.cpu_s, 1), articles)
        self.add(section, "peak MiB", round(report.usage.peak_mib), articles)


def _run(command: list[str]) -> measure.Usage:
    """Run `isnad`. Exit 1 is work done with records rejected, unless Python itself gave up."""
    usage = measure.run(command, cwd=ROOT, accept=(0, 1))
    if usage.code == 1 and "Traceback (most recent call last)" in usage.stderr:
        raise measure.RunFailedError(usage.code, usage.stderr)
    return usage


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, gzip or not."""
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def write_rows(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    """Write objects as JSON Lines; return how many."""
    count = 0
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count
