"""Texts that were read and the pairs found for them -> their places, clusters, ledger, answers.

The step that `taking` makes in the one transaction of a batch and `phases` in its second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedupe.answers import Verdict
from dedupe.archive.arrivals import Arrivals
from dedupe.archive.engine import Core, node_of_entry
from dedupe.archive.evidence import Answer, tell_answers
from dedupe.archive.reading import Work, content_row, text_row
from dedupe.archive.regrouping import Delta, Regrouped
from dedupe.archive.verdicts import Told, tell_stored
from dedupe.archive.verifying import Compared
from dedupe.catalog import Writer
from dedupe.catalog.rows import Link, Placement, Settling
from dedupe.catalog.tables import CURRENT, SUPERSEDED

__all__ = ["Settled", "forget_texts", "keep_texts", "settle", "tell"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch led to, read while its transaction was open: no other can change it since."""

    arrivals: Arrivals
    work: Work
    told: Told
    stored: Told
    compared: Compared


def keep_texts(core: Core, work: Work) -> None:
    """Keep what was read, for those that meet these texts soon."""
    for place, entry in enumerate(work.entries):
        core.texts.put(entry.number, work.readings[place].text)
        core.records.put(entry.number, work.record(place))


def forget_texts(core: Core, numbers: Sequence[int]) -> None:
    """Take texts that are not current any more out of index and memory."""
    core.index.remove(numbers)
    core.texts.forget(numbers)
    core.records.forget(numbers)


def settle(
    core: Core,
    writer: Writer,
    arrivals: Arrivals,
    work: Work,
    compared: Compared,
    links: Sequence[Link],
    *,
    pending: bool,
) -> Settled:
    """Write what a batch changes; `work` is of `arrivals.new`, in that order.

    `links` are pairs of the texts that are current now, most of them `compared` just now. With
    `pending` the texts are stored and wait for their place, else they are stored now.
    """
    current = arrivals.current
    judged = core.judged_with(writer, current)
    core.keep_judged(judged)
    fresh = {entry.number: node_of_entry(entry, arrivals.home) for entry in current}
    delta = Delta(
        fresh,
        links,
        frozenset([*arrivals.retired, *arrivals.dropped]),
        frozenset(arrivals.home.values()),
        frozenset(arrivals.home),
        frozenset(arrivals.home),
    )
    regrouped = core.regroup(writer, delta, judged=judged)
    _retire(writer, arrivals)
    if pending:
        _place_texts(writer, arrivals, regrouped)
    else:
        _add_texts(core, writer, arrivals, work, regrouped)
    writer.add_links(links)
    core.write_groups(writer, regrouped, fresh)
    core.count_up(writer, regrouped)
    others = [number for number in arrivals.answers if number not in fresh]
    stored = tell_stored(writer, others, core.records)
    told = Told(fresh, links, regrouped, core.records, writer)
    return Settled(arrivals, work, told, stored, compared)


def _retire(writer: Writer, arrivals: Arrivals) -> None:
    """Drop and supersede stored texts; their pairs go."""
    writer.drop_texts(arrivals.dropped)
    retired = [number for number in arrivals.retired if number not in arrivals.dropped]
    writer.place([Placement(None, None, None, SUPERSEDED, number) for number in retired])
    writer.drop_links(retired)


def _add_texts(
    core: Core, writer: Writer, arrivals: Arrivals, work: Work, regrouped: Regrouped
) -> None:
    rows, wide = [], []
    for place, entry in enumerate(arrivals.new):
        rows.append(text_row(entry, work, place, regrouped.placements.get(entry.number)))
        wide.append(content_row(entry, work, place, core.configuration))
    writer.add_texts(rows, wide)


def _place_texts(writer: Writer, arrivals: Arrivals, regrouped: Regrouped) -> None:
    rows = []
    for entry in arrivals.new:
        placed = regrouped.placements.get(entry.number)
        where = placed[:3] if placed else (None, None, None)
        state = CURRENT if placed else SUPERSEDED
        rows.append(Settling(entry.revision, entry.arrived, *where, state, entry.number))
    writer.settle(rows)


def tell(core: Core, settled: Settled, evidence: Sequence[bool] = ()) -> list[Verdict]:
    """Answer every article of a batch, those of other texts from what is stored.

    `evidence` says of each article whether its matches are to have it; none without.
    """
    arrivals, work = settled.arrivals, settled.work
    fresh = {entry.number for entry in arrivals.current}
    place_of = {entry.number: place for place, entry in enumerate(arrivals.new)}
    answers = []
    for index, number in enumerate(arrivals.answers):
        warnings: tuple[str, ...] = ()
        if number in place_of:
            warnings = work.warning(place_of[number])
        answers.append(
            Answer(
                settled.told if number in fresh else settled.stored,
                number,
                arrivals.revisions[index].hex(),
                arrivals.outcomes[index],
                arrivals.warnings[index] + warnings,
                bool(evidence) and evidence[index],
            )
        )
    return tell_answers(core, answers, settled.compared)
