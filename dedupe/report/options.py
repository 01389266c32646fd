"""How a report is shown, whichever format shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dedupe.models import Span
from dedupe.report.reportable import UiLanguage

__all__ = ["BodyText", "ReadBodies", "ReportOptions"]


@dataclass(frozen=True, slots=True)
class BodyText:
    """A verbatim body, and the spans of its notices and furniture."""

    body: str
    cuts: Sequence[Span] = ()


ReadBodies: TypeAlias = Callable[[frozenset[str]], Mapping[str, BodyText]]
"""Ids -> the texts that can be had; what is not among them is not compared."""


def _keep_name(name: str, _language: UiLanguage | None) -> str:
    return name


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How to show a result; the data formats ignore all but `byte_order_mark`.

    `limit` bounds the clusters shown by `table` (None: 20) and `html` (None: 10,000); the counts
    are of all. `language` is that of the page's own words (None: of most articles). `name_outlet`
    gives the name to show for an outlet's key, in a language (None: the outlet's own).
    `read_bodies` lets `html` show what copies changed (None: it does not). `width` is in terminal
    cells.
    """

    limit: int | None = None
    language: UiLanguage | None = None
    name_outlet: Callable[[str, UiLanguage | None], str] = _keep_name
    read_bodies: ReadBodies | None = None
    width: int = 100
    color: bool = False
    byte_order_mark: bool = False
