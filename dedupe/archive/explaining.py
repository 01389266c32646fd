"""A stored article -> every step from its text to its cluster, computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from dedupe.alignment import COLUMNS
from dedupe.answers import ExplainedCandidate, Explanation
from dedupe.archive.engine import Core, batch_keys
from dedupe.archive.judging import judgement_of
from dedupe.archive.prepared import Prepared, build_corpus
from dedupe.archive.regrouping import cluster_name
from dedupe.archive.verdicts import match_of
from dedupe.archive.verifying import Compared, verify
from dedupe.catalog import Reader
from dedupe.catalog.blobs import unpack, unsigned
from dedupe.catalog.rows import TextRow
from dedupe.catalog.tables import CURRENT
from dedupe.index import Found
from dedupe.matching import measure_pairs, prefilter_pairs
from dedupe.records import read_attribution

__all__ = ["explain_article"]

_MOST = 1000
"""Candidates shown, those with most shared keys; a capped bucket can give more."""


def explain_article(core: Core, reader: Reader, article: str) -> Explanation | None:
    """Keys, candidates, prefilter, measurements, verdicts, cluster; None for an unknown id."""
    heads = [head for head in reader.heads([article]) if head.state == CURRENT]
    if not heads or heads[0].cluster is None:
        return None
    own, cluster = reader.texts([heads[0].number])[heads[0].number], heads[0].cluster
    text = core.texts.get([own.number], reader)[own.number]
    found = _look(core, own, text)
    rows = reader.texts(found.numbers.tolist())
    kept = _choose(found, own, rows)
    details = orjson.loads(unpack(reader.details([own.number])[own.number]))["attribution"]
    attribution = None if details is None else read_attribution(details)
    members = reader.members([cluster])[cluster]
    names = {row.id for row in reader.texts(members).values()}
    judged = [j for j in reader.standing_judgements() if names & {j.left, j.right}]
    return Explanation(
        article,
        own.revision.hex(),
        core.config.config_id,
        len(text.tokens),
        tuple(attribution.cuts()) if attribution else (),
        tuple(text.signature.tolist()),
        tuple(f"{key:016x}" for key in text.keys[: core.config.bands].tolist()),
        tuple(f"{key:016x}" for key in text.passages(core.config).tolist()),
        int(found.capped.sum()),
        int(found.skipped.sum()),
        tuple(_explain(core, reader, own, text, found, rows, kept)),
        cluster_name(cluster),
        tuple(sorted(names)),
        tuple(map(judgement_of, judged)),
    )


def _look(core: Core, own: TextRow, text: Prepared) -> Found:
    number = np.array([own.number], np.int64)
    rank = np.array([unsigned(own.rank)], np.uint64)
    return core.index.look(batch_keys(number, rank, number, [text.keys], core.config))


def _choose(found: Found, own: TextRow, rows: Mapping[int, TextRow]) -> list[int]:
    """Places of the candidates to show, by id."""
    places = [
        place
        for place, number in enumerate(found.numbers.tolist())
        if number != own.number and number in rows and rows[number].state == CURRENT
    ]
    shared = found.shared + found.shared_bands
    ids = {place: rows[int(found.numbers[place])].id for place in places}
    places.sort(key=lambda place: (-int(shared[place]), ids[place]))
    return sorted(places[:_MOST], key=ids.__getitem__)


def _explain(
    core: Core,
    reader: Reader,
    own: TextRow,
    text: Prepared,
    found: Found,
    rows: Mapping[int, TextRow],
    places: Sequence[int],
) -> list[ExplainedCandidate]:
    numbers = [int(found.numbers[place]) for place in places]
    texts = {**core.texts.get(numbers, reader), own.number: text}
    compared, kept, measures = _judge(core, own, rows, texts, numbers)
    records = core.records.get([own.number, *numbers], reader)
    proofs = compared.prove([link[:2] for link in compared.links], core.config)
    shown = {
        link.left if link.right == own.number else link.right: match_of(
            link, records[link.left], records[link.right], proofs[link[:2]]
        )
        for link in compared.links
    }
    return [
        ExplainedCandidate(
            rows[number].id,
            int(found.shared_bands[place]),
            int(found.shared[place]),
            int(found.counts[place]),
            bool(kept[index]),
            dict(zip(COLUMNS, measures[index].tolist(), strict=True)) if kept[index] else None,
            shown.get(number),
        )
        for index, (place, number) in enumerate(zip(places, numbers, strict=True))
    ]


def _judge(
    core: Core,
    own: TextRow,
    rows: Mapping[int, TextRow],
    texts: Mapping[int, Prepared],
    numbers: Sequence[int],
) -> tuple[Compared, NDArray[np.bool_], NDArray[np.int32]]:
    """(pairs that are more than independent, which the prefilter kept, counts of the alignment).

    The article's own side of a measurement is always the left one.
    """
    corpus = build_corpus([texts[own.number], *(texts[number] for number in numbers)], core.config)
    left = np.zeros(len(numbers), np.uint32)
    right = np.arange(1, len(numbers) + 1, dtype=np.uint32)
    kept = prefilter_pairs(corpus, left, right)
    measures = np.zeros((len(numbers), len(COLUMNS)), np.int32)
    measures[kept] = measure_pairs(corpus, left[kept], right[kept], core.config)
    ids = {own.number: own.id, **{number: rows[number].id for number in numbers}}
    pairs = [(own.number, number) for number in numbers]
    return verify(pairs, texts, ids, core.config), kept, measures
