"""A match and its names -> whether they can credit the text: no picture, no table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from dedupe.attribution.extents import is_prose
from dedupe.attribution.findings import Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader
from dedupe.attribution.rules import Rule
from dedupe.attribution.syntax import Pattern
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole

__all__ = ["CITED", "TOLD", "Task", "first_slot", "is_credible", "is_data", "is_denied", "is_told"]

CITED = (AttributionKind.FIRST_APPEARED, AttributionKind.REPUBLICATION_NOTICE)
TOLD = (*CITED, AttributionKind.TRANSLATION)

_CLAUSE_WORDS = 4
_YEAR_OF_DATA = re.compile(r",? ?\(?(?:19|20)\d\d\)?[ .]*\n")
_PROSE = 60
_SENTENCE = 30
_NEAR = (
    600  # characters above in which there has to be a sentence: a date below a headline is no chart
)
_FIGURES = 200  # characters of a line that lists numbers
_AMID = 250
"""Letters of prose below a label on its own line from which it is a graphic's."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BESIDE = 25  # characters behind a credit that may say that it is a picture's
_AMOUNT, _AMOUNTS = re.compile(r"(?<![\w.,])\d[\d.,]*(?:%| ?[;,]|[. ]?$|(?= \w))"), 3
_ROW = re.compile(
    r"\W{0,3}[^\W\d][^\n:]{1,50}[ :|-]{1,3}[+-]?(?!(?:19|20)\d\d$)\d+(?:[.,]\d+)* ?%?"
)
_ROWS = 2
_STOPS = (".", "!", "?", "。")
_QUOTING = tuple("「『“《")
_PERSON_BEHIND = re.compile(
    r"(?: (?:19|20)\d\d)?(?: ?/| [.]) ?[^\W\d_]{2,20}(?:[ -]|\.(?![a-z]{2,4}\b))"
)
_PERSON_AFTER = re.compile(r"\w/([^\W\d]+ [^\W\d]+)")


