"""The inputs and reading options that commands share -> articles and rejects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedupe.cli.numba_start import load_numba
from dedupe.cli.rejects import RejectLog
from dedupe.models import Article, Reject

if TYPE_CHECKING:
    from dedupe.config import Config
    from dedupe.readers import Part, ReadOptions

__all__ = [
    "archive_config_option",
    "batch_articles",
    "check_fields",
    "choose_current",
    "config_option",
    "jobs_option",
    "load_archive_configuration",
    "load_configuration",
    "make_read_options",
    "output_options",
    "read_articles",
    "read_parts",
    "reading_options",
    "threshold_option",
]

F = TypeVar("F", bound=Callable[..., Any])
_BATCH_ARTICLES = 256


def reading_options(command: F) -> F:
    """Add the options that say how inputs are read."""
    options = (
        click.option(
            "--field",
            "pairs",
            multiple=True,
            metavar="FIELD=COLUMN",
            help="Take an article field from this column or key, e.g. body=text. Repeatable.",
        ),
        click.option("--input-format", metavar="FORMAT", help="Read every input as this format."),
        click.option("--outlet", metavar="NAME", help="Outlet of articles that name none."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def output_options(command: F) -> F:
    """Add `--output`, `--rejects` and `--quiet`."""
    options = (
        click.option("-o", "--output", metavar="FILE", help="Write here, not to standard output."),
        click.option("--rejects", metavar="FILE", help="Write rejected records here, JSON Lines."),
        click.option("-q", "--quiet", is_flag=True, help="No progress, no account of rejects."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def config_option(command: F) -> F:
    """Add `--config`."""
    option = click.option("--config", "config_path", metavar="FILE", help="Configuration (TOML).")
    return option(command)


def archive_config_option(command: F) -> F:
    """Add `--config` to a command on an archive, for `load_archive_configuration`."""
    told = "Configuration (TOML); default ISNAD_CONFIG, as the service."
    return click.option("--config", "config_path", metavar="FILE", help=told)(command)


def jobs_option(command: F) -> F:
    """Add `--jobs`."""
    option = click.option(
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Processes; 0, the default, is one a core.",
    )
    return option(command)


def threshold_option(command: F) -> F:
    """Add `--threshold`."""
    option = click.option(
        "--threshold",
        type=click.FloatRange(0, 1),
        metavar="T",
        help="Least probability of copying, 0 to 1.",
    )
    return option(command)


def make_read_options(
    pairs: Iterable[str], input_format: str | None, outlet: str | None
) -> ReadOptions:
    """Turn the words of the command line into reading options; raises FieldUnknown."""
    from dedupe.readers import ReadOptions, parse_fields

    return ReadOptions(format=input_format, fields=parse_fields(pairs), outlet=outlet)


def load_archive_configuration(path: str | None) -> Config:
    """Load the configuration of an archive: `--config`, else that of the service on it.

    Raises InputMissing, ConfigInvalid and SettingInvalid.
    """
    from service.settings import load_settings

    named = load_settings().config if path is None else path
    return load_configuration(None if named is None else str(named))


def load_configuration(path: str | None, threshold: float | None = None) -> Config:
    """Load the configuration asked for; raises InputMissing and ConfigInvalid."""
    from pathlib import Path

    load_numba()
    from dedupe.config import default_config, load_config
    from dedupe.errors import InputMissing

    if path is not None and not Path(path).exists():
        raise InputMissing(path)
    config = default_config() if path is None else load_config(Path(path))
    return config if threshold is None else config.with_threshold(threshold)


def check_fields(options: ReadOptions, articles: int, rejects: Sequence[Reject]) -> None:
    """Say that a column named by `--field` is nowhere, where the input has no columns to ask.

    Raises click.UsageError when every record was rejected for want of the body that was named.
    """
    named = [options.fields[name] for name in ("body", "html") if name in options.fields]
    if named and not articles and rejects and all(r.reason == "body_missing" for r in rejects):
        raise click.UsageError(
            f"none of {len(rejects):,} records has text under {' or '.join(named)}, which --field"
            " names"
        )


def read_articles(
    inputs: Iterable[str], options: ReadOptions, rejects: RejectLog
) -> Iterator[Article]:
    """Read all articles in the order of the inputs; rejects go to the log.

    What is wrong with the inputs as a whole is raised at once, before the first article is asked
    for: InputMissing, InputUnreadable, FormatUnknown, FieldUnknown.
    """
    from dedupe.readers import plan

    return read_parts(plan(list(inputs), options), options, rejects)


def read_parts(
    parts: Iterable[Part], options: ReadOptions, rejects: RejectLog
) -> Iterator[Article]:
    """Read all articles of planned inputs, which may be done twice even where one is a pipe."""
    from dedupe.readers import read

    for part in parts:
        for item in read(part, options):
            if isinstance(item, Reject):
                rejects.add(item)
            else:
                yield item


def choose_current(names: Collection[str], articles: Iterable[Article]) -> dict[str, Article]:
    """The current revision of each article that has one of these ids."""
    from dedupe.batch.revisions import state_of

    found: dict[str, Article] = {}
    for article in articles:
        if article.id in names:
            before = found.get(article.id, article)
            found[article.id] = max(before, article, key=state_of)
    return found


def batch_articles(articles: Iterator[Article]) -> Iterator[list[Article]]:
    """Put articles into batches: every stage takes batches."""
    while batch := list(islice(articles, _BATCH_ARTICLES)):
        yield batch
