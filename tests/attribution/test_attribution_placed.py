"""Credits behind a listed place where letters have no capitals, and what only looks like one."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

LEAD = "عادت المراكب إلى الميناء القديم صباح أمس بعد أيام طويلة من العاصفة التي أغلقت الطرق كلها."
MORE = "وقال رئيس البلدية إن المدارس ستفتح أبوابها يوم الأحد إذا تحسن الطقس في المدينة."
URDU = "ناظم نے کہا کہ ساحلی سڑک گاڑیوں کے لیے بند کر دی گئی ہے اور عملہ صبح سے کام کر رہا ہے۔"
PERSIAN = "رئیس شهرداری گفت مدارس شهر روز یکشنبه باز خواهند شد و کارگران پل را تعمیر می‌کنند."


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    if found is None or not found.claims:
        return None, []
    return found.original_source, list(found.agencies)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("برلين رويترز", ("رويترز", ["رويترز"])),
        ("باريس أ ف ب", ("أ ف ب", ["أ ف ب"])),
        ("عواصم وكالات", (None, ["وكالات"])),
        ("القدس المحتلة وكالات", (None, ["وكالات"])),
        ("بغداد - وكالة المرفأ للأنباء", ("وكالة المرفأ للأنباء", ["وكالة المرفأ للأنباء"])),
        ("نيروبي - «الحياة»", ("الحياة", [])),
        ("نيروبي، الخرطوم - «الحياة»، رويترز", ("الحياة", ["رويترز"])),
        ("عدن - مرفأ نيوز", ("مرفأ نيوز", [])),
        ("عدن/ المرفأ اليوم", ("المرفأ اليوم", [])),
        ("أبوظبي - البيان", ("البيان", [])),
        ("«عكاظ» (جدة)", ("عكاظ", [])),
    ],
)
def test_a_place_and_a_name_above_a_text(line, expected):
    assert read(f"عودة المراكب\n{line}\n{LEAD}\n{MORE}") == expected


@pytest.mark.parametrize(
    "line",
    [
        "أخبار رويترز",
        "مراسل رويترز",
        "القاهرة - قناة السويس",
        "الرياض - اليوم الوطني",
        "القاهرة - محمد الربان",
        "دبي - مهرجان التسوق",
        "صدى البلد - هاني أبو الربان",
        "عدن- مرفأ نيوز",
        "عدن - مرفأ نيوز:",
        "القاهرة (صورة من رويترز)",
    ],
)
def test_what_else_stands_behind_a_place(line):
    assert read(f"عودة المراكب\n{line}\n{LEAD}\n{MORE}") == (None, [])


def test_a_quoted_outlet_behind_a_place_opens_the_text():
    assert read(f"نيروبي – «الحياة» {LEAD}\n{MORE}") == ("الحياة", [])


def test_a_dateline_whose_line_breaks_are_lost():
    headline = "المدينة تستعد للعاصفة والطرق مغلقة منذ الصباح"
    assert read(f"{headline} مالمو - د ب أ كشف مصدر عن وصول المراكب. {LEAD}\n{MORE}") == (None, [])
    lost = f"{headline} الرياض - د ب أ كشف مصدر عن وصول المراكب. {LEAD}\n{MORE}"
    assert read(lost) == ("د ب أ", ["د ب أ"])
    told = f"{headline} في الرياض - د ب أ كشف مصدر عن وصول المراكب. {LEAD}\n{MORE}"
    assert read(told) == (None, [])
    assert read(f"پل باز شد و راه کوهستانی بسته ماند تهران- ایرنا- {PERSIAN}") == (
        "ایرنا",
        ["ایرنا"],
    )


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("کوئٹہ (جی این آئی) ", ("جی این آئی", ["جی این آئی"])),
        ("کراچی (بندرگاہ نیوز) ", ("بندرگاہ نیوز", [])),
        ("لاہور (نیوز ڈیسک) ", (None, [])),
        ("لاہور (نمائندہ خصوصی) ", (None, [])),
        ("لاہور (سی ٹی ڈی) نے کہا کہ ", (None, [])),
        ("محکمہ (ایف آئی اے) ", (None, [])),
    ],
)
def test_a_bracket_behind_an_urdu_place(start, expected):
    assert read(f"{start}{URDU}\n{URDU}") == expected


def test_a_paper_whose_name_is_a_word_signs_below_a_paragraph():
    assert read(f"{LEAD}\n{MORE}\nالشاهد") == ("الشاهد", [])
    assert read(f"{LEAD}\nالميناء\nالشاهد") == (None, [])


def test_a_site_before_the_paper_in_a_bracket_is_no_source():
    assert read(f"مدار الساعة (الرأي) - {LEAD}\n{MORE}") == ("الرأي", [])
    assert read(f"مدار الساعة - (بترا) - {LEAD}\n{MORE}") == ("بترا", ["بترا"])


def test_a_site_and_a_dash_alone_above_the_text():
    assert read(f"عمون -\n{LEAD}\n{MORE}") == ("عمون", [])


def test_agencies_at_large_behind_a_quotation():
    assert read(f"{LEAD} وأضاف أن المدينة “ستنتظر الطريق” وكالات") == (None, ["وكالات"])
