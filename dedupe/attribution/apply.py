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
from dedupe.attribution.credits import read_credit, read_opening
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place, is_abbreviation
from dedupe.attribution.prefilter import (
    ANYWHERE,
    APART,
    FAR,
    LEADING,
    LINE,
    Anchor,
    AnchorIndex,
    Hit,
    anchor_text,
)
from dedupe.attribution.rules import FurnitureRule, Language, NameWords, Rule
from dedupe.attribution.syntax import AGENCY_ANCHOR, COPYRIGHT_ANCHOR, Pattern
from dedupe.attribution.view import HEAD, View
from dedupe.models import AttributionKind, ClaimRole, Furniture

__all__ = ["RuleBook"]

_BACK, _AHEAD, _LINES_BACK, _LINES_AHEAD = 360, 420, 2, 3
_FIRST = 160  # a rule with window "first" looks at the first line only
_MOST_HITS, _MOST_STARTS = 64, 24
_STOPS = ".!?。:;…"
_UNIT_END = re.compile(r"(?:,? (?:llc|inc|ltd|gmbh|ag|plc|s\.?a)\b)? {0,2}[)\"']{0,2}(?:,? \d[^\n]{0,30}(?=\n))? {0,2}(?:[\n.。;|)\uE000(*!?/]|-{1,3} |,? (?:via|by)\b|https?:)")
_SENTENCE_END = re.compile(r"[.!?](?=[ \n\"')]|$)|[\n。\uE000]")
_ROLES = {
    "source": ClaimRole.SOURCE,
    "sources": ClaimRole.SOURCE,
    "service": ClaimRole.SOURCE,
    "agency": ClaimRole.AGENCY,
    "agencies": ClaimRole.AGENCY,
    "contributors": ClaimRole.CONTRIBUTOR,
    "republisher": ClaimRole.REPUBLISHER,
    "via": ClaimRole.VIA,
    "author": ClaimRole.AUTHOR,
    "authors": ClaimRole.AUTHOR,
}
_LISTS = frozenset({"sources", "via", "agencies", "contributors", "authors"})
_UPGRADED = frozenset({AttributionKind.SOURCE_LINE})


@dataclass(frozen=True, slots=True)
class _Task:
    rule: Rule
    pattern: Pattern
    reader: NameReader


@dataclass(frozen=True, slots=True)
class _Furnishing:
    rule: FurnitureRule
    pattern: Pattern
    whole: bool  # the line has to consist of such phrases; else it only begins with one


class _Owners:
    """Which patterns ask for which anchor, and where it counts for at least one of them."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[int, None]] = {}
        self._where: dict[str, tuple[int, int]] = {}

    def add(self, anchors: Iterable[str], number: int, standing: int, latest: int) -> None:
        for anchor in anchors:
            self._numbers.setdefault(anchor, {})[number] = None
            known = self._where.get(anchor, (standing, latest))
            self._where[anchor] = (min(known[0], standing), max(known[1], latest))

    def pop(self, anchor: str) -> list[int]:
        self._where.pop(anchor, None)
        return list(self._numbers.pop(anchor, ()))

    def compiled(self) -> tuple[list[tuple[int, ...]], list[Anchor]]:
        anchors = [Anchor(text, *self._where[text]) for text in self._numbers]
        return [tuple(numbers) for numbers in self._numbers.values()], anchors


def _standing(rule: Rule, pattern: Pattern) -> tuple[int, int]:
    """Where a rule's anchor counts: what `AnchorIndex` needs not report otherwise."""
    latest = {"first": _FIRST, "head": HEAD}.get(rule.window, FAR)
    if not pattern.leads or "inline" in rule.where:
        return ANYWHERE, latest
    return (LINE if rule.where == {"line"} else LEADING), latest


