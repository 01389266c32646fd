"""Parts of the input -> columns of the current articles, by id hash, and what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution import Extractor
from dedupe.attribution.loading import load_extractor
from dedupe.batch.against import Previous, add_rows, read_kept_states
from dedupe.batch.collect import ARTICLE_COLUMNS, NO_LANGUAGE, Collected
from dedupe.batch.revisions import Revisions, choose_current, read_rows
from dedupe.batch.spool import Spool
from dedupe.batch.workers import collect_parts
from dedupe.config import Config
from dedupe.readers import Part, ReadOptions
from dedupe.records import hash_text

__all__ = ["gather_articles"]

Tell = Callable[[str, int, int | None], None]
_OLDER = ("id_hash", "record_first", "record_size")
"""What is kept of rows that are not current: enough to decide between them and later ones."""


def gather_articles(
    parts: Sequence[Part],
    read: ReadOptions,
    config: Config,
    extractor: Extractor | None,
    spool: Spool,
    jobs: int,
    tell: Tell,
    previous: Previous | None,
    *,
    spans: bool,
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """(columns of the current articles by id hash, counts and rejects as JSON values).

    Columns as in ARTICLE_COLUMNS. Where the spool keeps states there are three more of the rows
    that are not current, `older_` and their name; with a `previous` run also `was` int64[n], the
    number an article had there, or -1.
    """
    extractor = extractor or load_extractor()
    collected = _collect(parts, read, config, extractor, spool, jobs, tell, spans=spans)
    part_of = np.repeat(
        np.arange(len(collected)), [len(part.columns["id_hash"]) for part in collected]
    )
    rows = {
        name: np.concatenate([part.columns[name] for part in collected] or [np.empty(0, dtype)])
        for name, dtype in ARTICLE_COLUMNS.items()
    }
    before = 0
    if previous is not None:
        before, rows = add_rows(previous, rows)
    if spool.states:
        revisions = choose_current(
            rows["id_hash"], lambda chosen: read_kept_states(spool, rows, chosen)
        )
    else:
        revisions = choose_current(
            rows["id_hash"],
            lambda chosen: read_rows(chosen, part_of, rows["place"], parts, read),
        )
    order = np.flatnonzero(revisions.current)
    order = order[np.argsort(rows["id_hash"][order], kind="stable")]
    articles = {name: column[order] for name, column in rows.items()}
    summary = _summarise(collected, articles, revisions, previous)
    rejects = [asdict(reject) for part in collected for reject in part.rejects]
    if spool.states:
        older = ~revisions.current
        articles |= {f"older_{name}": rows[name][older] for name in _OLDER}
    if previous is not None:
        articles["was"] = np.where(order < before, order, -1)
    return articles, {"summary": summary, "rejects": rejects}


def _collect(
    parts: Sequence[Part],
    read: ReadOptions,
    config: Config,
    extractor: Extractor,
    spool: Spool,
    jobs: int,
    tell: Tell,
    *,
    spans: bool,
) -> list[Collected]:
    collected: list[Collected] = []
    total = sum(part.size_bytes for part in parts)
    done = 0
    tell("read", 0, total)
    for part, gave in zip(
        parts,
        collect_parts(parts, read, config, extractor, spool, jobs, spans=spans),
        strict=True,
    ):
        collected.append(gave)
        done += part.size_bytes
        tell("read", done, total)
    return collected


def _summarise(
    collected: Sequence[Collected],
    articles: dict[str, NDArray[Any]],
    revisions: Revisions,
    previous: Previous | None,
) -> dict[str, Any]:
    earlier = previous.summary if previous else {}
    names = {
        _hash_or_none(name): name
        for name in _chain(earlier.get("languages", ()), *(part.languages for part in collected))
    }
    hashes, counts = np.unique(articles["language"], return_counts=True)
    languages = {
        names[number]: count for number, count in zip(hashes.tolist(), counts.tolist(), strict=True)
    }
    return {
        "articles": len(articles["id_hash"]),
        "rejected": earlier.get("rejected", 0) + sum(len(part.rejects) for part in collected),
        "repeated": revisions.repeated,
        "revisions": revisions.superseded,
        "warnings": earlier.get("warnings", 0) + sum(part.warnings for part in collected),
        "languages": dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
    }


def _chain(*names: Iterable[str]) -> list[str]:
    return [name for some in names for name in some]


def _hash_or_none(language: str) -> int:
    return hash_text(language) if language != NO_LANGUAGE else 0
