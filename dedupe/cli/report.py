"""`isnad report`: files of articles -> a duplicate report."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

import click

from dedupe.cli.bodies import make_body_reader
from dedupe.cli.inputs import (
    check_fields,
    config_option,
    jobs_option,
    load_configuration,
    make_read_options,
    output_options,
    reading_options,
    threshold_option,
)
from dedupe.cli.outputs import Outputs, check_outputs, is_stdout
from dedupe.cli.progress import show_progress, stderr_is_terminal
from dedupe.cli.rejects import RejectLog
from dedupe.cli.report_spark import report_on_spark

if TYPE_CHECKING:
    from dedupe.batch.result import Result
    from dedupe.models import Summary
    from dedupe.report import ReportOptions, UiLanguage

__all__ = ["report"]

FORMATS = ("table", "json", "jsonl", "csv", "html", "parquet")
"""As `dedupe.report.FORMATS`, which is not imported for `--help`; a test compares them."""
_KNOWN_TO_SPARK = frozenset(
    ("inputs", "output", "quiet", "min_size", "config_path", "threshold", "pairs", "input_format")
) | {"outlet", "engine", "master"}
_SUFFIXES = {"": "table", ".txt": "table", ".ndjson": "jsonl", ".htm": "html"}
_NOT_FOR_TERMINALS = ("html", "parquet")
_OBJECTS = 1_000_000
"""New ones until cycles are looked for: rules, which stay, are some 400,000, and 0.1 s."""


# long: one parameter an option, and the order in which files are opened and closed
@click.command(short_help="Find what is republished, by whom, with or without credit.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to show the clusters; by default as the name of --output ends, else table.",
)
@output_options
@click.option("--matches", metavar="FILE", help="Write verified pairs here, JSON Lines.")
@click.option("--composites", metavar="FILE", help="Write articles made of others here, JSONL.")
@click.option("--candidates", metavar="FILE", help="Write unverified pairs here, JSON Lines.")
@click.option(
    "--min-size",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Least number of articles in a cluster.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="Most clusters shown by table (20) and html (10,000); all are counted.",
)
@jobs_option
@click.option(
    "--learn/--no-learn",
    default=True,
    show_default=True,
    help="Learn the outlets' boilerplate from INPUT first and cut it; config_id tells.",
)
@config_option
@threshold_option
@reading_options
@click.option("--ui-lang", type=click.Choice(["ar", "en"]), help="Language of the HTML page.")
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option(
    "--work-dir",
    metavar="FOLDER",
    help="Keep the run's files here; the same run, killed, goes on at its last finished stage.",
)
@click.option(
    "--against",
    metavar="FOLDER",
    help="Add INPUT to the finished run in this --work-dir, with what it learned.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="spark: inputs and --output, a new folder, on any Hadoop file system.",
)
@click.option("--master", metavar="URL", help="Spark master, e.g. local[4], yarn.")
@click.option(
    "--judgements",
    metavar="FILE",
    help="Heed what people decided: JSON as GET /v1/judgements of a service answers.",
)
def report(
    inputs: tuple[str, ...],
    form: str | None,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    matches: str | None,
    composites: str | None,
    candidates: str | None,
    min_size: int,
    limit: int | None,
    jobs: int,
    learn: bool,
    config_path: str | None,
    threshold: float | None,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
    ui_lang: UiLanguage | None,
    bom: bool,
    work_dir: str | None,
    against: str | None,
    engine: str,
    master: str | None,
    judgements: str | None,
) -> int:
    """Cluster the articles of INPUT... and report what is republished.

    INPUT is a file, a folder, or - for standard input. Exit code 1 means that the report is whole
    but some records were rejected.
    """
    if engine == "spark":
        _refuse_beside_spark()
        read = make_read_options(pairs, input_format, outlet)
        config = load_configuration(config_path, threshold)
        return report_on_spark(inputs, output, master, read, config, min_size, quiet=quiet)
    if master is not None:
        raise click.UsageError("--master is for --engine spark")
    _check_against(against, work_dir)
    form = form or _guess_format(output)
    _check_target(form, output)
    check_outputs(
        (output, matches, composites, candidates, rejects),
        (*inputs, *([judgements] if judgements else ())),
    )
    read = make_read_options(pairs, input_format, outlet)
    config = load_configuration(config_path, threshold)

    from dedupe.batch.judgements import read_judgements
    from dedupe.batch.local import RunOptions, run

    gc.set_threshold(_OBJECTS, 20, 50)  # `main` sets it back
    decided = read_judgements(Path(judgements)) if judgements else ()
    with Outputs() as outputs:
        out = outputs.open(output)
        pairs_out = {
            kind: outputs.open(path)
            for kind, path in (
                ("matches", matches),
                ("composites", composites),
                ("candidates", candidates),
            )
            if path
        }
        log = RejectLog(outputs.open(rejects) if rejects else None)
        with show_progress(quiet) as progress:
            options = RunOptions(
                jobs=jobs,
                min_size=min_size,
                keep_matches=bool(matches or composites),
                keep_candidates=candidates is not None,
                learn=learn,
                progress=progress,
                keep_dir=Path(work_dir) if work_dir else None,
                against=Path(against) if against else None,
                judgements=decided,
            )
            with _tell_how_to_go_on(work_dir):
                result = run(inputs, read, config, options)
        with result:
            summary = result.summary
            check_fields(read, summary.articles, result.rejects)
            shown = _make_options(output, limit, ui_lang, bom)
            if form == "html":
                shown = replace(shown, read_bodies=make_body_reader(inputs, read))
            heard = _write(result, form, out, output, shown)
            _write_pairs(result, pairs_out)
            for reject in result.rejects:
                log.add(reject)
    if not heard:
        raise BrokenPipeError  # now that the other files are in place
    if not quiet:
        log.tell()
        _tell_limits(summary, form)
        _tell_absent(result.decided.absent)
    return 1 if log.count else 0


@contextmanager
def _tell_how_to_go_on(work_dir: str | None) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if work_dir:
            remedy = "the same command goes on at the last finished stage"
            click.echo(f"isnad: stopped; {remedy}", err=True)
        raise


def _refuse_beside_spark() -> None:
    """Say which options a run on Spark does not know, instead of ignoring them."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if name == "learn" and not context.params["learn"]:
            continue  # it never learns
        if given and name not in _KNOWN_TO_SPARK:
            raise click.UsageError(f"{parameter.opts[0]} is not for --engine spark")


