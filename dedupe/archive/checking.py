"""Articles -> the verdicts `ingest` would give each by itself, storing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dedupe.answers import Outcome, Verdict
from dedupe.archive.arrivals import Arrivals, Entry, mend, sort_arrivals
from dedupe.archive.engine import Core, node_of_entry
from dedupe.archive.prepared import Prepared
from dedupe.archive.reading import Work, read_texts
from dedupe.archive.regrouping import Delta
from dedupe.archive.verdicts import Told, tell_stored, tell_verdict
from dedupe.catalog import Reader
from dedupe.catalog.rows import Head, Link
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.models import Article

__all__ = ["check_articles"]


def check_articles(
    core: Core, articles: Sequence[Article]
) -> tuple[list[Verdict], dict[str, Prepared]]:
    """(verdicts without evidence, what was read of the articles by id)."""
    whole = [mend(article) for article in articles]
    now = core.clock()
    verdicts: list[Verdict] = []
    read: dict[str, Prepared] = {}
    with core.catalog.reading() as reader:
        stored = reader.heads(article.id for article in whole)
        heads = [head for head in stored if head.state != PENDING]
        for article in whole:
            own = [head for head in heads if head.id == article.id]
            arrivals = sort_arrivals([article], own, lambda: -1, now)
            verdicts.append(_check(core, reader, arrivals, own, read))
    return verdicts, read


def _as_current(arrivals: Arrivals, own: Sequence[Head]) -> Arrivals:
    """The arrival of an older text as if it were current: the question is about the text given."""
    current = next(head for head in own if head.state == CURRENT)
    home = {} if current.cluster is None else {-1: current.cluster}
    return replace(arrivals, current=list(arrivals.new), retired=[current.number], home=home)


def _check(
    core: Core,
    reader: Reader,
    arrivals: Arrivals,
    own: Sequence[Head],
    read: dict[str, Prepared],
) -> Verdict:
    number, revision = arrivals.answers[0], arrivals.revisions[0].hex()
    outcome = arrivals.outcomes[0]
    if outcome is Outcome.SUPERSEDED:
        arrivals = _as_current(arrivals, own)
    elif not arrivals.current or outcome is Outcome.REPEATED:
        stored = arrivals.retired[0] if arrivals.retired else number
        pins = core.judged_in(reader).pins
        source = tell_stored(reader, [stored], core.records, pins)
        return tell_verdict(source, stored, revision, outcome, ())
    entry = arrivals.current[0]
    work = read_texts([entry], core.config, core.extractor)
    read[entry.id] = work.texts[0]
    gone = frozenset([*arrivals.retired, *arrivals.dropped])
    links = core.find_links(reader, [entry], work.texts, gone, publish=False)
    return _foretell(core, reader, entry, work, links, arrivals, revision)


def _foretell(
    core: Core,
    reader: Reader,
    entry: Entry,
    work: Work,
    links: Sequence[Link],
    arrivals: Arrivals,
    revision: str,
) -> Verdict:
    node = node_of_entry(entry, arrivals.home)
    gone = frozenset([*arrivals.retired, *arrivals.dropped])
    delta = Delta({entry.number: node}, links, gone, frozenset(arrivals.home.values()), frozenset())
    records = core.records.overlay({entry.number: work.record(0)})
    judged = core.judged_with(reader, [entry])
    regrouped = core.regroup(reader, delta, records, judged)
    told = Told([entry.number], links, regrouped, records, reader)
    own = entry.article.warnings if entry.article else ()
    warnings = (*own, *work.warning(0), *arrivals.warnings[0])
    verdict = tell_verdict(told, entry.number, revision, arrivals.outcomes[0], warnings)
    cluster = regrouped.cluster_of[entry.number]
    return verdict if reader.clusters([cluster]) else replace(verdict, cluster_id=None)
