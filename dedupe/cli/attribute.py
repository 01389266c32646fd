"""`isnad attribute`: what each article states about its own origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dedupe.cli.inputs import (
    batch_articles,
    make_read_options,
    output_options,
    read_articles,
    reading_options,
)
from dedupe.cli.numba_start import load_numba
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from dedupe.models import Article, Attribution

__all__ = ["attribute"]


@click.command(short_help="Say what each article states about its own origin.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "table"]),
    default="jsonl",
    show_default=True,
    help="An article a line, or a table for reading.",
)
@output_options
@reading_options
def attribute(
    inputs: tuple[str, ...],
    form: str,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Write the attribution of every article in INPUT..., those that state nothing included.

    INPUT is a file, a folder, or - for standard input. Exit code 1 means that some records were
    rejected; all others are written.
    """
    options = make_read_options(pairs, input_format, outlet)
    check_outputs((output, rejects), inputs)
    with Outputs() as outputs:
        out = outputs.open(output)
        log = RejectLog(outputs.open(rejects) if rejects else None)
        found = _attribute(read_articles(inputs, options, log))
        if form == "table":
            _write_table(found, out, output)
        else:
            _write_lines(found, out)
    if not quiet:
        log.tell()
    return 1 if log.count else 0


def _attribute(articles: Iterator[Article]) -> Iterator[Attribution]:
    load_numba()
    from dedupe.attribution import load_extractor
    from dedupe.models import Attribution, AttributionKind

    extractor = load_extractor()
    for batch in batch_articles(articles):
        for article, found in zip(batch, extractor.extract(batch), strict=True):
            yield found or Attribution(article.id, AttributionKind.NONE)


def _write_lines(found: Iterator[Attribution], out: BinaryIO) -> None:
    from dedupe.report.encode import encode_line

    for attribution in found:
        out.write(encode_line(attribution))


def _write_table(found: Iterator[Attribution], out: BinaryIO, output: str | None) -> None:
    from dedupe.cli.terminal import measure_page
    from dedupe.report.attributions import write_table

    write_table(found, out, *measure_page(output))