def _check_against(against: str | None, work_dir: str | None) -> None:
    source = click.get_current_context().get_parameter_source("learn")
    if against and source is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--learn is not for --against: what the earlier run learned is cut")
    if against and work_dir and Path(against).resolve() == Path(work_dir).resolve():
        raise click.UsageError("--work-dir is the folder of --against: name a new one")


def _guess_format(output: str | None) -> str:
    """The format by the name of the output; a name that ends as no format does is a mistake."""
    suffix = PurePath(output).suffix.lower() if output and not is_stdout(output) else ""
    form = _SUFFIXES.get(suffix, suffix.removeprefix("."))
    if form not in FORMATS:
        raise click.UsageError(f"{output} ends like no known format: say --format FORMAT")
    return form


def _check_target(form: str, output: str | None) -> None:
    to_stdout = is_stdout(output)
    if form == "parquet" and to_stdout:
        raise click.UsageError("--format parquet needs --output FILE")
    if form in _NOT_FOR_TERMINALS and to_stdout and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError(f"--format {form} is not for a terminal: give --output FILE")


def _make_options(
    output: str | None, limit: int | None, language: UiLanguage | None, bom: bool
) -> ReportOptions:
    from dedupe.cli.terminal import measure_page
    from dedupe.report import ReportOptions

    width, color = measure_page(output)
    return ReportOptions(
        limit=limit,
        language=language,
        name_outlet=_name_outlet,
        width=width,
        color=color,
        byte_order_mark=bom,
    )


def _name_outlet(key: str, language: UiLanguage | None) -> str:
    """Show a known outlet by its own name, its English one, or one in Arabic letters."""
    from dedupe.attribution.outlets import load_outlets

    return load_outlets().name_of(key, language)


def _write(
    result: Result, form: str, out: BinaryIO, output: str | None, options: ReportOptions
) -> bool:
    """Write the report; False when the reader of standard output went away (`| head`)."""
    from dedupe.report import write_report

    try:
        write_report(result, form, out, options)
        out.flush()
    except BrokenPipeError:
        if not is_stdout(output):
            raise
        return False
    return True


def _write_pairs(result: Result, files: dict[str, BinaryIO]) -> None:
    from dedupe.report.encode import encode_line

    if "matches" in files:
        for match in result.matches():
            files["matches"].write(encode_line(match))
    if "composites" in files:
        for composite in result.composites():
            files["composites"].write(encode_line(composite))
    if "candidates" in files:
        for left, right in result.candidates():
            files["candidates"].write(encode_line({"left": left, "right": right}))


def _tell_absent(count: int) -> None:
    """Say that some judgements could not be heeded."""
    if count:
        what = "judgements speak" if count > 1 else "judgement speaks"
        click.echo(f"isnad: {count:,} {what} of articles that INPUT does not hold", err=True)


def _tell_limits(summary: Summary, form: str) -> None:
    """Say on standard error what the table says itself: nothing is dropped in silence."""
    from dedupe.report.display import count_of

    notes = [
        f"{count_of(noun, count)} {what}"
        for count, noun, what in (
            (summary.revisions, "older text", "of an id already read: only the latest is compared"),
            (summary.repeated, "record", "read before"),
            (summary.warnings, "value", "that could not be read, such as dates"),
            (summary.capped_keys, "candidate key", "above the bucket cap"),
            (summary.skipped_keys, "passage key", "skipped as boilerplate"),
        )
        if count and form != "table"
    ]
    if form != "table" and (notes or stderr_is_terminal()):
        counts = (
            f"{summary.articles:,} articles, {summary.clustered:,} of them in"
            f" {count_of('cluster', summary.clusters)}"
        )
        click.echo(f"isnad: {'; '.join([counts, *notes])}", err=True)
