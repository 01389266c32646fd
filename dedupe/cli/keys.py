"""`isnad key`: who may ask a service what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.keys import Keyring

__all__ = ["key"]


def _open_keyring(data: str | None) -> Keyring:
    from service.keys import Keyring
    from service.settings import load_settings

    return Keyring(load_settings({"data": Path(data) if data else None}).keys_file)


_data_option = click.option(
    "--data", metavar="FOLDER", help="Folder of the service; default ISNAD_DATA, else isnad-data."
)


@click.group(short_help="Make, list and revoke the API keys of a service.")
def key() -> None:
    """Make, list and revoke API keys; a service that is running sees it at once."""


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(["read", "write", "admin"]),
    help="What it opens: ask, send, or everything. Repeatable.",
)
@_data_option
def create(name: str, scopes: tuple[str, ...], data: str | None) -> int:
    """Make a key for NAME and print it: it is shown this once, and kept as a hash only."""
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise click.BadParameter("1 to 100 printable characters", param_hint="NAME")
    made, text = _open_keyring(data).create(name, scopes)
    click.echo(
        f"id {made.id}, scopes {', '.join(made.scopes)}; keep it, it cannot be shown again:",
        err=True,
    )
    click.echo(text)
    return 0


@key.command(name="list")
@_data_option
def list_keys(data: str | None) -> int:
    """List all keys: id, scopes, name, when it was made and revoked."""
    for kept in _open_keyring(data).list():
        state = f"revoked {kept.revoked}" if kept.revoked else "in force"
        click.echo(f"{kept.id}  {','.join(kept.scopes):<16}  {kept.created}  {state}  {kept.name}")
    return 0


@key.command()
@click.argument("id_", metavar="ID")
@_data_option
def revoke(id_: str, data: str | None) -> int:
    """Put the key with this ID out of force, for good."""
    revoked = _open_keyring(data).revoke(id_)
    click.echo(f"{revoked.id} is revoked")
    return 0
