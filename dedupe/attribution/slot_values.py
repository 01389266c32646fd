"""A filled slot of a match -> the names in it, in their roles, and where the last one ends.

A slot holds one name, a list of them, an address, a licence or a place; in a list agencies are
agencies wherever they stand, the first of the others is the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dedupe.attribution.addresses import as_address
from dedupe.attribution.credibility import CITED, TOLD, Task
from dedupe.attribution.extents import SENTENCE_END, is_stopped
from dedupe.attribution.findings import Named
from dedupe.attribution.fronts import PLACED, read_placed
from dedupe.attribution.linked import MOST_LABELLED, host_named, read_linked, shows_title
from dedupe.attribution.name_ends import is_abbreviation
from dedupe.attribution.name_starts import skip_marks
from dedupe.attribution.names import NameReader, Place
from dedupe.attribution.newcomers import is_titled
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary
from dedupe.models import ClaimRole

__all__ = ["Read", "Slot", "read_slot"]

Read = tuple[list[Named], int]
"""What slots name and where the last name ends."""

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
_AGENCY_ROLES = {"contributors": ClaimRole.CONTRIBUTOR, "via": ClaimRole.VIA}
_LONGEST_PLACE, _BRIEF = 40, 2
_CLOSING = (")", "(", "|", "*", "[", "©", "#", "~", " =", "http://", "https://", ":")
"""What ends a list of names; an address before its colon."""
_CREDITED = ("agencies", "contributors")
_LISTS = frozenset({"sources", "via", "agencies", "contributors", "authors"})


class Slot(NamedTuple):
    """A filled slot of a match: `low` to `high` in the view's text, `final` = it ends the match."""

    view: View
    task: Task
    name: str
    low: int
    high: int
    final: bool

    @property
    def reader(self) -> NameReader:
        """Who reads names in the language of the rule."""
        return self.task.reader

    def wants(self, name: str) -> bool:
        """Whether the rule takes this name, as written with the nouns around it, for a source."""
        wanted = self.task.rule.names
        if wanted == "known":
            return name.strip() in self.reader.agencies or self.reader.known(name)
        if wanted in ("any", "linked", *PLACED) or self.reader.is_outlet_like(name):
            return True
        judges: dict[str, Callable[[str], bool]] = {
            "titled": lambda name: is_titled(name, self.reader),
            "masthead": self.reader.is_masthead,
            "brief": lambda name: name.count(" ") < _BRIEF,
            "issuer": self.reader.is_issuer,
            "partner": lambda name: not self.reader.is_sponsor(name),
        }
        return wanted in judges and judges[wanted](name)


def read_slot(slot: Slot) -> Read | None:
    """Read one slot; None = the match does not count."""
    if slot.name == "place":
        return ([], slot.high) if slot.high - slot.low <= _LONGEST_PLACE else None
    if slot.name == "url":
        address = slot.view.written(slot.low, slot.high).rstrip(".,;:)")
        return [host_named(address)], slot.high
    if slot.name == "license":
        place = slot.reader.read(slot.view, slot.low, slot.high, whole=True)
        named = [Named(ClaimRole.LICENSE, slot.view.written(*place))] if place else []
        return named, slot.high
    return _read_list(slot) if slot.name in _LISTS else _read_name(slot)


def _read_name(slot: Slot) -> Read | None:
    view, reader = slot.view, slot.reader
    low = slot.low if slot.final else _past_clauses(view.text, slot.low, slot.high)
    place, linked, original = read_linked(view, reader, low, slot.high, slot.task.rule)
    if slot.task.rule.names in PLACED:
        place = read_placed(view, reader, low, slot.high, slot.task.rule)
    if original is not None:
        told = slot.name == "source" and slot.task.rule.kind in TOLD
        host = host_named(original)
        end = slot.high if place is None else place[1]
        return ([host], end) if told or place is not None else None
    rest = view.text[place[1] : slot.high] if place is not None and not slot.final else ""
    if is_stopped(rest, slot.task.rule.kind) or _is_dated(slot, place):
        place = None  # a name in the middle of a formula does not run over a sentence's end
    if place is None or _names_nobody(slot, place):
        return ([], slot.high) if _names_nobody(slot, place) else None
    name = view.written(*place)
    named = [Named(_ROLES[slot.name], name, view.address(*place) or as_address(name))]
    if slot.name in ("source", "service"):
        small = view.char(place[0]).islower() and not reader.known(name) and "." not in name
        small = small and not linked
        if slot.task.pattern.loose and small:
            return None  # "with the consent of the editor"
        if not slot.wants(view.written(slot.low, place[1])):
            return None
        if slot.name == "service" or name in reader.agencies:
            named.append(Named(ClaimRole.AGENCY, name))
    elif slot.name == "agency":
        if name not in reader.agencies or _goes_on(slot, *place):
            return None
        named.insert(0, Named(ClaimRole.SOURCE, name))
    return named, place[1]


_DATED = re.compile("[\u3400-\u9fff][0-9]{1,2}日[\u3400-\u9fff]{3}")
"""A day in the middle of Han characters; behind it two may tell what a reporter did: 报道."""


def _is_dated(slot: Slot, place: Place | None) -> bool:
    """Whether an author is a sentence with a day in it: 记者王小河5月3日报道了夜市."""
    if slot.name != "author" or place is None:
        return False
    return _DATED.search(slot.view.text, *place) is not None


