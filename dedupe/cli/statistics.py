"""`isnad statistics learn`: word and boilerplate frequencies of a collection -> a file."""

from __future__ import annotations

import click

from dedupe.cli.inputs import (
    check_fields,
    config_option,
    jobs_option,
    load_configuration,
    make_read_options,
    output_options,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs, is_stdout
from dedupe.cli.progress import show_progress
from dedupe.cli.rejects import RejectLog

__all__ = ["statistics"]


@click.group(short_help="Learn which words and passages are common in a collection.")
def statistics() -> None:
    """Learn the frozen statistics that a configuration stands on."""


@statistics.command(short_help="Count words and passages and write them to a file.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@output_options
@jobs_option
@config_option
@reading_options
def learn(
    inputs: tuple[str, ...],
    output: str | None,
    rejects: str | None,
    quiet: bool,
    jobs: int,
    config_path: str | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Learn from INPUT... which words are common and which passages are boilerplate.

    Counts are per story, not per article. A configuration file adopts the result with
    `statistics = "FILE"`; its config_id is then another, and matches made before do not compare.
    """
    if is_stdout(output):
        raise click.UsageError("a statistics file is binary: give --output FILE")
    check_outputs((output, rejects), inputs)
    read = make_read_options(pairs, input_format, outlet)
    config = load_configuration(config_path)

    from pathlib import Path
    from tempfile import TemporaryDirectory

    from dedupe.batch.learn import learn_statistics
    from dedupe.batch.local import RunOptions, run
    from dedupe.statistics import save_statistics

    with Outputs() as outputs, TemporaryDirectory(prefix="isnad-") as folder:
        out = outputs.open(output)
        log = RejectLog(outputs.open(rejects) if rejects else None)
        with show_progress(quiet) as progress:
            result = run(inputs, read, config, RunOptions(jobs=jobs, progress=progress))
        with result:
            check_fields(read, result.summary.articles, result.rejects)
            learned = learn_statistics(result)
            for reject in result.rejects:
                log.add(reject)
        path = Path(folder) / "statistics.npz"
        save_statistics(learned, path)
        out.write(path.read_bytes())
    if not quiet:
        log.tell()
        from dedupe.report.display import count_of

        told = "1 story" if learned.stories == 1 else f"{learned.stories:,} stories"
        told += f", {count_of('word', len(learned.words))}"
        told += f", {count_of('boilerplate passage', len(learned.boilerplate))}"
        click.echo(f"isnad: learned from {told}", err=True)
    return 1 if log.count else 0
