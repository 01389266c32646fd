"""Result -> CSV (RFC 4180): a member a row, for spreadsheets.

Spreadsheets run cells that begin with `=`, `+`, `-` or `@` as formulas, and titles come from
strangers: such text gets an apostrophe before it, which a spreadsheet shows as text. Cells longer
than a spreadsheet can hold are cut; JSON Lines and Parquet are for what must be whole.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import re
from datetime import datetime
from typing import BinaryIO

from dedupe.report.options import ReportOptions
from dedupe.report.reportable import Reportable
from dedupe.report.rows import Row, flatten
from dedupe.report.sink import open_sink

__all__ = ["COLUMNS", "guard", "write"]

COLUMNS = tuple(field.name for field in dataclasses.fields(Row))
LIST_SEPARATOR = " | "
_CELL = 32_767  # characters in a cell of Excel; csv readers have limits of their own
# With their full-width forms, and past leading space: importers differ in what they strip.
# U+FFFD for what spreadsheets refuse or a terminal would obey; tab and line ends stay, quoted.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)], "\ufffd")
_FORMULA = re.compile(r"[\s\ufeff\u200b]*[=+\-@＝＋－＠]|[\t\r\n]")


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write a header and a row per member, in the order of the clusters.

    Lists are joined by " | ". A byte order mark, on request, lets Excel recognise UTF-8.
    """
    if options.byte_order_mark:
        out.write(codecs.BOM_UTF8)
    rows = csv.writer(open_sink(out), lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for cluster in report.clusters():
        for row in flatten(cluster):
            rows.writerow([_to_cell(getattr(row, name)) for name in COLUMNS])


def guard(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula, and within what a cell can hold.

    Control characters, which many readers refuse, become U+FFFD.
    """
    text = text.translate(_CONTROLS)
    guarded = f"'{text}" if _FORMULA.match(text) else text
    return guarded if len(guarded) <= _CELL else guarded[: _CELL - 1] + "…"


def _to_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return guard(LIST_SEPARATOR.join(value))
    return guard(value) if isinstance(value, str) else str(value)
