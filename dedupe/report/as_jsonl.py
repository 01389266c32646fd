"""Result -> JSON Lines: a cluster a line, largest first."""

from __future__ import annotations

from typing import BinaryIO

from dedupe.report.encode import encode_line
from dedupe.report.options import ReportOptions
from dedupe.report.reportable import Reportable

__all__ = ["write"]


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write a line per cluster, in the shape `cluster` of the schemas."""
    for cluster in report.clusters():
        out.write(encode_line(cluster))
