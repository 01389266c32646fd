"""Daily reports of Reuters-21578: another day is another event."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.quality.daily import list_daily, share_united
from benchmarks.quality.planted import count_cores
from benchmarks.quality.session import Session, read_rows


def row(number: int, title: str, day: str) -> dict[str, str]:
    return {"id": f"a{number}", "title": title, "published": f"{day} 09:00"}


def test_a_headline_of_four_days_is_a_daily_report_and_a_story_of_two_is_not() -> None:
    rows = [row(n, f"FED ADDS {n}.{n} BILLION", f"{n}-MAR") for n in range(4)]
    rows += [row(10 + n, "SHIPPERS SETTLE", f"{n}-MAR") for n in range(2)]
    pairs = list_daily(rows)
    assert len(pairs) == 6
    members = [{"members": [{"id": "a0"}, {"id": "a1"}]}, {"members": [{"id": "a2"}]}]
    assert share_united(pairs, members) == pytest.approx(1 / 6)


@pytest.mark.shared
def test_daily_reports_are_not_united(shared: Path, tmp_path: Path) -> None:
    session = Session(tmp_path, shared, 0)
    path = session.data("news_en_reuters21578.jsonl.gz")
    report = session.report("reuters", path)
    pairs = list_daily(read_rows(path))
    assert len(pairs) > 100
    # all of them one family of nine: 45 words in which one or two values differ (decision 0034)
    assert share_united(pairs, read_rows(report.clusters)) <= 0.16
    cores = count_cores(report.clusters, report.matches)
    assert (cores.without, cores.largest < 20) == (0, True)
