"""Articles -> the verdicts `ingest` would give each by itself, storing nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from dedupe.answers import Outcome, Verdict
from dedupe.archive.arrivals import Arrivals, Identity, sort_arrivals
from dedupe.archive.engine import Core, node_of_entry
from dedupe.archive.evidence import Answer, tell_answers
from dedupe.archive.preparing import Awaited, identify_all
from dedupe.archive.reading import Work, read_texts
from dedupe.archive.regrouping import Delta
from dedupe.archive.verdicts import Told, tell_stored
from dedupe.archive.verifying import Compared, verify
from dedupe.catalog import Reader
from dedupe.catalog.rows import Head, Link
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.models import Article

__all__ = ["check_articles"]


def check_articles(
    core: Core, awaited: Sequence[Awaited], evidence: Sequence[bool]
) -> list[Verdict]:
    """Verdicts; `evidence` says whose matches are to have it.

    Each is looked at by itself: what else is asked at the same time is no candidate.
    """
    whole, identities = [each.article for each in awaited], identify_all(awaited)
    now, give_number = core.clock(), count(-1, -1).__next__
    with core.catalog.reading() as reader:
        heads: dict[str, list[Head]] = {}
        for head in reader.heads(article.id for article in whole):
            if head.state != PENDING:
                heads.setdefault(head.id, []).append(head)
        asked = [
            _ask(article, identity, heads.get(article.id, ()), give_number, now)
            for article, identity in zip(whole, identities, strict=True)
        ]
        entries = [arrivals.current[0] for arrivals in asked if _is_new(arrivals)]
        work = read_texts(entries, core.config, core.extractor, awaited, identities)
        gone = {each.current[0].number: _gone(each) for each in asked if _is_new(each)}
        compared = _compare(core, reader, work, gone)
        links: dict[int, list[Link]] = {}
        for link in compared.links:
            links.setdefault(min(link.left, link.right), []).append(link)  # those asked: below 0
        last = core.last_sequence(reader)
        places = iter(range(len(entries)))
        answers: list[Answer] = []
        for arrivals, shown in zip(asked, evidence, strict=True):
            if _is_new(arrivals):
                place = next(places)
                own = links.get(entries[place].number, [])
                answers.append(_foretell(core, reader, work, place, own, arrivals, last, shown))
            else:
                answers.append(_recall(core, reader, arrivals, shown))
        verdicts = tell_answers(core, answers, compared, reader)
        return _without_new_clusters(reader, answers, verdicts)


def _without_new_clusters(
    reader: Reader, answers: Sequence[Answer], verdicts: Sequence[Verdict]
) -> list[Verdict]:
    """The same, but that nobody hears of a cluster which there is not."""
    clusters = [answer.source.cluster(answer.number) for answer in answers]
    known = reader.clusters(number for number in clusters if number is not None)
    return [
        verdict if cluster in known else replace(verdict, cluster_id=None)
        for verdict, cluster in zip(verdicts, clusters, strict=True)
    ]


def _ask(
    article: Article,
    identity: Identity,
    own: Sequence[Head],
    give_number: Callable[[], int],
    now: datetime,
) -> Arrivals:
    """What storing it would change; an older text as if it were current: it is asked about."""
    arrivals = sort_arrivals([article], own, give_number, now, [identity])
    if arrivals.outcomes[0] is not Outcome.SUPERSEDED:
        return arrivals
    current = next(head for head in own if head.state == CURRENT)
    number = arrivals.new[0].number
    home = {} if current.cluster is None else {number: current.cluster}
    return replace(arrivals, current=list(arrivals.new), retired=[current.number], home=home)


def _is_new(arrivals: Arrivals) -> bool:
    return bool(arrivals.current) and arrivals.outcomes[0] is not Outcome.REPEATED


def _gone(arrivals: Arrivals) -> frozenset[int]:
    return frozenset([*arrivals.retired, *arrivals.dropped])


def _compare(
    core: Core, reader: Reader, work: Work, gone: Mapping[int, frozenset[int]]
) -> Compared:
    """The pairs of all texts; `gone` are texts that each would replace, by its number."""
    entries, texts = work.entries, work.texts
    found = core.seek(entries, texts, (), publish=False)
    pairs = [(own, other) for own, other in found if other not in gone[own]]
    return verify(*core.fetch(reader, pairs, entries, texts), core.config)


def _recall(core: Core, reader: Reader, arrivals: Arrivals, evidence: bool) -> Answer:
    stored = arrivals.retired[0] if arrivals.retired else arrivals.answers[0]
    pins = core.judged_in(reader).pins
    source = tell_stored(reader, [stored], core.records, pins)
    revision = arrivals.revisions[0].hex()
    return Answer(source, stored, revision, arrivals.outcomes[0], arrivals.warnings[0], evidence)


def _foretell(
    core: Core,
    reader: Reader,
    work: Work,
    place: int,
    links: Sequence[Link],
    arrivals: Arrivals,
    last: int,
    evidence: bool,
) -> Answer:
    entry = work.entries[place]
    fresh = {entry.number: node_of_entry(entry, arrivals.home)}
    delta = Delta(fresh, links, _gone(arrivals), frozenset(arrivals.home.values()))
    records = core.records.overlay({entry.number: work.record(place)})
    judged = core.judged_with(reader, [entry])
    regrouped = core.regroup(reader, delta, records, judged, last)
    told = Told([entry.number], links, regrouped, records, reader)
    warnings = (*arrivals.warnings[0], *work.warning(place))
    revision = arrivals.revisions[0].hex()
    return Answer(told, entry.number, revision, arrivals.outcomes[0], warnings, evidence)
