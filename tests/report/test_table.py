"""The terminal page: right-to-left text in its place, hostile text harmless, no line too long."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from dedupe.models import Cluster
from dedupe.report.display import clean, fit, format_gap, isolate
from dedupe.report.timeline import draw_timeline

ESCAPES = re.compile("\x1b\\[[0-9;]*m")


def test_page_tells_what_a_person_needs(render, result):
    page = render(result, "table", width=110).decode()
    for shown in (
        "9 in 3 clusters (7.5% of all)", "6 copies (5.0% of all)",
        "2 of 5 that carry another one's text (40.0%)",
        "1 value could not be read", "2 rejected, 1 repeated, 3 revisions",
        "1 in the collection · 1 outside it · 1 unknown", "edited 7 · identical 5",
        "credited by 1 of 3", "origin unknown", "2026-03-04 08:15 UTC", "+2 d 1 h",
        "Who republishes whom", "Who credits and who does not", "4 candidate keys",
    ):  # fmt: skip
        assert shown in page, shown


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(render, result, hostile_result, width):
    for shown in (result, hostile_result):
        for line in render(shown, "table", width=width).decode().splitlines():
            assert cell_len(line) <= width, line


def test_every_text_from_outside_is_isolated_and_every_isolate_closed(render, result):
    for line in render(result, "table").decode().splitlines():
        assert line.count("\u2068") == line.count("\u2069")
        for arabic in re.finditer("[\u0600-\u06ff][\u0600-\u06ff ]+", line):
            assert line.rfind("\u2068", 0, arabic.start()) > line.rfind("\u2069", 0, arabic.start())


def test_hostile_titles_cannot_steer_the_terminal(render, hostile_result):
    page = render(hostile_result, "table", color=True).decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ESCAPES.sub("", page))
    assert "[bold]markup[/bold]" in page


def test_earliest_article_is_not_called_the_origin(render, result, unstated):
    page = render(type(result)(result.summary, [unstated]), "table").decode()
    assert "earliest \u2068Hill Post\u2069 · nobody states an origin" in page
    assert "Who is first where nobody states an origin" in page
    assert "Who republishes whom" not in page


def test_colour_only_on_request(render, result):
    assert b"\x1b[" in render(result, "table", color=True)
    assert b"\x1b" not in render(result, "table")


def test_limit_bounds_the_clusters_shown_and_counts_stay(render, result):
    page = render(result, "table", limit=1).decode()
    assert "1 of 3" in page
    assert "origin unknown" not in page
    assert "9 in 3 clusters" in page


def test_no_clusters_are_told_in_words(render, result):
    empty = type(result)(replace(result.summary, clusters=0, clustered=0), [])
    assert "No two articles carry the same text." in render(empty, "table").decode()


def test_nothing_at_all_is_a_page_too(render, result):
    nothing = replace(result.summary, articles=0, clusters=0, clustered=0, languages={}, matches={})
    assert "Articles" in render(type(result)(nothing, []), "table").decode()


def test_clean_takes_controls_overrides_and_newlines_out():
    assert clean("a\x1b[31mb\n\tc\u202ed\0") == "a [31mb c d"


def test_clean_keeps_the_joiners_persian_needs():
    assert clean("می\u200cشود") == "می\u200cشود"


@pytest.mark.parametrize("text", ["x" * 500, "x" * 10_000_000, "\0" * 5_000 + "x"])
def test_clean_is_never_longer_than_the_limit(text):
    shown = clean(text)
    assert len(shown) <= 301
    assert shown.endswith("…")


@pytest.mark.parametrize(
    "text", ["جسر المشاة الجديد في وسط المدينة", "漢字漢字漢字漢字漢字", "a" * 99]
)
def test_fit_counts_cells(text):
    assert cell_len(fit(text, 12)) <= 12
    assert fit(text, 12).endswith("…")


def test_isolate_leaves_nothing_alone_empty():
    assert isolate("") == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 min"), (59, "0 min"), (3_600, "1 h"), (90_061, "1 d 1 h"), (86_460, "1 d 1 min")],
)
def test_gap_shows_its_two_largest_units(seconds, shown):
    assert format_gap(timedelta(seconds=seconds)) == shown


def test_timeline_places_members_between_first_and_last(result):
    line = draw_timeline(result.found[0])
    assert [point.member.id for point in line.points] == ["minaa-1", "gate-7", "noor-2", "fajr-4"]
    assert line.points[0].place == 0.0
    assert line.points[-1].place == 1.0
    assert line.span == timedelta(days=2, hours=1)


def test_timeline_falls_back_to_first_seen_and_counts_the_undated(result):
    line = draw_timeline(result.found[1])
    assert [point.member.id for point in line.points] == ["daily-1", "wire-9"]
    assert line.undated == 1
    assert line.span == timedelta(0)


def test_timeline_of_a_cluster_without_times(result):
    cluster: Cluster = result.found[2]
    assert draw_timeline(cluster).first is None
