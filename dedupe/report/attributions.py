"""Attributions -> a table for the terminal, an article a row, written as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from rich.text import Text

from dedupe.models import Attribution, AttributionKind
from dedupe.report.as_table import make_console
from dedupe.report.display import fit, isolate
from dedupe.report.sink import open_sink

__all__ = ["write_table"]

_KIND_CELLS = 20
_ID_CELLS = 18
_NAME_CELLS = 24


def write_table(found: Iterable[Attribution], out: BinaryIO, width: int, color: bool) -> None:
    """Write id, kind, source, agencies and the quote that says so."""
    console = make_console(open_sink(out), width, color)
    console.print(_lay_out("Article", "Kind", "Source", "Says", console.width, "bold"))
    for attribution in found:
        style = "dim" if attribution.kind is AttributionKind.NONE else ""
        row = _describe(attribution)
        console.print(_lay_out(*row, console.width, style), soft_wrap=True)


def _describe(found: Attribution) -> tuple[str, str, str, str]:
    names = [found.original_source or "", *found.via, *found.agencies]
    named = ", ".join(dict.fromkeys(name for name in names if name))
    if found.self_reference:
        named = f"{named} (itself)"
    quote = next((claim.quote for claim in found.claims), "")
    kind = "" if found.kind is AttributionKind.NONE else found.kind.value.replace("_", " ")
    return found.id, kind, named, quote


def _lay_out(name: str, kind: str, source: str, quote: str, width: int, style: str) -> Text:
    rest = max(20, width - _ID_CELLS - _KIND_CELLS - _NAME_CELLS - 6)
    line = Text(style=style)
    for part, cells in ((name, _ID_CELLS), (kind, _KIND_CELLS), (source, _NAME_CELLS)):
        shown = Text(isolate(fit(part, cells)))
        shown.pad_right(cells + 2 - shown.cell_len)
        line.append_text(shown)
    line.append(isolate(fit(quote, rest)))
    line.rstrip()
    return line
