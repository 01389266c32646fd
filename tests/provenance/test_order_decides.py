"""Nobody names a root: times and directions, and what they cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dedupe.models import Relation
from dedupe.provenance import decide_provenance
from dedupe.provenance.confidence import MINIMUM


def test_publication_times_alone_leave_the_origin_unknown_and_accuse_nobody(press):
    verdict = press.decide(
        press.article("a", "One", published=2), press.article("b", "Two", published=1)
    )
    found = verdict.provenance
    assert (found.original, found.outlet, found.confidence) == (None, None, 0.0)
    assert [(e.trust, e.article) for e in found.evidence] == [("published", "b")]
    assert {credit.value for credit in verdict.credits.values()} == {"unclear"}
    assert verdict.representative == "b"


def test_the_first_seen_of_two_is_a_doubtful_original_and_the_other_is_not_accused(press):
    verdict = press.decide(press.article("a", "One", seen=2), press.article("b", "Two", seen=1))
    found = verdict.provenance
    assert (found.original, found.outlet, found.chain) == ("b", "Two", ())
    assert MINIMUM <= found.confidence < 0.6
    assert (verdict.credits["a"].value, verdict.credits["b"].value) == ("unclear", "original")


def test_a_lead_of_seconds_decides_nothing(press):
    for times in ("published", "seen"):
        pair = [press.article("a", "One", **{times: 1}),
                press.article("b", "Two", **{times: 1 + 30 / 3600})]  # fmt: skip
        assert press.decide(*pair).provenance.original is None


def test_an_aggregator_seen_first_is_not_the_original(press):
    verdict = press.decide(
        press.article("a", "Gatherer", seen=1),
        press.article("b", "One", seen=2),
        press.article("c", "Two", seen=3),
    )
    assert verdict.provenance.original == "b"
    alone = press.decide(
        press.article("a", "Gatherer", seen=1), press.article("b", "Gatherer", seen=2)
    )
    assert alone.provenance.original is None


def test_publication_times_order_the_articles_of_one_outlet(press):
    verdict = press.decide(
        press.article("a", "One", published=2), press.article("b", "One", published=1)
    )
    assert verdict.provenance.original == "b"


def test_the_outlet_of_an_original_is_given_by_key(press):
    verdict = press.decide(
        press.article("a", "One", seen=2), press.article("b", "صحيفة المنارة", seen=1)
    )
    assert verdict.provenance.outlet == "manara"


def test_an_original_without_a_name_has_the_outlet_of_its_address(press):
    verdict = press.decide(
        press.article("a", "One", seen=2),
        press.article("b", url="https://www.hill.example/x", seen=1),
    )
    assert verdict.provenance.outlet == "hill.example"


def test_being_dated_back_does_not_beat_being_seen_first(press):
    verdict = press.decide(
        press.article("a", "One", published=-48, seen=5),
        press.article("b", "Two", published=1, seen=2),
        press.article("c", "Three", published=1.5, seen=3),
    )
    assert verdict.provenance.original == "b"
    (contradiction,) = verdict.provenance.contradictions
    assert contradiction.article == "a"
    assert "seen later" in contradiction.reason


def test_the_order_in_which_an_archive_is_loaded_is_no_evidence(press):
    loaded = [
        press.article("a", "One", published=5, seen=2000),
        press.article("b", "Two", published=1, seen=2001),
        press.article("c", "Two", published=2, seen=2002),
    ]
    unseen = [replace(carrier, seen=None) for carrier in loaded]
    assert press.decide(*loaded) == press.decide(*unseen)
    assert press.decide(*loaded).representative == "b"
    assert press.decide(*loaded[1:]).provenance.original == "b"


def test_a_claim_is_not_doubted_for_the_order_in_which_an_archive_is_loaded(press):
    members = (
        press.article("a", "One", press.claim("Two"), published=3, seen=2000),
        press.article("b", "Two", published=2, seen=2001),
    )
    found = press.decide(*members).provenance
    assert (found.original, found.contradictions) == ("b", ())
    assert found == press.decide(*(replace(c, seen=None) for c in members)).provenance


@pytest.mark.parametrize(
    ("bare", "hours", "original"),
    [(False, 12, "a"), (False, 13, None), (True, 36, "a"), (True, 37, None)],
)
def test_what_came_within_hours_of_its_publication_was_seen_to_come(press, bare, hours, original):
    start = press.at(0).replace(hour=0, minute=0) if bare else press.at(0)
    pair = [
        replace(press.article(id, id), published=start, seen=start + timedelta(hours=late))
        for id, late in (("a", hours - 0.5), ("b", hours))
    ]
    assert press.decide(*pair).provenance.original == original


def test_being_dated_back_does_not_cut_a_circle(press):
    members = (
        press.article("a", "One", press.claim("Two"), published=1, seen=1.1),
        press.article("b", "Two", press.claim("One"), published=-5000, seen=6),
    )
    found = press.decide(*members).provenance
    assert (found.original, found.outlet) == (None, None)
    assert [c.article for c in found.contradictions] == ["a", "b", "b"]
    assert "seen later" in found.contradictions[-1].reason
    third = press.article("c", "Three", published=2, seen=2.1)
    assert press.decide(*members, third).provenance.original == "a"


@pytest.mark.parametrize(
    "times", [{}, {"published": 9, "seen": 9}, {"published": -9, "seen": 9999}]
)
def test_of_the_articles_of_the_outlet_named_one_dated_back_is_not_the_original(press, times):
    members = (
        press.article("c", "One", published=-5000, seen=6),
        press.article("o", "One", published=1, seen=1.1),
        press.article("z", "Two", press.claim("One"), **times),
    )
    found = press.decide(*members).provenance
    assert (found.original, found.outlet) == ("o", "One")
    assert [(c.article, c.reason[-10:]) for c in found.contradictions] == [("c", "seen later")]
    assert press.decide(*members[:2]).provenance.original == "o"


def test_articles_without_a_time_of_their_own_do_not_tell_what_was_loaded(press):
    undated = [press.article("a", "One", seen=2000), press.article("b", "Two", seen=2001)]
    assert press.decide(*undated).provenance.original == "a"
    dated = press.article("c", "Three", published=1, seen=2002)
    assert press.decide(*undated, dated).representative == "c"


def test_being_dated_back_does_not_beat_a_claim(press):
    verdict = press.decide(
        press.article("a", "One", press.claim("Two"), published=-48),
        press.article("b", "Two", published=1),
    )
    assert verdict.provenance.original == "b"
    assert [c.article for c in verdict.provenance.contradictions] == ["a"]


def test_a_claim_that_the_order_denies_is_less_sure(press):
    def rate(**times):
        members = (press.article("a", "One", press.claim("Two"), **times),
                   press.article("b", "Two", published=2, seen=2))  # fmt: skip
        return press.decide(*members).provenance

    late, early = rate(published=3, seen=3), rate(published=1, seen=1)
    assert early.confidence < late.confidence
    assert any("seen before" in c.reason for c in early.contradictions)


def test_order_says_nothing_about_a_root_outside(press):
    def rate(hour):
        members = (press.article("a", "One", *press.credit("Alpha Wire"), published=hour),
                   press.article("b", "Two", published=2))  # fmt: skip
        return press.decide(*members).provenance.confidence

    assert rate(1) == rate(3)


def test_seen_counts_only_where_it_is_known(press):
    verdict = press.decide(
        press.article("a", "One", published=3, seen=4),
        press.article("b", "Two", published=5, seen=9),
        press.article("c", "Three", published=2),
    )
    assert verdict.representative == "c"


def test_an_article_is_not_newer_than_when_it_was_seen(press):
    verdict = press.decide(
        press.article("a", "One", published=99, seen=1), press.article("b", "Two", published=5)
    )
    assert verdict.representative == "a"


def test_published_decides_among_those_seen_at_once(press):
    verdict = press.decide(
        press.article("a", "One", published=2, seen=7),
        press.article("b", "Two", published=1, seen=7),
    )
    assert verdict.representative == "b"


def test_agreeing_orders_are_surer_than_either(press):
    def rate(**times):
        members = (press.article("a", "One", **times),
                   press.article("b", "Two", **dict.fromkeys(times, 9)))  # fmt: skip
        return press.decide(*members).provenance.confidence

    assert rate(published=1) < rate(seen=1) < rate(published=1, seen=1)


@pytest.mark.parametrize("times", [{}, {"published": 4}, {"seen": 4}])
def test_missing_or_equal_times_leave_it_unknown(press, times):
    verdict = press.decide(
        press.article("b", "Two", **times),
        press.article("\U0001d7d8", "Three", **times),
        press.article("a", "One", **times),
    )
    found = verdict.provenance
    assert (found.original, found.outlet, found.confidence) == (None, None, 0.0)
    assert {credit.value for credit in verdict.credits.values()} == {"unclear"}
    assert verdict.representative == "a"


def test_a_single_date_orders_nothing(press):
    verdict = press.decide(press.article("a", "One"), press.article("b", "Two", published=1))
    assert verdict.provenance.original is None
    assert verdict.representative == "b"


def test_many_members_without_a_date_leave_it_unknown(press):
    dated = [press.article(f"a{n}", f"Paper {n}", seen=n) for n in range(3)]
    undated = [press.article(f"b{n}", f"Other {n}") for n in range(4)]
    assert press.decide(*dated).provenance.original == "a0"
    assert press.decide(*dated, *undated).provenance.original is None


def test_a_bare_date_leaves_its_day_open(press):
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    bare = replace(press.article("a", "One"), published=midnight)
    near = press.decide(bare, press.article("b", "Two", published=1)).provenance
    assert (near.original, near.evidence) == (None, ())
    later = press.article("b", "Two", published=48)
    assert press.decide(bare, later).representative == "a"


def test_times_at_the_edge_of_the_calendar_do_no_harm(press):
    last = datetime(9999, 12, 31, tzinfo=UTC)
    first = datetime(1, 1, 1, tzinfo=UTC) + timedelta(hours=1)
    members = [replace(press.article(i, i), published=last, seen=first) for i in "ab"]
    assert press.decide(*members).provenance.original is None


def test_direction_alone_is_a_coin_toss(press):
    pair = [press.article("a", "One", words=200), press.article("b", "Two", words=400)]
    excerpt = press.match("a", "b", Relation.EXCERPT, container="right")
    verdict = press.decide(*pair, matches=[excerpt])
    assert verdict.provenance.original is None
    assert verdict.representative == "a"


def test_direction_is_evidence_for_an_original_found_otherwise(press):
    pair = [press.article("a", "One", words=200, published=2),
            press.article("b", "Two", words=400, published=1)]  # fmt: skip
    excerpt = press.match("a", "b", Relation.EXCERPT, container="right")
    found = press.decide(*pair, matches=[excerpt]).provenance
    assert [(e.trust, e.article) for e in found.evidence] == [
        ("containment", "b"),
        ("published", "b"),
    ]


def test_texts_of_nearly_one_length_have_no_direction(press):
    pair = [press.article("a", "One", words=396, published=2),
            press.article("b", "Two", words=400, published=1)]  # fmt: skip
    excerpt = press.match("a", "b", Relation.EXCERPT, container="right")
    found = press.decide(*pair, matches=[excerpt]).provenance
    assert [e.trust for e in found.evidence] == ["published"]


def test_direction_alone_leaves_a_circle_unknown(press):
    pair = [press.article("a", "One", press.claim("Two"), words=200),
            press.article("b", "Two", press.claim("One"), words=400)]  # fmt: skip
    excerpt = press.match("a", "b", Relation.EXCERPT, container="right")
    found = press.decide(*pair, matches=[excerpt]).provenance
    assert found.original is None
    assert len(found.contradictions) == 2


def test_a_revision_follows_what_it_revises(press):
    pair = [press.article("a", "One", published=1), press.article("b", "One", published=1)]
    revision = press.match("a", "b", Relation.REVISION, earlier="right")
    verdict = press.decide(*pair, matches=[revision])
    assert verdict.provenance.original == "b"
    assert "revision" in [e.trust for e in verdict.provenance.evidence]
    assert verdict.credits["a"].value == "original"


def test_matches_with_others_are_passed_over(press):
    pair = [press.article("a", "One", published=2), press.article("b", "Two", published=1)]
    stray = press.match("b", "z", Relation.EXCERPT, container="right")
    assert press.decide(*pair, matches=[stray]) == press.decide(*pair)


def test_being_the_only_one_is_no_evidence_of_being_the_original(press):
    one = press.decide(press.article("a", "One", seen=1))
    assert one.provenance.original is None
    assert one.representative == "a"
    assert one.credits["a"].value == "unclear"
    gathered = press.decide(press.article("a", "One"), press.article("b", "Gatherer"))
    assert gathered.provenance.original is None
    assert gathered.credits["b"].value == "unclear"


def test_an_agency_among_silent_members_is_the_likely_original(press):
    verdict = press.decide(
        press.article("a", "One", published=1), press.article("b", "Alpha Wire", published=2)
    )
    found = verdict.provenance
    assert (found.original, found.outlet) == ("b", "alpha")
    assert [e.trust for e in found.evidence] == ["agency_credit"]
    assert [c.article for c in found.contradictions] == ["a"]
    first = press.decide(
        press.article("a", "One", published=3), press.article("b", "Alpha Wire", published=2)
    )
    assert found.confidence < first.provenance.confidence


def test_two_agencies_among_silent_members_are_ordered_as_others_are(press):
    verdict = press.decide(
        press.article("a", "Beta Wire", published=3),
        press.article("b", "Alpha Wire", published=2),
        press.article("c", "One", published=1),
    )
    assert verdict.representative == "c"


def test_an_agency_that_says_it_copied_is_not_the_original(press):
    verdict = press.decide(
        press.article("a", "One", published=1),
        press.article("b", "Alpha Wire", press.claim(None), published=2),
    )
    assert verdict.representative == "a"


@pytest.mark.parametrize("claims", [0, 1])
def test_each_outlet_is_resolved_once(press, claims):
    asked = []

    def resolve(name, url):
        asked.append((name, url))

    members = [
        press.article(
            f"a{n}", f"Paper {n % 3}", *[press.claim("Paper 1")] * claims,
            url=f"https://paper{n % 3}.example/{n}", published=n,
        )
        for n in range(30)
    ]  # fmt: skip
    decide_provenance(members, [], resolve)
    assert len(asked) == 3 + claims