def _names_nobody(slot: Slot, place: Place | None) -> bool:
    """Whether a slot may stay empty: a carrier's without a name, or a notice's with "my blog"."""
    if slot.name != "source" or slot.task.rule.kind not in CITED:
        return place is None and slot.name == "republisher"
    start, end = skip_marks(slot.view, slot.low, slot.high), place[1] if place is not None else 0
    return slot.reader.asides.is_own(slot.view.text, start, end)


def _past_clauses(text: str, low: int, high: int) -> int:
    """Where the last clause of a slot begins, of scripts without blanks: the name stands in it."""
    comma = text.rfind(",", low, high)
    tight = low < comma < high - 2 and text[comma + 1] >= "\u2e80"
    return comma + 1 if tight and text.find('"', comma, high) < 0 else low


def _goes_on(slot: Slot, start: int, end: int) -> bool:
    """Whether words follow an agency in the middle of a formula: "… - AFP wrote so yesterday."."""
    rest = slot.view.text[end : slot.high]
    words = rest[:1] == " " and (rest[1:2].isalpha() or rest[1:2] == "/")
    addressed = slot.view.text[start - 2 : start] == "//"
    return not slot.final and (words or addressed)


def _read_list(slot: Slot) -> Read | None:
    """A list of names: agencies among them are agencies, the first of the others the source."""
    view, reader = slot.view, slot.reader
    start, last = _list_extent(view, slot.low, slot.high, reader.vocabulary)
    address = _ADDRESS.match(view.text, start, slot.high)
    if address is not None and slot.name == "sources":
        written = view.written(*address.span()).rstrip(".,;:)")
        return [host_named(written)], address.end()
    linked = view.link_end(start) if start < last else None
    if linked is not None and slot.name == "sources":
        original = view.address(start, linked)
        if original is not None and shows_title(view, reader, start, linked, most=MOST_LABELLED):
            return [host_named(original)], linked
    named: list[Named] = []
    end = slot.low
    mixed = slot.name not in _CREDITED or slot.task.rule.mixed
    for at, part in enumerate(reader.split(view, start, last)):
        place = reader.name_in_front(view, part) if slot.name == "sources" else part
        found = _read_agency(slot, place, named)
        if found is None and (at > 0 or mixed):
            found = _read_other(slot, place, first=at == 0)
        if found is None and at == 0:
            return None
        if found is None:
            break
        named += found[0]
        end = found[1]
    return (_with_source(slot, named), end) if _is_list_of(slot, named) else None


def _read_agency(slot: Slot, place: Place, before: list[Named]) -> Read | None:
    """An agency, or a word for agencies at large, in a list."""
    generic = slot.reader.is_generic(slot.view, place)
    if not generic and not slot.reader.is_agency(slot.view, place):
        place = slot.reader.without_noun(slot.view, place)
        if not slot.reader.is_agency(slot.view, place):
            return None
    name = slot.view.written(*place)
    named = [Named(_AGENCY_ROLES.get(slot.name, ClaimRole.AGENCY), name, generic=generic)]
    has_source = any(n.role is ClaimRole.SOURCE for n in before)
    if slot.name == "sources" and not generic and not has_source:
        named.insert(0, Named(ClaimRole.SOURCE, name))
    return named, place[1]


def _read_other(slot: Slot, place: Place, *, first: bool) -> Read | None:
    """A name in a list that is no agency's."""
    view = slot.view
    judged = slot.reader.read(view, *place)
    if judged is None or (not first and slot.reader.is_picture(view.text[place[0] : place[1]])):
        return None
    name = view.written(*judged)
    if slot.name in ("authors", "via"):
        listed = not first and view.text[view.text.rfind("\n", 0, slot.low) + 1] == "("
        if slot.task.rule.names == "known" and not listed and not slot.wants(name):
            return None  # in a bracket of its own the first name vouches for the others
        return [Named(_ROLES[slot.name], name)], judged[1]
    if not first:
        return [], judged[1]
    if slot.name == "sources" and slot.wants(view.written(place[0], judged[1])):
        source = Named(ClaimRole.SOURCE, name, view.address(*judged) or as_address(name))
        cut = judged[1] < place[1] and name in slot.reader.agencies  # 新华社微博
        return [source, Named(ClaimRole.AGENCY, name)] if cut else [source], judged[1]
    mixed = slot.name in _CREDITED and slot.task.rule.mixed
    return ([], judged[1]) if mixed else None


def _is_list_of(slot: Slot, named: list[Named]) -> bool:
    """Whether a list holds what its slot is for: a slot for agencies needs one."""
    if slot.name in _CREDITED:
        return any(n.role in (ClaimRole.AGENCY, ClaimRole.CONTRIBUTOR) for n in named)
    return bool(named)


def _with_source(slot: Slot, named: list[Named]) -> list[Named]:
    """In a credit to agencies the first that is named is the source."""
    first = next((n for n in named if not n.generic), None)
    if slot.name != "agencies" or first is None:
        return named
    return [Named(ClaimRole.SOURCE, first.name), *named]


_ADDRESS = re.compile(r"[ ~(]{0,4}(?:https?://|www\.)[^\s()\"<>~]{3,300}")


def _list_extent(view: View, low: int, high: int, words: Vocabulary) -> Place:
    """Where a list of names ends: at the line's or sentence's end, a bracket or a stop phrase."""
    text = view.text
    while low < high and text[low] in " :(\"'\n":
        low += 1
    for mark in SENTENCE_END.finditer(text, low, high):
        if mark.group() != "." or not is_abbreviation(text, low, mark.start(), words):
            high = mark.start()
            break
    for close in _CLOSING:
        at = text.find(close, low, high)
        high = at if at > low else high
    return low, high
