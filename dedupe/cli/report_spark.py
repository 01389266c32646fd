"""`isnad report --engine spark`: inputs on a Hadoop file system -> a folder of Parquet datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dedupe.cli.progress import show_progress
from dedupe.errors import DependencyMissing

if TYPE_CHECKING:
    from dedupe.config import Config
    from dedupe.readers import ReadOptions

__all__ = ["report_on_spark"]


def report_on_spark(
    inputs: Sequence[str],
    output: str | None,
    master: str | None,
    read: ReadOptions,
    config: Config,
    min_size: int,
    *,
    quiet: bool,
) -> int:
    """Run, tell on standard error what came out; 1 when records were rejected."""
    if output is None:
        raise click.UsageError("--engine spark needs --output FOLDER")
    try:
        from dedupe.batch.spark import SparkOptions, open_session, run
    except ImportError as error:
        raise DependencyMissing("--engine spark", "spark") from error
    session = open_session(master)
    try:
        with show_progress(quiet) as progress:
            options = SparkOptions(min_size=min_size, progress=progress)
            summary = run(session, inputs, output, read, config, options)
    finally:
        session.stop()
    if not quiet:
        from dedupe.report.display import count_of

        notes = [
            f"{summary.articles:,} articles, {summary.clustered:,} of them in"
            f" {count_of('cluster', summary.clusters)}"
        ]
        notes += [
            f"{count_of(noun, count)} {what}"
            for count, noun, what in (
                (summary.rejected, "record", "rejected, see rejects/"),
                (summary.revisions, "older text", "of an id: only the latest is compared"),
                (summary.capped_keys, "candidate key", "above the bucket cap"),
                (summary.skipped_keys, "passage key", "skipped as boilerplate"),
            )
            if count
        ]
        click.echo(f"isnad: {'; '.join(notes)}", err=True)
    return 1 if summary.rejected else 0
