"""Name of a format -> the writer for it, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import BinaryIO, Protocol, cast

from dedupe.errors import ReportFormatUnknown
from dedupe.report.options import ReportOptions
from dedupe.report.reportable import Reportable

__all__ = ["FORMATS", "Writer", "write_report"]

_MODULES = {
    "table": "dedupe.report.as_table",
    "json": "dedupe.report.as_json",
    "jsonl": "dedupe.report.as_jsonl",
    "csv": "dedupe.report.as_csv",
    "html": "dedupe.report.as_html",
    "parquet": "dedupe.report.as_parquet",
}
FORMATS = tuple(_MODULES)


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
