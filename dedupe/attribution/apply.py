"""Hits of the prefilter -> findings and furniture: the rules are run only where their words stand.

A pattern sees one line (or, if it may run over line breaks, a few) around the hit, so its cost is
bounded whatever the text. A match counts only where its rule says a notice stands: at the beginning
of a line or sentence, in a bracket, after a dash; inside a sentence the same words are a citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.anchors import anchor_text
from dedupe.attribution.brackets import read_ending, read_opening
from dedupe.attribution.credibility import Task
from dedupe.attribution.credits import read_credit
from dedupe.attribution.datelines import read_dateline
from dedupe.attribution.findings import Finding
from dedupe.attribution.interpret import interpret
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.prefilter import (
    ANYWHERE,
    APART,
    FAR,
    LEADING,
    LINE,
    OPENING,
    Anchor,
    AnchorIndex,
    Hit,
)
from dedupe.attribution.regions import FIRST, LEAD, find_region, find_starts, is_in_window
from dedupe.attribution.releases import read_issuer
from dedupe.attribution.rules import FurnitureRule, Language, NameWords, Rule
from dedupe.attribution.signoffs import read_signoff
from dedupe.attribution.syntax import AGENCY_ANCHOR, COPYRIGHT_ANCHOR, Pattern
from dedupe.attribution.view import HEAD, TAIL, View
from dedupe.models import AttributionKind, Furniture

__all__ = ["RuleBook"]

_OPENINGS = (frozenset({"bracket"}), frozenset({"bracket", "line"}))
_CREDIT = -1  # owner of an agency's name: not a rule but the grammar of credits
_WORD, _WORD_OR_MARK = re.compile(r"\w+"), re.compile(r"\w+|[^\w\s]")
_UNSPACED_FROM = "\u2e80"
_MOST_HITS, _MOST_FINDINGS = 64, 32


@dataclass(frozen=True, slots=True)
class _Furnishing:
    rule: FurnitureRule
    pattern: Pattern
    whole: bool  # the line has to consist of such phrases; else it only begins with one


def _by_need(
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


class _Owners:
    """Which patterns ask for which anchor, and where it counts for at least one of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._where: dict[str, Standing] = {}

    def add(self, anchors: Iterable[str], number: int, where: Standing) -> None:
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
        self._where.pop(anchor, None)
        return self._numbers.pop(anchor, [])

    def compiled(self) -> tuple[list[tuple[int, ...]], list[Anchor]]:
        anchors = [Anchor(text, *self._where[text]) for text in self._numbers]
        return [tuple(numbers) for numbers in self._numbers.values()], anchors


def _standing(rule: Rule, pattern: Pattern) -> Standing:
    """Where a rule's anchor counts: what `AnchorIndex` needs not report otherwise."""
    latest = {"first": FIRST, "head": HEAD}.get(rule.window, FAR)
    reach = TAIL if rule.window == "tail" else FAR
    short = rule.fills == "line" and not pattern.split
    standing = ANYWHERE
    if pattern.leads and "inline" not in rule.where:
        standing = LINE if rule.where == {"line"} else LEADING
        standing = OPENING if rule.where in _OPENINGS else standing
    return standing, latest, reach, short


def _cased_forms(
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
        if owners[number] == (_CREDIT,) and anchor.text in spellings
    }


