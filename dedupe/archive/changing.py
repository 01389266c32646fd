"""Deletions and judgements: what changes clusters without a new text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dedupe.answers import ChangeKind, Judgement, JudgementKind, JudgementRecord
from dedupe.archive.consistent import check_consistent
from dedupe.archive.engine import Core, batch_keys
from dedupe.archive.judging import judgement_of, read_judged
from dedupe.archive.regrouping import CHANGES, Delta, Regrouped
from dedupe.catalog import Reader, Writer
from dedupe.catalog.blobs import keys_from, micros
from dedupe.catalog.rows import Head, JudgementRow, LedgerRow
from dedupe.catalog.tables import CURRENT
from dedupe.errors import ArticleMissing, JudgementInvalid

__all__ = ["delete_article", "judge", "withdraw"]

_LONGEST_NOTE = 10_000


def delete_article(core: Core, article: str) -> bool:
    """Remove every text of an article, and cluster those it was matched with again."""
    with core.catalog.writing() as writer:
        heads = writer.heads([article])
        if not heads:
            return False
        numbers = [head.number for head in heads]
        keys = {number: row.keys for number, row in writer.contents(numbers).items()}
        left = frozenset(head.cluster for head in heads if head.cluster is not None)
        regrouped = core.regroup(writer, Delta(gone=frozenset(numbers), left=left))
        _add_line(core, regrouped, ChangeKind.DELETED, _home(heads), article)
        core.write_groups(writer, regrouped)
        writer.drop_texts(numbers)
        core.count_up(writer, regrouped)
        judged = read_judged(writer)
    core.keep_judged(judged)
    core.texts.forget(numbers)
    core.records.forget(numbers)
    order = sorted(keys)
    nothing = np.zeros(len(order), np.int64)
    stored = [keys_from(keys[number]) for number in order]
    ranks = nothing.astype(np.uint64)
    core.index.erase(numbers, batch_keys(nothing, ranks, nothing, stored, core.config))
    core.catalog.erase_traces()
    return True


def _home(heads: Iterable[Head]) -> int | None:
    return next((head.cluster for head in heads if head.state == CURRENT), None)


def _add_line(
    core: Core,
    regrouped: Regrouped,
    kind: ChangeKind,
    cluster: int | None,
    article: str,
    other: str | None = None,
) -> None:
    regrouped.last += 1
    at = micros(core.clock()) or 0
    line = LedgerRow(regrouped.last, at, CHANGES.index(kind), cluster, article, other)
    regrouped.changes.append(line)


def judge(core: Core, judgement: Judgement) -> JudgementRecord:
    """Record a judgement; raises JudgementInvalid and ArticleMissing."""
    judgement = _check_shape(judgement)
    with core.catalog.writing() as writer:
        named = [name for name in (judgement.left, judgement.right) if name is not None]
        known = {head.id for head in writer.heads(named)}
        for name in named:
            if name not in known:
                raise ArticleMissing(name, "archive")
        standing = writer.standing_judgements()
        for row in standing:
            if _same(row, judgement):
                return judgement_of(row)
        check_consistent(writer, judgement, standing)
        number = writer.counters().get("judgement", 0) + 1
        row = JudgementRow(
            number,
            judgement.kind.value,
            judgement.left,
            judgement.right,
            judgement.who,
            judgement.note,
            micros(core.clock()) or 0,
            None,
            None,
        )
        writer.add_judgements([row])
        writer.put_counters({"judgement": number})
        _apply(core, writer, row)
    return judgement_of(row)


def _check_shape(judgement: Judgement) -> Judgement:
    if len(judgement.note) > _LONGEST_NOTE or len(judgement.who) > _LONGEST_NOTE:
        raise JudgementInvalid(f"note and name have at most {_LONGEST_NOTE} characters")
    if judgement.kind is JudgementKind.PIN_ORIGINAL:
        if judgement.right is not None:
            raise JudgementInvalid("an original is pinned alone, without a second article")
        return judgement
    if judgement.right is None or judgement.right == judgement.left:
        raise JudgementInvalid("it needs two different articles")
    left, right = sorted((judgement.left, judgement.right))
    return replace(judgement, left=left, right=right)


def _same(row: JudgementRow, judgement: Judgement) -> bool:
    wanted = (judgement.kind.value, judgement.left, judgement.right)
    return (row.kind, row.left, row.right) == wanted


def withdraw(core: Core, number: int, who: str) -> JudgementRecord | None:
    """Take a judgement back; None for an unknown number."""
    with core.catalog.writing() as writer:
        row = writer.judgement(number)
        if row is None or row.withdrawn is not None:
            return None if row is None else judgement_of(row)
        at = micros(core.clock()) or 0
        writer.withdraw_judgement(number, at, who)
        _apply(core, writer, row)
    return judgement_of(row._replace(withdrawn=at, withdrawn_by=who))


def _apply(core: Core, writer: Writer, row: JudgementRow) -> None:
    """Cluster the articles of a judgement again, by all that stand now."""
    before = core.judged_in(writer)
    core.keep_judged(read_judged(writer))
    try:
        seeds = _current(writer, [row.left, row.right])
        regrouped = core.regroup(writer, Delta(seeds=frozenset(seeds.values())))
        cluster = regrouped.cluster_of.get(seeds.get(row.left, 0))
        _add_line(core, regrouped, ChangeKind.JUDGED, cluster, row.left, row.right)
        core.write_groups(writer, regrouped)
        core.count_up(writer, regrouped)
    except BaseException:
        core.keep_judged(before)
        raise


def _current(reader: Reader, names: Iterable[str | None]) -> dict[str, int]:
    ids = [name for name in names if name is not None]
    return {head.id: head.number for head in reader.heads(ids) if head.state == CURRENT}
