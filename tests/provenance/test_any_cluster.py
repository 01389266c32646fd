"""What holds for every cluster that hypothesis can think of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.models import AttributionKind, ClaimRole, Relation, Trust
from dedupe.provenance import decision

NAMES = ("Alpha Wire", "Beta Wire", "Gatherer", "Morning Star", "Evening Star", "Hill Gazette",
         "The Hill Gazette", "Quay Times", "quay.example", "المنارة", None)  # fmt: skip
URLS = (None, "https://quay.example/1", "https://www.hill.example/2", "https://alpha.example/3")
ROLES = (*ClaimRole,)
HOURS = st.none() | st.integers(0, 4)


@st.composite
def clusters(draw, press):
    ids = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True))
    claims = st.builds(
        press.claim,
        st.sampled_from(NAMES),
        st.sampled_from(ROLES),
        st.sampled_from(tuple(Trust)),
        sure=st.sampled_from((0.0, 0.5, 0.9, 1.0)),
        url=st.sampled_from(URLS),
    )
    carriers = [
        press.article(
            article,
            draw(st.sampled_from(NAMES)),
            *draw(st.lists(claims, max_size=3)),
            published=draw(HOURS),
            seen=draw(HOURS),
            url=draw(st.sampled_from(URLS)),
            words=draw(st.sampled_from((100, 200))),
            itself=draw(st.booleans()),
        )
        for article in ids
    ]
    pairs = [(a, b) for a in ids for b in ids if a < b]
    matches = [
        press.match(
            *pair,
            draw(st.sampled_from((Relation.EXCERPT, Relation.REVISION, Relation.EDITED))),
            container=draw(st.sampled_from(("left", "right"))),
            earlier=draw(st.sampled_from(("left", "right"))),
        )
        for pair in (draw(st.lists(st.sampled_from(pairs), max_size=6)) if pairs else [])
    ]
    return carriers, matches


@given(st.data(), st.randoms(use_true_random=False))
def test_no_order_changes_the_verdict(press, data, rng):
    carriers, matches = data.draw(clusters(press))
    verdict = press.decide(*carriers, matches=matches)
    rng.shuffle(carriers)
    rng.shuffle(matches)
    assert press.decide(*carriers, matches=matches) == verdict


@given(st.data())
def test_a_verdict_is_whole(press, data):
    carriers, matches = data.draw(clusters(press))
    verdict = press.decide(*carriers, matches=matches)
    found, ids = verdict.provenance, {carrier.id for carrier in carriers}
    assert verdict.credits.keys() == ids
    assert verdict.representative in ids
    assert 0 <= found.confidence <= 1
    assert 1 <= found.independent_origins <= len(carriers)
    if found.original is None and found.outlet is None:
        assert (found.confidence, found.chain) == (0.0, ())
        assert {item.trust for item in found.evidence} <= {
            "published",
            "seen",
            "containment",
            "revision",
        }
    else:
        assert found.confidence >= 0.3
        assert found.chain[:1] in ((), (found.outlet,))
    if found.original is not None:
        assert found.original == verdict.representative
        assert verdict.credits[found.original].value == "original"
    assert {item.article for item in (*found.evidence, *found.contradictions)} <= ids


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [None, AttributionKind.NONE])
def test_an_article_alone_is_judged_as_if_it_were_weighed(press, monkeypatch, name, url, kind):
    article = press.article("a", name, published=1, seen=2, url=url, kind=kind)
    verdict = press.decide(article)
    monkeypatch.setattr(decision, "_says_nothing", lambda *_: False)
    assert press.decide(article) == verdict
    assert (verdict.provenance.original is not None) == (
        "alpha" in (verdict.provenance.outlet or "") or "beta" in (verdict.provenance.outlet or "")
    )
