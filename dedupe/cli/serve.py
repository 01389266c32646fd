"""`isnad serve`: the service, in this process."""

from __future__ import annotations

from pathlib import Path

import click

from dedupe.cli.numba_start import load_numba

__all__ = ["serve"]


@click.command(short_help="Run the service: articles in over HTTP, verdicts out.")
@click.option("--host", metavar="ADDRESS", help="Where to listen; default ISNAD_HOST, 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default ISNAD_PORT, 8080; 0: any.")
@click.option("--data", metavar="FOLDER", help="Where to keep all; default ISNAD_DATA, isnad-data.")
@click.option("--seeds", metavar="FOLDER", help="Load these articles when the archive is new.")
@click.option("--window", metavar="90d", help="Compare with what was seen in so many days (or h).")
def serve(
    host: str | None, port: int | None, data: str | None, seeds: str | None, window: str | None
) -> int:
    """Run the service until it is told to end; SIGTERM lets requests finish.

    One process and one SQLite file, no other server. Settings are ISNAD_* variables, see
    docs/operations.md. An address that others can reach needs an API key: isnad key create.
    """
    load_numba()
    from service.running import run_service
    from service.settings import load_settings

    given = {
        "host": host,
        "port": port,
        "data": Path(data) if data else None,
        "seeds": Path(seeds) if seeds else None,
        "window": window,
    }

    def tell(address: str) -> None:
        click.echo(f"Isnad listens on {address} (API: {address}/docs). Ctrl-C ends it.")

    settings = load_settings(given)
    run_service(settings, tell, lambda told: click.echo(told, err=True))
    return 0
