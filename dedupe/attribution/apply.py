"""Hits of the prefilter -> findings and furniture: the rules are run only where their words stand.

A pattern sees one line (or, if it may run over line breaks, a few) around the hit, so its cost is
bounded whatever the text. A match counts only where its rule says a notice stands: at the beginning
of a line or sentence, in a bracket, after a dash; inside a sentence the same words are a citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice

from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.anchors import anchor_text
from dedupe.attribution.brackets import read_ending, read_opening
from dedupe.attribution.bylines import posting_words, read_byline, signing_words
from dedupe.attribution.credibility import Task
from dedupe.attribution.credits import read_credit
from dedupe.attribution.datelines import read_dateline
from dedupe.attribution.findings import Finding
from dedupe.attribution.furniture import Furnishing, furnish
from dedupe.attribution.interpret import interpret
from dedupe.attribution.loose import read_loose
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.names import NameReader
from dedupe.attribution.openings import read_placed
from dedupe.attribution.owners import (
    ALWAYS,
    CREDIT,
    Leads,
    Owners,
    asked_by,
    by_need,
    cased_forms,
    standing_of,
)
from dedupe.attribution.placed import read_dated_from
from dedupe.attribution.prefilter import ANYWHERE, APART, LINE, OPENING, AnchorIndex, Hit, Standing
from dedupe.attribution.regions import STRIDE, Needles, Regions
from dedupe.attribution.releases import read_issuer
from dedupe.attribution.rules import Language
from dedupe.attribution.signoffs import read_signoff
from dedupe.attribution.stamps import read_stamp
from dedupe.attribution.syntax import AGENCY_ANCHOR, COPYRIGHT_ANCHOR, Pattern
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary
from dedupe.models import AttributionKind, Furniture

__all__ = ["RuleBook"]

_WORD = re.compile(r"\w+")
_MOST_HITS, _MOST_FINDINGS = 64, 32
_ASKED = 4096
"""Sets of words beside agencies' names whose patterns are at hand, some 1 kB each."""
_MOST_TRIES, _MATCHES = 400, 0.3
"""Attempts in one article and the share that may match; 251 and 36 were the most in 15,500."""


def _once(filed: dict[str, list[int]]) -> dict[str, dict[int, None]]:
    return {word: dict.fromkeys(numbers) for word, numbers in filed.items()}


def _needles(pattern: Pattern) -> list[tuple[str, ...]]:
    """Sets of words and marks one of each of which stands in every match; what tells most first."""
    return [*pattern.needles, *((mark,) for mark in pattern.marks)]


class _Pass:
    """One view that is being read, and what of it was looked at."""

    def __init__(self, view: View, tries: int = _MOST_TRIES) -> None:
        self.view, self.regions = view, Regions(view)
        self.tries, self.matches = tries, 0
        self.seen: set[tuple[int, int]] = set()
        self.tried: set[tuple[int, int, int]] = set()
        self.lines: dict[int, Finding | None] = {}
        self.placed = False

    def is_spent(self) -> bool:
        """Whether a text has had all the work that one may ask for."""
        return len(self.tried) >= self.tries or self.matches >= self.tries * _MATCHES


