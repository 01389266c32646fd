"""Where a page is written to -> how wide it may be and whether it may be coloured."""

from __future__ import annotations

import sys

from dedupe.cli.outputs import is_stdout

__all__ = ["measure_page"]

_PLAIN_WIDTH = 100  # of a page in a file or pipe


def measure_page(output: str | None) -> tuple[int, bool]:
    """Give width in cells and colour of a page; those of the terminal when it goes there."""
    if not is_stdout(output) or sys.stdout is None or not sys.stdout.isatty():
        return _PLAIN_WIDTH, False
    from rich.console import Console

    console = Console()
    return console.width, console.color_system is not None
