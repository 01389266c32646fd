"""Labels of pictures, figures, maps and tables: such a line says nothing of the article."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.phrases import any_phrase, spell_phrases
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["Captions", "is_shown", "is_stocked", "label_above"]

_LONGEST, _NEAR = 250, 40  # prose may begin with "Photo by" too
_POINTED = re.compile(r"[^\n=()。]{3,80}=[^\n=()。]{2,40}\([^()\n]{1,24}\)(?=\n|\Z)")
"""A Japanese caption: what it shows, "=", when and where, and in the bracket whose it is."""
_LABEL, _LABEL_WORDS = 40, 5  # a label on a line of its own is shorter than this
_QUALIFIED = r"(?: \(?[^\W_]+\)?){0,2}"  # "Photo courtesy:", "Figure 2:", "الشكل (2):"


class _Words(NamedTuple):
    """Lines that credit no article: pictures and their lines below, tags and links to others."""

    shown: re.Pattern[str]
    tagged: re.Pattern[str]
    stocked: re.Pattern[str]
    numbered: re.Pattern[str]
    credited: re.Pattern[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    some = words.any
    shown = (
        r"[^\n=()。]{3,80}=[^\n=()。]{0,30}\d{1,2}日[^\n=()。]{1,24}(?=\n|\Z)"
        rf"|{some('shown_before')}[^\n]{{3,200}}\([^()\n]{{2,16}}\)(?=\n)"
        rf"|[^\n]{{0,40}}{some('shown')}[^\n]{{0,120}}\([^()\n]{{2,16}}\)(?=\n)"
        rf"|{some('file_labels')} ?[-:] ?[^\n]{{3,400}}(?=\n)"
        rf"|{some('read_more')} ?: ?[^\n]{{3,200}}(?=\n)"
    )
    stocked = rf"\n\W{{0,3}}(?:{some('passing')} )?{some('stocks')}\W{{0,3}}(?=\n)"
    number = rf" ?(?:{some('figure_number')}\.? ?)?\d{{1,3}}(?:[.-]\d{{1,2}})? ?[.:)|-]{{1,2}} ?"
    return _Words(
        re.compile(shown),
        re.compile(rf"\W{{0,3}}{some('tags')} ?:"),
        re.compile(stocked),
        re.compile(number),
        re.compile(rf"\W{{1,5}}{some('credit_labels')}\W{{1,4}}"),
    )


def is_shown(text: str, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether a line speaks of a picture or another article, and so does an agency on it.

    "New bridge = 3日、共同", "FILE - The bridge (AP)", tags, "Read more: Costs double (Reuters)".
    """
    words = _words(vocabulary)
    return any(p.match(text, start, end) for p in (_POINTED, words.shown, words.tagged))


def is_stocked(text: str, end: int, vocabulary: Vocabulary) -> bool:
    """Whether below the line that ends at `end` a seller of pictures stands: "Getty Images".

    Both credit a picture, "Xyz / Getty Images" once its mark is lost.
    """
    return _words(vocabulary).stocked.match(text, end) is not None


def label_above(text: str, start: int) -> str:
    """The line above the one that begins at `start` if it is as short as a label, else "".

    "Image copyright / AFP / Image caption" credits the picture.
    """
    end = max(text.rfind("\n", 0, start), 0)
    above = text[max(text.rfind("\n", 0, end), 0) + 1 : end].strip(" *:")
    label = len(above) <= _LABEL and above.count(" ") < _LABEL_WORDS
    return above if label and above[-1:] not in (".", "!", "?", "。", "…") else ""


class Captions:
    """Tells with the words of one language whether a place in a folded text is a caption's."""

    def __init__(self, words: NameWords, vocabulary: Vocabulary) -> None:
        self._words, self._vocabulary = words, vocabulary

    def govern(self, text: str, start: int) -> bool:
        """Whether a label before `start`, on its line, says what the words at `start` speak of.

        "Photo: Jane Roe. This story first appeared in X" speaks of the text again.
        """
        line = text.rfind("\n", 0, start)
        if line < 0 or self._labels is None:
            return False
        if start - line < _LONGEST and self._numbers(text[line + 1 : start]):
            return True
        opening, near = self._labels
        labelled = start - line < _LONGEST and opening.match(text, line, start)
        if not labelled and not near.search(text, max(line, start - _NEAR), start):
            return False
        again = self._text is not None and self._text.match(text, start)
        before = text[line:start]
        told = before.rstrip(" (")[-1:] in (".", "!", "?", "。") or _words(
            self._vocabulary
        ).credited.fullmatch(before)
        return not (again and told)

    def _numbers(self, before: str) -> bool:
        """Whether a figure's number stands before: "Table 1. Source: X".

        Or what the figure shows, too, up to a bracket: "Figure 1. Tides by month (source: X)".
        """
        found = self._figures.match(before) if self._figures is not None else None
        numbered = _words(self._vocabulary).numbered
        number = numbered.match(before, found.end()) if found is not None else None
        if number is None:
            return False
        shown = before.rstrip(" ")[-1:] == "(" and ". " not in before[number.end() :]
        return shown or number.end() == len(before)

    @cached_property
    def _figures(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.figures, r"\W{0,3}")

    @cached_property
    def _labels(self) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
        """A label at a line's beginning, and one with a colon that ends the text."""
        labels = (*self._words.captions, *self._words.picture)
        opening, near = spell_phrases(labels, r"\n\W{0,4}"), spell_phrases(labels, r"(?<!\w)")
        if opening is None or near is None:
            return None
        by = "|".join(re.escape(fold_text(word)) for word in self._words.caption_by)
        return (
            re.compile(rf"{opening}(?:{_QUALIFIED} ?[:=׃]| (?:{by}) )"),
            re.compile(rf"{near}{_QUALIFIED} ?(?:[:=׃] ?\"?| \")\Z"),
        )

    @cached_property
    def _text(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.texts, r"(?<!\w)")