class RuleBook:
    """All rules of all languages, indexed by their anchors. Built once, shared by threads."""

    def __init__(
        self,
        languages: Sequence[Language],
        agencies: Iterable[str],
        known: Callable[[str], bool],
    ) -> None:
        """`agencies` are further forms of agencies' names; `known` see `NameReader`."""
        forms = [form for language in languages for form in language.agencies]
        services = [form for language in languages for form in language.services]
        syndicators = [form for language in languages for form in language.syndicators]
        self.agencies = AgencyLexicon([*forms, *agencies], services, syndicators)
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
        self._tasks: list[_Task] = []
        self._furniture: list[_Furnishing] = []
        owners = _Owners()
        for language in languages:
            reader = NameReader(
                language.names.joined(shared).refusing(everything), self.agencies, known)
            for rule in language.rules:
                for pattern in rule.patterns:
                    owners.add(pattern.anchors, len(self._tasks), *_standing(rule, pattern))
                    self._tasks.append(_Task(rule, pattern, reader))
        for language in languages:
            for furniture in language.furniture:
                for whole, patterns in ((True, furniture.lines), (False, furniture.starts)):
                    for pattern in patterns:
                        where = LINE if pattern.leads else ANYWHERE
                        owners.add(pattern.anchors, -2 - len(self._furniture), where, FAR)
                        self._furniture.append(_Furnishing(furniture, pattern, whole=whole))
        by_agency = owners.pop(AGENCY_ANCHOR)
        self._by_copyright = owners.pop(COPYRIGHT_ANCHOR)
        for form in (*self.agencies.forms, *self._credits.generic):
            anchor = anchor_text(form, word=True)
            if anchor is not None:
                for number in (*by_agency, -1):
                    owners.add((anchor,), number, APART, FAR)
        self._owners, anchors = owners.compiled()
        self.index = AnchorIndex(anchors)

    def all_hits(self, view: View) -> list[Hit]:
        """Every anchor at every line: what `apply` sees without a prefilter (for tests)."""
        starts = [m.end() for m in re.finditer("\n", view.text)][:-1]
        places = [int(view.offsets[start]) for start in starts]
        return [(anchor, place) for place in places for anchor in range(len(self._owners))]

    def apply(self, view: View, hits: Sequence[Hit]) -> tuple[list[Finding], list[Furniture]]:
        """Run the rules that own the hits. Returns what they found, in no order."""
        findings: list[Finding] = []
        furniture: list[Furniture] = []
        seen: set[tuple[int, int]] = set()
        begins: dict[Place, list[int]] = {}
        for anchor, offset in hits[:_MOST_HITS]:
            index = view.index(offset)
            line = view.text.rfind("\n", 0, index) + 1
            for number in self._owners[anchor]:
                if (number, line) in seen and number != -1:
                    continue
                seen.add((number, line))
                if number >= 0:
                    findings += self._match(view, self._tasks[number], index, begins)
                elif number == -1:
                    credit = read_credit(view, max(index - 1, line), self._credits)
                    findings += [credit] if credit is not None else []
                else:
                    furniture += self._furnish(view, self._furniture[-2 - number], line)
        findings += self._read_copyright(view)
        opening = read_opening(view, self._credits)
        if opening is not None:
            findings.append(opening)
        return list(dict.fromkeys(findings)), furniture

    def _read_copyright(self, view: View) -> list[Finding]:
        at = view.text.rfind("©")
        if at < 0 or not view.in_tail(at):
            return []
        return [f for n in self._by_copyright for f in self._match(view, self._tasks[n], at, {})]

    def _match(
        self, view: View, task: _Task, index: int, begins: dict[Place, list[int]]
    ) -> list[Finding]:
        if not _in_window(view, task.rule.window, index):
            return []
        region = _region(view.text, index, split=task.pattern.split)
        needs = task.pattern.needs
        if needs and not any(view.text.find(need, *region) >= 0 for need in needs):
            return []
        found = []
        for start in _starts(view.text, task, region, index, begins):
            match = task.pattern.regex.match(view.text, start, region[1])
            if match is not None:
                finding = _interpret(view, task, match)
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
            ends = [m.end() for p in rule.lines if (m := p.regex.match(text, at, end))]
            if not ends or max(ends) == at:
                return False
            at = max(ends)
        return False


