"""The end of a text -> the credit of an outlet that nobody has listed, behind the last sentence.

"… he said. / La Gaceta", "… he said. - The Herald/XNA", "… he said. (Kustnieuws)", "(XNA)(xna.ng)",
"Kustnieuws" on a line of its own. Reporters and their initials sign in the same places, so the name
has to be known or made as outlets' names are.
"""

from __future__ import annotations

import re

from dedupe.attribution.findings import Finding, Named
from dedupe.attribution.folding import fold_text
from dedupe.attribution.names import NameReader
from dedupe.attribution.newcomers import (
    is_acronym,
    is_address,
    is_named_agency,
    is_nothing,
    is_office,
    is_outlet,
)
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words
from dedupe.models import AttributionKind, ClaimRole, Trust

__all__ = ["may_close", "read_signoff"]

_WITHIN = 110
_MOST_WORDS, _TEXT, _SHORTEST, _PARAGRAPH, _MOST_PARTS, _DESK = 5, 40, 3, 60, 3, 12
_STOP = r"[.!?。…\"')|।۔]"
_DASHED = re.compile(
    rf"(?:{_STOP}|\n) ?(?P<mark>-{{1,3}}|/|\|) ?(?P<name>[^\n/|()\"]{{2,44}}?)"
    r"(?: ?/ ?(?P<via>[^\n/|()\"]{2,24}?))?[ .]{0,3}\n*$"
)
_BRACKETS = re.compile(
    rf"(?:{_STOP}|\n) ?\((?P<name>[^()\n]{{2,40}})\) ?(?:\((?P<more>[^()\n]{{2,60}})\))?[ .。]*\n*$"
)
_LINE = re.compile(
    rf"{_STOP} ?\n\W{{0,3}}(?P<name>[^\n()/|:]{{2,34}}?)(?: / \w{{1,3}})?[ .]{{0,3}}[\n *]*$"
)
_ARROWS = tuple('>"→')
_LINKED = re.compile(
    r"\w[.!?…]? (?P<name>(?:[\w-]{2,30}\.){1,2}[a-zа-яё]{2,6}) ?(?:>{1,2}|\"|→)[ .]{0,3}\n*$"
)
"""A host and an arrow behind the last sentence: how aggregators link to whose text it is."""
_STOPS = frozenset(".!?。…\"')|।۔")
_CLOSES = re.compile(
    r"(?:[.!?。…\"'\u201d\u2019»)।۔]|\n) ?[/|\u2013\u2014-]{1,3} ?"
    r"[^\n|()\"!?。]{1,69}[^\n|()\"。]\s*$"
    r"|\([^()\n]{2,40}\)\s?\([^()\n]{2,60}\)\W*$"
    r"|\.[a-zа-яё]{2,6} ?[»›→]\s*$"
)


def may_close(tail: str) -> bool:
    """Whether the end of a text, as written, is laid out as a sign-off may be."""
    return _CLOSES.search(tail, max(len(tail) - _WITHIN, 0)) is not None


def read_signoff(view: View, reader: NameReader) -> Finding | None:
    """Read the credit behind the last sentence of a text, if there is one."""
    low = max(len(view.text) - _WITHIN, 0)
    tail = view.text[low:]
    for pattern in _worth_trying(tail):
        match = pattern.search(view.text, low)
        if match is not None and (found := _read(view, reader, match)) is not None:
            return found
    return None


def _worth_trying(tail: str) -> list[re.Pattern[str]]:
    """The patterns that may match in the end of a text: every text read closely has one."""
    patterns = [_DASHED] if "-" in tail or "/" in tail or "|" in tail else []
    if ")" in tail:
        patterns.append(_BRACKETS)
    if tail.rstrip(" .\n")[-1:] in _ARROWS:
        patterns.append(_LINKED)
    above, _, _ = tail.rstrip("\n *").rpartition("\n")
    if above.rstrip(" ")[-1:] in _STOPS and above:
        patterns.append(_LINE)
    return patterns


def _read(view: View, reader: NameReader, match: re.Match[str]) -> Finding | None:
    low, high = match.span("name")
    if match.re is _LINE and not _may_stand_alone(view.written(low, high), reader):
        return None  # before it is read: every text has a last line
    wires = _wires(view.written(low, high).strip(), match, reader)
    place = (low, high) if wires else reader.read(view, low, high, whole=True)
    if place is None or place[1] < high - 1 or reader.is_generic(view, place):
        return None
    line = view.text.rfind("\n", 0, low) + 1
    name = view.written(*place)
    if reader.is_picture(view.text[max(line, low - 60) : match.end()]):
        return None
    if name in reader.labels and not wires:
        return None
    if name.count(" ") >= _MOST_WORDS or not (wires or _is_credited(name, match, reader)):
        return None
    named = _named(view, reader, match, name)
    if wires:
        named = tuple(Named(ClaimRole.AGENCY, wire) for wire in wires)
        named = (Named(ClaimRole.SOURCE, wires[0]), *named)
        name = wires[0]
    agency = any(n.role is ClaimRole.AGENCY and n.name == name for n in named)
    kind = AttributionKind.AGENCY_BYLINE if agency else AttributionKind.SOURCE_LINE
    trust = Trust.AGENCY_CREDIT if agency else Trust.SOURCE_LINE
    start = match.start("name") - 1
    return Finding("signoff.agency" if agency else "signoff.outlet", kind, trust,
                   0.8 if agency else 0.55, view.span(start, match.end()), named,
                   explicit=False)  # fmt: skip


