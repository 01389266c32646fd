"""What members say about their source, and what the verdict makes of it."""

from __future__ import annotations

import pytest

from dedupe.models import AttributionKind, ClaimRole, Trust

SOURCE, VIA, AGENCY = ClaimRole.SOURCE, ClaimRole.VIA, ClaimRole.AGENCY


def test_a_named_member_is_the_original(press):
    verdict = press.decide(
        press.article("a", "Harbour News", press.claim("Hill Gazette"), published=1),
        press.article("b", "Hill Gazette", published=2),
        press.article("c", "Quay Times", published=0),
    )
    assert (verdict.provenance.original, verdict.provenance.outlet) == ("b", "Hill Gazette")
    assert verdict.representative == "b"


def test_of_several_articles_of_the_named_outlet_the_first_is_the_original(press):
    verdict = press.decide(
        press.article("a", "Hill Gazette", published=3),
        press.article("b", "Hill Gazette", published=2),
        press.article("c", "Quay Times", press.claim("Hill Gazette"), published=4),
    )
    assert verdict.provenance.original == "b"
    assert {verdict.credits["a"].value, verdict.credits["b"].value} == {"original"}


def test_an_address_tells_which_of_several_articles_is_meant(press):
    pages = [f"https://www.hill.example/{n}/" for n in range(2)]
    verdict = press.decide(
        press.article("a", "Hill Gazette", published=0, url=pages[0]),
        press.article("b", "Hill Gazette", published=2, url=pages[1]),
        press.article("c", "Quay", press.claim("Hill Gazette", url="http://hill.example/1#top")),
    )
    assert verdict.provenance.original == "b"


def test_articles_of_one_outlet_that_nothing_orders_share_the_confidence(press):
    credit = press.article("c", "Quay Times", press.claim("Hill Gazette"))
    one = press.decide(press.article("a", "Hill Gazette"), credit)
    two = press.decide(
        press.article("a", "Hill Gazette"), press.article("b", "Hill Gazette"), credit
    )
    assert two.provenance.confidence == pytest.approx(one.provenance.confidence / 2, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "outlet"), [("Alpha Wire", "alpha"), ("Far Away Courier", "Far Away Courier")]
)
def test_an_original_outside_is_named_by_key_or_as_written(press, name, outlet):
    verdict = press.decide(
        press.article("b", "Quay Times", press.claim(name), published=2),
        press.article("a", "Hill Gazette", published=1),
    )
    found = verdict.provenance
    assert (found.original, found.outlet, found.chain) == (None, outlet, (outlet,))
    assert verdict.representative == "a"


def test_the_key_in_a_claim_is_taken_before_its_name(press):
    verdict = press.decide(
        press.article("a", "Quay Times", press.claim("AW", outlet="alpha")),
        press.article("b", "Alpha Wire"),
    )
    assert verdict.provenance.original == "b"


def test_a_name_in_another_spelling_of_a_member_finds_it(press):
    verdict = press.decide(
        press.article("a", "الوجيز", press.claim("مجله تراث القصر")),
        press.article("b", "مجلة تُراث القصر"),
    )
    assert verdict.provenance.original == "b"


def test_a_notice_counts_more_than_a_source_line(press):
    verdict = press.decide(
        press.article("a", "One", press.claim("Hill Gazette")),
        press.article("b", "Two", press.claim("Quay Times", trust=Trust.SOURCE_LINE)),
    )
    assert verdict.provenance.outlet == "Hill Gazette"


def test_independent_voters_outweigh_one(press):
    verdict = press.decide(
        press.article("a", "One", press.claim("Hill Gazette")),
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "bcd"),
    )
    assert verdict.provenance.outlet == "alpha"


def test_outlets_of_one_family_vote_once(press):
    def line(name):
        return press.claim(name, trust=Trust.SOURCE_LINE, sure=0.6)

    verdict = press.decide(
        press.article("a", "Morning Star", line("Hill Gazette")),
        press.article("b", "Evening Star", line("Hill Gazette")),
        press.article("c", "One", line("Quay Times")),
        press.article("d", "Two", line("Quay Times")),
    )
    assert verdict.provenance.outlet == "Quay Times"


def test_more_agreeing_voters_give_more_confidence(press):
    members = [press.article(i, f"Paper {i}", press.claim("Hill Gazette")) for i in "abc"]
    ratings = [press.decide(*members[:n]).provenance.confidence for n in (1, 2, 3)]
    assert ratings == sorted(set(ratings))


def test_a_draw_is_unknown_and_says_why(press):
    verdict = press.decide(
        press.article("a", "One", *press.credit("Alpha Wire"), published=2),
        press.article("b", "Two", *press.credit("Beta Wire"), published=1),
    )
    found = verdict.provenance
    assert (found.original, found.outlet, found.confidence) == (None, None, 0.0)
    assert [c.outlet for c in found.contradictions] == ["alpha", "beta"]
    assert found.independent_origins == 2
    assert set(verdict.credits.values()) == {verdict.credits["a"].UNCLEAR}
    assert verdict.representative == "b"


