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


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("نيروبي – «الحياة» أعلن رئيس البلدية فتح الطريق.", "الحياة"),
        ("نيروبي – «الحياة»:", "الحياة"),
        ("نيروبي – «الحياة» -", "الحياة"),
        ("نيروبي – «الشرق الأوسط»", "الشرق الأوسط"),
        ("نيروبي – «الحياة» على الجزيرة صعبة.", None),
        ("القاهرة: «الثورة» كلمة تتردد في الميناء.", None),
        ("دمشق - «الوطن» لا يباع ولا يشترى.", None),
        ("عمان - «الدستور» وثيقة لا بد منها.", None),
        ("الرياض: «الرياض» مدينة كبيرة.", None),
        ("بغداد: «الزمان» تغير في المدينة.", None),
    ],
)
def test_a_quoted_outlet_behind_a_place_opens_the_text(start, expected):
    assert read(f"{start} {LEAD}\n{MORE}") == (expected, [])


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
        ("کراچی (ایم کیو ایم) ", (None, [])),
        ("کراچی (اے این پی) ", (None, [])),
        ("لاہور (پی پی پی) ", (None, [])),
        ("لاہور (نون لیگ) ", (None, [])),
        ("پشاور (جے یو آئی) ", (None, [])),
        ("لاہور (سی ٹی ڈی) ", (None, [])),
        ("لاہور (ایف آئی اے) ", (None, [])),
        ("لاہور (نیب) ", (None, [])),
        ("کراچی (رینجرز) ", (None, [])),
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


CHINESE = "河堤上的人都很高兴，水位也下降了，大家在桥边等了一个上午才看到第一批船回来。"
JAPANESE = (
    "川は静かだった。人々は朝から橋のそばで船の帰りを待っていたが、昼になっても霧は晴れなかった。"
)


@pytest.mark.parametrize(
    "start",
    [
        "新华社区居民委员会5月7日电话通知，渡口周二开放。",
        "路透社称5月7日电动船销量上升。",
        "法新社总部5月7日电梯故障。",
        "昨日，新华社柳溪5月7日电影周开幕。",
        "新华社记者站5月7日电力中断。",
        "人民日报海外版5月7日电子版出错。",
        "新华社记者李大河5月7日报道了渡口。",
        "中央社記者李大河台北7日電話採訪了船主。",
        "齐鲁晚报讯问台电话开通。",
        "央视综合报道显示，渡口开放。",
        "共同富裕5月7日电视节目播出。",
        "共同富裕5月7日电 节目播出。",
        "共同社区5月7日电 节目播出。",
        "法新社柳溪大厦5月7日电 渡口开放。",
        "据路透社5月7日电话采访，渡口开放。",
    ],
)
def test_a_day_in_a_chinese_sentence_is_no_dateline(start):
    assert read(f"{start}{CHINESE}\n{CHINESE}") == (None, [])


@pytest.mark.parametrize(
    "start",
    [
        "新华社贵溪5月7日电 (记者 李大河)",
        "新华社北京5月7日电题：河堤渡口",
        "新华社贵溪5月7日电（记者 李大河）",
        "新华社社旗5月7日电 ",
        "新华社记者李大河5月7日报道 ",
        "新华社记者李大河报道\n",
    ],
)
def test_a_chinese_town_is_written_onto_its_agency(start):
    assert read(f"{start}{CHINESE}\n{CHINESE}") == ("新华社", ["新华社"])


@pytest.mark.parametrize(
    "start", ["【高松時事】", "【ワシントン時事】", "【慶州（韓国）時事】", "【那覇時事】"]
)
def test_a_town_before_jiji(start):
    assert read(f"{start}{JAPANESE}\n{JAPANESE}") == ("時事", ["時事"])


@pytest.mark.parametrize(
    "start",
    [
        "【今週の時事】",
        "【週刊時事】",
        "【最新時事】の問題集が出た。",
        "【特集・時事】",
        "【東京の時事】",
        "【十月時事】",
    ],
)
def test_what_is_going_on_is_no_jiji(start):
    assert read(f"{start}{JAPANESE}\n{JAPANESE}") == (None, [])
