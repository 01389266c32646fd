"""Outlets and agencies that no list holds, in layouts that only credits have, and their traps."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

LEAD = "The bridge reopened on Monday and traffic went on as before, the council said. " * 2
AR = "أعلنت البلدية يوم الاثنين أن الجسر فتح من جديد وأن حركة السير عادت إلى ما كانت عليه. " * 2
HI = "नगर परिषद ने सोमवार को बताया कि पुल फिर से खुल गया है और यातायात पहले की तरह चल रहा है। " * 2
UR = "بلدیہ نے پیر کو بتایا کہ پل دوبارہ کھول دیا گیا ہے اور ٹریفک پہلے کی طرح چل رہی ہے۔ " * 2
RU = "Мост открыли в понедельник, движение идёт как прежде, сообщили в городском совете. " * 2


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    return (found.kind.value, found.original_source) if found is not None else ("none", None)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"كيفه، 14 يونيو 2024 (ك م ن) – {AR}", "ك م ن"),
        (f"Headline of the day\nQUAYSIDE, 12 (MAREMEDIA)\n{LEAD}", "MAREMEDIA"),
        (f"Port Quay, 6 de junio (QN) -- {LEAD}", "QN"),
        (f"Warszawa, 12.04.2024 (QRSnews) - {LEAD}", "QRSnews"),
        (f"Assomada, 12 Mar (Quaypress) – {LEAD}", "Quaypress"),
        (f"(Agence Quai) - {LEAD}", "Agence Quai"),
        (f"(Agenzia Molo) - {LEAD}", "Agenzia Molo"),
        (f"سرینگر/ کے ڈی ایس / {UR}", "کے ڈی ایس"),
        (f"Гавань, 21 апреля, КВАРТАДЖ\n{RU}", "КВАРТАДЖ"),
        (f"الميناء / وكالة المرسى / {AR}", "وكالة المرسى"),
        (f"PORT QUAY (QZN) — {LEAD}", "QZN"),
    ],
)
def test_agencies_nobody_listed(body, name):
    assert read(body) == ("agency_byline", name)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"المرسى نيوز/ الميناء\n{AR}", "المرسى نيوز"),
        (f"المرسى نيوز/ {AR}", "المرسى نيوز"),
        (f"هل يفيد المشي؟\nالمرسى نيوز - الميناء\n{AR}", "المرسى نيوز"),
        (f"QUAY.CO, Jakarta - {LEAD}", "QUAY.CO"),
        (f"JAKARTA, QuayNews.com - {LEAD}", "QuayNews.com"),
        (f"By MARISOL BROOK\nHarbour News Illinois\nQUAYSIDE – {LEAD}", "Harbour News Illinois"),
        (f"PORT QUAY (KQZT) — {LEAD}", "KQZT"),
        (f"{LEAD} (Kaainieuws)", "Kaainieuws"),
        (f"{LEAD}/ La Voz del Interior", "La Voz del Interior"),
        (f"{LEAD}— The Quay Herald", "The Quay Herald"),
        (f"{LEAD}– quaypost.org", "quaypost.org"),
    ],
)
def test_outlets_nobody_listed(body, name):
    assert read(body) == ("source_line", name)


@pytest.mark.parametrize(
    "body",
    [
        f"PARIS (Texas) - {LEAD}",
        f"SPRINGFIELD (LIVE) - {LEAD}",
        f"(Beirut) – {LEAD}",
        f"(Update) - {LEAD}",
        f"(Left to right) - {LEAD}",
        f"Jane Brook (QZP) - {LEAD}",
        f"Port Quay, 3 May (local time) - {LEAD}",
        f"Port Quay, 12 people (most of them sailors) - {LEAD}",
        f"The council / the harbour / {LEAD}",
        f"القاهرة / محمد علي / {AR}",
        f"القاهرة - محمد علي\n{AR}",
        f"الميناء / المرسى\n{AR}",
        f"Jane Brook, Quayside - {LEAD}",
        f"Monday, 3 May, Quayside\n{LEAD}",
        f"Quayside, May 3, 2024\n{LEAD}",
        f"By Jane Brook\nSenior Reporter\n{LEAD}",
        f"By Jane Brook\nQuayside\n{LEAD}",
        f"{LEAD} (Jane Brook)",
        f"{LEAD} (jbr)",
        f"{LEAD} (QZP)",
        f"{LEAD}— Jane Brook",
        f"{LEAD}/ Jane Brook",
        f"{LEAD}\nENDS",
        f"{LEAD}\nJBR",
        f"{LEAD}\nContact us",
        f"{LEAD}- info@quaypost.org",
        "“I never read the morning news.”\n— Jane Brook",
        f"{LEAD}\nPhoto: Quaynews",
        f"Oper shr profit 18 cts vs loss one ct\nRevs 6,872,630 vs NA\n{LEAD}",
        f"{AR}\nوذكرت وكالة أنباء (محلية) أن الجسر مغلق.",
        "OTTAWA - May 30, 2013 - (L-R) " + LEAD,
    ],
)
def test_places_persons_and_notes_are_none(body):
    assert read(body) == ("none", None)
