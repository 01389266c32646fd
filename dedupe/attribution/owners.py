"""Rules -> who asks for which anchor, and where it counts.

An anchor belongs to patterns, to furniture, to the credits' grammar, or it is the beginning of
patterns that are found by their middle: those are asked for only where it stands too.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Sequence

from dedupe.attribution.anchors import anchor_text
from dedupe.attribution.credibility import Task
from dedupe.attribution.literals import is_brief
from dedupe.attribution.prefilter import (
    ANYWHERE,
    FAR,
    LEADING,
    LINE,
    OPENING,
    Anchor,
    Standing,
)
from dedupe.attribution.regions import FIRST
from dedupe.attribution.rules import Rule
from dedupe.attribution.syntax import Pattern
from dedupe.attribution.view import HEAD, TAIL

__all__ = [
    "ALWAYS",
    "CREDIT",
    "Leads",
    "Owners",
    "asked_by",
    "by_need",
    "cased_forms",
    "standing_of",
]

CREDIT = -1
"""Owner of an agency's name: not a rule but the grammar of credits. Furniture is below."""
ALWAYS = 1
"""The bit of what needs no beginning; those of beginnings are the further ones."""
_LINES = frozenset({"line"})
_OPENINGS = (frozenset({"bracket"}), frozenset({"bracket", "line"}))
_WORD = re.compile(r"\w+")
_UNSPACED_FROM = "\u2e80"


def by_need(
    tasks: Sequence[Task], numbers: Iterable[int]
) -> tuple[dict[str, list[int]], dict[str, list[int]], list[int]]:
    """Patterns found by an agency's name: those that need a word, by that word, and the others."""
    by_word: dict[str, list[int]] = {}
    by_part: dict[str, list[int]] = {}  # words of scripts without blanks stand inside longer ones
    free = []
    for number in numbers:
        needs = tasks[number].pattern.needs
        for need in needs:
            # letters only: `\w` does not match the vowel signs of Indic scripts
            word = max(_WORD.findall(need), key=len, default=need)
            kind = by_part if word[0] >= _UNSPACED_FROM else by_word
            kind.setdefault(word, []).append(number)
        if not needs:
            free.append(number)
    return by_word, by_part, free


class Owners:
    """Which patterns ask for which literal where: one anchor for each place that it counts at.

    What counts at the beginning of a line for one pattern and anywhere for another is two anchors:
    else each would wake a text for both (docs/decisions/0185).
    """

    def __init__(self) -> None:
        self._numbers: dict[Anchor, list[int]] = {}

    def add(self, literals: Iterable[str], number: int, where: Standing) -> None:
        """File an owner under its literals."""
        filed = self._numbers
        for literal in literals:
            numbers = filed.setdefault((literal, where), [])
            if number not in numbers:
                numbers.append(number)

    def pop(self, literal: str) -> list[int]:
        """Take a literal that is none out; returns who asked for it."""
        gone = [anchor for anchor in self._numbers if anchor[0] == literal]
        return [number for anchor in gone for number in self._numbers.pop(anchor)]

    def compiled(self) -> tuple[list[tuple[int, ...]], list[Anchor]]:
        """Owners of each anchor, and the anchors."""
        return list(map(tuple, self._numbers.values())), list(self._numbers)


def standing_of(rule: Rule, pattern: Pattern) -> Standing:
    """Where a rule's anchor counts: what `AnchorIndex` needs not report otherwise."""
    latest = {"first": FIRST, "head": HEAD}.get(rule.window, FAR)
    reach = TAIL if rule.window == "tail" else FAR
    short = rule.fills == "line" and not pattern.split
    standing = ANYWHERE
    if pattern.leads and "inline" not in rule.where:
        standing = _opening_of(rule)
    return Standing(standing, latest, reach, short)


def _opening_of(rule: Rule) -> int:
    """Where the beginning of a rule's patterns counts."""
    if rule.where in _OPENINGS:
        return OPENING
    return LINE if rule.where == _LINES else LEADING


class Leads:
    """Beginnings of patterns, each filed once, apart from anchors: those stand elsewhere."""

    def __init__(self) -> None:
        self._owners = Owners()
        self._numbers: dict[tuple[tuple[str, ...], bool], int] = {}

    def add(self, rule: Rule, pattern: Pattern) -> int:
        """File what a pattern found by its middle begins with; its bit, ALWAYS if there is none."""
        if not pattern.lead:
            return ALWAYS
        if "inline" in rule.where and is_brief(pattern.lead):
            return ALWAYS
        inline = "inline" in rule.where
        number = self._numbers.setdefault((pattern.lead, inline), len(self._numbers))
        latest = standing_of(rule, pattern).latest
        standing = ANYWHERE if inline else _opening_of(rule)
        self._owners.add(pattern.lead, number, Standing(standing, latest))
        return _bit(number)

    def compiled(self) -> tuple[list[int], list[Anchor]]:
        """Which beginnings each anchor is of, as bits, and the anchors."""
        numbers, anchors = self._owners.compiled()
        return [functools.reduce(operator.or_, map(_bit, some)) for some in numbers], anchors


def _bit(number: int) -> int:
    return ALWAYS << (number + 1)


def asked_by(owners: Sequence[tuple[int, ...]], asked: Sequence[int]) -> list[int]:
    """Of each anchor, as bits, the beginnings one of which has to stand for it to be of use.

    `asked` are the bits that each pattern asks for. Some 120,000 anchors have a fortieth as many
    owners.
    """
    known: dict[tuple[int, ...], int] = {}
    for numbers in set(owners):
        asks = [asked[number] if number >= 0 else ALWAYS for number in numbers]
        known[numbers] = functools.reduce(operator.or_, asks, 0)
    return [known[numbers] for numbers in owners]


def cased_forms(
    anchors: Sequence[Anchor], owners: Sequence[Sequence[int]], forms: Iterable[str]
) -> dict[int, tuple[str, ...]]:
    """Anchors that are nothing but an abbreviation: its spellings ("UNA", not Spanish "una")."""
    spellings: dict[str, list[str]] = {}
    for form in forms:
        if form.isascii() and form.isalpha() and len(form) <= 4:
            spellings.setdefault(anchor_text(form, word=True) or "", []).append(form)
    return {
        number: tuple(spellings[text])
        for number, (text, _) in enumerate(anchors)
        if text in spellings and owners[number] == (CREDIT,)
    }
