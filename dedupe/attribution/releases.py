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
_DESCRIBED = re.compile(
    r"(?:[\w'&-]{2,16} ){0,4}(?:maker|retailer|provider|manufacturer|developer|operator|startup"
    r"|start-up|giant|supplier|specialist|producer|carrier|airline|nonprofit|non-profit|charity"
    r"|fabricante|proveedor|fornecedor|constructeur|specialista|hersteller|anbieter|spezialist) "
)
"""What a company is, before its name: "Pump maker Tidewater opens …"."""
_ADVERBIAL = re.compile(
    r"(?:im|am|in|auf|bei|beim|mit|nach|seit|vom|zum|zur|ab|bis|fur|gestern|heute|ein|eine|einen"
    r"|einer|einem|wie|es|zu|unbekannte|mehrere|on|at|with|after|when|as|for|from|by|this|that"
    r"|there|it|we|our|you|if|more|en|au|aux|dans|pour|con|por|para|em|no|na|per|nel|nella|op|voor"
    r"|w|z|ze|dla|naar|bij|met|eerder|een) "
)
"""The first word of a sentence that opens with when, where or how, not with who."""
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
    place = (
        _stationed(view, reader)
        or _about(view, reader)
        or _contact(view, reader)
        or _headline(view, reader)
        or _lead(view, reader)
    )
    if place is None:
        return None
    named = (Named(ClaimRole.SOURCE, view.written(*place)),)
    return Finding("release.issuer", AttributionKind.PRESS_RELEASE, Trust.NOTICE, 0.85,
                   view.span(*place), named, explicit=True)  # fmt: skip


_STATIONED = re.compile(
    r"\n(?P<name>[^\n():,]{4,70}?) ?\((?:ots|presseportal)(?:/[^\n()]{1,40})?\) ?(?=-)"
)
"""Where the place stands in other releases the police writes its office: "Polizei X (ots) - …"."""
_OFFICES = re.compile(
    r"polizei|feuerwehr|zollamt|zollfahndung|staatsanwalt|ministerium|kanzleramt|verband|verein"
    r"|universitat|hochschule|kammer|landkreis|gmbh| ag\Z| e\.? ?v\Z"
    r"|(?<!\w)(?:lka|bka|thw|drk)(?!\w)"
)
_CONTACT = re.compile(
    r"\n\W{0,3}(?:ruckfragen & kontakt|ruckfragehinweis|ruckfragen(?: bitte)? an|pressekontakt"
    r"|medienkontakt|kontakt|press contact|media contact|contacts?|contact presse"
    r"|contatti? stampa|contacto de prensa|contato)"
    r" ?:? ?\n{1,2}(?P<name>[^\n:@\d/]{3,80}?)(?=\n)"
)
_DESK = re.compile(
    r"\n\W{0,3}(?:presse|kommunikation|medien|stab|press |media |communicat|ufficio)"
)
_HEADLINE = re.compile(r"\W{0,3}(?P<name>[^\n:.!?\"]{3,50}?) ?: [^\n]{8,}\n")
_LEADING = 900


def _stationed(view: View, reader: NameReader) -> Place | None:
    """The office that stands where the place of a dateline does: "Polizei Quayside (ots) - …"."""
    match = _STATIONED.search(view.text, 0, _LEADING)
    if match is None or _OFFICES.search(match.group("name")) is None:
        return None
    return reader.read(view, *match.span("name"), whole=True, official=True)


def _contact(view: View, reader: NameReader) -> Place | None:
    """The first line below "Press contact:", if it is no person's."""
    for match in _CONTACT.finditer(view.text, max(0, len(view.text) - 1300)):
        low, high = match.span("name")
        name = match.group("name")
        office = _OFFICES.search(name) is not None or reader.is_issuer(view.written(low, high))
        again = view.text.count(name) > 1 or _DESK.match(view.text, match.end()) is not None
        if not _is_titled(view, (low, high)) or not (office or again or name.count(" ") == 0):
            continue
        place = reader.read(view, low, high, whole=True, official=True)
        if place is not None:
            return place
    return None


def _headline(view: View, reader: NameReader) -> Place | None:
    """Who stands before the colon of the headline, if the text goes on about them."""
    match = _HEADLINE.match(view.text, 1)
    if match is None or not _is_titled(view, match.span("name")):
        return None
    if match.group("name") not in view.text[match.end() - 1 : match.end() + _LEADING]:
        return None
    return reader.read(view, *match.span("name"), whole=True, official=True)


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
    for opening in (_HEADED, _DESCRIBED):
        headed = opening.match(view.text, start, end)
        if headed is not None and view.char(headed.end()).isupper():
            start = headed.end()
    if _ADVERBIAL.match(view.text, start, end) is not None:
        return None
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
    place = _run(view, reader, begin, min(end, begin + 120))
    if place is not None and article is not None and " " not in view.text[slice(*place)]:
        # "Der Stadtrat hat …": a noun, unless the text comes back to it or calls it a firm's
        name = view.text[slice(*place)]
        told = view.text.count(name) > 1 or reader.is_issuer(view.written(*place))
        return place if told else None
    return place


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
