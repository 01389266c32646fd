from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.readers.dates import parse_time

NOON = datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
DAY = datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05T12:00:00Z",
        "2024-03-05t12:00:00z",
        "2024-03-05T12:00:00.000000001Z",
        "2024-03-05T14:00:00+02:00",
        "2024-03-05T15:00+0300",
        "2024-03-05 12:00:00",
        "2024-03-05 12:00:00 UTC",
        "2024-03-05 14:00:00 +0200",
        "2024/03/05 12:00",
        "2024.3.5 12:00:00",
        "20240305120000",
        "Tue, 05 Mar 2024 12:00:00 GMT",
        "Tue, 05 Mar 2024 07:00:00 -0500",
        "5 Mar 2024 12:00:00 +0000",
        "5-MAR-2024 12:00:00.00",
        "March 5, 2024 12:00",
        "Mar. 5 2024, 12:00:00",
        "5 March 2024 12:00",
        "Tue Mar 05 12:00:00 2024",
        "Tue Mar 05 12:00:00 +0000 2024",
        "1709640000",
        "1709640000.0",
        "1709640000000",
        "1709640000000000000",
        "  2024-03-05T12:00:00Z ",
        "٢٠٢٤-٠٣-٠٥ ١٢:٠٠",
        "۲۰۲۴/۰۳/۰۵ ۱۲:۰۰",
        1709640000,
        1709640000.0,
        1709640000_000,
        1709640000_000_000,
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=-9))),
    ],
)
def test_common_forms_are_one_instant(text: object) -> None:
    assert parse_time(text) == NOON
    assert parse_time(text).tzinfo is UTC  # type: ignore[union-attr]


def test_nanoseconds_keep_every_microsecond() -> None:
    assert parse_time(1709640000_123_456_789) == NOON.replace(microsecond=123456)


@pytest.mark.parametrize(
    "text", ["2024-03-05", "20240305", "2024/3/5", "5 Mar 2024", "March 5, 2024", date(2024, 3, 5)]
)
def test_a_date_is_its_first_instant(text: object) -> None:
    assert parse_time(text) == DAY


def test_a_leap_second_is_the_last_of_its_minute() -> None:
    assert parse_time("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_old_papers_keep_their_dates_and_absurd_ones_lose_them() -> None:
    assert parse_time("1800-01-01") == datetime(1800, 1, 1, tzinfo=UTC)
    assert parse_time(-5364662400) == datetime(1800, 1, 1, tzinfo=UTC)
    for absurd in ("2999-01-01", "1599-12-31T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31"):
        assert parse_time(absurd) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "01/04/2025",
        "2024-13-01",
        "2024-02-30",
        "0",
        0,
        0.0,
        True,
        None,
        float("nan"),
        float("inf"),
        1e300,
        -1e300,
        10**400 % 10**30,
        "9" * 70,
        "9" * 4000,
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        "x" * 10**6,
        [],
        {},
        b"2024",
        "2024-03-05T12:00:00+99:00",
        "Tue, 99 Foo 2024",
        "5 Foo 2024",
        "31 Feb 2024",
        ",",
        "\x00",
        "2024-W99",
        "１２",
        "2024",
        2024,
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert parse_time(value) is None


@given(st.text() | st.integers() | st.floats() | st.datetimes() | st.dates())
def test_nothing_crashes_and_every_answer_is_aware_and_sane(value: object) -> None:
    moment = parse_time(value)
    assert moment is None or (moment.tzinfo is UTC and 1600 <= moment.year <= 2200)


@given(st.datetimes(datetime(1600, 1, 2), datetime(2200, 12, 30), timezones=st.just(UTC)))
def test_what_is_written_is_read(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment
    assert parse_time(moment.isoformat(" ")) == moment
    assert parse_time(moment.isoformat().replace("+00:00", "Z")) == moment
