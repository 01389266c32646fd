"""A text that calls itself a press release -> who issued it, where no formula names them.

"PRESS RELEASE / Quayside, 3 May - The Harbour Trust opens …", "… -ends- / About the Harbour Trust".
Asked for only behind a notice that the text is a release, so who stands there is the issuer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.view import View
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["read_issuer"]

_HEADING, _EASTERN, _LEADS = 80, 35, 6
_MOST_WORDS = 8


def _any(phrases: str) -> str:
    """Phrases set apart by ; as alternatives, folded, the longer first."""
    folded = [fold_text(phrase.strip()) for phrase in phrases.split(";")]
    return "|".join(map(re.escape, sorted(folded, key=len, reverse=True)))


_ABOUT = """
about; über; zu; à propos de la; à propos de; à propos du; a propos de; acerca de; sobre;
sobre a; sobre o; informazioni su; chi è; informazioni sulla; over; o firmie; o spółce;
o fundacji; о компании; о фонде; про компанію; tentang; نبذة عن; لمحة عن; حول; عن; درباره;
درباره‌ی; אודות; על; 关于; 關於; om; tietoa; o spoločnosti; despre; σχετικά με
"""
_ABOUT_BEHIND = "hakkında; کے بارے میں; के बारे में; 소개; について; yrityksestä"
_ABOUT_LINE = re.compile(
    rf"\n\W{{0,3}}(?:(?:{_any(_ABOUT)}) ?(?P<name>[^\n:.!?]{{3,60}}?)"
    rf"|(?P<before>[^\n:.!?]{{3,60}}?) ?(?:{_any(_ABOUT_BEHIND)})) ?:?(?=\n)"
)
_DATELINE = re.compile(
    r"[^\n/]{3,44}/[^\n/]{4,24}/[^\n/]{4,24}/ ?(?=[^\W\d])|"
    r"(?=[^\n]{0,60}\d)[^\n]{3,70}?(?: ?-{1,3} |: |(?:\d{4}|[a-zа-яёіїєґ)])\. (?=[^\W\d_]))"
    r"|[^\n()]{3,50}\([^()\n]{2,30}\) ?-{1,3} ?"
)
_HEADED = re.compile(
    r"(?:what|who|why|when|where|summary|overview|news|quoi|qui|pourquoi|was|wer|warum|que|quien"
    r"|por que|o que|quem|cosa|chi|perche|wat|wie|waarom) ?: ?|(?:the )?law (?:firm|offices?) of "
)
"""Before the subject: "WHAT: The Harbour Trust opens", "The law firm of A & B announces"."""
_ARTICLES = _any("""
the; la; le; les; el; los; las; o; a; os; as; il; lo; gli; l'; l'; die; der; das; de; het;
today; hoje; hoy; oggi; heute
""")
_RUN = re.compile(
    r"(?:[A-ZÀ-ÞĀ-ŽА-ЯЁІЇЄҐΑ-Ω0-9]\S*"
    r"|(?:&|de|del|della|di|da|do|dos|das|du|des|van|der|den|und|of|and|for|et|e|y|i))\Z"
)
_ANNOUNCING = """
announce; announces; announced; today; has; launches; launched; opens; opened; will; is;
says; unveils; reports; kündigt; gibt; eröffnet; startet; stellt; hat; annonce; lance;
ouvre; présente; anuncia; anunció; lanza; abrió; presenta; lança; abre; annuncia; lancia;
inaugura; apre; kondigt; opent; lanceert; ogłasza; otwiera; uruchamia; объявляет; объявила;
открывает; açıkladı; duyurdu; mengumumkan; meluncurkan; membuka; оголошує; відкриває;
оголосила
"""
_ANNOUNCED = re.compile(rf" (?:{_any(_ANNOUNCING)})(?!\w)")
_SAYING_ARABIC = """
أعلنت; أعلن; كشفت; كشف; أطلقت; أطلق; وقعت; وقع; دشنت; دشن; نظمت; نظم; حققت; حقق; سجلت; سجل;
افتتحت; افتتح; أبرمت; أبرم; حصلت; حصل; اختتمت; أصدرت; أصدر; تعلن; يعلن
"""
_WHEN_ARABIC = "اليوم; أمس; رسميا"
_WHAT_ARABIC = "عن; أن; اليوم; أمس; على; مع; في; إطلاق; توقيع; افتتاح; بدء; نتائج; أرباحا; برنامج"
_VERB_FIRST = re.compile(
    rf"(?:{_any(_SAYING_ARABIC)}) (?:(?:{_any(_WHEN_ARABIC)}) )?"
    rf"(?P<name>[^\n,.؛:]{{3,60}}?)(?=,| (?:{_any(_WHAT_ARABIC)}) )"
)
_VERBS_HEBREW = """
תפתח; יפתח; פתחה; פתח; השיקה; השיק; תשיק; ישיק; מודיעה; מודיע; הודיעה; הודיע; מכריזה; מכריז;
הכריזה; חתמה; חתם; זכתה; מרחיבה; מציגה; מציג; השלימה; השלים; תקים; יקים; משיקה; משיק;
מגייסת; גייסה
"""
_NAME_FIRST = re.compile(
    rf"(?P<name>[^\n,.:;()]{{2,50}}?)(?= (?:{_any(_VERBS_HEBREW)}|{_any('ने; نے')}) )"
)
_QUOTED = re.compile(r"(?P<name>(?:[^\W\d_][\w.-]{1,20} ){0,4}\"[^\"\n]{2,40}\")")
_EAST = re.compile(
    r"(?P<name>(?:株式会社|有限会社|一般社団法人|合同会社|公益財団法人)[^\s(,、。はが]{1,24}"
    r"|[^\s(,、。はが]{2,24}(?:株式会社|有限会社|法人)|[^\s(,、。]{2,30}(?:公司|集团|集團|基金会|銀行|银行)"
    r"|[가-힣A-Za-z() ]{2,24}?(?=(?:은|는|이|가) |\((?:대표|www|https?|회장|사장)))"
)


_EAST_OFFICE = re.compile(
    r"(?P<name>(?:株式会社|合同会社|有限会社)[^\s(,、。]{1,24}(?: [A-Za-z]{2,12})?"
    r"|[^\s(,、。]{2,24}株式会社)"
    r" ?\((?:所在地|本社|本店|東京都|大阪|代表|社長)"
)
"""A company with its seat or its head in a bracket, anywhere in the first sentence."""


def read_issuer(view: View, reader: NameReader, findings: Sequence[Finding]) -> Finding | None:
    """Read who issued the text, if `findings` call it a release and none names the issuer."""
    released = [f for f in findings if f.kind is AttributionKind.PRESS_RELEASE]
    labelled = (f for f in findings if f.kind is AttributionKind.SOURCE_LINE)
    if not released or any(f.names(ClaimRole.SOURCE) for f in (*released, *labelled)):
        return None
    place = _about(view, reader) or _lead(view, reader)
    if place is None:
        return None
    named = (Named(ClaimRole.SOURCE, view.written(*place)),)
    return Finding("release.issuer", AttributionKind.PRESS_RELEASE, Trust.NOTICE, 0.85,
                   view.span(*place), named, explicit=True)  # fmt: skip


def _about(view: View, reader: NameReader) -> Place | None:
    """The name in a heading such as "About the Harbour Trust" below the text."""
    for match in _ABOUT_LINE.finditer(view.text, max(1, len(view.text) - 1300)):
        group = "name" if match.group("name") else "before"
        low, high = match.span(group)
        if view.text[high:].strip():
            place = reader.read(view, low, high, whole=True, official=True)
            if place is not None and _is_titled(view, place):
                return place
    return None


def _is_titled(view: View, place: Place) -> bool:
    name = view.written(*place)
    return name.upper() == name.lower() or name[0].isupper()


def _lead(view: View, reader: NameReader) -> Place | None:
    """The subject of the first sentence, behind a dateline if there is one."""
    text, start = view.text, 1
    for _ in range(_LEADS):
        end = text.find("\n", start)
        if end < 0 or not view.in_head(start):
            return None
        if end - start > (_EASTERN if text[start] >= "\u2e80" else _HEADING):
            dateline = _DATELINE.match(text, start, end)
            begin = dateline.end() if dateline is not None else start
            return _subject(view, reader, begin, end)
        start = end + 1
    return None


def _subject(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    headed = _HEADED.match(view.text, start, end)
    start = headed.end() if headed is not None else start
    article = re.compile(rf"(?:{_ARTICLES})[ ]").match(view.text, start, end)
    begin = article.end() if article is not None else start
    for pattern in (_VERB_FIRST, _NAME_FIRST, _QUOTED, _EAST):
        match = pattern.match(view.text, start, min(end, start + 120))
        if match is not None:
            low, high = match.span("name")
            if pattern is not _QUOTED:
                return reader.read(view, low, high, whole=True, official=True)
            quoted = reader.is_name(view, low, high, quoted=True, official=True)
            return (low, high) if quoted else None
    seated = _EAST_OFFICE.search(view.text, start, min(end, start + 120))
    if seated is not None:
        return seated.span("name")
    return _run(view, reader, begin, min(end, begin + 120))


def _run(view: View, reader: NameReader, start: int, end: int) -> Place | None:
    """Words with capitals, as many as there are, and small words between them."""
    low, stop = start, start
    for number, word in enumerate(re.finditer(r"\S+", view.text[start:end])):
        first, last = start + word.start(), start + word.end()
        written = view.written(first, last)
        if not _RUN.match(written) or number >= _MOST_WORDS:
            break
        if written[:1].isupper() or written[:1].isdigit():
            stop = last
        if written[-1:] in ",;:.)" and not written.endswith(("Inc.", "S.A.", "S.p.A.")):
            break
    if stop <= low or not view.char(low).isupper():
        return None
    while view.text[stop - 1] in ",;:":
        stop -= 1
    alone = " " not in view.text[low:stop]
    if alone and not _ANNOUNCED.match(view.text, stop):
        return None
    return reader.read(view, low, stop, whole=True, official=True)
