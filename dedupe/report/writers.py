"""Name of a format -> the writer for it, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from dedupe.errors import ReportFormatUnknown
from dedupe.report.reportable import Reportable, UiLanguage

__all__ = ["BINARY_FORMATS", "FORMATS", "ReportOptions", "Writer", "write_report"]

_MODULES = {
    "table": "dedupe.report.as_table",
    "json": "dedupe.report.as_json",
    "jsonl": "dedupe.report.as_jsonl",
    "csv": "dedupe.report.as_csv",
    "html": "dedupe.report.as_html",
    "parquet": "dedupe.report.as_parquet",
}
FORMATS = tuple(_MODULES)
BINARY_FORMATS = frozenset({"parquet"})
"""Formats that no terminal can show."""


def _keep_name(name: str, _language: UiLanguage | None) -> str:
    return name


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How to show a result; the data formats ignore all but `byte_order_mark`.

    `limit` bounds the clusters shown by `table` (None: 20) and `html` (None: 10,000); the counts
    are of all. `language` is that of the page's own words (None: of most articles). `name_outlet`
    gives the name to show for an outlet's key, in a language (None: the outlet's own). `width` is
    in terminal cells.
    """

    limit: int | None = None
    language: UiLanguage | None = None
    name_outlet: Callable[[str, UiLanguage | None], str] = _keep_name
    width: int = 100
    color: bool = False
    byte_order_mark: bool = False


class Writer(Protocol):
    """What a format's module offers as `write`."""

    def __call__(self, report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
        """Write the whole report to a binary stream."""


def write_report(
    report: Reportable, form: str, out: BinaryIO, options: ReportOptions | None = None
) -> None:
    """Write a report in one of `FORMATS`.

    Raises `ReportFormatUnknown`, and `DependencyMissing` where a format needs an extra.
    """
    if form not in _MODULES:
        raise ReportFormatUnknown(form, FORMATS)
    writer = cast(Writer, import_module(_MODULES[form]).write)
    writer(report, out, options or ReportOptions())
