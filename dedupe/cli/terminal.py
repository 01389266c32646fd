"""What may be shown on a terminal: text from outside, and pages as wide as it is."""

from __future__ import annotations

import sys

from dedupe.cli.outputs import is_stdout

__all__ = ["measure_page", "show_line"]

_PLAIN_WIDTH = 100  # of a page in a file or pipe


def show_line(text: str) -> str:
    """Give text from outside on one line, what cannot be printed escaped."""
    one_line = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in one_line)


def measure_page(output: str | None) -> tuple[int, bool]:
    """Give width in cells and colour of a page; those of the terminal when it goes there."""
    if not is_stdout(output) or sys.stdout is None or not sys.stdout.isatty():
        return _PLAIN_WIDTH, False
    from rich.console import Console

    console = Console()
    return console.width, console.color_system is not None
