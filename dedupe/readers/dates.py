"""A declared time in any common form -> an aware UTC datetime, or None.

RFC 3339 and its relatives go through `datetime.fromisoformat` (0.13 µs); only what that refuses
takes the slow way. No guessing between day and month: `01/04/2025` is not a date here.
"""

from __future__ import annotations

import email.utils
import math
import re
from datetime import UTC, date, datetime, timedelta

__all__ = ["MAX_YEAR", "MIN_YEAR", "parse_time"]

MIN_YEAR = 1600
"""The first newspapers are of 1605-1609; what is older is a default value such as year 1."""
MAX_YEAR = 2200
"""What is later is a typing error or a 'never expires'; readers do not know today's date."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_SECONDS = 1e8  # 1973: smaller numbers are years, days or a missing time, not seconds
_LEAST_NANOSECONDS = 10**17
_LONGEST = 64
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,9})?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_YMD = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt ]+(\d{1,2}:.*))?", re.ASCII)
_NAMED = re.compile(
    r"(?:(\d{1,2})[ -]([A-Za-z]{3,9})|([A-Za-z]{3,9})\.? (\d{1,2}))(?:,? |-)(\d{4})"
    r"(?:,? (\d{1,2}:[\d:.]+))?",
    re.ASCII,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_time(value: object) -> datetime | None:
    """A string, number, date or datetime -> aware UTC; None when it is not understood or absurd.

    Understood: RFC 3339 and ISO 8601, `YYYY-MM-DD[ HH:MM[:SS]]` with or without zone (none: UTC),
    also with `/` or `.`, `YYYYMMDD[HHMMSS]`, English month names, RFC 822 (a zone name it does not
    know counts as UTC), digits of any script, seconds, milli-, micro-
    or nanoseconds since 1970 (at least 10^8 s). Absurd: before `MIN_YEAR`, after `MAX_YEAR`.
    """
    try:
        moment = datetime.fromisoformat(value) if type(value) is str else _understand(value)
    except (ValueError, OverflowError):
        moment = _understand_loosely(value) if type(value) is str else None
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        moment = _in_utc(moment)
    return moment if moment is not None and MIN_YEAR <= moment.year <= MAX_YEAR else None


def _in_utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the last hours of year 9999 and the first of year 1
        return None


def _understand(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int) and abs(value) >= _LEAST_NANOSECONDS:
        return _EPOCH + timedelta(microseconds=value // 1000)  # a float has not as many digits
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _since_epoch(float(value))
    return None


def _understand_loosely(text: str) -> datetime | None:
    """What `fromisoformat` of Python 3.11 refuses and people write all the same."""
    text = _ascii_digits(text[: _LONGEST + 1].strip())
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _match(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # parsedate_to_datetime raises each of them, by release and input


def _match(text: str) -> datetime | None:
    if compact := _COMPACT.fullmatch(text):
        return datetime(*map(int, compact.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    if _NUMBER.fullmatch(text):
        return _since_epoch(float(text))
    if parts := _YMD.fullmatch(text):
        return _iso(*parts.groups())
    if named := _NAMED.fullmatch(text):
        day, month, month_first, day_second, year, clock = named.groups()
        number = _MONTHS.index((month or month_first)[:3].lower()) + 1
        return _iso(year, str(number), day or day_second, clock)
    return email.utils.parsedate_to_datetime(text)


def _ascii_digits(text: str) -> str:
    return text if text.isascii() else "".join(str(int(c)) if c.isdecimal() else c for c in text)


def _iso(year: str, month: str, day: str, clock: str | None) -> datetime:
    """Pad, give the zone its ISO spelling, and let a leap second be the last of its minute."""
    written = f"{year}-{month:0>2}-{day:0>2}"
    if clock:
        clock = re.sub(r"(?i)\s*(z|utc|gmt)$", "+00:00", clock.strip())
        clock = re.sub(r"\s+(?=[+-]\d)", "", clock)
        clock = re.sub(r":60(?!\d)", ":59", clock)
        written += f"T{clock if clock[1:2] != ':' else '0' + clock}"
    return datetime.fromisoformat(written)


def _since_epoch(number: float) -> datetime | None:
    """Seconds, or the unit that its size betrays: 10^11 s would be the year 5138."""
    if math.isnan(number) or abs(number) < _LEAST_SECONDS:
        return None
    for _ in range(3):
        if abs(number) < 1e11:
            break
        number /= 1000
    return _EPOCH + timedelta(seconds=number)
