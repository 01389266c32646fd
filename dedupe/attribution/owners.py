"""Rules -> who asks for which anchor, and where it counts.

An anchor belongs to patterns, to furniture, to the credits' grammar, or it is the beginning of
patterns that are found by their middle: those are asked for only where it stands too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dedupe.attribution.anchors import anchor_text
from dedupe.attribution.credibility import Task
from dedupe.attribution.prefilter import ANYWHERE, FAR, LEADING, LINE, OPENING, Anchor
from dedupe.attribution.regions import FIRST
from dedupe.attribution.rules import Rule
from dedupe.attribution.syntax import Pattern
from dedupe.attribution.view import HEAD, TAIL

__all__ = [
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


Standing = tuple[int, int, int, bool]
"""`(standing, latest, reach, short)` of an `Anchor`."""


class Owners:
    """Which patterns ask for which anchor, and where it counts for at least one of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._where: dict[str, Standing] = {}

    def add(self, anchors: Iterable[str], number: int, where: Standing) -> None:
        """File an owner under its anchors; an anchor counts wherever it does for one of them."""
        numbers, places = self._numbers, self._where
        for anchor in anchors:
            known = places.get(anchor)
            if known is None:  # as nearly all of some 70,000 are, at every start
                places[anchor], numbers[anchor] = where, [number]
                continue
            if number not in numbers[anchor]:
                numbers[anchor].append(number)
            if known != where:
                places[anchor] = (
                    min(known[0], where[0]),
                    max(known[1], where[1]),
                    max(known[2], where[2]),
                    known[3] and where[3],
                )

    def pop(self, anchor: str) -> list[int]:
        """Take an anchor that is none out; returns who asked for it."""
        self._where.pop(anchor, None)
        return self._numbers.pop(anchor, [])

    def compiled(self) -> tuple[list[tuple[int, ...]], list[Anchor]]:
        """Owners of each anchor, and the anchors."""
        anchors = [Anchor(text, *self._where[text]) for text in self._numbers]
        return [tuple(numbers) for numbers in self._numbers.values()], anchors


def standing_of(rule: Rule, pattern: Pattern) -> Standing:
    """Where a rule's anchor counts: what `AnchorIndex` needs not report otherwise."""
    latest = {"first": FIRST, "head": HEAD}.get(rule.window, FAR)
    reach = TAIL if rule.window == "tail" else FAR
    short = rule.fills == "line" and not pattern.split
    standing = ANYWHERE
    if pattern.leads and "inline" not in rule.where:
        standing = LINE if rule.where == {"line"} else LEADING
        standing = OPENING if rule.where in _OPENINGS else standing
    return standing, latest, reach, short


class Leads:
    """Beginnings of patterns, each filed once, apart from anchors: those stand elsewhere."""

    def __init__(self) -> None:
        self._owners = Owners()
        self._numbers: dict[tuple[tuple[str, ...], bool], int] = {}

    def add(self, rule: Rule, pattern: Pattern) -> int:
        """File what a pattern found by its middle begins with; its number, -1 if there is none."""
        if not pattern.lead:
            return -1
        inline = "inline" in rule.where
        number = self._numbers.setdefault((pattern.lead, inline), len(self._numbers))
        latest = standing_of(rule, pattern)[1]
        self._owners.add(
            pattern.lead, number, (ANYWHERE if inline else LEADING, latest, FAR, False)
        )
        return number

    def compiled(self) -> tuple[list[tuple[int, ...]], list[Anchor]]:
        """Which beginnings each anchor is of, and the anchors."""
        return self._owners.compiled()


def asked_by(numbers: Sequence[int], asked: Sequence[int]) -> frozenset[int] | None:
    """The beginnings one of which has to stand for an anchor to be of use; None = it always is."""
    asks = [asked[number] if number >= 0 else -1 for number in numbers]
    return None if min(asks, default=-1) < 0 else frozenset(asks)


def cased_forms(
    anchors: Sequence[Anchor], owners: Sequence[Sequence[int]], forms: Iterable[str]
) -> dict[int, tuple[str, ...]]:
    """Anchors that are nothing but an abbreviation: its spellings ("UNA", not Spanish "una")."""
    spellings: dict[str, list[str]] = {}
    for form in forms:
        if form.isascii() and form.isalpha() and len(form) <= 4:
            spellings.setdefault(anchor_text(form, word=True) or "", []).append(form)
    return {
        number: tuple(spellings[anchor.text])
        for number, anchor in enumerate(anchors)
        if owners[number] == (CREDIT,) and anchor.text in spellings
    }
