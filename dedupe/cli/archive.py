"""`isnad db`, `reindex`, `export`, `import`: an archive -> another state of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedupe.cli.inputs import (
    archive_config_option,
    load_archive_configuration,
    make_read_options,
    read_articles,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.progress import show_progress
from dedupe.cli.rejects import RejectLog
from dedupe.errors import InputMissing

if TYPE_CHECKING:
    from dedupe.archive.engine import Core
    from dedupe.catalog import Catalog
    from dedupe.config import Config
    from dedupe.readers import ReadOptions

__all__ = ["db", "export", "import_", "reindex"]

_archive = click.argument(
    "archive", metavar="[ARCHIVE]", required=False, type=click.Path(dir_okay=False)
)
_shared = click.option(
    "--shared",
    is_flag=True,
    help="The archive that ISNAD_DATABASE_URL and ISNAD_REDIS_URL name, instead of a file.",
)


def _name(archive: str | None, shared: bool) -> str:
    """How the archive is called in what is told; exactly one has to be named."""
    if (archive is None) is not shared:
        raise click.UsageError("name ARCHIVE, or give --shared")
    return "shared archive" if archive is None else archive


@contextmanager
def _open_core(archive: str | None, config: Config, *, fills: bool = True) -> Iterator[Core]:
    """The stores of an archive whatever its configuration; None: of the shared one.

    `fills`: what is done with them leaves all texts in the index.
    """
    from dedupe.archive.local import open_core

    if archive is not None:
        with open_core(Path(archive), _now, config) as core:
            yield core
        return
    from service.settings import load_settings
    from service.wiring import open_shared_core

    with open_shared_core(load_settings(), config) as (core, index):
        yield core
        if fills:
            index.declare()


@contextmanager
def _counting(stage: str, *, quiet: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """Give what moves the bar of one stage, or moves nothing where nobody looks."""
    with show_progress(quiet) as progress:

        def move(done: int, total: int | None) -> None:
            if progress:
                progress(stage, done, total)

        yield move


def _now() -> datetime:
    return datetime.now(UTC)


@click.group(short_help="Look after the tables of an archive.")
def db() -> None:
    """Look after the tables of an archive."""


@db.command("upgrade", short_help="Bring the tables to this version.")
@_archive
@_shared
def upgrade(archive: str | None, shared: bool) -> int:
    """Bring the tables of ARCHIVE to the form this version works with.

    All steps are made, or none. Copy the file (or the database) first if you may want to go back.
    """
    name = _name(archive, shared)
    if archive is None:
        from service.settings import load_settings
        from service.wiring import upgrade_shared_catalog

        before, now = upgrade_shared_catalog(load_settings())
    else:
        from dedupe.catalog import upgrade_catalog

        before, now = upgrade_catalog(Path(archive))
    click.echo(f"{name}: tables of version {now}" + (f" (was {before})" * (before != now)))
    return 0


@db.command("check", short_help="Say whether the archive of many processes is whole.")
@archive_config_option
def check(config_path: str | None) -> int:
    """Look at the shared archive: version, configuration, texts nobody placed, the index.

    Exit code 1 where something is not as it should be, with what to run.
    """
    from dedupe.errors import IndexUnready
    from service.redis_client import reach_redis
    from service.settings import load_settings
    from service.wiring import open_redis_index, open_shared_catalog

    settings, config = load_settings(), load_archive_configuration(config_path)
    with open_shared_catalog(settings) as catalog:
        catalog.use_configuration(config.config_id)
        with catalog.reading() as reader:
            pending = len(reader.pending((1 << 63) - 1, 100_000))
            texts = reader.count_texts()
        index = open_redis_index(settings, config, catalog.catalog_id)
        with reach_redis(), closing(index):
            indexed, problem = index.count(), None
            try:
                index.require()
            except IndexUnready as error:
                problem = str(error)
    click.echo(f"configuration {config.config_id}: {texts:,} texts, {indexed:,} in the index")
    if pending:
        click.echo(f"{pending:,} texts are pending: if no worker has them, isnad db recover")
    if problem:
        click.echo(problem, err=True)
    return 1 if problem else 0


@db.command("recover", short_help="Match texts whose worker ended before it did.")
@click.option(
    "--older-than",
    "age_s",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Leave alone what was stored later: a worker may have it.",
)
@archive_config_option
def recover(age_s: float, config_path: str | None) -> int:
    """Match texts of the shared archive that were stored and not matched, and have no job left.

    A job that fails again and again is set aside with the reason, but its text is stored. Others
    may go on meanwhile.
    """
    from service.redis_client import reach_redis
    from service.settings import load_settings
    from service.wiring import open_shared_archive

    archive = open_shared_archive(load_settings(), load_archive_configuration(config_path))
    with reach_redis(), closing(archive):
        count = archive.recover(timedelta(seconds=age_s))
    click.echo(f"shared archive: {count:,} texts matched")
    return 0


@click.command(short_help="Compute everything in an archive again, or its index.")
@_archive
@_shared
@click.option(
    "--to",
    "target",
    type=click.Choice(["redis"]),
    help="Only build the index in Redis from the catalogue; the service may run meanwhile.",
)
@archive_config_option
def reindex(archive: str | None, shared: bool, target: str | None, config_path: str | None) -> int:
    """Compute signatures, keys, matches and clusters of ARCHIVE again from its texts.

    For another configuration, and after an upgrade that says so. Clusters keep their ids. May be
    interrupted: run it again. Stop the service first; --to redis needs no stop.
    """
    config = load_archive_configuration(config_path)
    if target is not None:
        if archive is not None:
            raise click.UsageError("--to redis is for the shared archive: leave ARCHIVE out")
        return _fill_redis(config)
    name = _name(archive, shared)
    from dedupe.archive.reindexing import reindex as reindex_core

    if archive is not None and not Path(archive).exists():
        raise InputMissing(archive)
    with _open_core(archive, config) as core, _counting("computed") as move:
        count = reindex_core(core, move)
    click.echo(f"{name}: {count:,} texts under configuration {config.config_id}")
    return 0


def _fill_redis(config: Config) -> int:
    """Add all texts of the shared catalogue to its index; one that is not whole is emptied first.

    As long as it is not whole, workers wait: nobody looks into half of it.
    """
    from dedupe.archive.filling import fill_index
    from service.redis_client import reach_redis
    from service.settings import load_settings
    from service.wiring import open_redis_index, open_shared_catalog

    settings = load_settings()
    with open_shared_catalog(settings) as catalog:
        catalog.use_configuration(config.config_id)
        index = open_redis_index(settings, config, catalog.catalog_id)
        with reach_redis(), closing(index):
            if not index.is_declared():
                index.clear()
            with _counting("indexed") as move:
                count = fill_index(catalog, index, config, move)
            index.declare()
    click.echo(f"Redis: {count:,} texts under configuration {config.config_id}")
    return 0


@click.command(short_help="Write an archive as lines of JSON.")
@_archive
@_shared
@click.option("-o", "--output", metavar="FILE", help="Write here, not to standard output.")
def export(archive: str | None, shared: bool, output: str | None) -> int:
    """Write all of ARCHIVE as JSON Lines: texts, matches, clusters, judgements, ledger.

    A service may go on using the archive meanwhile.
    """
    from dedupe.archive.exchange import export_archive

    _name(archive, shared)
    check_outputs((output,), (archive,) if archive else ())
    with _open_catalog(archive) as catalog, Outputs() as outputs:
        export_archive(catalog, outputs.open(output))
    return 0


@contextmanager
def _open_catalog(archive: str | None) -> Iterator[Catalog]:
    """A catalogue to read; None: the shared one."""
    if archive is not None:
        from dedupe.catalog import open_catalog

        with closing(open_catalog(Path(archive), create=False, own=False)) as catalog:
            yield catalog
        return
    from service.settings import load_settings
    from service.wiring import open_shared_catalog

    with open_shared_catalog(load_settings()) as shared:
        yield shared


@contextmanager
def _fill_core(archive: str | None, config: Config, *, fills: bool = True) -> Iterator[Core]:
    """`_open_core`, and no half-filled archive is left where there was none.

    What somebody else made meanwhile, or is making, is never removed.
    """
    path = Path(archive) if archive is not None and not Path(archive).exists() else None
    ours = False
    try:
        with _open_core(archive, config, fills=fills) as core:
            with core.catalog.reading() as reader:
                ours = path is not None and reader.is_empty()
            yield core
    except BaseException:
        if path is not None and ours:
            for ending in ("", "-wal", "-shm", ".lock"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            shutil.rmtree(path.with_name(f"{path.name}.index"), ignore_errors=True)
        raise


@click.command("import", short_help="Read an export, or a finished report, into a new archive.")
@_archive
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@_shared
@click.option(
    "--clusters",
    metavar="FOLDER",
    help="Take over a finished report over INPUT: its --work-dir, or the output of Spark.",
)
@archive_config_option
@reading_options
@click.option("--rejects", metavar="FILE", help="Write rejected records here, JSON Lines.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no account of rejects.")
def import_(
    archive: str | None,
    inputs: tuple[str, ...],
    shared: bool,
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
    config = load_archive_configuration(config_path)
    if shared:
        archive, inputs = None, (*filter(None, [archive]), *inputs)
    name = _name(archive, shared)
    if not inputs:
        raise click.UsageError("INPUT is missing")
    if clusters is not None:
        read = make_read_options(pairs, input_format, outlet)
        return _import_report(archive, inputs, Path(clusters), config, read, rejects, quiet=quiet)
    if pairs or input_format or outlet or rejects:
        raise click.UsageError("reading options are for --clusters")
    if len(inputs) > 1:
        raise click.UsageError("one export makes an archive")
    from dedupe.archive.exchange import import_archive, read_lines

    (file,) = inputs
    if not Path(file).is_file():
        raise InputMissing(file)
    with (
        _fill_core(archive, config, fills=False) as core,
        Path(file).open("rb") as source,
        _counting("read", quiet=quiet) as move,
    ):
        lines = read_lines(source)
        count, made_with = import_archive(core, lines, file, lambda done: move(done, None))
    click.echo(f"{name}: {count:,} texts")
    if made_with != config.config_id:
        told = (archive or "--shared") + (f" --config {config_path}" if config_path else "")
        click.echo(f"made with configuration {made_with}: run isnad reindex {told}", err=True)
    elif archive is None:
        _fill_redis(config)
    return 0


def _import_report(
    archive: str | None,
    inputs: tuple[str, ...],
    folder: Path,
    config: Config,
    read: ReadOptions,
    rejects: str | None,
    *,
    quiet: bool,
) -> int:
    from dedupe.archive.adopting import adopt_report
    from dedupe.batch.finished import open_finished

    check_outputs((rejects,), (*inputs, archive) if archive else inputs)
    finished = open_finished(folder, config)
    total = finished.articles
    with Outputs() as outputs, _counting("read", quiet=quiet) as move:
        log = RejectLog(outputs.open(rejects) if rejects else None)
        articles = read_articles(inputs, read, log)
        with _fill_core(archive, config) as core:
            count = adopt_report(
                core,
                articles,
                finished.verdicts(),
                finished.clusters(),
                total,
                lambda done: move(done, total),
            )
    click.echo(f"{archive or 'shared archive'}: {count:,} articles")
    if not quiet:
        log.tell()
    return 1 if log.count else 0
