"""Result of a run -> what a person or a program reads: one module a format.

Every writer takes a `Reportable` and a binary stream, and walks the clusters once in the order they
come, so that no format needs the whole result in memory; `overview` counts along the way.
"""

from __future__ import annotations

from dedupe.report.options import BodyText, ReadBodies, ReportOptions
from dedupe.report.reportable import Reportable, UiLanguage
from dedupe.report.writers import FORMATS, write_report

__all__ = [
    "FORMATS",
    "BodyText",
    "ReadBodies",
    "ReportOptions",
    "Reportable",
    "UiLanguage",
    "write_report",
]
