"""`isnad ingest`, `check`, `watch`, `ready`: the service that is running, from the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.inputs import make_read_options, output_options, reading_options
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.progress import show_progress
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from service.client import Client
    from service.settings import Settings

__all__ = ["check", "ingest", "ready", "watch"]

_OUTCOMES = ("created", "repeated", "revised", "superseded")
_JOB_STATES = ("queued", "failed")


def _url_option(command: Any) -> Any:  # noqa: ANN401 - click's own
    text = "The running service; default ISNAD_URL, else ISNAD_PORT of this machine."
    return click.option("--url", metavar="URL", help=text)(command)


def _open_client(settings: Settings, tries: int, quiet: bool) -> Client:
    from service.client import Client, Patience

    def tell(seconds: float, reason: str) -> None:
        if not quiet:
            click.echo(f"isnad: {reason}: trying again in {seconds:.1f} s", err=True)

    key = settings.api_key.get_secret_value() if settings.api_key else None
    return Client(settings.service_url, key, Patience(tries, tell=tell))


@click.command(short_help="Send articles to a running service.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@_url_option
@click.option("--state", metavar="FILE", help="Note here what was acknowledged; go on from there.")
@click.option(
    "--tries", type=click.IntRange(1), default=8, show_default=True, help="For each send."
)
@click.option(
    "--wait", type=click.IntRange(1), metavar="SECONDS", help="Wait for verdicts, not only jobs."
)
@output_options
@reading_options
def ingest(
    inputs: tuple[str, ...],
    url: str | None,
    state: str | None,
    tries: int,
    wait: int | None,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Send the articles of INPUT... to a running service, as a stream.

    Every input of `isnad report` is taken. The counts are printed at the end; --output writes the
    verdicts, a line each. Sending the same again changes nothing. With --state FILE a run that was
    ended goes on where it was. A service with workers answers that articles are queued, and writes
    the addresses of their jobs; with --wait their verdicts, of each send as long as that. Exit code
    1 means that some records were rejected, here or there.
    """
    from dedupe.readers import plan
    from service.sending import State, name_inputs, send_parts
    from service.settings import load_settings

    if state and "-" in inputs:
        raise click.UsageError("--state cannot go on in standard input")
    settings = load_settings({"url": url})
    options = make_read_options(pairs, input_format, outlet)
    check_outputs((output, rejects), inputs)
    parts = plan(list(inputs), options)
    noted = State(Path(state) if state else None, name_inputs(parts, options, settings.service_url))
    counts: Counter[str] = Counter()
    with Outputs() as outputs, closing(_open_client(settings, tries, quiet)) as client:
        log = RejectLog(outputs.open(rejects) if rejects else None)
        out = outputs.open(output) if output else None
        answers = send_parts(client, parts, options, noted, reject=log.add, wait_s=wait)
        for answer in _count(answers, counts, quiet):
            if out is not None:
                out.write(_line(answer))
    names = (*_OUTCOMES, *(name for name in _JOB_STATES if counts[name]), "refused")
    told = " · ".join(f"{name} {counts[name]:,}" for name in names)
    click.echo(f"sent {counts.total():,}: {told}", err=output == "-")
    if not quiet:
        log.tell()
    return 1 if log.count or counts["refused"] or counts["failed"] else 0


@click.command(short_help="Ask a running service about articles, storing nothing.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@_url_option
@output_options
@reading_options
def check(
    inputs: tuple[str, ...],
    url: str | None,
    output: str | None,
    rejects: str | None,
    quiet: bool,
    pairs: tuple[str, ...],
    input_format: str | None,
    outlet: str | None,
) -> int:
    """Write what a running service says of each article in INPUT..., a line each.

    Nothing is stored: each article is compared with those in the service, not with the others in
    INPUT... Exit code 1 means that some records were rejected.
    """
    from dedupe.readers import plan
    from service.sending import State, send_parts
    from service.settings import load_settings

    settings = load_settings({"url": url})
    options = make_read_options(pairs, input_format, outlet)
    check_outputs((output, rejects), inputs)
    parts = plan(list(inputs), options)
    counts: Counter[str] = Counter()
    with Outputs() as outputs, closing(_open_client(settings, 4, quiet)) as client:
        out = outputs.open(output)
        log = RejectLog(outputs.open(rejects) if rejects else None)
        path = "/v1/check?evidence=true"
        answers = send_parts(client, parts, options, State(None, ""), path=path, reject=log.add)
        for answer in _count(answers, counts, quiet):
            out.write(_line(answer))
    if not quiet:
        log.tell()
    return 1 if log.count or counts["refused"] else 0


def _count(
    answers: Iterator[dict[str, Any]], counts: Counter[str], quiet: bool
) -> Iterator[dict[str, Any]]:
    """Count the answers on their way, and show that they come."""
    with show_progress(quiet) as progress:
        for number, answer in enumerate(answers, 1):
            state = answer.get("job", {}).get("state", "refused")
            counts[answer.get("verdict", {}).get("outcome", state)] += 1
            if progress:
                progress("sending", number, None)
            yield answer


def _line(answer: dict[str, Any]) -> bytes:
    """Give a verdict, or the job or the problem that an article was answered with."""
    from dedupe.report.encode import encode_line

    other = {name: answer[name] for name in ("job", "problem") if name in answer}
    return encode_line(answer.get("verdict") or other)


@click.command(short_help="Follow what happens to the clusters of a running service.")
@_url_option
@click.option("--after", type=click.IntRange(0), default=0, help="Begin behind this line.")
@click.option("--once", is_flag=True, help="Give what there is and end.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of broken connections.")
def watch(url: str | None, after: int, once: bool, quiet: bool) -> int:
    """Write the ledger of a running service, a line each, and go on as it grows.

    Each line has a `sequence`; --after goes on behind it.
    """
    from service.settings import load_settings

    with closing(_open_client(load_settings({"url": url}), 8, quiet)) as client:
        lines = _list(client, after) if once else client.follow("/v1/changes", after)
        for line in lines:
            click.echo(line)
    return 0


def _list(client: Client, after: int) -> Iterator[bytes]:
    """Give the ledger as it is, page by page."""
    from dedupe.report.encode import encode_json

    while True:
        page = client.ask(f"/v1/changes?after={after}&limit=500")
        yield from map(encode_json, page["changes"])
        if not page["changes"]:
            return
        after = page["next"]


@click.command(short_help="Say whether a running service is ready.")
@_url_option
def ready(url: str | None) -> int:
    """Exit with 0 when the service answers and all that it needs is there; needs no key."""
    from service.settings import load_settings

    with closing(_open_client(load_settings({"url": url}), 1, True)) as client:
        client.ask("/readyz")
    click.echo("ready")
    return 0
