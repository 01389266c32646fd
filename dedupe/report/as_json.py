"""Result -> one JSON object, written cluster by cluster: summary, clusters, outlets, flows."""

from __future__ import annotations

from typing import BinaryIO

from dedupe.report.encode import encode_json
from dedupe.report.options import ReportOptions
from dedupe.report.overview import Overview
from dedupe.report.reportable import Reportable

__all__ = ["write"]


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write the shape `report` of the schemas; a cluster stands on a line of its own."""
    overview = Overview()
    out.write(b'{"summary":' + encode_json(report.summary) + b',\n"clusters":[')
    separator = b"\n"
    for cluster in report.clusters():
        overview.add(cluster)
        out.write(separator + encode_json(cluster))
        separator = b",\n"
    out.write(b'],\n"outlets":' + encode_json(overview.list_outlets()))
    out.write(b',\n"flows":' + encode_json(overview.list_flows()) + b"}\n")
