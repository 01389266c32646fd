"""A line that holds nothing but a listed outlet, and when or where -> the credit of that outlet.

Aggregators, forums and blogs that pass texts on set the outlet's name on a line of its own: beside
a date ("成都日报 2017-07-28", "La Gaceta. 27/02/1968"), behind a person's ("Jane Roe, The Guardian,
3 May 2014"), above an address, or alone between the headline and the text. Names have to be listed,
or where no capitals tell be made as outlets' are: sections, persons and places stand there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_address, is_outlet, is_titled
from dedupe.attribution.view import View
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["may_be_stamped", "read_stamp"]

_WITHIN, _LINES, _LAST_LINES, _LONGEST = 360, 6, 4, 100
_PARAGRAPH, _NAME, _HEADLINE = 60, 40, 120
_AGES = r"""
(?: ?(?:minute|hour|day|week|month|year|h|d)s? ago| uur geleden| (?:saat|gun) once
| (?:jam|hari) (?:yang )?lalu| час\w* назад| (?:ساعت|روز) پيش| ?(?:小时|天)前| ?(?:時間|日)前
| ?(?:시간|일) 전|(?<=vor \d)\d? (?:minute|stunde|tag|woche)|(?<=il y a \d)|(?<=hace \d)
|(?<=ha \d)|(?<=منذ \d)|(?<=قبل \d))
""".replace("\n", "")
_DATES = r"""
(?:(?:(?<=1)9|(?<=2)0)\d\d[-./年]|(?:(?<=[-./ ]1)9|(?<=[-./ ]2)0)\d\d(?!\d)
|[:h.]\d\d(?!\d)|月\d{1,2}日)
""".replace("\n", "")
_AGED, _DATED = re.compile(rf"\d{_AGES}"), re.compile(rf"\d(?:{_DATES}|{_AGES})")
"""Both begin with their digit, which is found at once: lines of prose hold none."""
_LATELY = re.compile("(?:منذ|قبل) (?:يوم|ساع|شهر|اسبوع)")
_EDGE = " -|,.:;/*\"'()=#>"
_EDGES = _EDGE + "\n"
_ADDRESS = re.compile(r"\W{0,3}(?:https?://|www\.)\S+\W{0,3}")
_ADDRESSED = re.compile(
    r"(?P<from>(?:from|via|da|de|von|aus|di|z|из|з|van|dari|از|من) ?:? ?)?"
    r"(?P<address>(?:https?://|www\.)[^\s()\"<>]{4,200})"
)
_DIGIT = re.compile(r"\d")
_PERSON = re.compile(
    r"(?P<person>[^\n\d,()/|:]{4,40}?)(?:, | in | - | -|- | / |\. )(?P<name>.{2,40})"
)
_SIGNING = ("by ", "par ", "por ", "von ", "di ", "da ", "door ", "od ", "oleh ", "@")
_SIGNED = re.compile(
    r"(?:(?:by|par|por|von|di|da|door|od|oleh) |@"
    r"|[^\W\d_][^\n\d,()/|:-]{2,20} [^\n\d,()/|:-]{2,20} (?:-|\|) )"
    r"(?P<name>[^\n,()|]{2,36}?)(?: (?:fr|en|es|ar|de|tv))?(?: \| [^\n]{3,24})?"
)
"""Who signs: "par France 24 FR", "@theguardian.com | 4 years ago", "Jane Roe - The Guardian"."""
_FOR = re.compile(
    r"(?:by|posted by|written by|por|par|von|di|da|door|oleh) (?P<person>[^\n\d,()/|:]{4,40}?)"
    r"(?:,? (?:for|via|para o|para a|para el|para|pour le|pour la|pour|fur den|fur die|fur das|fur"
    r"|per il|per la|per|voor het|voor de|voor|untuk)|,? d[oa] (?=blog|site|portal|jornal)) "
    r"(?P<name>[^\n,()|]{3,40})"
)
"""For whom somebody writes: "Por Ana Paz para o X", "By Jane Roe, via X"."""
_WRITTEN = ("by ", "posted ", "written ", "por ", "par ", "von ", "di ", "da ", "door ", "oleh ")
_BEGINNINGS = (*_SIGNING, *_WRITTEN)
_LABELS = ("source", "fuente", "fonte", "quelle", "bron")
_LABELLED = re.compile(rf"[^\n]{{3,60}}[-.] ?(?:{'|'.join(_LABELS)}) (?P<name>[^\n,()|:]{{2,40}})")
"""A label without a colon at the end of the line above the text: "… - 17 June 2016 - Source X"."""
_BEHIND = re.compile(
    r"(?P<name>[^\n\d]{2,60}?)(?: ?[:,.|/(-]{1,2} ?(?:[^\W\d]{2,10}[ ,.]{1,2})?| )(?=\d)"
)
_FRONT = re.compile(
    r"\d(?:[^\w\n]{0,4}|[^\w\n]{0,2}(?:配信|gmt|ist|am|pm|uhr)[^\w\n]{1,4})(?=[^\W\d])"
    r"(?P<name>[^\d\n]{2,40})$"
)
_MOST_WORDS, _MOST_ABOVE, _PERSON_WORDS = 5, 2, 3
_HAN_ENDINGS = "报報网網社刊台聞闻"


def may_be_stamped(head: str, tail: str) -> bool:
    """Whether a line near one of the ends, as written, holds a date, or an address stands there."""
    stamped = _OPENS.search(head, 0, _WITHIN) or _ENDS.search(tail[-160:])
    return stamped is not None or _EXCERPTED.search(tail[-_LONG_ADDRESS:]) is not None


_OPENS = re.compile(
    r"^(?=[^\n]{6,56}$)[^\n]*?(?:(?:19|20)\d\d|\d:\d\d|月\d{1,2}日)|https?://", re.MULTILINE
)
_ENDS = re.compile(r"https?://|^(?=[^\n]{6,56}$)[^\n]*?(?:(?:19|20)\d\d|\d:\d\d)", re.MULTILINE)
"""Lines of wrapped prose are longer."""
_LONG_ADDRESS = 320
_BARE = r"(?:https?://)?(?:www\.)?(?P<host>[a-zA-Z0-9-]{2,40}(?:\.[a-zA-Z]{2,12}){1,3})/\S{8,300}"
_EXCERPTED = re.compile(rf"\n{_BARE}\s*\Z")
_POSTED = re.compile(
    r"(?P<who>[^\W\d_][^\n|]{2,60}?)[ |,-]{1,4}"
    r"(?:posted|published|updated|publie|mise? a jour|publicad[oa]|actualizado|atualizado|postado"
    r"|veroffentlicht|erschienen|aktualisiert|pubblicato|aggiornato|gepubliceerd|geplaatst"
    r"|opublikowano|опубликовано|опубліковано|yayinlan\w+|diterbitkan|diposting|نشر)"
    r"(?!\w)[^\n]{0,20}\d[^\n]{0,40}"
)
"""The line above the address an excerpt was taken from: "Jane Roe Posted at 2:40 pm on …"."""


_RIGHTS = (
    "جميع الحقوق|كافة الحقوق|جميع حقوق|كافة حقوق|حقوق النشر|حقوق الطبع|كليه حقوق|تمامي حقوق"
    "|تمام حقوق|جمله حقوق|כל הזכויות|all rights|tum haklari|her hakki|todos los derechos"
    "|todos os direitos|tous droits|alle rechte|все права|सर्वाधिकार|copyright|(c) |©"
)
_OWNED = tuple(map(fold_text, _RIGHTS.split("|")))
"""How a line begins that says whose the page is: mostly its own site's, so it is left to rules."""