class RuleBook:
    """All rules of all languages, indexed by their anchors. Built once, shared by threads."""

    def __init__(
        self,
        languages: Sequence[Language],
        agencies: Iterable[str],
        known: Callable[[str], bool],
        known_in_slots: Callable[[str], bool],
        names: Iterable[str] = (),
    ) -> None:
        """`agencies` are further forms of agencies' names; `known` see `NameReader`.

        `names` are those of outlets, looked for alone on a line.
        """
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
        self.vocabulary = Vocabulary(language.lists for language in languages)
        self._listed = known_in_slots
        self._credits = NameReader(
            everything, self.agencies, known, labels=labels, vocabulary=self.vocabulary
        )
        labelled = [form for language in languages for form in language.label_agencies]
        in_labels = self.agencies.extended(labelled)
        self._tasks: list[Task] = []
        self._asked: list[int] = []  # of each task the beginnings that have to stand somewhere
        self._furniture: list[Furnishing] = []
        owners, leads = Owners(), Leads()
        for language in languages:
            reader = NameReader(
                language.names.joined(shared).refusing(everything),
                in_labels,
                known_in_slots,
                vocabulary=self.vocabulary,
            )
            for rule in language.rules:
                for pattern in rule.patterns:
                    owners.add(pattern.anchors, len(self._tasks), standing_of(rule, pattern))
                    self._asked.append(leads.add(rule, pattern))
                    self._tasks.append(Task(rule, pattern, reader))
        self._file_furniture(languages, owners)
        self._file_agencies(owners)
        self._compile(owners, leads, names)

    def _file_furniture(self, languages: Sequence[Language], owners: Owners) -> None:
        for language in languages:
            for furniture in language.furniture:
                for whole, patterns in ((True, furniture.lines), (False, furniture.starts)):
                    for pattern in patterns:
                        where = Standing(LINE if pattern.leads else ANYWHERE)
                        owners.add(pattern.anchors, -2 - len(self._furniture), where)
                        self._furniture.append(Furnishing(furniture, pattern, whole=whole))

    def _file_agencies(self, owners: Owners) -> None:
        """File patterns that are found by an agency's name, and the names themselves."""
        words = self.vocabulary
        by_agency = owners.pop(AGENCY_ANCHOR)
        self._by_copyright = owners.pop(COPYRIGHT_ANCHOR)
        by_word, by_part, free = by_need(self._tasks, by_agency)
        self._by_word, self._by_part = map(_once, (by_word, by_part))
        self._by_agency = dict.fromkeys(free)
        joined = [f"و{form}" for form in (*self.agencies.forms, *self._credits.generic)
                  if "\u0621" <= form[0] <= "\u064a"]  # fmt: skip
        joined += (*words.written("press_before"), *words.written("press_behind"))
        # "according to" written on: with letters on both sides the name alone is not seen
        han = [form for form in self.agencies.forms if "\u4e00" <= form[0] <= "\u9fff"]
        for form in (f"{word}{name}" for name in han for word in words.written("cited_onto")):
            anchor = anchor_text(form, word=True)
            if anchor is not None:
                owners.add((anchor,), CREDIT, Standing(OPENING))
        for form in (*self.agencies.forms, *self._credits.generic, *joined):  # "and", written on
            anchor = anchor_text(form, word=True)
            if anchor is not None:
                owners.add((anchor,), CREDIT, Standing(APART))

    def _compile(self, owners: Owners, leads: Leads, names: Iterable[str]) -> None:
        self._owners, anchors = owners.compiled()
        self._cased = cased_forms(anchors, self._owners, self.agencies.forms)
        self._asks = asked_by(self._owners, self._asked)
        sets = dict[tuple[str, ...], int]()
        self._demands: list[tuple[str, bool, list[Needles]]] = [
            (
                task.rule.window,
                task.pattern.split,
                [(sets.setdefault(words, len(sets)), words) for words in _needles(task.pattern)],
            )
            for task in self._tasks
        ]
        self._marks = [frozenset(task.pattern.marks) for task in self._tasks]
        told = {word for word in self._by_word if not _WORD.fullmatch(word)}
        self._told = tuple(told.union(*self._marks) - {"0"})
        self._asked_with = lru_cache(maxsize=_ASKED)(self._ask_with)
        self._first_lead = len(anchors)
        self._leads, beginnings = leads.compiled()
        anchors += beginnings
        uncased = (n for n in self.vocabulary.written("closing_outlets") if n.upper() == n.lower())
        self.index = AnchorIndex(
            anchors,
            [*names, *uncased],
            bys=signing_words(self.vocabulary),
            posted=posting_words(self.vocabulary),
        )

    def screen(self, window: str, hits: Sequence[Hit]) -> list[Hit]:
        """Drop hits of abbreviations that are not written as one, before anything is folded."""
        return self.led([hit for hit in hits if self._is_cased(window, *hit)])

    def led(self, hits: Sequence[Hit]) -> list[Hit]:
        """Drop hits in the middle of patterns whose beginning stands nowhere in the text.

        Beginnings alone are nothing to look at.
        """
        first, leads, asks = self._first_lead, self._leads_of(hits), self._asks
        kept = [hit for hit in hits if hit[0] >= first or asks[hit[0]] & leads]
        return kept if any(anchor < first for anchor, _ in kept) else []

    def _leads_of(self, hits: Sequence[Hit]) -> int:
        """Beginnings that stand in a text, as bits."""
        first, leads = self._first_lead, ALWAYS
        for anchor, _ in hits:
            if anchor >= first:
                leads |= self._leads[anchor - first]
        return leads

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
        text, now = view.text, _Pass(view, len(self._tasks) * len(view.text))
        ends = [m.start() for m in re.finditer(r"\n", text) if m.start() > 0]
        places = sorted({*ends, *range(1, len(text) - 1, STRIDE)})
        for number in range(len(self._tasks)):
            for index in places:
                findings += self._match(now, number, index)
        for word in _WORD.finditer(text):
            credit = read_credit(view, word.start(), self._credits, {})
            credit = credit or read_loose(view, word.start(), self._credits)
            if credit is not None and self._holds_agency(view, word.start()):
                findings.append(credit)
        for line in [0, *(end + 1 for end in ends[:-1])]:
            for entry in self._furniture:
                furniture += furnish(view, entry, line)
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

    def apply(
        self, view: View, hits: Sequence[Hit], *, ends: bool = True
    ) -> tuple[list[Finding], list[Furniture]]:
        """What the rules that own the hits find, and with `ends` what stands at both ends."""
        findings: list[Finding] = []
        furniture: list[Furniture] = []
        leads, now = self._leads_of(hits), _Pass(view)
        owned: dict[int, set[int]] = {}
        for anchor, offset in hits:
            if anchor < self._first_lead:
                owned.setdefault(offset, set()).update(self._owners[anchor])
        for offset in islice(owned, _MOST_HITS):
            if len(findings) >= _MOST_FINDINGS:
                break
            index = view.index(offset)
            line = view.text.rfind("\n", 0, index) + 1
            for number in sorted(owned[offset], key=abs):  # of equal ones the first rule's is kept
                if number >= 0:
                    if self._asked[number] & leads:
                        findings += self._match_once(now, number, index, line)
                elif number == CREDIT:
                    findings += self._read_agency(now, index, line)
                elif number < CREDIT and (number, line) not in now.seen:
                    now.seen.add((number, line))
                    furniture += furnish(view, self._furniture[-2 - number], line)
        findings += self._read_copyright(now)
        if ends:
            findings += self._read_ends(view)
        findings += self._read_issuer(view, findings)
        return list(dict.fromkeys(findings)), furniture

    def _match_once(self, now: _Pass, number: int, index: int, line: int) -> Sequence[Finding]:
        # a pattern that begins with its anchor may begin at a later one of the line
        key = (number, index if self._tasks[number].pattern.leads else line)
        if key in now.seen:
            return ()
        now.seen.add(key)
        return self._match(now, number, index)

    def _read_agency(self, now: _Pass, index: int, line: int) -> list[Finding]:
        """Where an agency's name stands: the credits' grammar, and the rules that need its name."""
        view = now.view
        credit = read_credit(view, max(index - 1, line), self._credits, now.lines)
        credit = credit or read_loose(view, max(index - 1, line), self._credits)
        if credit is None and not now.placed and view.in_head(index):
            now.placed = True
            credit = read_dated_from(view, self._credits, self._listed)
        findings = [credit] if credit is not None else []
        for number in self._asking(now.regions, index):
            findings += self._match_once(now, number, index, line)
        return findings

    def _asking(self, regions: Regions, index: int) -> tuple[int, ...]:
        """Patterns that an agency's name at `index` may be part of, by the words around it."""
        region = regions.around(index, split=False)
        words, text = regions.words(region), regions.view.text
        needed = self._by_word.keys() & words
        needed.update(mark for mark in self._told if text.find(mark, *region) >= 0)
        if words[-1:] == [" "]:
            needed.update(part for part in self._by_part if text.find(part, *region) >= 0)
        if "0" in words[-2:]:
            needed.add("0")
        return self._asked_with(frozenset(needed))

    def _ask_with(self, words: frozenset[str]) -> tuple[int, ...]:
        """Patterns found by an agency's name, by the words, parts of words and marks beside it."""
        numbers = self._by_agency.copy()
        for word in sorted(words & self._by_word.keys()):  # of equal findings the first is named
            numbers.update(self._by_word[word])
        if not words.isdisjoint(self._by_part):
            for part, needing in self._by_part.items():
                if part in words:
                    numbers.update(needing)
        marks = self._marks
        return tuple(number for number in numbers if marks[number] <= words)

    def _read_ends(self, view: View) -> list[Finding]:
        """Outlets at both ends of a text that no word of a rule gives away."""
        readers = (read_opening, read_byline, read_dateline, read_placed, read_ending, read_signoff,
                   read_stamp)  # fmt: skip
        found = []
        for read in readers:
            finding = read(view, self._credits)
            if finding is not None:
                found.append(finding)
        placed = read_dated_from(view, self._credits, self._listed)
        return found if placed is None else [*found, placed]

    def _read_issuer(self, view: View, findings: Sequence[Finding]) -> list[Finding]:
        found = read_issuer(view, self._credits, findings)
        return [found] if found is not None else []

    def _read_copyright(self, now: _Pass) -> list[Finding]:
        at = now.view.text.rfind("©")
        if at < 0 or not now.view.in_tail(at):
            return []
        return [found for n in self._by_copyright for found in self._match(now, n, at)]

    def _match(self, now: _Pass, number: int, index: int) -> Sequence[Finding]:
        view, task, regions = now.view, self._tasks[number], now.regions
        window, split, needles = self._demands[number]
        if window != "any" and not regions.is_in_window(window, index):
            return ()
        region = regions.around(index, split=split)
        if needles and not regions.may_hold(region, needles):
            return ()  # before the expression is asked for: most never have to be compiled
        starts = regions.starts(task, index, region)
        if not starts:
            return ()
        match, text, end = task.pattern.regex.match, view.text, region[1]
        found = []
        for start in starts:
            key = (number, start, end)
            if key in now.tried or now.is_spent():
                continue
            now.tried.add(key)
            matched = match(text, start, end)
            if matched is not None:
                now.matches += 1
                finding = interpret(view, task, matched)
                if finding is not None:
                    found.append(finding)
        return found