class RuleBook:
    """All rules of all languages, indexed by their anchors. Built once, shared by threads."""

    def __init__(
        self,
        languages: Sequence[Language],
        agencies: Iterable[str],
        known: Callable[[str], bool],
        known_in_slots: Callable[[str], bool],
    ) -> None:
        """`agencies` are further forms of agencies' names; `known` see `NameReader`."""
        forms = [form for language in languages for form in language.agencies]
        services = [form for language in languages for form in language.services]
        syndicators = [form for language in languages for form in language.syndicators]
        wires = [form for language in languages for form in language.press_release_wires]
        self.agencies = AgencyLexicon([*forms, *agencies], services, syndicators, wires)
        shared = NameWords()
        for language in languages:
            shared = shared.joined(language.names) if language.code == "und" else shared
        everything = NameWords()
        for language in languages:
            everything = everything.joined(language.names)
        labels = {anchor.strip() for language in languages for rule in language.rules
                  if rule.kind is AttributionKind.SOURCE_LINE
                  for pattern in rule.patterns for anchor in pattern.anchors}  # fmt: skip
        self._credits = NameReader(everything, self.agencies, known, labels=labels)
        labelled = [form for language in languages for form in language.label_agencies]
        in_labels = self.agencies.extended(labelled)
        self._tasks: list[Task] = []
        self._furniture: list[_Furnishing] = []
        owners = _Owners()
        for language in languages:
            reader = NameReader(
                language.names.joined(shared).refusing(everything), in_labels, known_in_slots
            )
            for rule in language.rules:
                for pattern in rule.patterns:
                    owners.add(pattern.anchors, len(self._tasks), _standing(rule, pattern))
                    self._tasks.append(Task(rule, pattern, reader))
        for language in languages:
            for furniture in language.furniture:
                for whole, patterns in ((True, furniture.lines), (False, furniture.starts)):
                    for pattern in patterns:
                        where = (LINE if pattern.leads else ANYWHERE, FAR, FAR, False)
                        owners.add(pattern.anchors, -2 - len(self._furniture), where)
                        self._furniture.append(_Furnishing(furniture, pattern, whole=whole))
        by_agency = owners.pop(AGENCY_ANCHOR)
        self._by_copyright = owners.pop(COPYRIGHT_ANCHOR)
        self._by_word, self._by_part, self._by_agency = _by_need(self._tasks, by_agency)
        joined = [f"و{form}" for form in self.agencies.forms if "\u0621" <= form[0] <= "\u064a"]
        for form in (*self.agencies.forms, *self._credits.generic, *joined):  # "and", written on
            anchor = anchor_text(form, word=True)
            if anchor is not None:
                owners.add((anchor,), _CREDIT, (APART, FAR, FAR, False))
        self._owners, anchors = owners.compiled()
        self._cased = _cased_forms(anchors, self._owners, self.agencies.forms)
        self.index = AnchorIndex(anchors)

    def screen(self, window: str, hits: Sequence[Hit]) -> list[Hit]:
        """Drop hits of abbreviations that are not written as one, before anything is folded."""
        return [hit for hit in hits if self._is_cased(window, *hit)]

    def _is_cased(self, window: str, anchor: int, offset: int) -> bool:
        forms = self._cased.get(anchor)
        if forms is None:
            return True
        end = min(offset + 1, len(window))  # behind the blank that ends the anchor
        while end > 0 and not window[end - 1].isalnum():
            end -= 1
        written = window[max(end - max(map(len, forms)), 0) : end]
        # with accents, full-width letters or marks between the letters, the rules have a look
        return not written.isascii() or any(form in written for form in forms)

    def apply_all(self, view: View) -> tuple[list[Finding], list[Furniture]]:
        """Run every rule everywhere: what `apply` must find with hits alone (slow, for tests)."""
        findings: list[Finding] = []
        furniture: list[Furniture] = []
        begins: dict[Place, list[int]] = {}
        text = view.text
        ends = [m.start() for m in re.finditer(r"\n", text) if m.start() > 0]
        places = sorted({*ends, *range(1, len(text) - 1, LEAD // 3)})
        for task in self._tasks:
            for index in places:
                findings += self._match(view, task, index, begins)
        for word in _WORD.finditer(text):
            credit = read_credit(view, word.start(), self._credits)
            if credit is not None and self._holds_agency(view, word.start()):
                findings.append(credit)
        for line in [0, *(end + 1 for end in ends[:-1])]:
            for entry in self._furniture:
                furniture += self._furnish(view, entry, line)
        findings += self._read_ends(view)
        findings += self._read_issuer(view, findings)
        return list(dict.fromkeys(findings)), furniture

    def _holds_agency(self, view: View, start: int) -> bool:
        """Whether an agency's name or a word for agencies begins at `start`."""
        line_end = view.text.find("\n", start)
        ends = [m.end() for m in _WORD.finditer(view.text, start, min(line_end, start + 60))]
        return any(
            self._credits.is_agency(view, (start, end))
            or self._credits.is_generic(view, (start, end))
            for end in ends
        )

    def apply(self, view: View, hits: Sequence[Hit]) -> tuple[list[Finding], list[Furniture]]:
        """Run the rules that own the hits. Returns what they found, in no order."""
        findings: list[Finding] = []
        furniture: list[Furniture] = []
        seen: set[tuple[int, int]] = set()
        begins: dict[Place, list[int]] = {}
        for anchor, offset in hits[:_MOST_HITS]:
            if len(findings) >= _MOST_FINDINGS:
                break
            index = view.index(offset)
            line = view.text.rfind("\n", 0, index) + 1
            for number in self._owners[anchor]:
                # a pattern that begins with its anchor may begin at a later one of the line
                leads = number >= 0 and self._tasks[number].pattern.leads
                key = (number, index if leads else line)
                if key in seen and number != _CREDIT:
                    continue
                seen.add(key)
                if number >= 0:
                    findings += self._match(view, self._tasks[number], index, begins)
                elif number == _CREDIT:
                    findings += self._read_agency(view, index, line, begins, seen)
                else:
                    furniture += self._furnish(view, self._furniture[-2 - number], line)
        findings += self._read_copyright(view)
        findings += self._read_ends(view)
        findings += self._read_issuer(view, findings)
        return list(dict.fromkeys(findings)), furniture

    def _read_agency(
        self,
        view: View,
        index: int,
        line: int,
        begins: dict[Place, list[int]],
        seen: set[tuple[int, int]],
    ) -> list[Finding]:
        """Where an agency's name stands: the credits' grammar, and the rules that need its name."""
        credit = read_credit(view, max(index - 1, line), self._credits)
        findings = [credit] if credit is not None else []
        low, high = find_region(view.text, index, split=False)
        numbers = list(self._by_agency)
        for word in set(_WORD_OR_MARK.findall(view.text, low, high)):
            numbers += self._by_word.get(word, ())
        for part, needing in self._by_part.items():
            if view.text.find(part, low, high) >= 0:
                numbers += needing
        for number in dict.fromkeys(numbers):
            if (number, line) not in seen:
                seen.add((number, line))
                findings += self._match(view, self._tasks[number], index, begins)
        return findings

    def _read_ends(self, view: View) -> list[Finding]:
        """Outlets at both ends of a text that no word of a rule gives away."""
        readers = (read_opening, read_dateline, read_ending, read_signoff)
        found = (read(view, self._credits) for read in readers)
        return [finding for finding in found if finding is not None]

    def _read_issuer(self, view: View, findings: Sequence[Finding]) -> list[Finding]:
        found = read_issuer(view, self._credits, findings)
        return [found] if found is not None else []

    def _read_copyright(self, view: View) -> list[Finding]:
        at = view.text.rfind("©")
        if at < 0 or not view.in_tail(at):
            return []
        return [f for n in self._by_copyright for f in self._match(view, self._tasks[n], at, {})]

    def _match(
        self, view: View, task: Task, index: int, begins: dict[Place, list[int]]
    ) -> list[Finding]:
        if not is_in_window(view, task.rule.window, index):
            return []
        region = find_region(view.text, index, split=task.pattern.split)
        starts = find_starts(view.text, task, region, index, begins)
        if not starts:
            return []  # before the expression is asked for: most never have to be compiled
        regex, found = task.pattern.regex, []
        for start in starts:
            match = regex.match(view.text, start, region[1])
            if match is not None:
                finding = interpret(view, task, match)
                if finding is not None:
                    found.append(finding)
        return found

    def _furnish(self, view: View, entry: _Furnishing, line: int) -> list[Furniture]:
        text = view.text
        end = text.find("\n", line)
        start = line
        while start < end and text[start] in ' *-"|':
            start += 1
        match = entry.pattern.regex.match(text, start, end)
        if match is None or end - line > 300:
            return []
        if entry.whole and not self._all_furniture(text, match.end(), end, entry.rule):
            return []
        return [Furniture(*view.span(line, end), entry.rule.id)]

    def _all_furniture(self, text: str, at: int, end: int, rule: FurnitureRule) -> bool:
        """Whether the rest of a line is phrases of the same rule, marks and numbers."""
        for _ in range(12):
            while at < end and not text[at].isalpha():
                at += 1
            if at >= end:
                return True
            lines = (p for p in rule.lines if not p.initials or text[at] in p.initials)
            ends = [m.end() for p in lines if (m := p.regex.match(text, at, end))]
            if not ends or max(ends) == at:
                return False
            at = max(ends)
        return False