def read_stamp(view: View, reader: NameReader) -> Finding | None:
    """Read the outlet on one of the first or last lines of a text, if one is stamped so."""
    for at, (start, end) in enumerate(view.first_lines(_EDGES, _LINES, _WITHIN)):
        if end - start > _LONGEST:
            break
        found = _read(view, reader, start, end, first=at == 0)
        if found is not None:
            return found
    excerpted = _excerpted(view, reader)
    if excerpted is not None:
        return excerpted
    for start, end in _last_lines(view):
        found = _read(view, reader, start, end, first=False, last=True)
        if found is not None:
            return found
    return None


_ADDRESSED_LAST = re.compile(_BARE)


def _excerpted(view: View, reader: NameReader) -> Finding | None:
    """Read the address on the last line below who posted it and when: an aggregator's excerpt.

    An outlet of the list that stands before "posted" is the name, else the host.
    """
    text, end = view.text, len(view.text.rstrip(_EDGE + "\n"))
    start = text.rfind("\n", 0, end) + 1
    if text.find("/", start, end) < 0:
        return None
    above = text.rfind("\n", 0, max(start - 1, 0)) + 1
    address = _ADDRESSED_LAST.fullmatch(text, start, end)
    posted = _POSTED.fullmatch(text, above, start - 1) if address is not None else None
    if address is None or posted is None or reader.is_picture(text[above : start - 1]):
        return None
    who = view.written(*posted.span("who"))
    name = who if who and reader.known(who) else view.written(*address.span("host"))
    named = (Named(ClaimRole.SOURCE, name, view.written(start, end)),)
    return Finding("stamp.excerpt", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.55,
                   view.span(above, end), named, explicit=False)  # fmt: skip


