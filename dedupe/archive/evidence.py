"""Verdicts -> the same with the spans of every match and what each feature added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dedupe.answers import Verdict
from dedupe.archive.engine import Core
from dedupe.archive.prepared import Prepared
from dedupe.archive.verdicts import match_of
from dedupe.archive.verifying import add_evidence, evidence_of
from dedupe.catalog import Reader
from dedupe.catalog.rows import Link
from dedupe.catalog.tables import CURRENT
from dedupe.models import Match

__all__ = ["find_closest", "find_matches", "show_checked", "show_evidence"]


def show_evidence(
    core: Core, verdicts: Sequence[Verdict], read: Mapping[str, Prepared]
) -> list[Verdict]:
    """Add spans and features; `read` are texts by id that are not stored.

    Texts that were just compared are in memory: the catalogue, where a reader may have to wait for
    the commit of the next batch, is asked for others only. An article that was deleted or revised
    meanwhile leaves its matches without them.
    """
    matches = [match for verdict in verdicts for match in verdict.matches]
    if not matches:
        return list(verdicts)
    ids = {name for match in matches for name in (match.left, match.right)} - read.keys()
    by_id = {**core.texts.named(ids), **read}
    if missing := ids - by_id.keys():
        with core.catalog.reading() as reader:
            numbers = {h.id: h.number for h in reader.heads(missing) if h.state == CURRENT}
            texts = core.texts.get(numbers.values(), reader)
        by_id.update((name, texts[number]) for name, number in numbers.items() if number in texts)
    shown = iter(evidence_of(matches, by_id, core.config))
    return [replace(v, matches=tuple(next(shown) for _ in v.matches)) for v in verdicts]


def show_checked(
    core: Core, verdicts: Sequence[Verdict], texts: Sequence[Prepared | None]
) -> list[Verdict]:
    """The same of verdicts on texts that are not stored (None: it is).

    All at once, unless somebody's match is with an article that is itself asked about: its stored
    text is another one.
    """
    ids = {verdict.id for verdict in verdicts}
    others = {m.left if m.right == v.id else m.right for v in verdicts for m in v.matches}
    if len(ids) == len(verdicts) and ids.isdisjoint(others):
        read = {v.id: text for v, text in zip(verdicts, texts, strict=True) if text is not None}
        return show_evidence(core, verdicts, read)
    return [
        show_evidence(core, [verdict], {} if text is None else {verdict.id: text})[0]
        for verdict, text in zip(verdicts, texts, strict=True)
    ]


def find_matches(
    core: Core, reader: Reader, article: str, after: str | None = None, limit: int | None = None
) -> list[Match] | None:
    """Matches of an article with evidence, by the other id; None for an unknown one.

    The first `limit` of those whose other id comes behind `after`; without them all.
    """
    found = _find_links(reader, article)
    if found is None:
        return None
    chosen = sorted(row for row in found.items() if after is None or row[0] > after)
    links = [link for _, link in chosen[:limit]]
    matches, links = _name(core, reader, links)
    ends = {end for link in links for end in (link.left, link.right)}
    return add_evidence(matches, links, core.texts.get(ends, reader), core.config)


def find_closest(
    core: Core, reader: Reader, article: str, limit: int
) -> tuple[list[Match], int] | None:
    """(the most similar matches without evidence, how many there are); None for an unknown id."""
    found = _find_links(reader, article)
    if found is None:
        return None
    chosen = sorted(found.items(), key=lambda row: (-row[1].similarity, row[0]))
    return _name(core, reader, [link for _, link in chosen[:limit]])[0], len(found)


def _find_links(reader: Reader, article: str) -> dict[str, Link] | None:
    """Its pairs by the id of the other article; what they rest on is not read."""
    number = next((h.number for h in reader.heads([article]) if h.state == CURRENT), None)
    if number is None:
        return None
    links = {link.left + link.right - number: link for link in reader.links([number])}
    places = reader.places(links)
    return {places[other].id: link for other, link in links.items() if other in places}


def _name(core: Core, reader: Reader, links: Sequence[Link]) -> tuple[list[Match], list[Link]]:
    """(pairs by ids, the same pairs by numbers)."""
    records = core.records.get({end for link in links for end in link[:2]}, reader)
    known = [link for link in links if link.left in records and link.right in records]
    return [match_of(link, records[link.left], records[link.right]) for link in known], known
