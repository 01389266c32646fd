"""`isnad queue status`, `retry`, `drain`: what waits, what was set aside, and when it is done."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import click

from dedupe.cli.terminal import show_line

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from service.queue import DeadJob, Queue, QueueStatus

__all__ = ["queue"]

_LOOK_S = 0.2
_PAGE = 500


@click.group(short_help="Look at the queue of the distributed mode, and mend it.")
def queue() -> None:
    """Look at the queue that ISNAD_REDIS_URL names, and mend it."""


@queue.command(short_help="Say what waits, is in work and was set aside.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--dead", type=click.IntRange(0), default=20, show_default=True, help="List so many.")
def status(as_json: bool, dead: int) -> int:
    """Write counts of the queue, its workers, and the oldest jobs that were set aside."""
    from dedupe.report.encode import encode_line

    with _open() as opened:
        found, rows = opened.status(), opened.dead(dead) if dead else []
    if as_json:
        told = dataclasses.asdict(found) | {"set_aside": [_describe(job) for job in rows]}
        click.echo(encode_line(told), nl=False)
        return 0
    for line in _tell(found):
        click.echo(line)
    for job in rows:
        click.echo(f"{job.id}  {job.reason}  delivered {job.deliveries}  {_printable(job.detail)}")
    return 0


@queue.command(short_help="Send jobs that were set aside through once more.")
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All of them.")
def retry(ids: tuple[str, ...], everything: bool) -> int:
    """Send the jobs with these ids (see isnad queue status) through once more.

    An id may also be the one that the job was accepted under. Exit code 1 means that some ids are
    not among the jobs set aside.
    """
    if bool(ids) == everything:
        raise click.UsageError("name ids, or --all")
    wanted, sent = set(ids), 0
    with _open() as opened:
        after, last = "-", opened.last_dead()  # those that fail again meanwhile are left alone
        while last and (rows := opened.dead(_PAGE, after, last)):
            after = rows[-1].id
            chosen = [job for job in rows if everything or wanted & {job.id, job.job}]
            wanted -= {name for job in chosen for name in (job.id, job.job)}
            sent += len(opened.retry(chosen))
            if not everything and not wanted:
                break
    click.echo(f"sent {sent} again")
    for name in sorted(wanted):
        click.echo(f"isnad: {_printable(name)}: no such job was set aside", err=True)
    return 1 if wanted else 0


@queue.command(short_help="Wait until the queue is empty.")
@click.option("--timeout", type=click.FloatRange(0), default=600.0, show_default=True, help="s.")
def drain(timeout: float) -> int:
    """Wait until every job has been answered or set aside; exit code 1 when time is up first."""
    end = time.monotonic() + timeout
    with _open() as opened:
        while (found := opened.status()).length:
            if time.monotonic() >= end:
                click.echo(f"isnad: {found.length} jobs are left", err=True)
                return 1
            time.sleep(min(_LOOK_S, max(0.0, end - time.monotonic())))
    click.echo(f"empty; {found.dead} set aside")
    return 0


def _open() -> AbstractContextManager[Queue]:
    from service.distributed import open_queue
    from service.settings import load_settings

    return open_queue(load_settings())


def _tell(found: QueueStatus) -> list[str]:
    rows = [
        ("length", f"{found.length:,}"),
        ("waiting", f"{found.lag:,}"),
        ("in work", f"{found.pending:,}"),
        ("set aside", f"{found.dead:,}"),
        ("oldest", f"{found.oldest_s:.1f} s"),
        ("taken, not answered", f"{found.oldest_idle_s:.1f} s"),
    ]
    for title, names in (("worker", found.consumers), ("silent", found.silent)):
        rows += [(f"{title} {_printable(name)}", f"{n:,} in work") for name, n in names.items()]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]


def _describe(job: DeadJob) -> dict[str, object]:
    """A job that was set aside, without the article."""
    told = dataclasses.asdict(job)
    del told["payload"]
    return told


def _printable(text: str) -> str:
    return show_line(text)[:200]