def test_what_points_elsewhere_is_a_contradiction(press):
    found = press.decide(
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"),
        press.article("d", "Paper d", press.claim("Far Courier", quote="from Far Courier")),
    ).provenance
    (contradiction,) = found.contradictions
    assert (contradiction.article, contradiction.name) == ("d", "Far Courier")
    assert "another source" in contradiction.reason


def test_a_contradicted_verdict_is_less_sure(press):
    agreeing = [press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "ab"]
    other = press.article("c", "Paper c", press.claim("Far Courier"))
    alone, contested = press.decide(*agreeing), press.decide(*agreeing, other)
    assert contested.provenance.confidence < alone.provenance.confidence


def test_a_site_that_names_itself_says_nothing(press):
    itself = press.claim("Hill Gazette", kind=AttributionKind.FIRST_APPEARED)
    verdict = press.decide(
        press.article("a", "Hill Gazette", itself, seen=2, itself=True),
        press.article("b", "Quay Times", seen=1),
    )
    assert verdict.provenance.original == "b"
    assert verdict.credits["a"].value == "unclear"


def test_a_self_reference_under_another_name_is_ignored(press):
    found = press.decide(
        press.article("a", "hill.example", press.claim("The Gazette on the Hill"), itself=True),
        press.article("b", "Quay Times", press.claim("Alpha Wire")),
    ).provenance
    assert (found.outlet, found.contradictions) == ("alpha", ())


def test_whoever_contributes_is_not_the_origin(press):
    thanks = press.claim("Alpha Wire", ClaimRole.CONTRIBUTOR, Trust.AGENCY_CREDIT)
    verdict = press.decide(
        press.article("a", "Hill Gazette", thanks, seen=1),
        press.article("b", "Quay Times", seen=2),
    )
    assert verdict.provenance.original == "a"


@pytest.mark.parametrize("name", [None, "وكالات", "Agencies"])
def test_a_word_for_agencies_names_no_origin_and_denies_being_it(press, name):
    claim = press.claim(name, AGENCY, Trust.AGENCY_CREDIT)
    verdict = press.decide(
        press.article("a", "Hill Gazette", claim, published=1),
        press.article("b", "Quay Times", published=2),
    )
    assert (verdict.provenance.original, verdict.provenance.outlet) == (None, None)
    assert verdict.credits["a"].value == "unclear"


def test_a_notice_without_a_name_is_not_the_original(press):
    feed = AttributionKind.SYNDICATION_FEED
    verdict = press.decide(
        press.article("a", "Hill Gazette", seen=2),
        press.article("b", "Quay Times", press.claim(None, kind=feed), seen=3),
    )
    assert verdict.provenance.original == "a"
    assert verdict.credits["b"].value == "unclear"


def test_an_agency_beside_the_own_byline_is_half_an_origin(press):
    own = press.claim("Hill Gazette", trust=Trust.AGENCY_CREDIT)
    wire = press.claim("Alpha Wire", AGENCY, Trust.AGENCY_CREDIT)
    verdict = press.decide(
        press.article("a", "Hill Gazette", own, wire, itself=True),
        press.article("b", "Quay Times"),
    )
    whole = press.decide(
        press.article("a", "Hill Gazette", *press.credit("Alpha Wire")),
        press.article("b", "Quay Times"),
    )
    assert verdict.provenance.outlet == whole.provenance.outlet == "alpha"
    assert verdict.provenance.confidence < 0.6 < whole.provenance.confidence


def test_evidence_is_ordered_by_trust_and_bounded(press):
    members = [
        press.article(f"a{n:03}", f"Paper {n}", press.claim("Hill Gazette", quote="x" * 999))
        for n in range(80)
    ]
    line = press.claim("Hill Gazette", trust=Trust.FEED, sure=1.0)
    found = press.decide(*members[:9], press.article("a", "Last", line)).provenance
    assert [e.trust for e in found.evidence] == ["notice"] * 9 + ["feed"]
    assert {len(e.quote) for e in found.evidence[:9]} == {300}
    assert len(press.decide(*members).provenance.evidence) == 50


def test_no_members_are_refused(press):
    with pytest.raises(ValueError, match="without members"):
        press.decide()


def test_of_two_equal_names_the_first_counts(press):
    claims = [press.claim("Quay Times"), press.claim("Hill Gazette")]
    found = press.decide(press.article("a", "One", *claims), press.article("b", "Two")).provenance
    assert (found.outlet, found.independent_origins) == ("Quay Times", 1)


def test_a_named_article_that_was_not_the_first_is_believed_half(press):
    def believe(when):
        members = [press.article("a", "One", press.claim("Two"), published=5),
                   press.article("b", "Two", published=when)]  # fmt: skip
        return press.decide(*members).provenance

    first, later, undated = believe(1), believe(9), believe(None)
    assert first.original == later.original == undated.original == "b"
    assert later.confidence < 0.55 < undated.confidence < first.confidence


def test_an_agency_stamped_late_is_not_doubted_for_it(press):
    members = [press.article("a", "One", press.claim("Alpha Wire"), published=5),
               press.article("b", "Alpha Wire", published=9)]  # fmt: skip
    assert press.decide(*members).provenance.confidence > 0.65
