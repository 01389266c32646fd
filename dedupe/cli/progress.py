"""Stages of a run -> moving bars on standard error, only where a person looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "show_progress", "stderr_is_terminal"]

Progress = Callable[[str, int, int | None], None]
"""`(stage, done, total)`; total None while it is not known."""


def stderr_is_terminal() -> bool:
    """Whether somebody may be looking."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def show_progress(quiet: bool = False) -> Iterator[Progress | None]:
    """Give the function that moves the bars, or None where nobody looks.

    The bars are gone at the end: what stays on the terminal is the result.
    """
    if quiet or not stderr_is_terminal():
        yield None
        return
    from rich import progress
    from rich.console import Console

    bars = progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeElapsedColumn(),
        progress.TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, progress.TaskID] = {}

    def move(stage: str, done: int, total: int | None) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield move
