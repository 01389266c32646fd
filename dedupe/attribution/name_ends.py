"""A stretch of text that begins with a name -> where the name ends.

At a sentence end that is no abbreviation or domain, at a phrase that goes on with something else,
at a bracket, a dash, a quotation mark, or where "and" goes on with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import NamedTuple

from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.phrases import Phrases, any_phrase
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import NOTHING, Vocabulary, of_words

__all__ = [
    "CASED",
    "DOMAIN_NAME",
    "LONGEST",
    "NameEnds",
    "glued_label",
    "is_abbreviation",
    "is_firm",
]

LONGEST = 80
CASED = 0x530
"""Scripts below it have capitals: Latin, Greek, Cyrillic."""
_HARD = r"。\n\uE000;|©®™\[\]<>*~#=+•(),"
_WORD_LONG = re.compile(r"[^\W\d_]{4,}(?= )")
_DOMAINS = "Com|Net|Org|Info|News|Live|Media|Online"
_PLUS = re.compile(r"[^\W\d_] \+ [^\W\d_][a-z]")
DOMAIN_NAME = re.compile(
    r"(?:https?://)?(?:www\.)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,3})(?=$|[/\s,;)\"'|]|\.(?:\s|$))"
)


class _Words(NamedTuple):
    """What tells where names end, whatever the language.

    `opener` finds words that open sentences, written onto a name ("MarketNewsWhen shares fell …"),
    `inside` where one may stand: nearly no name holds it, and it is looked for letter by letter.
    `next_sentence` is a stop between a small letter and a word that begins a sentence. `labels` are
    the next labels of a page, written onto a name because a line break was lost.
    """

    abbreviated: frozenset[str]
    firms: frozenset[str]
    last_words: frozenset[str]
    firm: re.Pattern[str]
    stop: re.Pattern[str]
    opener: re.Pattern[str]
    inside: re.Pattern[str]
    next_sentence: re.Pattern[str]
    labels: tuple[str, ...]
    latin_labels: tuple[str, ...]
    glued: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    last, openers = words.folded("firms"), words.written("openers")
    initials = re.escape("".join(sorted({opener[0] for opener in openers} | {"A"})))
    firms = frozenset(last + words.folded("firms_within"))
    labels = words.folded("next_labels") + words.folded("next_days")
    stop = (
        # one set of characters in front: what none of them is, is passed over at once
        rf"[.!?:{_HARD} hw-](?:(?<=[.!?])(?=[ \n\"')(*]|$)|(?<=[{_HARD}])|(?<=:)(?= |\n|$)"
        r"|(?<= )(?:-{1,3} |[\"/] ?|-(?=\w)"
        rf"|{words.any('at_address')} "
        r"(?=\(?(?:https?:|www\.|[a-z0-9-]{2,40}\.[a-z]{2,4}(?![\w]))))"
        r"|(?<=-)(?:-{1,2}|(?=\"))|(?<=h)ttps?:|(?<=w)ww\.(?=\w))"
    )
    opener = "|".join(map(re.escape, openers)) or NOTHING
    return _Words(
        firms | frozenset(words.folded("abbreviations")),
        firms,
        frozenset(last),
        re.compile(rf", {words.any('firms')}\b"),
        re.compile(stop),
        re.compile(rf"(?<=[^\W\d_]{{3}})(?:(?:{opener})(?=[ ,’'])|(?<=[a-zß-ÿ])A(?= ))"),
        re.compile(rf"[{initials}](?<=[^\W\d_]{{3}}.)"),
        re.compile(rf"[a-z]\.(?:(?!{_DOMAINS})[A-Z][a-z]* (?=[a-z])|(?:{opener}|A) )"),
        labels,
        tuple(filter(str.isascii, labels)),
        re.compile(glued_label(words)),
    )


def glued_label(words: Vocabulary) -> str:
    """An expression for the next label of a page, written onto what stands before; folded."""
    labels, days = words.any("next_labels"), words.any("next_days")
    return rf"(?<=[^\W_])(?:{labels}|{days} (?=\d))(?![a-z])"


def is_abbreviation(text: str, start: int, at: int, words: Vocabulary) -> bool:
    """Whether the stop at `at` belongs to the word before it ("S. Paulo", "Inc.", "U.S.")."""
    word = text[max(text.rfind(" ", start, at) + 1, start) : at]
    return len(word) == 1 or word in _words(words).abbreviated


def is_firm(text: str, start: int, at: int, words: Vocabulary) -> bool:
    """Whether the stop at `at` belongs to what a company is called by: "Heron Corp."."""
    space = text.rfind(" ", start, at)
    return (
        text[at : at + 1] == "." and space >= start and text[space + 1 : at] in _words(words).firms
    )


class NameEnds:
    """Finds where names end, with the words of one language."""

    def __init__(
        self, words: NameWords, known: Callable[[str], bool], vocabulary: Vocabulary
    ) -> None:
        """`known` says whether a name as written is that of an outlet in the list of outlets."""
        self._words, self._known, self._vocabulary = words, known, vocabulary

    def find(self, view: View, start: int, end: int, *, whole: bool = False) -> int:
        """Where the name that begins at `start` ends; `whole` = marks may stand in it."""
        text = view.text
        words = _words(self._vocabulary)
        end = _glued_sentence(view, start, end, words)
        domain = DOMAIN_NAME.match(text, start, end)
        if domain is not None and not (whole and text[domain.end() : end][:1] == " "):
            return domain.end()
        end = _labelled_end(view, start, end, words)
        hard = end if whole else _hard_end(view, start, end, words)
        for find in self._stops:
            found = find(text, start, end)
            end = found if found > start else end
        end = _glued_end(view, start, self._goes_on(view, start, end), words)
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


def _glued_sentence(view: View, start: int, end: int, words: _Words) -> int:
    """Where the next sentence is written onto the name: "Heron Herald.The council met …"."""
    text, at = view.text, view.text.find(".", start, end)
    while at >= 0:
        between = text[at + 1 : at + 2].isalpha() and text[at - 1 : at].isalpha()
        if between and words.next_sentence.match(view.chars(at - 1, min(at + 24, end))) is not None:
            return at
        at = text.find(".", at + 1, end)
    return end


def _hard_end(view: View, start: int, end: int, words: _Words) -> int:
    """Where a mark ends what begins at `start`, whatever its words."""
    for mark in words.stop.finditer(view.text, start, end):
        if mark.start() > start and not _is_inside(view, start, mark, words):
            return mark.start()
    return end


def _glued_end(view: View, start: int, end: int, words: _Words) -> int:
    """Where the next sentence is written onto the name without a blank."""
    text = view.text
    if text.find(" ", start, end) < 0:
        return end
    written = view.chars(start, end)
    if words.inside.search(written) is None:
        return end
    for word in _WORD_LONG.finditer(text, start, end):
        low, high = word.span()
        opener = words.opener.search(written[low - start : high + 1 - start])
        if opener is not None and low + opener.start() > start:
            return low + opener.start()
    return end


def _labelled_end(view: View, start: int, end: int, words: _Words) -> int:
    """Where the next label of the page is written onto a name: HaberYayınlanma."""
    stretch = view.text[start:end]
    labels = words.latin_labels if stretch.isascii() else words.labels
    if not any(map(stretch.count, labels)):  # the expression looks at every letter
        return end
    glued = words.glued.search(view.text, start, end)
    if glued is None or view.char(glued.start()).islower():
        return end
    return glued.start()


def _is_inside(view: View, start: int, mark: re.Match[str], words: _Words) -> bool:
    """Whether a stop belongs to the name: an abbreviation's, "Inc." after a comma, "Rod + Reel"."""
    text, at = view.text, mark.start()
    if mark.group() == "+":
        return _PLUS.match(view.written(at - 2, at + 4)) is not None
    if mark.group() == ",":
        return words.firm.match(text[at : at + 6]) is not None
    if mark.group() != ".":
        return False
    word = text[max(text.rfind(" ", start, at) + 1, start) : at]
    if word in words.last_words and text[at + 1 : at + 2] == " " and view.char(at + 2).isupper():
        return False  # "… in Heron Corp. It was read by many"
    return len(word) == 1 or word in words.abbreviated
