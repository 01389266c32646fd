"""Inputs that were reported -> bodies of some of their articles, read again for the page.

A run keeps words, not texts; only the few articles whose changes are shown are wanted again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dedupe.cli.inputs import choose_current, read_articles
from dedupe.cli.rejects import RejectLog

if TYPE_CHECKING:
    from dedupe.readers import ReadOptions
    from dedupe.report.options import BodyText, ReadBodies

__all__ = ["make_body_reader"]


def make_body_reader(inputs: tuple[str, ...], options: ReadOptions) -> ReadBodies | None:
    """What `ReportOptions.read_bodies` takes; None where an input can be read only once."""
    if not all(Path(name).is_file() or Path(name).is_dir() for name in inputs):
        return None  # standard input, a pipe

    def read(ids: frozenset[str]) -> dict[str, BodyText]:
        from dedupe.attribution import load_extractor
        from dedupe.report.options import BodyText

        found = list(choose_current(ids, read_articles(inputs, options, RejectLog(None))).values())
        stated = load_extractor().extract(found)
        return {
            article.id: BodyText(article.body, own.cuts() if own else [])
            for article, own in zip(found, stated, strict=True)
        }

    return read
