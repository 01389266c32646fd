"""What the benchmarks share that run on servers which somebody else has started."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.settings import Settings, load_settings
from service.wiring import open_shared_archive

__all__ = ["empty_settings", "make_parser"]


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