def _in_window(view: View, window: str, index: int) -> bool:
    if window == "head":
        return view.in_head(index)
    if window == "tail":
        return view.in_tail(index)
    return window == "any" or int(view.offsets[index]) < _FIRST


def _region(text: str, index: int, *, split: bool) -> tuple[int, int]:
    """The lines around a hit that a pattern may see, bounded in characters too."""
    low, high = text.rfind("\n", 0, index) + 1, text.find("\n", index)
    if split:
        for _ in range(_LINES_BACK):
            low = text.rfind("\n", 0, max(low - 1, 0)) + 1
        for _ in range(_LINES_AHEAD):
            further = text.find("\n", high + 1)
            high = further if further >= 0 else high
    return max(low, index - _BACK), min(high, index + _AHEAD)


_BEGINS = re.compile(r"[\n.!?。:;…\"'()/|*]|- |, ")


def _begins(text: str, low: int, high: int) -> list[int]:
    """Places in a region where something new begins: after a line break or a mark."""
    begins = [low] if text[low - 1 : low] == "\n" else []
    begins += [begin.end() for begin in _BEGINS.finditer(text, low, high)]
    starts: dict[int, None] = {}
    for at in begins:
        while at < high and text[at] in " *-\"'|":
            at += 1
        starts[at] = None
    return list(starts)


def _starts(
    text: str, task: _Task, region: Place, index: int, begins: dict[Place, list[int]]
) -> list[int]:
    """Where a match may begin: after something that ends a unit, as the rule's `where` says."""
    where = task.rule.where
    if "inline" in where:
        return [m.start() for m in task.pattern.regex.finditer(text, *region)][:4]
    if region not in begins:
        begins[region] = _begins(text, *region)
    before = [at for at in begins[region] if at <= index][-_MOST_STARTS:]
    return [at for at in before if _stands(text, at, where)]


def _stands(text: str, at: int, where: frozenset[str]) -> bool:
    """Whether what stands before `at` is what the rule asks for."""
    before = at - 1
    while before > 0 and text[before] in " *\"'":
        before -= 1
        if text[before + 1] == "*" and text[before] == " ":
            return "segment" in where
    char = text[before] if before >= 0 else "\n"
    if char == "\n" or char == "\ue000":
        return "line" in where
    if char == "(":
        return "bracket" in where
    if char in ".!?。…:;)":
        return "sentence" in where
    if char in "-/|,":
        return "segment" in where and char != "," and (text[before - 1] in " \n-" or char in "|/")
    # a quote that closes a sentence: the mark before it was skipped
    return "sentence" in where and '"' in text[before:at]


def _interpret(view: View, task: _Task, match: re.Match[str]) -> Finding | None:
    """A match -> a finding, unless a name it needs is none or it does not stand alone."""
    rule, reader = task.rule, task.reader
    named: list[Named] = []
    end = match.end()
    for slot in task.pattern.slots:
        low, high = match.span(slot)
        if low < 0:
            continue
        read = _read_slot(view, task, slot, low, high, match.end())
        if read is None:
            return None
        names, last = read
        named += names
        if high == match.end():
            end = last
    if rule.kind is AttributionKind.SOURCE_LINE and not named:
        return None
    if not _is_credible(view, task, match.start(), end, named):
        return None
    if rule.fills and not _fills(view.text, end, rule, named, reader):
        return None
    kind, named = _settle(rule, named, reader)
    span = _notice_span(view.text, match.start(), end)
    return Finding(rule.id, kind, rule.trust, rule.confidence, view.span(*span), tuple(named),
                   explicit=rule.self_credit)  # fmt: skip


_STOPPED = re.compile(r"[.!?。](?= |\n|$|\()|[()\n]")
_ASIDE = re.compile(r"\([^()\n]{1,30}\)")


def _is_stopped(rest: str) -> bool:
    """Whether what follows a name in its slot ends a sentence or opens another thought."""
    return bool(rest.strip(" .\n\"')")) and _STOPPED.search(_ASIDE.sub("", rest)) is not None


