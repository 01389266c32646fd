"""`isnad db upgrade`, `reindex`, `export`, `import`: an archive -> another state of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.inputs import (
    config_option,
    load_configuration,
    make_read_options,
    read_articles,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.progress import show_progress
from dedupe.cli.rejects import RejectLog
from dedupe.errors import InputMissing

if TYPE_CHECKING:
    from dedupe.config import Config
    from dedupe.readers import ReadOptions

__all__ = ["db", "export", "import_", "reindex"]

_archive = click.argument("archive", metavar="ARCHIVE", type=click.Path(dir_okay=False))


def _now() -> datetime:
    return datetime.now(UTC)


@click.group(short_help="Look after the tables of an archive.")
def db() -> None:
    """Look after the tables of an archive."""


@db.command("upgrade", short_help="Bring the tables to this version.")
@_archive
def upgrade(archive: str) -> int:
    """Bring the tables of ARCHIVE to the form this version works with.

    All steps are made, or none. Copy the file first if you may want to go back.
    """
    from dedupe.catalog import upgrade_catalog

    before, now = upgrade_catalog(Path(archive))
    click.echo(f"{archive}: tables of version {now}" + (f" (was {before})" * (before != now)))
    return 0


@click.command(short_help="Compute everything in an archive again.")
@_archive
@config_option
def reindex(archive: str, config_path: str | None) -> int:
    """Compute signatures, keys, matches and clusters of ARCHIVE again from its texts.

    For another configuration, and after an upgrade that says so. Clusters keep their ids. May be
    interrupted: run it again.
    """
    from dedupe.archive.local import open_core
    from dedupe.archive.reindexing import reindex as reindex_core

    if not Path(archive).exists():
        raise InputMissing(archive)
    config = load_configuration(config_path)
    with open_core(Path(archive), _now, config) as core:
        count = reindex_core(core)
    click.echo(f"{archive}: {count:,} texts under configuration {config.config_id}")
    return 0


@click.command(short_help="Write an archive as lines of JSON.")
@_archive
@click.option("-o", "--output", metavar="FILE", help="Write here, not to standard output.")
def export(archive: str, output: str | None) -> int:
    """Write all of ARCHIVE as JSON Lines: texts, matches, clusters, judgements, ledger.

    A service may go on using the archive meanwhile.
    """
    from dedupe.archive.exchange import export_archive
    from dedupe.catalog import open_catalog

    check_outputs((output,), (archive,))
    catalog = open_catalog(Path(archive), create=False, own=False)
    try:
        with Outputs() as outputs:
            export_archive(catalog, outputs.open(output))
    finally:
        catalog.close()
    return 0


@click.command("import", short_help="Read an export, or a finished report, into a new archive.")
@_archive
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--clusters",
    metavar="FOLDER",
    help="Take over a finished report over INPUT: its --work-dir, or the output of Spark.",
)
@config_option
@reading_options
@click.option("--rejects", metavar="FILE", help="Write rejected records here, JSON Lines.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no account of rejects.")
def import_(
    archive: str,
    inputs: tuple[str, ...],
    clusters: str | None,
    config_path: str | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
    rejects: str | None,
    quiet: bool,
) -> int:
    """Fill ARCHIVE, which must be new or empty.

    INPUT is a file that isnad export wrote: ids and ledger are kept. With --clusters it is the
    articles of a finished report: its pairs are taken over instead of being searched again, and its
    clusters keep their ids.
    """
    config = load_configuration(config_path)
    if clusters is not None:
        read = make_read_options(pairs, input_format, outlet)
        return _import_report(archive, inputs, Path(clusters), config, read, rejects, quiet=quiet)
    if pairs or input_format or outlet or rejects:
        raise click.UsageError("reading options are for --clusters")
    if len(inputs) > 1:
        raise click.UsageError("one export makes an archive")
    from dedupe.archive.exchange import import_archive
    from dedupe.archive.local import open_core

    (file,) = inputs
    if not Path(file).is_file():
        raise InputMissing(file)
    with open_core(Path(archive), _now, config) as core, Path(file).open("rb") as lines:
        count, made_with = import_archive(core, lines, file)
    click.echo(f"{archive}: {count:,} texts")
    if made_with != config.config_id:
        click.echo(f"made with configuration {made_with}: run isnad reindex {archive}", err=True)
    return 0


def _import_report(
    archive: str,
    inputs: tuple[str, ...],
    folder: Path,
    config: Config,
    read: ReadOptions,
    rejects: str | None,
    *,
    quiet: bool,
) -> int:
    from dedupe.archive.adopting import adopt_report
    from dedupe.archive.local import open_core
    from dedupe.batch.finished import open_finished

    check_outputs((rejects,), (*inputs, archive))
    finished = open_finished(folder, config)
    with Outputs() as outputs, show_progress(quiet) as progress:
        log = RejectLog(outputs.open(rejects) if rejects else None)
        articles = read_articles(inputs, read, log)

        def tell(done: int) -> None:
            if progress:
                progress("read", done, finished.articles)

        with open_core(Path(archive), _now, config) as core:
            count = adopt_report(
                core, articles, finished.verdicts(), finished.clusters(), finished.articles, tell
            )
    click.echo(f"{archive}: {count:,} articles")
    if not quiet:
        log.tell()
    return 1 if log.count else 0
