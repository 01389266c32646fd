"""`isnad compare`: two articles -> their relation and what was changed between them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from dedupe.cli.inputs import (
    choose_current,
    config_option,
    load_configuration,
    make_read_options,
    read_articles,
    reading_options,
    threshold_option,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from typing import BinaryIO

    from dedupe.config import Config
    from dedupe.models import Article
    from dedupe.readers import ReadOptions
    from dedupe.report.comparison import Comparison

__all__ = ["compare"]


@click.command(short_help="Show how two articles relate and what differs.")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.argument("more", metavar="[C]...", nargs=-1)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="FILE",
    help="Where the articles with the ids A and B stand. Repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Words and marks for reading, or one JSON object.",
)
@click.option("-o", "--output", metavar="FILE", help="Write here, not to standard output.")
@config_option
@threshold_option
@reading_options
def compare(
    left: str,
    right: str,
    more: tuple[str, ...],
    inputs: tuple[str, ...],
    form: str,
    output: str | None,
    config_path: str | None,
    threshold: float | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Compare A and B: two files of one article each, or two ids of one --input.

    Shows the relation, how much of each stands in the other, and the words that differ, with
    changed numbers, dates and names flagged. Case, punctuation and vowel marks are no difference.

    With more than two, A is taken as made of the others: shows the share of its words from each.
    """
    read = make_read_options(pairs, input_format, outlet)
    config = load_configuration(config_path, threshold)
    names = (left, right, *more)
    check_outputs((output,), inputs or names)
    if inputs:
        articles = _find_by_id(names, inputs, read)
    else:
        articles = [_read_single(name, read) for name in names]

    from dedupe.cli.terminal import measure_page
    from dedupe.report.comparison import write_comparison
    from dedupe.report.encode import encode_json

    with Outputs() as outputs:
        out = outputs.open(output)
        if more:
            _divide(articles, config, out, form, output)
            return 0
        found = articles[0], articles[1]
        if form == "json":
            first, second = sorted(found, key=lambda article: article.id)
            comparison = _compare(first, second, config)
            out.write(encode_json(comparison, indent=True) + b"\n")
        else:
            comparison = _compare(*found, config)
            write_comparison(comparison, *found, out, *measure_page(output))
    return 0


def _find_by_id(
    names: tuple[str, ...], inputs: tuple[str, ...], read: ReadOptions
) -> list[Article]:
    """Find articles by id, of each its current revision; raises ArticleMissing."""
    from dedupe.errors import ArticleMissing

    if names[0] == names[1] and len(names) == 2:
        raise click.UsageError(f"both ids are {names[0]!r}; a comparison needs two articles")
    if len(set(names)) < len(names):
        raise click.UsageError("one id stands twice; name each article once")
    found = choose_current(names, read_articles(inputs, read, RejectLog(None)))
    for name in names:
        if name not in found:
            raise ArticleMissing(name)
    return [found[name] for name in names]


def _read_single(path: str, read: ReadOptions) -> Article:
    log = RejectLog(None)
    articles = list(islice(read_articles([path], read, log), 2))
    if len(articles) > 1:
        raise click.UsageError(
            f"{path} holds more than one article; name two ids and give --input {path}"
        )
    if not articles:
        raise click.UsageError(f"{path} holds no article: {log.explain() or 'it is empty'}")
    return articles[0]


def _divide(
    articles: list[Article], config: Config, out: BinaryIO, form: str, output: str | None
) -> None:
    """Write of whom the words of the first article are."""
    from dedupe import pipeline
    from dedupe.cli.terminal import measure_page
    from dedupe.report.comparison import write_division
    from dedupe.report.encode import encode_json

    composite = pipeline.divide(articles[0], articles[1:], config)
    if form == "json":
        out.write(encode_json(composite, indent=True) + b"\n")
    else:
        write_division(composite, articles, out, *measure_page(output))


def _compare(first: Article, second: Article, config: Config) -> Comparison:
    """Compare in the given direction: what turns `first` into `second`."""
    from dedupe import pipeline
    from dedupe.attribution import load_extractor
    from dedupe.differences import find_differences
    from dedupe.report.comparison import Comparison, turn_match

    match = pipeline.compare(first, second, config)
    if match.left != first.id:
        match = turn_match(match)
    stated = load_extractor().extract([first, second])
    cuts = [found.cuts() if found else [] for found in stated]
    return Comparison(match, find_differences(first.body, second.body, *cuts))
