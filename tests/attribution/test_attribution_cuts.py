"""Cuts of pages: a label written onto a name, tags, a place beside an agency, a date below."""

from __future__ import annotations

import pytest

from dedupe.attribution.loading import load_extractor
from dedupe.models import Article

LEAD = "The bridge reopened on Monday and traffic went on as before, the council said. " * 2
TR = "Köprü pazartesi yeniden açıldı ve trafik eskisi gibi sürüyor, belediye açıkladı. " * 2
AR = "أعلنت البلدية يوم الاثنين أن الجسر فتح من جديد وأن حركة السير عادت إلى ما كانت عليه. " * 2
UR = "بلدیہ نے پیر کو بتایا کہ پل دوبارہ کھول دیا گیا ہے اور ٹریفک پہلے کی طرح چل رہی ہے۔ " * 2


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    return (found.kind.value, found.original_source) if found is not None else ("none", None)


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        (f"Kaynak:BirGünYayınlanma: 2 Eylül 2022\n{TR}", "source_line", "BirGün"),
        (f"{AR}\nالمصدر:صحيفة سبقالأحد 4 ذو القعدة 1437", "source_line", "سبق"),
        (f"{LEAD}\nИсточник:«Цапля-Информ»Просмотров: 1204", "source_line", "Цапля-Информ"),
        (f"{LEAD}\nQuelle: Hafenbote vom 12. Mai 2021\nSchlagworte: Brücke", "source_line",
         "Hafenbote"),
        (f"Storm nears coast\nAda Quill, AAP\nJune 13, 2022 6:02pm\n{LEAD}", "agency_byline",
         "AAP"),
        (f"Un barco vuelve\nEFE / Vigo\n{LEAD}", "agency_byline", "EFE"),
        (f"جدة (يونا/وفا) - {AR}", "agency_byline", "وفا"),
        (f"{LEAD}\nفرانس 24 / رويترز", "agency_byline", "فرانس 24"),
        (f"{LEAD}(Vanguard)", "source_line", "Vanguard"),
    ],
)  # fmt: skip
def test_a_credit_is_read_where_its_line_was_lost(body, kind, name):
    assert read(body) == (kind, name)


@pytest.mark.parametrize(
    "body",
    [
        f"{AR}\nالوسوم: رويترز، النفط",
        f"{LEAD}\nTags: AP, bridge",
        f"{LEAD}\nEtiketler: AA, köprü",
        f"Storm nears coast\nAda Quill, AAP\n{LEAD}",
        f"A quiet harbour\nAFP/Quill\n{LEAD}",
        f"وزیر (پی ٹی آئی) نے کہا کہ کچھ نہیں بدلے گا۔ {UR}",
        f"{LEAD}(Harbour)",
        f"{LEAD}\nThis text was provided by a third party.",
    ],
)
def test_tags_pictures_and_third_parties_name_no_source(body):
    assert read(body)[1] is None
