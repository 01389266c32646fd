"""Datelines that no mark closes, placed outlets, editors' initials, captions: and their traps."""

from __future__ import annotations

import pytest

from dedupe.attribution import load_extractor
from dedupe.models import Article

LEAD = "The bridge reopened on Monday and traffic went on as before, the council said. " * 2
AR = "أعلنت البلدية يوم الاثنين أن الجسر فتح من جديد وأن حركة السير عادت إلى ما كانت عليه. " * 2
ZH = "水位下降了，河堤上的人都很高兴，大家都说这是今年最好的消息。" * 2


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    return (found.kind.value, found.original_source) if found is not None else ("none", None)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"عنوان الخبر\nالمرفأ/ سعاد القاسم/ الأناضول {AR}", "الأناضول"),
        (f"المرفأ/ قنا {AR}", "قنا"),
        (f"{AR}المرفأ (أ ف ب) {AR}", "أ ف ب"),
        (f"{LEAD}QUAYSIDE (Reuters) - {LEAD}", "Reuters"),
        (f"عنوان الخبر\nبوابة المرفأ | و.م.ع نشر في: 11 مارس 2023\n{AR}", "و.م.ع"),
        (f"Headline\nThe Associated Press Posted: Jul 09, 2015 5:00 PM ET\n{LEAD}", None),
        (f"{AR}\nم.ق/ ع.ش (رويترز، أ ف ب)", "رويترز"),
        (f"{AR} س.ع/ ع.غ (د ب أ)", "د ب أ"),
        (f"水位下降\n据新华社电 综合\n{ZH}", "新华社"),
        (f"ANKARA/AA {LEAD}", "AA"),
        (f"{LEAD.strip()} tass.ru »", "tass.ru"),
    ],
)
def test_agencies_where_no_mark_closes_the_dateline(body, name):
    kind, source = read(body)
    assert kind == "agency_byline"
    assert source == (name or "The Associated Press")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f"عنوان الخبر\nالمرفأ - سكاي نيوز عربية\n{AR}", "سكاي نيوز عربية"),
        (f"المرفأ: «الشرق الأوسط»{AR}", "الشرق الأوسط"),
        (f"عنوان الخبر\nالمرفأ – «القدس العربي»:\n{AR}", "القدس العربي"),
        (f"水位が下がる(毎日新聞)\n{ZH}", "毎日新聞"),
        (f"{ZH}\n（2018年3月13日 朝日新聞）", "朝日新聞"),
    ],
)
def test_known_outlets_behind_a_place(body, name):
    assert read(body) == ("source_line", name)


@pytest.mark.parametrize(
    "body",
    [
        f"رئيس البلدية عند الجسر.\nرويترز\n{AR}",  # a caption and whose picture it is
        f"The mayor at the bridge.\nReuters\n{LEAD}",
        f"قال المتحدث / رويترز {AR}",
        f"{AR}وقالت (رويترز) {AR}",
        f"{AR}نقلت عنه وكالة (رويترز) {AR}",
        f"{LEAD}The mayor (Reuters) - {LEAD}",
        f"المرفأ: «نعيش أياما صعبة» {AR}",
        "المدير: «الشرق الأوسط» منطقة هادئة.\nقصير.",
        f"Mayor - The Guardian\n{LEAD}",
        f"{AR}\nم.ق/ ع.ش (تصوير رويترز)",
        f"{LEAD}\nThe pact (AP)",
        f"NASA/AP {LEAD}",
        f"Ali Veli/AA {LEAD}",
        f"{LEAD.strip()} more »",
        f"地区(Sivrice)地震现场图像来源: AFP/I. Akengin\n{ZH}",
    ],
)
def test_traps_of_open_datelines(body):
    assert read(body) == ("none", None)
