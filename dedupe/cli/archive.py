"""`isnad db upgrade`, `reindex`, `export`, `import`: an archive -> another state of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from dedupe.cli.inputs import config_option, load_configuration
from dedupe.cli.outputs import Outputs, check_outputs

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
    from dedupe.errors import InputMissing

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


@click.command("import", short_help="Read an export into a new archive.")
@_archive
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@config_option
def import_(archive: str, file: str, config_path: str | None) -> int:
    """Read an export into ARCHIVE, which must be new or empty. Ids and ledger are kept."""
    from dedupe.archive.exchange import import_archive
    from dedupe.archive.local import open_core

    config = load_configuration(config_path)
    with open_core(Path(archive), _now, config) as core, Path(file).open("rb") as lines:
        count, made_with = import_archive(core, lines, file)
    click.echo(f"{archive}: {count:,} texts")
    if made_with != config.config_id:
        click.echo(f"made with configuration {made_with}: run isnad reindex {archive}", err=True)
    return 0
