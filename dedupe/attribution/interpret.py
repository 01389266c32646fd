"""A rule's match in a text -> a finding, if what it says can be a statement of origin.

The words matched; now the names in the slots have to be names, nothing may stand behind a label but
its names, and the line must not credit a picture.
"""

from __future__ import annotations

import re
from functools import cache

from dedupe.attribution.agencies import compact
from dedupe.attribution.credibility import (
    TOLD,
    Task,
    first_slot,
    is_credible,
    is_data,
    is_denied,
    is_told,
)
from dedupe.attribution.extents import notice_span
from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.linked import read_formula
from dedupe.attribution.name_ends import glued_label
from dedupe.attribution.names import NameReader
from dedupe.attribution.rules import Rule
from dedupe.attribution.slot_values import Read, Slot, read_slot
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["interpret"]

_CREDITED = ("agencies", "contributors")
_STATED = (AttributionKind.SYNDICATION_FEED, AttributionKind.PRESS_RELEASE)
_UPGRADED = frozenset({AttributionKind.SOURCE_LINE})


@of_words
def _unit_end(words: Vocabulary) -> re.Pattern[str]:
    """What may stand behind the last name of a notice that fills its line or sentence."""
    return re.compile(
        rf"(?:,? {words.any('firms', 'firms_behind_name')}\b)? {{0,2}}[)\"']{{0,2}}"
        rf"(?:(?:,? |(?<=\"))(?:{words.any('dated')} )?\d[^\n]{{0,30}}(?=\n))?"
        r" {0,2}(?:[\n.。;|)\uE000(*!?/=#]|-{1,3} |--"
        rf"|,? {words.any('passing')}\b|,? ?https?:)"
        rf"|\"(?=[^\W\d_])|{glued_label(words)}"
    )


@of_words
def _publishing(words: Vocabulary) -> re.Pattern[str]:
    return re.compile(words.any("publishing"))


def interpret(view: View, task: Task, match: re.Match[str]) -> Finding | None:
    """A match -> a finding, unless a name it needs is none or it does not stand alone."""
    rule, reader = task.rule, task.reader
    denied = task.pattern.loose and is_denied(view, task, match)
    if denied or _goes_on(view.text, rule, match.end()):
        return None
    read = _read_slots(view, task, match)
    if read is None or not _speaks(view, task, match.start(), *read):
        return None
    if is_told(view, task, match, *read):
        return None
    named, end = read
    if rule.names == "linked" and not task.pattern.slots:
        named = read_formula(view, match.start(), match.end())
        if not named:
            return None
    if rule.kind is AttributionKind.PRESS_RELEASE and _is_agency(view, task, match, named, end):
        return None
    kind, named = _settle(rule, named, reader)
    trust = Trust.NOTICE if kind in _STATED else rule.trust
    titled = "{title}" in task.pattern.source and not task.pattern.initials
    span = notice_span(view.text, match.start(), end, first_slot(task, match), titled=titled)
    return Finding(rule.id, kind, trust, rule.confidence, view.span(*span), tuple(named),
                   explicit=rule.self_credit)  # fmt: skip


def _goes_on(text: str, rule: Rule, end: int) -> bool:
    """Whether the last word of a match is the beginning of another: 5月3日电 of 5月3日电话."""
    return text[end - 1].isalpha() and text.startswith(rule.not_before, end)


def _is_agency(view: View, task: Task, match: re.Match[str], named: list[Named], end: int) -> bool:
    """Whether an issuer and its office are an agency's name: "Inter Press Service"."""
    first = first_slot(task, match)
    whole = view.written(first, end).strip(" .") if first < end else ""
    return whole in task.reader.agencies and whole not in {n.name for n in named}


def _read_slots(view: View, task: Task, match: re.Match[str]) -> Read | None:
    """What the slots of a match name and where it ends; None = the match does not count."""
    found: dict[str, Read] = {}
    last = match.end()
    # a list of agencies first: whether it is one costs least to tell, and most are none
    for slot in _in_turn(task.pattern.slots):
        low, high = match.span(slot)
        if low < 0:
            continue
        read = read_slot(Slot(view, task, slot, low, high, high == last))
        if read is None:
            return None
        found[slot] = read
    named: list[Named] = []
    end = last
    for slot in task.pattern.slots:
        if slot in found:
            named += found[slot][0]
            if match.end(slot) == last:
                end = found[slot][1]
    return named, end


@cache
def _in_turn(slots: tuple[str, ...]) -> list[str]:
    return sorted(slots, key=lambda slot: slot not in _CREDITED)


def _speaks(view: View, task: Task, start: int, named: list[Named], end: int) -> bool:
    """Whether what was read says something of the article's origin, and says it itself."""
    rule, reader = task.rule, task.reader
    # a rule without slots says that nobody is named
    if rule.kind is AttributionKind.SOURCE_LINE and task.pattern.slots and not named:
        return False
    if rule.only and not (named and compact(named[0].name or "") in rule.only):
        return False
    if reader.is_caption(view.text, start) or not is_credible(view, task, start, end, named):
        return False
    if rule.kind in TOLD and reader.is_cited(view.text, start, end):
        return False
    if rule.fills and not _fills(view.text, end, rule, named, reader):
        return False
    return rule.kind is not AttributionKind.SOURCE_LINE or not is_data(
        view, start, end, named, reader
    )


def _fills(text: str, end: int, rule: Rule, named: list[Named], reader: NameReader) -> bool:
    """Whether nothing but the notice stands on the rest of the line or sentence."""
    end = reader.past_generic(text, end)
    if rule.fills == "line":
        line_end = text.find("\n", end)
        return not any(c.isalnum() for c in text[end:line_end])
    if _unit_end(reader.vocabulary).match(
        text, end - (text[end - 1] == ".")
    ) or reader.asides.invites(text, end):
        return True
    if rule.kind is not AttributionKind.SOURCE_LINE:
        return False
    names = [n.name for n in named if n.name]
    return bool(names) and all(name in reader.agencies for name in names)


def _settle(
    rule: Rule, named: list[Named], reader: NameReader
) -> tuple[AttributionKind, list[Named]]:
    """A label with an agency first is an agency credit; so is one with agencies at large."""
    lead = named[0].name if named else None
    if lead and reader.agencies.is_wire(lead):
        named = [n for n in named if n.role is not ClaimRole.SOURCE or n.name != lead]
        return AttributionKind.PRESS_RELEASE, named
    if rule.kind in _UPGRADED and lead and reader.is_issuer(lead) and not _is_paper(lead, reader):
        return AttributionKind.PRESS_RELEASE, named
    if rule.kind in _UPGRADED:
        sources = [n.name for n in named if n.role is ClaimRole.SOURCE]
        agencies = [n.name for n in named if n.role is ClaimRole.AGENCY]
        if agencies and (not sources or sources[0] in agencies):
            return AttributionKind.AGENCY_BYLINE, named
    fed = rule.kind in (AttributionKind.AGENCY_BYLINE, AttributionKind.SYNDICATION_FEED)
    if fed and lead and reader.agencies.is_syndicator(lead):
        named = [n for n in named if n.role is not ClaimRole.AGENCY]
        return AttributionKind.SYNDICATION_FEED, named
    if rule.kind is AttributionKind.AGENCY_BYLINE and lead and reader.agencies.is_service(lead):
        return AttributionKind.SYNDICATION_FEED, named
    return rule.kind, named


def _is_paper(name: str, reader: NameReader) -> bool:
    """Whether a company is one that publishes: "X Broadcasting Corporation"."""
    return reader.known(name) or _publishing(reader.vocabulary).search(fold_text(name)) is not None
