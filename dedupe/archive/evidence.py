"""Answers -> verdicts with the spans of their matches and what each feature added."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from dedupe.answers import Outcome, Verdict
from dedupe.archive.engine import Core
from dedupe.archive.verdicts import Source, match_of, tell_verdict
from dedupe.archive.verifying import Compared, Pair, prove
from dedupe.catalog import Reader
from dedupe.catalog.rows import Link
from dedupe.catalog.tables import CURRENT
from dedupe.members import Proof
from dedupe.models import Match

__all__ = ["Answer", "find_closest", "find_matches", "tell_answers"]


class Answer(NamedTuple):
    """What one article of a batch is told; `number` is that of the text it is about."""

    source: Source
    number: int
    revision: str
    outcome: Outcome
    warnings: tuple[str, ...]
    evidence: bool


def tell_answers(
    core: Core,
    answers: Sequence[Answer],
    compared: Compared,
    reader: Reader | None = None,
) -> list[Verdict]:
    """The verdicts, with spans and features where those are wanted.

    Pairs that were just `compared` need no second alignment. The texts of others are in memory, or
    read (by `reader`, if there is one). One that was deleted meanwhile leaves its matches without.
    """
    links = [answer.source.links(answer.number) for answer in answers]
    wanted = {
        (link.left, link.right)
        for answer, own in zip(answers, links, strict=True)
        if answer.evidence
        for link in own
    }
    proofs = compared.prove(wanted, core.config)
    if others := wanted - proofs.keys():
        proofs.update(_prove_stored(core, others, reader))
    return [
        tell_verdict(
            answer.source,
            own,
            proofs if answer.evidence else {},
            answer.number,
            answer.revision,
            answer.outcome,
            answer.warnings,
        )
        for answer, own in zip(answers, links, strict=True)
    ]


def _prove_stored(core: Core, pairs: Collection[Pair], reader: Reader | None) -> dict[Pair, Proof]:
    """What pairs of stored texts rest on.

    The catalogue, where a reader may have to wait for the commit of the next batch, is asked only
    for texts that are not in memory.
    """
    ends = {end for pair in pairs for end in pair}
    texts = core.texts.kept(ends)
    if missing := ends - texts.keys():
        if reader is not None:
            texts.update(core.texts.get(missing, reader))
        else:
            with core.catalog.reading() as own:
                texts.update(core.texts.get(missing, own))
    return prove(pairs, texts, core.config)


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
    return _name(core, reader, links, _prove_stored(core, {link[:2] for link in links}, reader))


def find_closest(
    core: Core, reader: Reader, article: str, limit: int
) -> tuple[list[Match], int] | None:
    """(the most similar matches without evidence, how many there are); None for an unknown id."""
    found = _find_links(reader, article)
    if found is None:
        return None
    chosen = sorted(found.items(), key=lambda row: (-row[1].similarity, row[0]))
    return _name(core, reader, [link for _, link in chosen[:limit]], {}), len(found)


def _find_links(reader: Reader, article: str) -> dict[str, Link] | None:
    """Its pairs by the id of the other article; what they rest on is not read."""
    number = next((h.number for h in reader.heads([article]) if h.state == CURRENT), None)
    if number is None:
        return None
    links = {link.left + link.right - number: link for link in reader.links([number])}
    places = reader.places(links)
    return {places[other].id: link for other, link in links.items() if other in places}


def _name(
    core: Core, reader: Reader, links: Sequence[Link], proofs: dict[Pair, Proof]
) -> list[Match]:
    """Pairs by ids."""
    records = core.records.get({end for link in links for end in link[:2]}, reader)
    return [
        match_of(link, records[link.left], records[link.right], proofs.get(link[:2]))
        for link in links
        if link.left in records and link.right in records
    ]
