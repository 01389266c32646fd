"""Who has it from whom: chains, circles, agencies behind papers, distributors."""

from __future__ import annotations

import pytest

from dedupe.models import AttributionKind, ClaimRole, Trust

RELEASE = AttributionKind.PRESS_RELEASE


def test_via_stands_behind_the_root(press):
    via = press.claim("Hill Gazette", ClaimRole.VIA)
    found = press.decide(
        press.article("a", "Quay Times", *press.credit("Alpha Wire"), via),
        press.article("b", "Hill Gazette"),
    ).provenance
    assert (found.original, found.outlet) == (None, "alpha")
    assert found.chain == ("alpha", "Hill Gazette")


def test_claims_are_followed_to_the_root(press):
    verdict = press.decide(
        press.article("a", "Alpha Wire"),
        press.article("b", "Hill Gazette", *press.credit("Alpha Wire")),
        press.article("c", "Quay Times", press.claim("Hill Gazette")),
        press.article("d", "Last Post", press.claim("Quay Times", trust=Trust.SOURCE_LINE)),
    )
    assert verdict.provenance.original == "a"
    assert verdict.provenance.chain == ("alpha", "Hill Gazette", "Quay Times")
    assert verdict.provenance.contradictions == ()
    assert [verdict.credits[i].value for i in "abcd"] == [
        "original", "agency", "credited", "credited",
    ]  # fmt: skip


def test_a_way_that_one_tells_is_followed_for_another(press):
    found = press.decide(
        press.article("a", "One", press.claim("Far Courier")),
        press.article(
            "b", "Two", press.claim("Deep Courier"), press.claim("Far Courier", ClaimRole.VIA)
        ),
    ).provenance
    assert (found.outlet, found.contradictions) == ("Deep Courier", ())


def test_an_agency_named_beside_a_paper_is_behind_it(press):
    found = press.decide(
        press.article("a", "One", press.claim("Hill Gazette"), *press.credit("Alpha Wire")),
        press.article("b", "Two"),
    ).provenance
    assert found.chain == ("alpha", "Hill Gazette")


def test_the_issuer_of_a_press_release_is_before_its_wire(press):
    issuer = press.claim("Bright Foods", kind=RELEASE)
    wire = press.claim("Release Line", ClaimRole.AGENCY, Trust.AGENCY_CREDIT, kind=RELEASE)
    verdict = press.decide(
        press.article("a", "One", issuer, wire), press.article("b", "Bright Foods")
    )
    assert verdict.provenance.original == "b"
    assert verdict.provenance.chain == ("Bright Foods", "release_line")


def test_an_agency_passes_on_what_is_called_a_press_release(press):
    claims = [press.claim("Bright Foods", kind=RELEASE), *press.credit("Alpha Wire")]
    found = press.decide(press.article("a", "One", *claims), press.article("b", "Two")).provenance
    assert found.chain == ("Bright Foods", "alpha")


def test_a_gatherer_is_passed_over_for_the_source_behind_it(press):
    found = press.decide(
        press.article("a", "One", press.claim("Gatherer"), press.claim("Hill Gazette")),
        press.article("b", "Two"),
    ).provenance
    assert found.chain == ("Hill Gazette", "gatherer")


def test_a_gatherer_alone_is_a_weak_source(press):
    def rate(name):
        members = (press.article("a", "One", press.claim(name)), press.article("b", "Two"))
        return press.decide(*members).provenance.confidence

    assert rate("Gatherer") < 0.6 < rate("Alpha Wire")


def test_an_intermediary_alone_is_a_weak_source(press):
    via = press.claim("Hill Gazette", ClaimRole.VIA)
    found = press.decide(press.article("a", "One", via), press.article("b", "Two")).provenance
    assert found.outlet == "Hill Gazette"
    assert found.confidence < 0.6


def circle(press, **times):
    return [
        press.article("a", "Hill Gazette", press.claim("Quay Times"), **times.get("a", {})),
        press.article("b", "Quay Times", press.claim("Hill Gazette"), **times.get("b", {})),
    ]


def test_a_circle_that_nothing_cuts_is_unknown(press):
    verdict = press.decide(*circle(press))
    found = verdict.provenance
    assert (found.original, found.outlet) == (None, None)
    assert [c.article for c in found.contradictions] == ["a", "b"]
    assert all("in turn" in c.reason for c in found.contradictions)
    assert set(verdict.credits.values()) == {verdict.credits["a"].UNCLEAR}


@pytest.mark.parametrize("order", ["published", "seen"])
def test_a_circle_is_cut_where_the_text_was_first(press, order):
    verdict = press.decide(*circle(press, a={order: 2}, b={order: 1}))
    assert verdict.provenance.original == "b"
    assert verdict.provenance.confidence < 0.6  # the claims inside of it choose nobody
    assert [c.article for c in verdict.provenance.contradictions if "in turn" in c.reason] == ["b"]
    assert verdict.credits["a"].value == "credited"


def test_a_circle_is_cut_where_others_point(press):
    outside = press.article("c", "Last Post", press.claim("Hill Gazette"), published=9)
    verdict = press.decide(*circle(press, a={"published": 2}, b={"published": 1}), outside)
    assert verdict.provenance.original == "a"


def test_a_doubtful_verdict_accuses_nobody(press):
    papers = [press.article(f"p{n}", f"Paper {n}", seen=n) for n in range(1, 5)]
    late = press.article("late", "Echo Wire", press.claim("Spam Hub", sure=0.5), seen=8)
    hub = press.article("hub", "Spam Hub", seen=9)
    verdict = press.decide(*papers, late, hub)
    assert verdict.provenance.confidence < 0.5
    assert not [c for c in verdict.credits.values() if c.value == "uncredited"]


def test_a_circle_with_a_way_out_is_shown(press):
    members = [
        press.article("a", "Hill Gazette", press.claim("Quay Times")),
        press.article("b", "Quay Times", press.claim("Hill Gazette"), *press.credit("Alpha Wire")),
    ]
    found = press.decide(*members).provenance
    assert found.outlet == "alpha"
    assert [(c.article, c.name) for c in found.contradictions] == [
        ("a", "Quay Times"),
        ("b", "Hill Gazette"),
    ]
    assert all("in turn" in c.reason for c in found.contradictions)


def test_a_long_circle_ends(press):
    names = [f"Paper {n}" for n in range(40)]
    members = [
        press.article(f"a{n:02}", name, press.claim(names[(n + 1) % 40]), published=n)
        for n, name in enumerate(names)
    ]
    verdict = press.decide(*members)
    assert verdict.provenance.original == "a00"
    assert len(verdict.provenance.chain) == 16


def test_who_credits_into_an_open_circle_has_no_root(press):
    follower = press.article("c", "Last Post", press.claim("Hill Gazette"))
    onward = press.article("d", "Far Post", press.claim("Quay Times"))
    found = press.decide(*circle(press), follower, onward).provenance
    assert found.outlet is None
    assert {c.article for c in found.contradictions} == {"a", "b", "c", "d"}