class _Words(NamedTuple):
    """`undenied` holds a word that else denies: "in May 2021"; `reporter` stands in a dateline.

    `noted` begins the note below a chart, `image` is all that is left of a picture on its line.
    """

    undenied: re.Pattern[str]
    reporter: re.Pattern[str]
    noted: re.Pattern[str]
    image: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    return _Words(
        re.compile(words.any("undenied")),
        re.compile(words.any("reporters")),
        re.compile(rf"\W{{0,3}}{words.any('figure_notes')} ?:"),
        re.compile(rf"\n\W{{0,3}}{words.any('images')}\W{{0,3}}\Z"),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """One pattern with its rule and the words of its language."""

    rule: Rule
    pattern: Pattern
    reader: NameReader


def is_told(view: View, task: Task, match: re.Match[str], named: list[Named], end: int) -> bool:
    """Whether the sentence speaks of another article than the one it stands in."""
    if task.rule.kind not in TOLD or not named or "republisher" in task.pattern.slots:
        return False
    start = match.start()
    if view.text[start - 1] in "(*" or view.text[max(start - 2, 0) : start] == "- ":
        return False
    first = first_slot(task, match)
    return task.reader.is_told(view.text, start, first, end, named[0].name)


def first_slot(task: Task, match: re.Match[str]) -> int:
    """Where the first name of a match begins; its end if it has none."""
    filled = [at for slot in task.pattern.slots if (at := match.start(slot)) >= 0]
    return min(filled, default=match.end())


def is_denied(view: View, task: Task, match: re.Match[str]) -> bool:
    """Whether the words in the middle of a formula turn it round: "may not … without consent"."""
    undenied = _words(task.reader.vocabulary).undenied
    formula = undenied.sub("", view.text[match.start() : first_slot(task, match)])
    return task.rule.kind in CITED and task.reader.is_denied(formula)


def _is_clause(name: str) -> bool:
    """Whether words of a script without capitals are too many for a name nobody knows."""
    return name.count(" ") >= _CLAUSE_WORDS and name.upper() == name.lower()


def _is_quotation(name: str, reader: NameReader) -> bool:
    """Whether what a label is followed by is what somebody said: "Source: «Nobody told us»"."""
    words = name.split()
    told = name.upper() != name.lower() and not any(word[:1].isupper() for word in words[1:])
    return told and len(words) > _CLAUSE_WORDS and not reader.is_outlet_like(name)


def is_credible(view: View, task: Task, start: int, end: int, named: list[Named]) -> bool:
    """Reject picture credits: their words on the line before, or in the names themselves."""
    if task.rule.kind not in (AttributionKind.SOURCE_LINE, AttributionKind.AGENCY_BYLINE):
        return True
    text = view.text
    reported = _words(task.reader.vocabulary).reporter.search
    line = max(text.rfind("\n", 0, start) + 1, start - 60)
    opened = view.chars(max(start - 2, 0), start)
    if opened[-1:] == "【" or (opened[-1:] == "(" and reported(text, start, end)):
        line = start  # datelines of Japan and Korea stand behind the caption of the picture
    stops = [at for stop in ("\n", " / ", " | ", "。", ". ") if (at := text.find(stop, end)) >= 0]
    around = text[line : min([*stops, end + _BESIDE])]
    labelled = task.reader.is_picture(fold_text(task.pattern.source))  # "source and photo: X"
    if (not labelled and task.reader.is_picture(around)) or _is_mentioned(view, start):
        return False
    sources = [n.name for n in named if n.role is ClaimRole.SOURCE and n.name]
    if not sources:
        return True
    owned = text[start] == "©"
    pictured = owned and (_PERSON_BEHIND.match(text, end) or _heads(text, start, end))
    bare = task.rule.kind is AttributionKind.SOURCE_LINE
    pictured = pictured or ((owned or bare) and _is_shown(text, start, end))
    quoted = text[end : end + 1] in ('"', ".") and _is_quotation(sources[0], task.reader)
    if (
        pictured
        or quoted
        or (_is_clause(sources[0]) and not task.reader.is_outlet_like(sources[0]))
    ):
        return False
    if sources[0] in task.reader.agencies:  # "Reuters/Jane Roe"
        person = None if "author" in task.pattern.slots else _PERSON_AFTER.search(around)
        listed = "sources" in task.pattern.slots or "agencies" in task.pattern.slots
        return not listed or person is None or _is_agency(view, line, person, task.reader)
    slashed = re.search(r"\w ?/ ?\w", around)  # "Jane Roe/Reuters"
    credited = any(n.role is ClaimRole.AGENCY for n in named)
    return not (" " in sources[0] and slashed and credited) or task.reader.known(sources[0])


def _is_agency(view: View, line: int, person: re.Match[str], reader: NameReader) -> bool:
    """Whether the two words behind an agency and a slash are an agency's, or the first is."""
    low, high = line + person.start(1), line + person.end(1)
    first = view.text.find(" ", low, high)
    told = reader.is_agency(view, (low, high))
    return told or (
        reader.is_agency(view, (low, first)) and reader.asides.invites(view.text, first)
    )


def _is_mentioned(view: View, start: int) -> bool:
    """Whether a site's rules only show how a dateline looks: 「（…」."""
    before = view.chars(max(start - 2, 0), start + 1)
    return any(mark + bracket in before for mark in _QUOTING for bracket in "(（")


def _is_shown(text: str, start: int, end: int) -> bool:
    """Whether a bracket closes the words of a picture: a short line, or one above the headline."""
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start].rstrip(" ")
    if before[-1:] != "(" or before[:-1].rstrip(" ")[-1:] not in _STOPS:
        return False
    following = text[text.find("\n", end) :].strip().split("\n")
    if text[start] == "©" and start - line < _PROSE:
        return len("".join(following)) > _SENTENCE
    headed = len(following) > 1 and following[0][-1:] not in _STOPS and is_prose(following[1])
    return headed and not text[:line].strip()


_HEADING = 4  # lines between the picture and the text: its date, the headline, who wrote