def _read_slot(
    view: View, task: _Task, slot: str, low: int, high: int, task_end: int
) -> tuple[list[Named], int] | None:
    """Names of one slot and where the last of them ends; None = the match does not count."""
    reader = task.reader
    if slot == "url":
        address = view.written(low, high).rstrip(".,;:)")
        return [Named(ClaimRole.SOURCE, host_of(address), address)], high
    if slot == "license":
        place = reader.read(view, low, high, whole=True)
        return ([Named(ClaimRole.LICENSE, view.written(*place))] if place else []), high
    if slot == "place":
        return ([], high) if high - low <= 40 else None
    if slot in _LISTS:
        return _read_list(view, task, slot, low, high)
    place = reader.read(view, low, high)
    if place is not None and high < task_end and _is_stopped(view.text[place[1] : high]):
        place = None  # a name in the middle of a formula does not run over a sentence's end
    if place is None:
        return ([], high) if slot in ("republisher", "via") else None
    name = view.written(*place)
    if slot == "agency" and name not in reader.agencies:
        return None
    if slot in ("source", "service") and not _is_wanted(reader, task.rule.names, view.written(low, place[1])):
        return None
    named = [Named(_ROLES[slot], name, _address(name))]
    if slot == "service" or (slot == "source" and name in reader.agencies):
        named.append(Named(ClaimRole.AGENCY, name))
    if slot == "agency":
        named.insert(0, Named(ClaimRole.SOURCE, name))
    return named, place[1]


def _is_wanted(reader: NameReader, names: str, name: str) -> bool:
    if names == "known":
        return name.strip() in reader.agencies or reader.known(name)
    return names == "any" or reader.is_outlet_like(name)


def _address(name: str) -> str | None:
    """The name itself if it is a host or address."""
    return name if re.fullmatch(r"(?:https?://)?[\w-]+(?:\.[\w-]{2,})+(?:/\S*)?", name) else None


def _read_list(
    view: View, task: _Task, slot: str, low: int, high: int
) -> tuple[list[Named], int] | None:
    """A list of names: agencies among them are agencies, the first of the others the source."""
    reader = task.reader
    start, last = _list_extent(view, reader, low, high)
    address = _ADDRESS.match(view.text, start, high)
    if address is not None and slot == "sources":
        written = view.written(*address.span()).rstrip(".,;:)")
        return [Named(ClaimRole.SOURCE, host_of(written), written)], address.end()
    named: list[Named] = []
    end = low
    for at, place in enumerate(reader.split(view, start, last)):
        if reader.is_generic(view, place):
            named.append(Named(_list_role(slot), view.written(*place), generic=True))
        elif reader.is_agency(view, place):
            name = view.written(*place)
            if slot == "sources" and not any(n.role is ClaimRole.SOURCE for n in named):
                named.append(Named(ClaimRole.SOURCE, name))
            named.append(Named(_list_role(slot), name))
        else:
            judged = reader.read(view, *place)
            if at > 0 and reader.is_picture(view.text[place[0] : place[1]]):
                break
            if judged is None:
                if at == 0:
                    return None
                break
            if slot in ("authors", "via"):
                named.append(Named(_ROLES[slot], view.written(*judged)))
            elif slot == "sources" and at == 0:
                name = view.written(*judged)
                if not _is_wanted(reader, task.rule.names, view.written(place[0], judged[1])):
                    return None
                named.append(Named(ClaimRole.SOURCE, name, _address(name)))
            elif slot in ("agencies", "contributors") and at == 0 and not task.rule.mixed:
                return None
            place = judged
        end = place[1]
    if slot in ("agencies", "contributors") and not any(
        n.role in (ClaimRole.AGENCY, ClaimRole.CONTRIBUTOR) for n in named
    ):
        return None
    if slot == "agencies":
        first = next((n for n in named if not n.generic), None)
        if first is not None:
            named.insert(0, Named(ClaimRole.SOURCE, first.name))
    return (named, end) if named else None


_ADDRESS = re.compile(r"[ ~(]{0,4}(?:https?://|www\.)[^\s()\"<>~]{3,300}")


