"""`isnad worker`: one process that takes jobs from the queue."""

from __future__ import annotations

import click

from dedupe.cli.numba_start import load_numba

__all__ = ["worker"]


@click.command(short_help="Take articles from the queue and store them.")
@click.option("--batch", type=click.IntRange(1, 512), help="Jobs stored together; default 512.")
@click.option("--name", metavar="NAME", help="Name of this worker; default host and process id.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve metrics here.")
def worker(batch: int | None, name: str | None, metrics_port: int | None) -> int:
    """Run one worker of the distributed mode until SIGTERM; start as many as there is work for.

    ISNAD_DATABASE_URL and ISNAD_REDIS_URL name the servers. When it is told to end it stores and
    answers what it has in hand, and leaves the rest to the others. Killed, its jobs are taken over.
    """
    load_numba()
    from service.running import run_worker
    from service.settings import load_settings

    settings = load_settings({"worker_batch": batch, "metrics_port": metrics_port})
    run_worker(settings, name, lambda told: click.echo(f"The worker {told} is ready."))
    return 0
