"""A rule's match in a text -> a finding, if what it says can be a statement of origin.

The words matched; now the names in the slots have to be names, nothing may stand behind a label but
its names, and the line must not credit a picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.names import NameReader, Place, is_abbreviation
from dedupe.attribution.rules import Rule
from dedupe.attribution.syntax import Pattern
from dedupe.attribution.view import View
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["Task", "host_of", "interpret"]

_UNIT_END = re.compile(
    r"(?:,? (?:llc|inc|ltd|gmbh|ag|plc|s\.?a)\b)? {0,2}[)\"']{0,2}(?:,? \d[^\n]{0,30}(?=\n))? {0,2}(?:[\n.。;|)\uE000(*!?/]|-{1,3} |,? (?:via|by)\b|https?:)"
)
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
class Task:
    """One pattern with its rule and the words of its language."""

    rule: Rule
    pattern: Pattern
    reader: NameReader


def interpret(view: View, task: Task, match: re.Match[str]) -> Finding | None:
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
    trust = Trust.NOTICE if kind is AttributionKind.SYNDICATION_FEED else rule.trust
    span = _notice_span(view.text, match.start(), end)
    return Finding(rule.id, kind, trust, rule.confidence, view.span(*span), tuple(named),
                   explicit=rule.self_credit)  # fmt: skip


_STOPPED = re.compile(r"[.!?。](?= |\n|$|\()|[()\n]")
_ASIDE = re.compile(r"\([^()\n]{1,30}\)")


def _is_stopped(rest: str) -> bool:
    """Whether what follows a name in its slot ends a sentence or opens another thought."""
    return bool(rest.strip(" .\n\"')")) and _STOPPED.search(_ASIDE.sub("", rest)) is not None


def _read_slot(
    view: View, task: Task, slot: str, low: int, high: int, task_end: int
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
    if slot in ("source", "service") and not _is_wanted(
        reader, task.rule.names, view.written(low, place[1])
    ):
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
    view: View, task: Task, slot: str, low: int, high: int
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


def _is_credible(view: View, task: Task, start: int, end: int, named: list[Named]) -> bool:
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


def _fills(text: str, end: int, rule: Rule, named: list[Named], reader: NameReader) -> bool:
    """Whether nothing but the notice stands on the rest of the line or sentence."""
    end = reader.past_generic(text, end)
    if rule.fills == "line":
        line_end = text.find("\n", end)
        return not any(c.isalnum() for c in text[end:line_end])
    if _UNIT_END.match(text, end):
        return True
    if rule.kind is not AttributionKind.SOURCE_LINE:
        return False
    names = [n.name for n in named if n.name]
    return bool(names) and all(name in reader.agencies for name in names)


def _settle(
    rule: Rule, named: list[Named], reader: NameReader
) -> tuple[AttributionKind, list[Named]]:
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
    if line_end - end <= 160 or (start == line and line_end - end <= 300):
        return start, max(line_end, end)
    stop = _SENTENCE_END.search(text, end, line_end)
    return start, (stop.start() + 1 if stop else max(end, min(line_end, end + 300)))
