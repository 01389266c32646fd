"""What the benchmarks share that run on servers which somebody else has started."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import machine
from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

__all__ = ["describe_run", "empty_settings", "make_parser", "write_result"]


def make_parser(description: str | None, output: Path) -> argparse.ArgumentParser:
    """Make a command line with the two addresses and where to write to."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--redis-url", required=True)
    parser.add_argument("--output", type=Path, default=output)
    return parser


def empty_settings(args: argparse.Namespace) -> Settings:
    """The settings of the servers; ends the program where the database is not empty."""
    settings = load_settings({"database_url": args.database_url, "redis_url": args.redis_url})
    archive = open_shared_archive(settings)
    stored = archive.summary().revisions
    archive.close()
    if stored:
        raise SystemExit("the database is not empty")
    return settings


def describe_run(command: str) -> dict[str, object]:
    """What a result begins with, before anything is measured."""
    return {
        "command": f"python benchmarks/{command}",
        "started": machine.now(),
        "commit": machine.commit(),
        "machine": machine.describe_machine(),
        "load_before": machine.load(),
    }


def write_result(output: Path, described: dict[str, object]) -> None:
    """Write and show a result."""
    text = json.dumps(described, indent=1)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text + "\n", encoding="utf-8")
    print(text)