def _heads(text: str, start: int, end: int) -> bool:
    """Whether a line with © stands above the first paragraph: it says whose the picture is."""
    above, low = text[:start].split("\n"), text.find("\n", end)
    below = [line for line in text[low:].split("\n") if line.strip(" *-|")] if low >= 0 else []
    headed = any(len(line) >= _PROSE for line in below[:_HEADING])
    return headed and not any(len(line) >= _PROSE for line in above)


def is_data(view: View, start: int, end: int, named: list[Named], reader: NameReader) -> bool:
    """Whether a label names where figures come from: "Source: World Bank, 2022" below a table."""
    names = [n.name for n in named if n.name]
    if names and _is_figure(view.text, start, end, reader, known=_is_known(names[0], reader)):
        return True
    figures = bool(names) and _ends_figures(view.text, start, end) and not reader.known(names[0])
    if figures or not names or reader.is_outlet_like(names[0]):
        return figures
    pictured = view.in_head(start) and reader.is_picture(fold_text(names[0]))  # above the text
    if pictured or _YEAR_OF_DATA.match(view.text, end):
        return True
    line, after = view.text.rfind("\n", 0, start), view.text.find("\n", end)
    following = view.text[after + 1 :].split("\n", 1)[0]
    above = view.text[:line].rsplit("\n", 1)[-1]
    charted = _is_table(view.text, line) or reader.labels_figure(above)
    if line > 0 and charted and len(above) < _FIGURES and is_prose(following, _SENTENCE):
        return True
    if line > 0 and _are_figures(above):
        told = view.text[max(line - _NEAR, 0) : line].split("\n")[:-1]
        return is_prose(following, _SENTENCE) and any(map(is_prose, told))
    placed = line > 0 and is_prose(following)
    return placed and _stands_amid(view.text, line, after, names[0], reader)


def _is_known(name: str, reader: NameReader) -> bool:
    """Whether a name is a known outlet's or agency's."""
    return reader.known(name) or name in reader.agencies


def _is_figure(text: str, start: int, end: int, reader: NameReader, *, known: bool) -> bool:
    """Whether below a label the note of a chart stands, or above it what is left of an image.

    A known outlet's label may have a note on the article below.
    """
    words = _words(reader.vocabulary)
    line, after = text.rfind("\n", 0, start), text.find("\n", end)
    image = line > 0 and words.image.search(text, max(line - _NEAR, 0), line) is not None
    return image or (not known and after > 0 and words.noted.match(text, after + 1) is not None)


def _stands_amid(text: str, line: int, after: int, name: str, reader: NameReader) -> bool:
    """Whether a label on the line between `line` and `after` stands in the middle of a text."""
    above = text[:line].rsplit("\n", 1)[-1]
    if is_prose(text[:line]) and len(above) < _PROSE:
        return True
    if _is_known(name, reader):
        return False
    begun = any(map(is_prose, text[: line + 1].split("\n")))
    return begun and sum(map(len, filter(is_prose, text[after + 1 :].split("\n")))) > _AMID


def _ends_figures(text: str, start: int, end: int) -> bool:
    """Whether a label stands in a paragraph behind numbers: "North 4; South 3. Source: X. …"."""
    line = text.rfind("\n", 0, start) + 1
    sentence = text[max(line, start - _FIGURES) : start].rstrip(" .").rsplit(". ", 1)[-1]
    following = text[end : text.find("\n", end)].strip(' .)"')
    return len(following) >= _PROSE and len(_AMOUNT.findall(sentence)) >= _AMOUNTS


def _is_table(text: str, end: int) -> bool:
    """Whether the two lines before `end` are rows of a table: words and then a number."""
    rows = text[max(end - _FIGURES, 0) : max(end, 0)].split("\n")[-2:]
    return len(rows) == _ROWS and all(_ROW.fullmatch(row) is not None for row in rows)


def _are_figures(line: str) -> bool:
    """Whether a line lists numbers and is no sentence: what a chart or a table says in a text."""
    listed = len(line) < _FIGURES and line.rstrip(" \"')")[-1:] not in _STOPS
    return listed and len(_NUMBER.findall(line)) > 1