def host_of(address: str) -> str:
    """The host of an address, as a name."""
    rest = address.strip("~ ").split("://", 1)[-1]
    return re.split(r"[/?#:]", rest, maxsplit=1)[0].removeprefix("www.")


def _list_role(slot: str) -> ClaimRole:
    if slot == "via":
        return ClaimRole.VIA
    return ClaimRole.CONTRIBUTOR if slot == "contributors" else ClaimRole.AGENCY


def _list_extent(view: View, reader: NameReader, low: int, high: int) -> Place:
    """Where a list of names ends: at the line's or sentence's end, a bracket or a stop phrase."""
    text = view.text
    while low < high and text[low] in " :(\"'\n":
        low += 1
    for mark in _SENTENCE_END.finditer(text, low, high):
        if mark.group() != "." or not is_abbreviation(text, low, mark.start()):
            high = mark.start()
            break
    for close in ")(|*[©#~":
        at = text.find(close, low, high)
        high = at if at > low else high
    return low, high


def _is_credible(view: View, task: _Task, start: int, end: int, named: list[Named]) -> bool:
    """Reject picture credits: their words on the line before, or in the names themselves."""
    if task.rule.kind not in (AttributionKind.SOURCE_LINE, AttributionKind.AGENCY_BYLINE):
        return True
    text = view.text
    line = max(text.rfind("\n", 0, start) + 1, start - 60)
    stops = [at for stop in ("\n", " / ", " | ", "。", ". ") if (at := text.find(stop, end)) >= 0]
    around = text[line : min(stops, default=end)]
    if task.reader.is_picture(around):
        return False
    sources = [n for n in named if n.role is ClaimRole.SOURCE and n.name]
    if sources and sources[0].name not in task.reader.agencies and " " in (sources[0].name or ""):
        slashed = re.search(r"\w ?/ ?\w", around)
        if slashed and any(n.role is ClaimRole.AGENCY for n in named):
            return task.reader.known(sources[0].name or "")
    return True


def _fills(
    text: str, end: int, rule: Rule, named: list[Named], reader: NameReader
) -> bool:
    """Whether nothing but the notice stands on the rest of the line or sentence."""
    if rule.fills == "line":
        line_end = text.find("\n", end)
        return not any(c.isalnum() for c in text[end:line_end])
    if _UNIT_END.match(text, end):
        return True
    if rule.kind is not AttributionKind.SOURCE_LINE:
        return False
    names = [n.name for n in named if n.name]
    return bool(names) and all(name in reader.agencies for name in names)


def _settle(rule: Rule, named: list[Named], reader: NameReader) -> tuple[AttributionKind, list[Named]]:
    """A label whose first name is an agency's is an agency credit; so is one for agencies at large."""
    if rule.kind in _UPGRADED:
        sources = [n.name for n in named if n.role is ClaimRole.SOURCE]
        agencies = [n.name for n in named if n.role is ClaimRole.AGENCY]
        if agencies and (not sources or sources[0] in agencies):
            return AttributionKind.AGENCY_BYLINE, named
    if rule.kind is AttributionKind.AGENCY_BYLINE and named and named[0].name:
        if reader.agencies.is_syndicator(named[0].name):
            named = [n for n in named if n.role is not ClaimRole.AGENCY]
            return AttributionKind.SYNDICATION_FEED, named
        if reader.agencies.is_service(named[0].name):
            return AttributionKind.SYNDICATION_FEED, named
    return rule.kind, named


def _notice_span(text: str, start: int, end: int) -> Place:
    """The whole notice: from the bracket or label before it to the end of its sentence or line."""
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    before = text[line:start]
    if len(before) <= 24 and not re.search(r"[.!?。] ", before):
        start = line
    opening = text.rfind("(", max(line, start - 3), start)
    if opening >= 0:
        start = opening
        closing = text.find(")", end, min(line_end, end + 200))
        if closing >= 0:
            return start, closing + 1
    if line_end - end <= 160 or start == line and line_end - end <= 300:
        return start, max(line_end, end)
    stop = _SENTENCE_END.search(text, end, line_end)
    return start, (stop.start() + 1 if stop else max(end, min(line_end, end + 300)))
