"""Pictures: well-formed, inert whatever the names hold, bounded, the same every time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedupe.models import Relation
from dedupe.report.pictures import (
    Appearance,
    ChainLink,
    NetworkFlow,
    Picture,
    draw_chain,
    draw_network,
    draw_series,
    draw_spark,
    draw_spread,
    list_appearances,
    list_links,
)
from dedupe.report.templating import make_environment
from dedupe.report.wording import load_messages

START = datetime(2026, 3, 4, 8, 15, tzinfo=UTC)
ELEMENTS = {"svg", "title", "line", "rect", "path", "text"}
ATTRIBUTES = {
    "class", "role", "aria-label", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "d",
    "text-anchor", "direction",
}  # fmt: skip
LANGUAGES = st.sampled_from(["ar", "en"])
NAMES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "</text></svg><script>alert(1)</script>",
            '" onload="alert(1)',
            "\u202egnp.exe\u2066",
            "صحيفة <b>الميناء</b>",
            "javascript:alert(1)",
            "]]><![CDATA[",
            "lone \ud800 surrogate",
            "نص " * 4000,
        ]
    ),
)
KINDS = st.sampled_from(["original", *(relation.value for relation in Relation), "<odd>"])
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
APPEARANCES = st.lists(st.builds(Appearance, TIMES, st.none() | NAMES, NAMES, KINDS), max_size=30)
COUNTS = st.integers(0, 10**9)
FLOWS = st.lists(st.builds(NetworkFlow, NAMES, NAMES, COUNTS, COUNTS, COUNTS), max_size=30)
LINKS = st.lists(st.builds(ChainLink, NAMES, NAMES), max_size=30)


def check(picture: Picture) -> ElementTree.Element:
    """The picture is one image of known elements and attributes, and no text reorders another."""
    svg = str(picture.svg)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", svg)
    root = ElementTree.fromstring(svg)
    assert (root.tag, root.get("role")) == ("svg", "img")
    assert root.get("aria-label")
    for element in root.iter():
        assert element.tag in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        assert re.fullmatch(r"[a-z0-9_ -]*", element.get("class", ""))
        for name in ("x", "y", "width", "height", "x1", "y1", "x2", "y2"):
            assert re.fullmatch(r"-?[0-9.e+-]+%?", element.get(name, "0")), element.attrib
    assert all(len(row) == len(picture.head) for row in picture.rows)
    assert len(svg) < 400_000
    return root


def texts(picture: Picture) -> list[str]:
    return [element.text or "" for element in check(picture).iter("text")]


@given(APPEARANCES, LANGUAGES)
@example([Appearance(START, None, "a", "original"), Appearance(START, "", "a", "original")], "en")
def test_any_spread_is_drawn(found, language):
    picture = draw_spread(found, language)
    marks = [e for e in check(picture).iter("path") if "point" in e.get("class", "")]
    assert len(marks) == len(found) == len(picture.rows)
    assert picture == draw_spread(found[::-1], language)


@given(st.lists(st.integers(0, 9), max_size=24), LANGUAGES, st.none() | TIMES, st.none() | TIMES)
def test_any_spark_is_drawn(steps, language, first, last):
    bars = list(check(draw_spark(steps, first, last, language)).iter("rect"))
    assert len(bars) == sum(map(bool, steps))


@given(LINKS, LANGUAGES)
def test_any_chain_is_drawn(links, language):
    picture = draw_chain(links, language)
    boxes = [e for e in check(picture).iter("rect") if "box" in e.get("class", "")]
    names = {name for link in links if link.source != link.carrier
             for name in (link.source, link.carrier)}  # fmt: skip
    assert len(boxes) == min(len(names), 40) or len(names) > 40
    if picture.small is not None:
        down = [e for e in check(picture.small).iter("rect") if "box" in e.get("class", "")]
        assert len(down) == len(boxes)
    assert picture == draw_chain(links, language)


@settings(max_examples=40)  # a layout takes 20 ms
@given(FLOWS, LANGUAGES, st.integers(-1, 60))
@example([NetworkFlow("a", "b", 1, 0, 1)], "en", 2)
@example([NetworkFlow("a", "b", 3, 3, 0), NetworkFlow("b", "a", 1, 0, 1)], "ar", 9)
def test_any_network_is_drawn(flows, language, limit):
    picture = draw_network(flows, language, limit)
    outlets = [e for e in check(picture).iter("path") if e.get("class") == "outlet"]
    assert len(outlets) <= max(2, min(limit, 40))
    assert picture == draw_network(flows[::-1], language, limit) or len(set(flows)) < len(flows)
    assert picture.small is not None
    assert picture.small.width <= 294  # what a phone of 360 leaves
    assert len([e for e in check(picture.small).iter("path") if e.get("class") == "outlet"]) <= 12


@given(st.dictionaries(NAMES, st.lists(COUNTS, min_size=5, max_size=5), max_size=5), LANGUAGES)
def test_any_series_is_drawn(counts, language):
    names = {kind: f"{kind} in words" for kind in counts}
    periods = [f"2026-03-0{day}" for day in range(1, 6)]
    picture = draw_series(periods, counts, names, "Articles a day", language)
    drawn = [e for e in check(picture).iter("rect") if "part" in e.get("class", "")]
    assert len(drawn) == sum(value > 0 for values in counts.values() for value in values)


def test_nothing_to_draw_is_still_a_picture():
    empty = draw_series([], {}, {}, "Articles", "en")
    for picture in (
        empty, draw_spread([], "ar"), draw_spark([], None, None, "en"), draw_chain([], "ar"),
        draw_network([], "en"),
    ):  # fmt: skip
        check(picture)
        assert picture.rows == ()


def test_series_of_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="one count a period"):
        draw_series(["a", "b"], {"credited": [1]}, {"credited": "Credited"}, "x", "en")


def test_cluster_is_drawn_from_its_members(result):
    picture = draw_spread(list_appearances(result.found[0]), "ar")
    assert [row[1] for row in picture.rows] == [
        "صحيفة الميناء", "بوابة الساحل", "شبكة نور", "الفجر 24",
    ]  # fmt: skip
    assert [kind for kind, _ in picture.legend] == ["original", "identical", "edited", "excerpt"]


def test_outlets_beyond_the_lanes_share_the_last():
    found = [
        Appearance(START + timedelta(hours=n), f"outlet {n}", "title", "identical")
        for n in range(40)
    ]
    picture = draw_spread(found, "en")
    assert texts(picture)[12] == "28 more outlets"
    downs = {e.get("y") for e in check(picture).iter("svg") if e.get("class") == "at"}
    assert len(downs) == 13


@pytest.mark.parametrize(("language", "order"), [("en", 1), ("ar", -1)])
def test_source_stands_where_reading_begins(language, order):
    picture = draw_chain(list_links(["first", "second", "third"]), language)
    places = {e.text: float(e.get("x", "0")) for e in check(picture).iter("text")}
    assert sorted(places, key=places.__getitem__)[::order] == ["first", "second", "third"]


def test_outlets_that_credit_each_other_share_a_column():
    links = [ChainLink("a", "b"), ChainLink("b", "a"), ChainLink("b", "c")]
    places = {e.text: e.get("x") for e in check(draw_chain(links, "en")).iter("text")}
    assert places["a"] == places["b"] != places["c"]


def test_network_keeps_the_largest_flows_and_tells_how_many_it_left_out():
    flows = [NetworkFlow("hub", f"outlet {n}", 100 - n, 0, 100 - n) for n in range(90)]
    picture = draw_network(flows, "en")
    assert len(picture.rows) == 39
    assert picture.unshown == 51
    assert picture.rows[0][:3] == ("hub", "outlet 0", "100")


@pytest.mark.parametrize("limit", [2, 12, 40])
def test_the_outlet_that_most_is_carried_of_is_drawn_though_its_flows_are_small(limit):
    pairs = [NetworkFlow(f"a{n}", f"b{n}", 50, 0, 50) for n in range(40)]
    small = [NetworkFlow("hub", f"c{n:02}", 2, 0, 2) for n in range(60)]
    picture = draw_network([*pairs, *small], "en", limit)
    assert "hub" in texts(picture)
    outlets = [e for e in check(picture).iter("path") if e.get("class") == "outlet"]
    assert len(outlets) == limit
    assert len(picture.rows) + picture.unshown == 100


def test_the_same_outlets_are_drawn_whatever_they_are_called():
    keys = [f"outlet-{n:02}" for n in range(60)]
    drawn = []
    for language, step in (("en", 7), ("ar", -11)):
        called = {key: f"name {n * step % 60}" for n, key in enumerate(keys)}
        flows = [NetworkFlow("hub", key, 5, 0, 5, "The Hub", called[key]) for key in keys]
        rows = draw_network(flows, language, 12).rows
        assert rows[0][0] == "The Hub"
        back = {name: key for key, name in called.items()}
        drawn.append([back[row[1]] for row in rows])
    assert drawn[0] == drawn[1] == keys[:11]


def test_name_is_written_in_its_own_direction():
    picture = draw_chain(list_links(["صحيفة الميناء", "The Daily Quay"]), "en")
    directions = {e.text: e.get("direction") for e in check(picture).iter("text")}
    assert directions == {"صحيفة الميناء": "rtl", "The Daily Quay": "ltr"}


def test_figure_holds_picture_legend_and_table(result):
    figure = make_environment("en", str).get_template("pictures.html.j2").module.figure
    picture = draw_spread(list_appearances(result.found[1]), "en")
    html = str(figure(picture, load_messages("en")))
    assert html.count('<svg class="picture spread"') == 1
    assert "As a table" in html
    assert '<bdi dir="auto">The Daily Quay</bdi>' in html
    assert " style=" not in html


def test_style_of_pictures_names_every_class_and_no_address():
    css = (files("dedupe.report") / "static/pictures.css").read_text("utf-8")
    assert "url(" not in css
    for relation in ("original", "identical", "edited", "excerpt", "embeds", "revision"):
        assert f".picture .{relation}" in css
        assert f".legend .{relation}::before" in css
