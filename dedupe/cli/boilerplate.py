"""`isnad boilerplate`: files of articles -> the passages that outlets print under many stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.inputs import (
    choose_current,
    config_option,
    jobs_option,
    load_configuration,
    make_read_options,
    output_options,
    read_parts,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.progress import show_progress
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from dedupe.batch.furniture import Passage
    from dedupe.batch.result import Result
    from dedupe.readers import Part, ReadOptions

__all__ = ["boilerplate"]

_SHOWN = 300  # code points of a passage in the table


@click.command(short_help="List the passages that an outlet prints under many stories.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl"]),
    default="table",
    show_default=True,
    help="Lines for reading, or one JSON object a passage.",
)
@output_options
@jobs_option
@config_option
@reading_options
def boilerplate(
    inputs: tuple[str, ...],
    form: str,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    jobs: int,
    config_path: str | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """List what is learned from INPUT... as boilerplate, those printed most often first.

    It is cut before articles are compared, as `isnad report` does unless told --no-learn. Each
    passage is shown as it stands in one article, with how many articles of its outlet speak for
    it. Passages that the configuration knows already are cut and not listed.
    """
    check_outputs((output, rejects), inputs)
    read = make_read_options(pairs, input_format, outlet)
    config = load_configuration(config_path)

    from dedupe.batch.furniture import learn_boilerplate
    from dedupe.batch.local import RunOptions, run_parts
    from dedupe.readers import plan
    from dedupe.report.encode import encode_line

    with Outputs() as outputs:
        out = outputs.open(output)
        log = RejectLog(outputs.open(rejects) if rejects else None)
        with show_progress(quiet) as progress:
            options = RunOptions(jobs=jobs, keep_matches=True, compare=False, progress=progress)
            parts = plan(inputs, read)
            result = run_parts(parts, read, config, options)
        with result:
            learned, passages = learn_boilerplate(result.texts())
            rows = _quote(result, passages, parts, read)
            for reject in result.rejects:
                log.add(reject)
        for row in rows:
            out.write(encode_line(row) if form == "jsonl" else _show(row))
    if not quiet:
        log.tell()
        from dedupe.report.display import count_of

        told = f"{count_of('passage', len(rows))} of boilerplate, {count_of('gram', len(learned))}"
        click.echo(f"isnad: {told}", err=True)
    return 1 if log.count else 0


def _quote(
    result: Result, passages: list[Passage], parts: list[Part], read: ReadOptions
) -> list[dict[str, Any]]:
    """Read the articles that hold the passages once more, for their verbatim text."""
    names = [result.id_of(passage.article) for passage in passages]
    again = read_parts(parts if passages else (), read, RejectLog(None))
    found = choose_current(set(names), again)
    rows: list[dict[str, Any]] = []
    for name, passage in zip(names, passages, strict=True):
        start, end = result.places(passage.article, passage.first, passage.last)
        article = found.get(name)  # gone where a file was changed meanwhile
        rows.append(
            {
                "outlet": article and article.outlet,
                "articles": passage.articles,
                "words": passage.last - passage.first,
                "id": name,
                "start": start,
                "end": end,
                "quote": article.body[start:end] if article else "",
            }
        )
    return rows


def _show(row: dict[str, Any]) -> bytes:
    from dedupe.report.display import clean, isolate

    outlet = isolate(clean(row["outlet"] or "-", 60))
    quote = isolate(clean(row["quote"], _SHOWN))
    text = f"{row['articles']:>6,}  {outlet}  {quote}\n"
    return text.encode("utf-8", "replace")
