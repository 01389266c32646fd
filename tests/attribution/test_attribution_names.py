"""Where names end and what is left out of them: capitals, "and", epithets, sponsors."""

import unicodedata

import pytest
from attribution.reading import read


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("이 기사는 왜가리신문에 처음 실렸습니다.", "왜가리신문"),
        ("出典：あおさぎタイムズ", "あおさぎタイムズ"),
        ("Este artículo se publicó originalmente en Crónica de la Garza.", "Crónica de la Garza"),
        ("Статья впервые опубликована на сайте журнала «Серый».", "Серый"),
        ("نُشر هذا المقال لأول مرة في مجلة الأفق.", "الأفق"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_letters_spelt_in_parts_are_read_and_spans_stay_verbatim(notice, name, form):
    body = unicodedata.normalize(form, f"…\n{notice}")
    found = read(body)
    assert found is not None
    assert found.original_source == unicodedata.normalize(form, name)
    assert all(body[c.start : c.end] == c.quote for c in found.claims)
    assert unicodedata.normalize(form, name) in found.claims[0].quote


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("THIS ARTICLE WAS ORIGINALLY PUBLISHED BY THE HARBOUR LAMP.", "HARBOUR LAMP"),
        ("DIESER ARTIKEL ERSCHIEN ZUERST IN DER HAFENLATERNE.", "HAFENLATERNE"),
        ("THIS ARTICLE WAS ORIGINALLY PUBLISHED BY THE GUARDIAN.", "THE GUARDIAN"),
        ("SOURCE: THE HARBOUR LAMP", "THE HARBOUR LAMP"),
        ("This article was originally published by The Harbour Lamp.", "The Harbour Lamp"),
    ],
)
def test_an_article_in_capitals_is_the_name_s_own_only_where_that_is_known(notice, name):
    assert read(f"The ice went out.\n{notice}").original_source == name


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("Este texto apareció en Garza Digital y lo reproducimos con permiso.", "Garza Digital"),
        ("This story was produced by Tin Whistle and reviewed and sent out by us.", "Tin Whistle"),
        ("This article first appeared in Marsh and Field Review.", "Marsh and Field Review"),
        ("نقلا عن موقع المرفأ والموقع غير مسؤول عن المحتوى.", "المرفأ"),
    ],
)
def test_a_name_ends_where_and_goes_on_with_the_sentence(notice, name):
    assert read(f"…\n{notice}").original_source == name


@pytest.mark.parametrize(
    ("notice", "name"),
    [
        ("نقلا عن «القبس» الكويتية", "القبس"),
        ("المصدر: جريدة هسبريس المغربية", "هسبريس"),
        ("المصدر: وكالة الأنباء الكويتية", "وكالة الأنباء الكويتية"),
    ],
)
def test_where_an_outlet_is_from_is_no_part_of_a_known_name(notice, name):
    assert read(f"…\n{notice}").original_source == name


@pytest.mark.parametrize(
    "text",
    [
        "First published in Tin Whistle, the diary was read by three generations.",
        "Publicado originalmente en Garza Digital, el diario fue leído por tres generaciones.",
        "Initialement paru dans Le Héron, le journal fut lu par trois générations de marins.",
        "Pubblicato originariamente su Airone Blu, il diario fu letto da tre generazioni.",
    ],
)
def test_a_participle_that_only_begins_a_sentence_is_no_notice(text):
    assert read(f"{text} Nobody knows why.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Este reportaje se realizó en alianza con la Fundación Garza.",
        "Diese Recherche entstand in Zusammenarbeit mit der Universität Reiher.",
        "Reportaż powstał we współpracy z Bankiem Czapla.",
        "Материал подготовлен совместно с фондом «Цапля».",
        "أُعدّ هذا التقرير بالتعاون مع مؤسسة مالك الحزين.",
    ],
)
def test_a_partner_that_publishes_nothing_is_no_source(text):
    assert read(f"…\n{text}") is None
