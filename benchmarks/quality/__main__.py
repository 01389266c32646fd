"""Run the sections, print one table, write `benchmarks/results/quality.json`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, measure, render
from benchmarks.quality.counts import measure_counts
from benchmarks.quality.long_articles import measure_long
from benchmarks.quality.notices import measure_attribution, measure_pages
from benchmarks.quality.page_credits import measure_page_credits
from benchmarks.quality.saudinewsnet import measure_saudinewsnet
from benchmarks.quality.seeds import measure_demonstration, measure_seed
from benchmarks.quality.session import Session, SharedDataMissingError
from benchmarks.quality.synthetic import measure_stability, measure_synthetic
from benchmarks.quality.written import measure_strangers, measure_written

SECTIONS: dict[str, Callable[[Session], None]] = {
    "seed": measure_seed,
    "demonstration": measure_demonstration,
    "synthetic": measure_synthetic,
    "stability": measure_stability,
    "attribution": measure_attribution,
    "written": measure_written,
    "strangers": measure_strangers,
    "pages": measure_pages,
    "page credits": measure_page_credits,
    "long articles": measure_long,
    "saudinewsnet": measure_saudinewsnet,
    "counts": measure_counts,
}
OUTPUT = machine.ROOT / "benchmarks" / "results" / "quality.json"
QUICK_N, FULL_N = 20_000, 100_000


def find_shared(given: Path | None) -> Path | None:
    """The folder of real data: given, in ISNAD_SHARED or beside the checkout; None if absent."""
    if given is not None:
        if not given.is_dir():
            raise SystemExit(f"{given}: no such folder; --shared wants the one that holds data/")
        return given.absolute()
    named = os.environ.get("ISNAD_SHARED")
    folder = Path(named) if named else machine.ROOT.parent / "shared"
    return folder.absolute() if (folder / "data").is_dir() else None


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help=f"{QUICK_N:,} synthetic articles")
    size.add_argument("--full", action="store_true", help=f"{FULL_N:,} of them (default)")
    size.add_argument("--n", type=int, help="this many synthetic articles")
    parser.add_argument("--shared", type=Path, help="folder of real data (default ../shared)")
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="repeatable")
    parser.add_argument("--jobs", type=int, help="handed on to isnad report")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    args = parser.parse_args(arguments)
    args.n = args.n or (QUICK_N if args.quick else FULL_N)
    return args


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure every section that is wanted; what is absent or fails is told and left out."""
    occasion = machine.Occasion()
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="isnad-quality-") as scratch:
        session = Session(Path(scratch), find_shared(args.shared), args.n, args.jobs)
        for name in args.only or SECTIONS:
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                SECTIONS[name](session)
            except SharedDataMissingError as reason:
                skipped[name] = str(reason)
            except measure.RunFailedError as error:
                failed[name] = f"exit code {error.code}: {_last_line(error.tail)}"
    words = ["--n", str(args.n)]
    for name in args.only or []:
        words += ["--only", name]
    return {
        "command": "python -m benchmarks.quality " + shlex.join(words),
        **occasion.describe(),
        "inputs_sha256": session.inputs,
        "skipped": skipped,
        "failed": failed,
        "rows": [asdict(row) for row in session.rows],
    }


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"


def main() -> None:
    """Measure, write, print; exit 1 when a section failed."""
    args = parse()
    result = run(args)
    machine.write_result(args.output, result)
    print(render.quality_table(result))
    sys.exit(1 if result["failed"] else 0)


if __name__ == "__main__":
    main()
