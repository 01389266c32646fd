"""Places where an agency's or outlet's name is a credit, and their neighbours where it is none."""

from __future__ import annotations

import pytest
from attribution.reading import read, source_of

from dedupe.models import AttributionKind

LEAD = "The bridge reopened on Monday and traffic went on as before, the council said. " * 2


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (f"Rabat - (MAP) {LEAD}", "MAP"),
        (f"New Delhi, March 3 (IANS) {LEAD}", "IANS"),
        (f"Bonn (KNA) {LEAD}", "KNA"),
        (f"(CNN){LEAD}", "CNN"),
        (f"{LEAD}\n(Le Monde)", "Le Monde"),
        (f"{LEAD} (AFP)", "AFP"),
    ],
)
def test_brackets_at_the_ends_are_credits(body, source):
    assert source_of(body) == source


@pytest.mark.parametrize(
    "body",
    [
        f"{LEAD}\n(AP Photo/Jane Roe)(The Associated Press)",
        f"{LEAD}\nPicture: PA",
        f"{LEAD}\nSource: Supplied",
        f"{LEAD}\n© AFP / Jane Roe",
        f"{LEAD}\nFile: AP",
        "पाकिस्तान की पार्टी (पीटीआई) के नेता ने कहा कि पुल बंद रहेगा और कोई नहीं जानता कब तक।",
        "وقالت شبكة (سي إن إن) إن الجسر مغلق حتى إشعار آخر ولا أحد يعرف متى يفتح.",
        "ذكرت وكالة الأنباء السعودية (واس): الجسر مغلق حتى إشعار آخر.",
        f"{LEAD}\nQuelle: reb.",
        f"{LEAD} He works for the broadcaster (BBC).",
    ],
)
def test_pictures_initials_and_explanations_are_none(body):
    assert source_of(body) is None


@pytest.mark.parametrize(
    "line", ["اقرأ أيضا: رويترز: النفط يرتفع", "관련 기사: 연합뉴스, 새 대표 선임"]
)
def test_a_credit_inside_page_furniture_is_none(line):
    found = read(f"{LEAD}\n{line}")
    assert found.original_source is None
    assert [f"{LEAD}\n{line}"[f.start : f.end] for f in found.furniture] == [line]


def test_the_address_of_a_story_at_another_site_is_furniture():
    line = "رابط الخبر بصحيفة المرفأ: افتتاح الجسر"
    found = read(f"الجسر مغلق حتى إشعار آخر.\n{line}")
    assert found.kind is AttributionKind.NONE
    assert len(found.furniture) == 1


@pytest.mark.parametrize("fill", range(1296, 1301))
def test_a_line_that_the_window_cuts_begins_no_credit(fill):
    tail = "(واس)، وقال إن الجسر مغلق. "
    body = "ا" * 3000 + " وذكرت المصادر السعودية " + tail
    body += "ب " * ((fill - len(tail)) // 2)
    assert source_of(body) is None


def test_names_that_hold_a_joiner_and_lists_glued_by_one_are_read():
    assert source_of("これで終わりです。\n来源：ねとらぼ") in (None, "ねとらぼ")
    found = read("انتهى.\nالمصدر: رويترز ووام")
    assert found.agencies == ("رويترز", "وام")


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("Reuters, Quayside", "Reuters"),
        ("QUAYSIDE, AFP", "AFP"),
        ("Quayside / AFP", "AFP"),
        ("Friday, 3 May 2019, AFP", "AFP"),
        ("Associated Press in Quayside", "Associated Press"),
        ("By JANE ROE, Associated Press Writer", "Associated Press"),
        ("Written by Reuters", "Reuters"),
        ("Reuters, which owns the bridge", None),
        ("Jane Roe in Quayside", None),
        ("Jane Roe, AFP", None),
    ],
)
def test_a_line_between_headline_and_text_says_who_wrote_where(line, source):
    assert source_of(f"Bridge reopens\n{line}\n{LEAD}\n{LEAD}") == source


@pytest.mark.parametrize(
    ("bracket", "agencies"),
    [
        ("(afp)", ("afp",)),
        ("(afp/dpa)", ("afp", "dpa")),
        ("(mz/dpa)", ("dpa",)),
        ("(Regionalia/dpa)", ("dpa",)),
        ("(dpa/Regionalia)", ()),
        ("(up/down)", ()),
    ],
)
def test_a_last_bracket_credits_agencies_in_small_letters_and_beside_a_desk(bracket, agencies):
    found = read(f"{LEAD} {bracket}")
    assert (found.agencies if found is not None else ()) == agencies


def test_an_agency_that_stands_twice_in_two_spellings_is_one_unless_both_stand_together():
    assert read(f"By Associated Press\n3 May 2019\nOSLO (AP) - {LEAD}").agencies == (
        "Associated Press",
    )
    assert read(f"{LEAD}\n© Agence France-Presse\nAFP").agencies == ("Agence France-Presse", "AFP")


@pytest.mark.parametrize("name", ["The Washington Post", "~ The Washington Post", "— Haaretz"])
def test_a_listed_outlet_alone_on_the_last_line_signs(name):
    assert source_of(f"{LEAD}\n\n{name}") == name.lstrip("~— ")
