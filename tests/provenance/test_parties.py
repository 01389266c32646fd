"""Which names and addresses in a cluster are one outlet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.provenance.parties import Cast, find_host, fold_name


def cast_of(press, *carriers):
    return Cast(carriers, press.resolve)


def test_names_fold_as_texts_do():
    assert fold_name("جريــدةُ الأهرام") == fold_name("جريده الاهرام")
    assert fold_name("«L’Écho», des Salines!") == "l echo des salines"


@given(st.text(max_size=300))
def test_folding_is_stable_and_bounded(name):
    folded = fold_name(name)
    assert fold_name(folded)[:100] == folded[:100]
    assert folded == " ".join(folded.split())


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Hill.example/a?b#c", "hill.example"),
        ("//hill.example:8080/", "hill.example"),
        ("http://user:secret@hill.example/", "hill.example"),
        ("hill.example", "hill.example"),
        ("أخبار.مثال", "أخبار.مثال"),
        ("http://[::1]/", None),
        ("Hill Gazette", None),
        ("U.S.A.F", None),
        ("", None),
        (None, None),
    ],
)
def test_hosts_are_found(address, host):
    assert find_host(address) == host


@given(st.text(max_size=200))
def test_any_address_is_survived(address):
    for text in (address, "https://" + address):
        host = find_host(text)
        assert host is None or "/" not in host


@pytest.mark.parametrize(
    ("outlet", "name"),
    [
        ("The Harbour Ledger", "Harbour Ledger"),
        ("مجلة تراث القصر", "تراث القصر"),
        ("پایگاه خبری آبی‌کوه", "آبی‌کوه"),
        ("Hill Gazette", "hill gazette."),
        ("The Hill (Quayland)", "The Hill"),
    ],
)
def test_a_name_that_only_a_member_can_have_is_that_member(press, outlet, name):
    cast = cast_of(press, press.article("a", outlet))
    assert cast.identify(press.claim(name), None) == cast.members[0]


def speaking(press, language, name):
    return replace(press.claim(name), rule=f"{language}.line")


@pytest.mark.parametrize(
    ("language", "outlet", "name"),
    [
        ("de", "Lausitzer Hafenbote", "Lausitzer Hafenboten"),
        ("de", "Neuer Hügelkurier", "Neuen Hügelkuriers"),
        ("pl", "Gazeta Wzgórza", "Gazecie Wzgórza"),
        ("ru", "Сибирская газета", "Сибирской газеты"),
        ("uk", "Портова хвиля", "Портовій хвилі"),
        ("cs", "Přístavní noviny", "Přístavních novinách"),
    ],
)
def test_a_member_named_in_another_case_of_the_notices_language_is_meant(
    press, language, outlet, name
):
    cast = cast_of(press, press.article("a", outlet), press.article("b", "Hill Times"))
    assert cast.identify(speaking(press, language, name), None) == cast.members[0]
    assert cast.identify(speaking(press, "en", name), None) != cast.members[0]


def test_a_case_that_two_members_may_have_is_neither(press):
    cast = cast_of(press, press.article("a", "Neue Welle"), press.article("b", "Neuer Welle"))
    assert cast.identify(speaking(press, "de", "Neuen Welle"), None) not in cast.outlets
    assert cast.identify(speaking(press, "de", "Neues Land"), None) not in cast.outlets


@pytest.mark.parametrize("name", ["Times", "The Evening Quay Times of the Hill", "Gazette"])
def test_a_name_that_two_members_could_have_is_neither(press, name):
    cast = cast_of(
        press, press.article("a", "Quay Times Gazette"), press.article("b", "Hill Times Gazette")
    )
    assert cast.identify(press.claim(name), None) not in cast.outlets


def test_parts_of_names_are_not_looked_for_among_very_many(press):
    members = [press.article(f"a{n:04}", f"The Paper {n} Ledger") for n in range(300)]
    cast = cast_of(press, *members)
    assert cast.identify(press.claim("Paper 7 Ledger"), None) not in cast.outlets
    assert cast.identify(press.claim("the paper 7 ledger"), None) in cast.outlets


@pytest.mark.parametrize(
    "url", ["https://hill.example/x", "https://news.hill.example/x", "https://example.test/x"]
)
def test_an_address_alone_finds_a_member(press, url):
    home = "https://sub.example.test/" if "test" in url else "https://hill.example/"
    cast = cast_of(press, press.article("a", "Hill Gazette", url=home))
    assert cast.identify(press.claim(None, url=url), None) == cast.members[0]


def test_an_address_does_not_make_a_claim_about_another_a_self_reference(press):
    cast = cast_of(press, press.article("a", "Hill Gazette", url="https://hill.example/1"))
    tagged = press.claim("Far Courier", url="https://hill.example/tag/far-courier")
    named = cast.identify(tagged, cast.members[0])
    assert named != cast.members[0]
    assert cast[named].label == "Far Courier"


def test_an_address_and_a_name_that_stand_together_once_are_one_party(press):
    cast = cast_of(press, press.article("a", "Hill Gazette"))
    claims = [press.claim("Far Courier", url="https://far.example/1"),
              press.claim(None, url="https://www.far.example/2")]  # fmt: skip
    cast.learn(claims)
    assert len({cast.identify(claim, None) for claim in claims}) == 1


def test_a_known_address_gives_its_outlet(press):
    cast = cast_of(press, press.article("a", "Hill Gazette"))
    assert cast.identify(press.claim(None, url="https://alpha.example/x"), None) == "k:alpha"


def test_a_claim_without_name_and_address_names_nobody(press):
    cast = cast_of(press, press.article("a", "Hill Gazette"))
    assert cast.identify(press.claim(None), None) is None
    assert cast.identify(press.claim("— …"), None) is None


def test_an_article_without_outlet_and_address_has_no_party(press):
    assert cast_of(press, press.article("a")).members == [None]


@pytest.mark.parametrize(
    ("outlet", "name"),
    [
        ("Alpha Post", "Alpha Post-Gazette"),
        ("Kansas Harbour Star", "Kansas Harbour Star Herald"),
        ("Newport Daily", "Newport Daily Express"),
        ("الأيام الأخيرة", "الأيام الأخيرة السورية"),
    ],
)
def test_a_name_with_another_telling_word_is_another_outlet(press, outlet, name):
    cast = cast_of(press, press.article("a", outlet))
    assert cast.identify(press.claim(name), None) != cast.members[0]
