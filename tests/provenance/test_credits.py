"""How each member credits, and how many roots stand behind a cluster."""

from __future__ import annotations

from dedupe.models import ClaimRole, Credit, Trust


def test_each_kind_of_credit_in_one_cluster(press):
    via = press.claim("Hill Gazette", ClaimRole.VIA)
    verdict = press.decide(
        press.article("a", "Alpha Wire", published=0),
        press.article("b", "Hill Gazette", *press.credit("Alpha Wire"), published=1),
        press.article("c", "Quay Times", press.claim("Hill Gazette"), published=2),
        press.article("d", "Last Post", *press.credit("Alpha Wire"), via, published=3),
        press.article("e", "Far Post", published=4),
        press.article("f", "Deep Post", press.claim("Some Courier"), published=5),
        press.article("g", "Low Post", press.claim(None), published=6),
    )
    assert verdict.credits == {
        "a": Credit.ORIGINAL,
        "b": Credit.AGENCY,
        "c": Credit.CREDITED,
        "d": Credit.CREDITED,
        "e": Credit.UNCREDITED,
        "f": Credit.UNCLEAR,
        "g": Credit.UNCLEAR,
    }


def test_naming_another_agency_than_the_root_is_unclear(press):
    wires = [press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"]
    verdict = press.decide(*wires, press.article("d", "Other", *press.credit("Beta Wire")))
    assert verdict.credits["d"] is Credit.UNCLEAR


def test_thanking_the_agency_that_is_the_root_counts(press):
    thanks = press.claim("Alpha Wire", ClaimRole.CONTRIBUTOR, Trust.AGENCY_CREDIT)
    verdict = press.decide(
        press.article("a", "One", *press.credit("Alpha Wire")),
        press.article("b", "Two", thanks),
    )
    assert verdict.credits["b"] is Credit.AGENCY


def test_naming_a_fellow_carrier_that_hides_the_root_is_a_credit(press):
    verdict = press.decide(
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"),
        press.article("d", "Hill Gazette"),
        press.article("e", "Quay Times", press.claim("Hill Gazette")),
    )
    assert verdict.provenance.outlet == "alpha"
    assert verdict.credits["d"] is Credit.UNCREDITED
    assert verdict.credits["e"] is Credit.CREDITED
    assert verdict.provenance.independent_origins == 1


def test_naming_the_root_among_others_is_a_credit(press):
    verdict = press.decide(
        press.article("a", "One", press.claim("Hill Gazette")),
        press.article("b", "Two", press.claim("Hill Gazette")),
        press.article(
            "c",
            "Three",
            press.claim("Far Courier"),
            press.claim("Hill Gazette", trust=Trust.SOURCE_LINE),
        ),
    )
    assert verdict.credits["c"] is Credit.CREDITED
    assert verdict.provenance.independent_origins == 1


def test_members_without_a_claim_stand_behind_the_root(press):
    found = press.decide(
        press.article("a", "One", press.claim("Hill Gazette")),
        *(press.article(f"b{n}", f"Paper {n}", published=n) for n in range(9)),
    ).provenance
    assert found.independent_origins == 1


def test_another_declared_root_is_another_origin(press):
    found = press.decide(
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"),
        press.article("d", "Other", *press.credit("Beta Wire")),
        press.article("e", "Another", *press.credit("Beta Wire")),
    ).provenance
    assert found.independent_origins == 2


def test_an_agency_in_the_cluster_is_a_root_of_its_own(press):
    found = press.decide(
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"),
        press.article("d", "Beta Wire"),
        press.article("e", "Another", *press.credit("Beta Wire")),
    ).provenance
    assert found.independent_origins == 2


def test_roots_of_one_family_are_one_origin(press):
    found = press.decide(
        *(press.article(i, f"Paper {i}", press.claim("Morning Star")) for i in "ab"),
        press.article("c", "Other", press.claim("Evening Star")),
    ).provenance
    assert found.independent_origins == 1


def test_declared_metadata_alone_makes_no_further_origin(press):
    reported = press.claim("Far Courier", trust=Trust.METADATA)
    found = press.decide(
        *(press.article(i, f"Paper {i}", *press.credit("Alpha Wire")) for i in "abc"),
        press.article("d", "Other", reported),
    ).provenance
    assert found.independent_origins == 1
    assert [c.article for c in found.contradictions] == ["d"]
