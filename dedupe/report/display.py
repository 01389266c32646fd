"""Text from outside -> text that is safe and short enough to show on one line.

Titles and names come from anywhere: terminal escapes, bidi overrides that would reverse the rest of
a line, newlines and megabytes are taken out here, once, for the terminal and the page alike.
Direction marks and joiners stay: Persian and mixed lines need them.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len, set_cell_size

__all__ = [
    "clean",
    "count_of",
    "fit",
    "format_gap",
    "format_time",
    "is_rightward",
    "isolate",
    "to_utc",
]

# C0 and C1 controls, line and paragraph separators, bidi embeddings, overrides and isolates, the
# byte order mark, noncharacters of the BMP; lone surrogates cannot be encoded.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_SPACES = re.compile(r"\s+")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_STRONG = ("L", "R", "AL")
_LOOKED_AT = 1000


def clean(text: str, limit: int = 300) -> str:
    """Make one line of at most `limit` code points, an ellipsis in place of what is cut."""
    line = text[: 4 * limit]  # controls and spaces of a hostile megabyte are not worth a look
    line = _SPACES.sub(" ", _UNSHOWABLE.sub(" ", line)).strip()
    if len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line + "…" if len(text) > 4 * limit else line


def fit(text: str, cells: int) -> str:
    """Cut a cleaned line to a width in terminal cells, wide and zero-width characters counted."""
    line = clean(text, 4 * cells)
    if cell_len(line) <= cells:
        return line
    return set_cell_size(line, cells - 1).rstrip() + "…"


def isolate(text: str) -> str:
    """Wrap in first-strong isolates: a right-to-left line then leaves its neighbours in place."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if text else text


def is_rightward(text: str) -> bool:
    """Tell whether the first strong letter of a text is of a right-to-left script."""
    kinds = (unicodedata.bidirectional(character) for character in text[:_LOOKED_AT])
    return next((kind for kind in kinds if kind in _STRONG), "L") != "L"


def count_of(noun: str, count: int) -> str:
    """Say how many, in English: "1 record", "2,000 records"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def to_utc(moment: datetime) -> datetime:
    """Give a time in UTC; one that names no zone is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime | None) -> str:
    """Show a time in UTC to the minute; empty for None."""
    return "" if moment is None else to_utc(moment).strftime("%Y-%m-%d %H:%M")


def format_gap(gap: timedelta, units: tuple[str, str, str] = ("d", "h", "min")) -> str:
    """Show a duration by its two largest units of days, hours and minutes."""
    minutes = int(gap.total_seconds()) // 60
    counts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
    parts = [f"{count} {unit}" for count, unit in zip(counts, units, strict=True) if count]
    return " ".join(parts[:2]) or f"0 {units[2]}"