def _last_lines(view: View) -> Iterator[tuple[int, int]]:
    text = view.text
    end = len(text)
    for _ in range(_LAST_LINES):
        while end > 0 and text[end - 1] in _EDGES:
            end -= 1
        start = text.rfind("\n", 0, end) + 1
        if end <= 0 or end - start > _LONGEST:
            return
        while start < end and text[start] in _EDGE:
            start += 1
        yield start, end
        end = text.rfind("\n", 0, start)


def _read(
    view: View, reader: NameReader, start: int, end: int, *, first: bool, last: bool = False
) -> Finding | None:
    line = view.text[start:end]
    if _is_prose(line) or line.startswith(_OWNED):
        return None
    addressed = _ADDRESSED.fullmatch(line) if "://" in line or "www." in line else None
    found = told = None
    if addressed is not None:
        found = _linked(view, reader, start, addressed)
    elif "/" in line and _ADDRESSED_LAST.fullmatch(line) is not None:
        return None  # "host.tld/2018/07/16/the-page.html": no part of it is a name
    elif not last and (line.startswith(_WRITTEN) or _may_be_labelled(line)):
        told = _told(view, reader, start, line)
    if told is not None:
        found = _finding(view, start, end, told)
    elif addressed is None:
        for low, high, sure in _candidates(line):
            name = _outlet(view, reader, (start + low, start + high), (start, end), sure=sure)
            if name and (sure or _is_stamped(view, start, end, first=first, last=last)):
                found = _finding(view, start, end, name)
                break
    # last, for it costs most: nearly no line is left
    return found if found is not None and not reader.is_picture(line) else None


def _is_prose(line: str) -> bool:
    """Whether a line is too long for a name alone and holds nothing that is looked at here."""
    return (
        len(line) > _NAME
        and line.isascii()
        and "/" not in line
        and "www." not in line
        and not line.startswith(_BEGINNINGS)
        and " - " not in line
        and not _may_be_labelled(line)
        and _DATED.search(line) is None
        and len(line.rstrip(_EDGE)) > _NAME
    )


def _outlet(view: View, reader: NameReader, place: Place, line: Place, *, sure: bool) -> str | None:
    """The name at a place of a line, if it is listed or made as outlets' are; `sure` = dated."""
    name = view.written(*place).strip(_EDGE + "«»“”[]【】")
    if not name or name.count(" ") > _MOST_WORDS:
        return None
    credible = reader.known(name) or (is_address(name) and _is_aged(view, *line))
    if not credible and sure:
        made = _may_be_made(name) or is_address(name.removeprefix("@"))
        credible = made and is_outlet(name, reader)
    return name if credible and name not in reader.agencies else None


def _is_aged(view: View, start: int, end: int) -> bool:
    """Whether the line, or the one below it, says how long ago: aggregators do."""
    text = view.text
    return _tells_age(text[start:end]) or _tells_age(text[end : text.find("\n", end + 1)])


def _tells_age(line: str) -> bool:
    return _AGED.search(line) is not None or _is_late(line)


def _is_dated(line: str) -> bool:
    return _DATED.search(line) is not None or _is_late(line)


def _is_late(line: str) -> bool:
    return not line.isascii() and _LATELY.search(line) is not None


def _may_be_made(name: str) -> bool:
    """Whether a name without capitals ends as papers' and stations' do in Han characters."""
    if name.upper() != name.lower() or name.count(" ") > 1:
        return False
    return name[-1] in _HAN_ENDINGS or not "\u3400" <= name[-1] <= "\u9fff"


def _told(view: View, reader: NameReader, start: int, line: str) -> str | None:
    """The outlet that a line above the text names in words, unlisted ones too."""
    for pattern in (_FOR, _LABELLED):
        worth = line.startswith(_WRITTEN) if pattern is _FOR else _may_be_labelled(line)
        match = pattern.fullmatch(line.rstrip(_EDGE)) if worth else None
        if match is None:
            continue
        low, high = match.span("name")
        place = reader.read(view, start + low, start + high, whole=True)
        name = view.written(*place) if place is not None else ""
        author = view.written(start, start + match.start("name")).split()[1:3]
        signed = pattern is _LABELLED or all(word[:1].isupper() for word in author)
        if name and signed and is_titled(name) and name not in reader.agencies:
            return name
    return None


