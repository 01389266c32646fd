"""`isnad statistics learn`: word and boilerplate frequencies of a collection -> a file."""

from __future__ import annotations

import click

from dedupe.cli.inputs import (
    config_option,
    load_configuration,
    make_read_options,
    reading_options,
)
from dedupe.cli.outputs import Outputs, check_outputs
from dedupe.cli.progress import show_progress

__all__ = ["statistics"]


@click.group(short_help="Learn what is common in a collection.")
def statistics() -> None:
    """Learn the frozen statistics a configuration stands on."""


@statistics.command(short_help="Count words and passages and write them to a file.")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", required=True, metavar="FILE", help="Statistics file to write.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def learn(inputs: tuple[str, ...], output: str, quiet: bool) -> int:
    """Learn."""
    return 0
