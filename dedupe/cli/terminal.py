"""Where a page is written to -> how wide it may be and whether it may be coloured."""

from __future__ import annotations

import sys
from typing import BinaryIO

__all__ = ["measure_stdout"]

_PLAIN_WIDTH = 100  # of a page in a file or pipe


def measure_stdout(out: BinaryIO) -> tuple[int, bool]:
    """Give width in cells and colour; colours and the terminal's width only on a terminal."""
    if sys.stdout is None or out is not sys.stdout.buffer or not sys.stdout.isatty():
        return _PLAIN_WIDTH, False
    from rich.console import Console

    console = Console()
    return console.width, console.color_system is not None
