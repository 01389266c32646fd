"""Rejected records -> a file of JSON Lines, or a short account on standard error."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO

import click

from dedupe.models import Reject

__all__ = ["RejectLog"]

_EXAMPLES = 5


class RejectLog:
    """Counts the rejects of one run and keeps or writes what a person needs to mend them."""

    def __init__(self, out: BinaryIO | None) -> None:
        """Write every reject to `out`; None: keep the first few to tell."""
        self._out = out
        self._reasons: Counter[str] = Counter()
        self._examples: list[Reject] = []

    @property
    def count(self) -> int:
        """Rejects so far."""
        return self._reasons.total()

    def add(self, reject: Reject) -> None:
        """Take one rejected record."""
        self._reasons[reject.reason] += 1
        if self._out is not None:
            from dedupe.report.encode import encode_line

            self._out.write(encode_line(reject))
        elif len(self._examples) < _EXAMPLES:
            self._examples.append(reject)

    def explain(self) -> str:
        """Give the first reject's own sentence; empty when there was none."""
        return self._examples[0].detail if self._examples else ""

    def tell(self) -> None:
        """Account for the rejects on standard error; silent when there were none."""
        if not self.count:
            return
        from dedupe.report.display import clean, count_of

        reasons = ", ".join(f"{reason} {n:,}" for reason, n in self._reasons.most_common())
        click.echo(f"isnad: {count_of('record', self.count)} rejected ({reasons})", err=True)
        for reject in self._examples:
            place = reject.file if reject.record is None else f"{reject.file}:{reject.record}"
            line = f"  {clean(place)}: {reject.reason}: {clean(reject.detail)}"
            click.echo(line.encode(errors="replace"), err=True)
        if self.count > len(self._examples) and self._out is None:
            click.echo("  … all of them with --rejects FILE", err=True)
