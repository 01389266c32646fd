"""What stands around a name tells which outlet is meant, and whether it is an agency."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.attribution.outlets import load_outlets
from dedupe.models import Article

BODY = (
    "أعلنت البلدية افتتاح الجسر بعد أعمال استمرت ثلاث سنوات.\n\nوقالت إن الحركة ستبدأ تدريجيا.\n\n"
)


def read(notice, body=BODY, authors=()):
    return load_extractor().extract([Article("a", None, None, "", body + notice, authors=authors)])[
        0
    ]


@pytest.mark.parametrize(
    ("notice", "key"),
    [
        ("نقلا عن قناة الجزيرة", "aljazeera"),
        ("نقلا عن صحيفة الجزيرة", "aljazirah_sa"),
        ("المصدر: قناة الجزيرة", "aljazeera"),
        ("المصدر: صحيفة الجزيرة", "aljazirah_sa"),
        ("المصدر: الجزيرة", None),
        ("Republished from The Independent (Nigeria).", "daily_independent_ng"),
        ("Republished from The Herald.", None),
        ("Republished from The Herald (Zimbabwe).", "herald_zw"),
    ],
)
def test_the_noun_before_a_name_and_the_country_behind_it_decide(notice, key):
    found = read(notice)
    assert found.original_source is not None
    assert {claim.outlet for claim in found.claims} == {key}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The Independent (Zimbabwe)", None),
        ("The Independent (UK)", "independent"),
        ("The Guardian (Pictures)", "guardian"),
        ("Nobody's Paper (Kenya)", None),
        ("(Kenya)", None),
        ("(" * 150, None),
    ],
)
def test_a_country_behind_a_name_denies_the_one_elsewhere(name, key):
    found = load_outlets().resolve(name, agency_context=True)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    "notice", ["المصدر: وكالة الأناضول للأنباء", "المصدر: وكالة أنباء شينخوا", "Source: Rueters"]
)
def test_an_agency_written_out_or_misspelt_behind_a_label_is_credited(notice):
    name = notice.partition(": ")[2]
    found = read(notice)
    assert (found.kind.value, found.original_source) == ("agency_byline", name)
    assert found.agencies == (name,)


@pytest.mark.parametrize(
    ("name", "language", "key"),
    [
        ("ANP", "nl", "anp_nl"),
        ("APA", "de-AT", "apa_at"),
        ("KNA", "de", "kna_de"),
        ("LaPresse", "it", "lapresse_it"),
        ("APA", "ja", None),
        ("APA", None, None),
    ],
)
def test_agencies_of_one_abbreviation_are_told_by_the_language_of_the_text(name, language, key):
    text = f"The bridge is open again.\n\nIt is cheap. ({name})"
    found = load_extractor().extract([Article("a", None, None, "", text, language)])[0]
    assert found.agencies == (name,)
    assert {claim.outlet for claim in found.claims} == {key}


@pytest.mark.parametrize("author", ["AFP / Jane Roe", "Jane Roe/AFP", "Jane Roe /AFP"])
def test_an_agency_beside_a_reporter_in_a_field_is_credited(author):
    assert read("", authors=(author,)).agencies == ("AFP",)
    assert read("", authors=("Jane Roe / John Doe",)) is None