def _may_be_labelled(line: str) -> bool:
    if "-" not in line and "." not in line:
        return False
    for label in _LABELS:  # noqa: SIM110 - `any` takes three times as long
        if label in line:
            return True
    return False


def _linked(view: View, reader: NameReader, start: int, match: re.Match[str]) -> Finding | None:
    """A line that is an address: of a listed outlet, or behind "from"."""
    low, high = match.span("address")
    address = view.written(start + low, start + high).rstrip(".,;)")
    host = re.split(r"[/?#:]", address.split("://", 1)[-1], maxsplit=1)[0]
    name = host.removeprefix("www.")
    if not (match.group("from") and name.count(".")) and not reader.known(name):
        return None
    return Finding("stamp.address", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.5,
                   view.span(start, start + high), (Named(ClaimRole.SOURCE, name, address),),
                   explicit=False)  # fmt: skip


def _candidates(line: str) -> list[tuple[int, int, bool]]:
    """Where a name may stand in a line, and whether the line itself dates it."""
    body = len(line.rstrip(_EDGE))
    found = [(0, body, False)] if body <= _NAME else []
    signing = " - " in line or " | " in line or line.startswith(_SIGNING)
    signed = _SIGNED.fullmatch(line[:body]) if signing else None
    if signed is not None:
        found.append((*signed.span("name"), True))
    if not _is_dated(line):
        return found
    digit = _DIGIT.search(line)
    behind = _BEHIND.match(line) if digit is not None else None
    if behind is not None:
        found.append((0, behind.end("name"), True))
        person = _PERSON.fullmatch(line[: behind.end("name")].rstrip(_EDGE))
        if person is not None and person.group("person").count(" ") in (1, 2, 3):
            found.append((*person.span("name"), True))
    front = _FRONT.search(line)
    if front is not None:
        found.append((*front.span("name"), True))
    return found


_BUTTONS = frozenset(
    [
        *("facebook", "twitter", "reddit", "whatsapp", "telegram", "linkedin", "pinterest"),
        *("tumblr", "email", "mail", "print", "flipboard", "pocket", "messenger", "line", "x"),
    ]
)
"""What passes a text on: above a byline with a date these are no outlets."""


def _is_stamped(view: View, start: int, end: int, *, first: bool, last: bool) -> bool:
    """Whether a line with a name alone stands where whose text it is is said."""
    text = view.text
    if text[start:end].strip(_EDGE) in _BUTTONS:
        return False
    above = text[text.rfind("\n", 0, max(start - 2, 0)) + 1 : max(start - 1, 0)]
    low = end
    while low < len(text) and not text[low].isalnum():
        low += 1
    below = text[low : text.find("\n", low)] if low < len(text) else ""
    if any(len(line) <= _LONGEST and _is_dated(line) for line in (above, below)):
        return True
    if _ADDRESS.fullmatch(below):
        return True
    if last or first:
        return not last and text[end - 1 : end] == ":"
    return _is_headed(view, start, above, (low, below))


def _is_headed(view: View, start: int, above: str, below: tuple[int, str]) -> bool:
    """Whether a name stands below the headline, or beside the reporter there, and above prose."""
    text, (low, following) = view.text, below
    heading = text[1:start].strip(" \n").split("\n")
    if len(heading) > _MOST_ABOVE or above[-1:] in ".!?。":
        return False
    if _is_person(view, text.rfind(above, 0, start), above) and len(heading) == _MOST_ABOVE:
        return len(following) > _PARAGRAPH  # headline, reporter, outlet
    after = text[low + len(following) :].lstrip("\n ").split("\n", 1)[0]
    signed = len(after) > _PARAGRAPH and _is_person(view, low, following)
    return len(heading) == 1 and (len(following) > _PARAGRAPH or signed)


def _is_person(view: View, start: int, line: str) -> bool:
    """Whether a line is two or three words with capitals: who wrote the text, it may be."""
    words = view.written(start, start + len(line)).removeprefix("By ").split()
    named = 2 <= len(words) <= _PERSON_WORDS and len(line) <= _NAME
    return named and all(word[:1].isupper() and word.isalpha() for word in words)


def _finding(view: View, start: int, end: int, name: str) -> Finding:
    return Finding("stamp.outlet", AttributionKind.SOURCE_LINE, Trust.SOURCE_LINE, 0.5,
                   view.span(start, end), (Named(ClaimRole.SOURCE, name),),
                   explicit=False)  # fmt: skip
