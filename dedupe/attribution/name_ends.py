"""A stretch of text that begins with a name -> where the name ends.

At a sentence end that is no abbreviation or domain, at a phrase that goes on with something else,
at a bracket, a dash, a quotation mark, or where "and" goes on with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, partial

from dedupe.attribution.folding import fold_text
from dedupe.attribution.phrases import Phrases, any_phrase
from dedupe.attribution.rules import NameWords
from dedupe.attribution.view import View

__all__ = [
    "CASED",
    "DOMAIN_NAME",
    "GLUED_LABEL",
    "LONGEST",
    "NameEnds",
    "is_abbreviation",
    "is_firm",
]

LONGEST = 80
CASED = 0x530
"""Scripts below it have capitals: Latin, Greek, Cyrillic."""
_ABBREVIATIONS = """st mr mrs ms dr inc co corp ltd llc plc jr sr no vs prof mt ft bros dept univ
assoc intl u.s u.k a.s s.a s.p.a e.v d.c"""
_ABBREVIATED = frozenset(_ABBREVIATIONS.split())
_LAST_WORDS = frozenset({"inc", "corp", "ltd", "llc", "plc"})
_FIRMS = _LAST_WORDS | {"co", "bros", "s.a", "s.p.a", "s.r.l", "e.v", "a.s"}
"""What companies are called by, with a stop that stays theirs; nothing follows the former."""
_AT = "at|on|via|under|unter|auf|sur|en|em|su|op|na|di|på|на|على|در"
"""What stands between a name and its address."""
_HARD = r"。\n\uE000;|©®™\[\]<>*~#=+•(),"
_STOP = re.compile(
    # one set of characters in front: what none of them is, is passed over at once
    rf"[.!?:{_HARD} hw-](?:(?<=[.!?])(?=[ \n\"')(*]|$)|(?<=[{_HARD}])|(?<=:)(?= |\n|$)"
    r"|(?<= )(?:-{1,3} |[\"/] ?|-(?=\w)"
    rf"|(?:{_AT}) (?=\(?(?:https?:|www\.|[a-z0-9-]{{2,40}}\.[a-z]{{2,4}}(?![\w]))))"
    r"|(?<=-)(?:-{1,2}|(?=\"))|(?<=h)ttps?:|(?<=w)ww\.(?=\w))"
)
_OPENERS = """
The This That These Those When While What Who Why How Where There After Before Since Although
Despite With For From But And More Most Many Some New Our You They She Here Now Last First All It
He We If El Los Las Una Cuando Por Para Con Según Desde Este Esta Les Des Une Dans Après Pour
Quand Avec Depuis Cette Der Die Das Ein Eine Nach Wenn Wer Wie Mit Seit Für Uma Quando Com Após
Como Mais Nel Nella Gli Dopo Per Con Het Een Bij Voor Naar Als Når Den Det Som När Kiedy Jak Dla
После Когда Это Как Для При
"""
_OPENER = re.compile(
    rf"(?<=[^\W\d_]{{3}})(?:(?:{'|'.join(_OPENERS.split())})(?=[ ,’'])|(?<=[a-zß-ÿ])A(?= ))"
)
"""Words that open sentences, written onto a name: "MarketNewsWhen shares fell …"."""
_INITIALS = "".join(sorted({opener[0] for opener in _OPENERS.split()} | {"A"}))
_INSIDE = re.compile(rf"[{_INITIALS}](?<=[^\W\d_]{{3}}.)")
"""Where an opener may stand: nearly no name holds it, and it is looked for letter by letter."""
_WORD_LONG = re.compile(r"[^\W\d_]{4,}(?= )")
_NEXT = """
yayinlanma; yayin tarihi; guncelleme; eklenme; giris tarihi; published; posted on; last updated;
updated on; просмотров; опубликовано; дата публикации; дата и время; переглядів; تاريخ النشر;
نشر في; آخر تحديث; عدد المشاهدات
"""
_DAYS = ("الاحد", "الاثنين", "الثلاثاء", "الاربعاء", "الخميس", "الجمعه", "السبت")
_LABELS = (*(label.strip() for label in _NEXT.split(";")), *_DAYS)
_LATIN_LABELS = tuple(filter(str.isascii, _LABELS))
GLUED_LABEL = (
    rf"(?<=[^\W_])(?:{'|'.join(_LABELS[: -len(_DAYS)])}|(?:{'|'.join(_DAYS)}) (?=\d))(?![a-z])"
)
"""The next label of a page, written onto a name because a line break was lost; folded."""
_GLUED = re.compile(GLUED_LABEL)
_PLUS = re.compile(r"[^\W\d_] \+ [^\W\d_][a-z]")
DOMAIN_NAME = re.compile(
    r"(?:https?://)?(?:www\.)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,3})(?=$|[/\s,;)\"'|]|\.(?:\s|$))"
)


def is_abbreviation(text: str, start: int, at: int) -> bool:
    """Whether the stop at `at` belongs to the word before it ("S. Paulo", "Inc.", "U.S.")."""
    word = text[max(text.rfind(" ", start, at) + 1, start) : at]
    return len(word) == 1 or word in _ABBREVIATED


def is_firm(text: str, start: int, at: int) -> bool:
    """Whether the stop at `at` belongs to what a company is called by: "Heron Corp."."""
    space = text.rfind(" ", start, at)
    return text[at : at + 1] == "." and space >= start and text[space + 1 : at] in _FIRMS


class NameEnds:
    """Finds where names end, with the words of one language."""

    def __init__(self, words: NameWords, known: Callable[[str], bool]) -> None:
        """`known` says whether a name as written is that of an outlet in the list of outlets."""
        self._words, self._known = words, known

    def find(self, view: View, start: int, end: int, *, whole: bool = False) -> int:
        """Where the name that begins at `start` ends; `whole` = marks may stand in it."""
        text = view.text
        domain = DOMAIN_NAME.match(text, start, end)
        if domain is not None and not (whole and text[domain.end() : end][:1] == " "):
            return domain.end()
        end = _labelled_end(view, start, end)
        hard = end if whole else _hard_end(view, start, end)
        for find in self._stops:
            found = find(text, start, end)
            end = found if found > start else end
        end = _glued_end(view, start, self._goes_on(view, start, end))
        if end < hard <= start + LONGEST and self._known(view.written(start, hard)):
            return hard  # a stop phrase is a word of its name: سي إن إن
        if whole:
            return end
        return min(hard, end)

    def _goes_on(self, view: View, start: int, end: int) -> int:
        """Where "and" goes on with the sentence, if capitals tell: "… and we thank them"."""
        if view.text[start] == '"' or self._conjoined is None:
            return end
        for joint in self._conjoined.finditer(view.text, start + 1, end):
            following = view.text.find(" ", joint.end(), end)
            cut = view.text[end : end + 1] == " "  # by what a stop phrase begins with
            if view.char(joint.end()).islower() and (following > 0 or cut):
                whole = end - start <= LONGEST and self._known(view.written(start, end))
                return end if whole else joint.start()
        return end

    # compiled when first asked for: most languages never are in a run

    @cached_property
    def _stops(self) -> list[Callable[[str, int, int], int]]:
        months = [fold_text(month) for month in self._words.months]
        stops: list[str] = []
        for phrase in (*self._words.stop_at, *self._words.inviting):
            if "@month" in phrase:
                stops += [phrase.replace("@month", month) for month in months]
            else:
                stops.append(phrase)
        spaced = Phrases(p for p in stops if ord(p[0]) < 0x2E80)
        tight = any_phrase([p for p in stops if ord(p[0]) >= 0x2E80], "")
        return [spaced.find] if tight is None else [spaced.find, partial(_search, tight)]

    @cached_property
    def _conjoined(self) -> re.Pattern[str] | None:
        words = [fold_text(j) for j in self._words.joiners if j.isalpha() and ord(j[0]) < CASED]
        any_word = "|".join(map(re.escape, words))
        return re.compile(rf",? (?:{any_word}) (?=[^\W\d_])") if words else None


def _search(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    found = pattern.search(text, start, end)
    return found.start() if found is not None else -1


def _hard_end(view: View, start: int, end: int) -> int:
    """Where a mark ends what begins at `start`, whatever its words."""
    for mark in _STOP.finditer(view.text, start, end):
        if mark.start() > start and not _is_inside(view, start, mark):
            return mark.start()
    return end


def _glued_end(view: View, start: int, end: int) -> int:
    """Where the next sentence is written onto the name without a blank."""
    text = view.text
    if text.find(" ", start, end) < 0:
        return end
    written = view.chars(start, end)
    if _INSIDE.search(written) is None:
        return end
    for word in _WORD_LONG.finditer(text, start, end):
        low, high = word.span()
        opener = _OPENER.search(written[low - start : high + 1 - start])
        if opener is not None and low + opener.start() > start:
            return low + opener.start()
    return end


def _labelled_end(view: View, start: int, end: int) -> int:
    """Where the next label of the page is written onto a name: HaberYayınlanma."""
    stretch = view.text[start:end]
    labels = _LATIN_LABELS if stretch.isascii() else _LABELS
    if not any(map(stretch.count, labels)):  # the expression looks at every letter
        return end
    glued = _GLUED.search(view.text, start, end)
    if glued is None or view.char(glued.start()).islower():
        return end
    return glued.start()


def _is_inside(view: View, start: int, mark: re.Match[str]) -> bool:
    """Whether a stop belongs to the name: an abbreviation's, "Inc." after a comma, "Rod + Reel"."""
    text, at = view.text, mark.start()
    if mark.group() == "+":
        return _PLUS.match(view.written(at - 2, at + 4)) is not None
    if mark.group() == ",":
        return re.match(r", (?:inc|llc|ltd)\b", text[at : at + 6]) is not None
    if mark.group() != ".":
        return False
    word = text[max(text.rfind(" ", start, at) + 1, start) : at]
    if word in _LAST_WORDS and text[at + 1 : at + 2] == " " and view.char(at + 2).isupper():
        return False  # "… in Heron Corp. It was read by many"
    return is_abbreviation(text, start, at)