def _wires(name: str, match: re.Match[str], reader: NameReader) -> list[str]:
    """Agencies in a last bracket in small letters or beside initials: "(xna/dpa)", "(mz/dpa)"."""
    parts = name.split("/")
    if match.re is not _BRACKETS or match.start() < _TEXT or len(parts) > _MOST_PARTS:
        return []
    wires = [part for part in parts if _is_wire(part, reader)]
    others = [part for part in parts if part not in wires]
    desk = wires[-1:] == parts[-1:] and not any(" " in part for part in others)
    longest = _DESK if desk else _SHORTEST  # "(Regionalia/xna)": a desk, a paper, a reporter
    return wires if all(len(part) <= longest and part.isalpha() for part in others) else []


def _is_wire(name: str, reader: NameReader) -> bool:
    """Whether a name is an agency's, in capitals or, from three letters on, in small ones."""
    small = len(name) >= _SHORTEST and name.islower() and name.upper() in reader.agencies
    return small or name in reader.agencies


def _may_stand_alone(name: str, reader: NameReader) -> bool:
    """Whether a line of its own may be an outlet's name: the first, cheap look."""
    if name[:1].islower() and not reader.known(name):
        return False
    sure = reader.known(name) or _closes(name, reader)
    return sure or (" " not in name and is_outlet(name, reader))


def _is_credited(name: str, match: re.Match[str], reader: NameReader) -> bool:
    """Whether a name is one that signs: a person's or a party's needs more than its place."""
    cased = name.upper() != name.lower()
    small = name[:1].islower() and not is_address(name)
    unsigned = small and not _is_small_credit(name, match, reader)
    if match.start() < _TEXT or is_nothing(name, reader) or unsigned:
        return False
    bare = match.re is _LINE
    if reader.known(name) or is_named_agency(name, reader) or (bare and _closes(name, reader)):
        return cased or not bare or _is_signed(match)
    if not cased:
        return False  # any words may be an outlet's where no capitals tell
    if bare:
        return " " not in name and not name.islower() and is_outlet(name, reader)
    if match.re is _DASHED and match.group("mark") == "/" and _titled(name, reader):
        return True
    return is_outlet(name, reader) and not is_office(name, reader)


@of_words
def _closing(words: Vocabulary) -> frozenset[str]:
    return frozenset(words.folded("closing_outlets"))


def _closes(name: str, reader: NameReader) -> bool:
    """Whether a name that means other things too is an outlet's behind the last sentence."""
    return name.upper() == name.lower() and fold_text(name).strip() in _closing(reader.vocabulary)


def _is_small_credit(name: str, match: re.Match[str], reader: NameReader) -> bool:
    """Whether a name in small letters signs: "… he said. (afp)", "rtbf / jp"."""
    return match.re is _LINE and "/" in match.group() and reader.known(name)


def _is_signed(match: re.Match[str]) -> bool:
    """Whether a listed name stands alone below a paragraph, where no capitals tell."""
    text, low = match.string, match.start()
    return low - text.rfind("\n", 0, low) > _PARAGRAPH


@of_words
def _articles(words: Vocabulary) -> frozenset[str]:
    return frozenset(words.written("title_articles") + words.written("signing_articles"))


def _titled(name: str, reader: NameReader) -> bool:
    """Whether a name is a title with its article, as persons' are not: La Voz del Norte."""
    first, *rest = name.split()
    return first in _articles(reader.vocabulary) and len(rest) > 1 and rest[0][:1].isupper()


def _named(view: View, reader: NameReader, match: re.Match[str], name: str) -> tuple[Named, ...]:
    named = [Named(ClaimRole.SOURCE, name)]
    if is_named_agency(name, reader) or (name.islower() and name.upper() in reader.agencies):
        named.append(Named(ClaimRole.AGENCY, name))
    via = match.groupdict().get("via")
    if via:
        other = view.written(*match.span("via"))
        if other in reader.agencies or (is_acronym(other, reader) and other.isupper()):
            named.append(Named(ClaimRole.AGENCY, other))
    return tuple(named)
