"""Bylines and datelines as Arabic and Hebrew papers set them, and headlines that look like one."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

LEAD = "عادت المراكب إلى الميناء القديم صباح أمس بعد أيام طويلة من العاصفة التي أغلقت الطرق كلها."
MORE = "وقال رئيس البلدية إن المدارس ستفتح أبوابها يوم الأحد إذا تحسن الطقس في المدينة."


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    if found is None:
        return None, []
    return found.original_source, list(found.agencies)


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("مالمو (السويد) 4-11 (اف ب)- ", "اف ب"),
        ("عودة المراكب\nمالمو - أ. ف. ب.\n", "أ. ف. ب"),
        ("عودة المراكب\nمالمو - دب أ\n", "دب أ"),
        ("عودة المراكب\nمالمو (رويترز، أ ف ب)\n", "رويترز"),
        ("عودة المراكب\nرويترز: لندن\n", "رويترز"),
    ],
)
def test_places_and_agencies_above_a_text(line, agency):
    source, agencies = read(f"{line}{LEAD}\n{MORE}")
    assert (source, agencies[0]) == (agency, agency)


@pytest.mark.parametrize(
    "line", ["هاني الربان (جدة)، واس", "هاني الربان، واس (جدة)", "جدة - هاني الربان، واس"]
)
def test_an_agency_behind_writers_is_credited_and_the_place_is_no_source(line):
    source, agencies = read(f"عودة المراكب\n{line}\n{LEAD}\n{MORE}")
    assert agencies == ["واس"]
    assert source in (None, "واس")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("(بوابة المرفأ + وكالات)", ("بوابة المرفأ", ["وكالات"])),
        ("(المرفأ + رويترز + أ ف ب)", ("المرفأ", ["رويترز", "أ ف ب"])),
        ("أ ف ب/ س ع", ("أ ف ب", ["أ ف ب"])),
    ],
)
def test_credits_below_a_text(line, expected):
    assert read(f"{LEAD}\n{MORE}\n{line}") == expected


def test_agencies_at_large_close_a_text_in_quotation_marks():
    assert read(f"{LEAD}\n{MORE} «وكالات»") == (None, ["وكالات"])


LONG = "أبلغ رئيس البلدية الصيادين أن المراكب ستعود إلى الميناء القديم قبل نهاية الأسبوع الحالي."


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("هونغ كونغ رويترز: ", ("رويترز", ["رويترز"])),
        ("مالمو أ ش أ: ", ("أ ش أ", ["أ ش أ"])),
        ("مراسل رويترز: ", (None, [])),
        ("نقلا عن رويترز: ", (None, [])),
        ("مالمو:«القبس»، وكالات ", (None, ["وكالات"])),
        ("مالمو:«القبس» ", ("القبس", [])),
    ],
)
def test_datelines_that_run_into_the_text(start, expected):
    assert read(f"{start}{LONG} {MORE}") == expected


def test_a_day_behind_an_urdu_stop_stands_before_the_agency():
    text = "ناظم نے کہا کہ ساحلی سڑک گاڑیوں کے لیے بند کر دی گئی ہے اور عملہ صبح سے کام کر رہا ہے۔"
    assert read(f"سڑک بند\nسکھر ۔ یکم مارچ (اے پی پی) {text}") == ("اے پی پی", ["اے پی پی"])


@pytest.mark.parametrize(
    "line", ["جميع الحقوق محفوظة © 2019 لموقع القبس", "כל הזכויות שמורות 2019 הארץ"]
)
def test_a_line_that_keeps_the_rights_is_no_stamp(line):
    assert read(f"{LEAD}\n{MORE}\n{line}") == (None, [])


@pytest.mark.parametrize("paper", ["المرفأ الجديد", "متابعات"])
def test_a_paper_and_agencies_between_headline_and_text(paper):
    assert read(f"عودة المراكب\n{paper}، وكالات\n{LEAD}\n{MORE}") == (None, ["وكالات"])


@pytest.mark.parametrize(
    "line",
    [
        "رويترز: المراكب تعود إلى الميناء القديم",
        "«رويترز»: المراكب تعود إلى الميناء القديم",
        "لقطة من الميناء (رويترز)",
        "الصور: أ ف ب",
    ],
)
def test_headlines_that_cite_an_agency_and_pictures_are_none(line):
    assert read(f"{line}\n{LEAD}\n{MORE}") == (None, [])


def test_a_hyphen_inside_a_hebrew_name_is_none():
    text = "ראש העיר אמר כי כביש החוף ייסגר לתנועה החל ממחר בבוקר ועד להודעה חדשה מטעם העירייה."
    assert read(f"הכביש נסגר\nאי-פי\n{text}") == ("אי-פי", ["אי-פי"])


def test_an_urdu_bracket_written_onto_the_place_names_a_listed_station():
    text = "ناظم نے کہا کہ ساحلی سڑک گاڑیوں کے لیے بند کر دی گئی ہے اور عملہ صبح سے کام کر رہا ہے۔"
    assert read(f"سڑک بند\nسکھر(پبلک نیوز){text}") == ("پبلک نیوز", [])
    assert read(f"سڑک بند\nسکھر(نیوز ڈیسک){text}") == (None, [])


def test_a_link_without_an_address_is_its_text():
    text = "Bu yazı ilk olarak 1 Mart'ta [Balıkçıl](https://balikcil.example/)'da [yayınlandı]()"
    assert read(f"Buz kırıldı ve köprü açıldı.\n{text}") == ("Balıkçıl", [])
