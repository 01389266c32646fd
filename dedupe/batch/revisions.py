"""Articles that share an id -> which text of it is current, which rows only repeat it.

A revision is (id, hash of the text). Ids rarely repeat, so the texts are read again only for those
that do; the current one has the latest `modified`, else `published`, else the larger text hash,
and never depends on the order of arrival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from dedupe.models import Article, text_hash
from dedupe.readers import Part, ReadOptions, read
from dedupe.records import hash_rest

__all__ = ["Revisions", "age_of", "choose_current"]


@dataclass(frozen=True, slots=True)
class Revisions:
    """`current` bool[n]: whether a row is the current text of its id.

    `repeated` rows hold a revision again; `superseded` counts texts other than the current ones.
    """

    current: NDArray[np.bool_]
    repeated: int
    superseded: int


def choose_current(
    ids: NDArray[np.uint64],
    part_of: NDArray[np.int64],
    places: NDArray[np.uint32],
    parts: Sequence[Part],
    options: ReadOptions,
) -> Revisions:
    """Decide for every row.

    `ids` uint64[n] hashes of ids; `part_of` int64[n] and `places` uint32[n] tell which article of
    which part a row is.
    """
    current = np.ones(len(ids), np.bool_)
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    equal = ranked[1:] == ranked[:-1]
    shared = np.zeros(len(ids), np.bool_)
    shared[1:] |= equal
    shared[:-1] |= equal
    if not shared.any():
        return Revisions(current, 0, 0)
    rows = np.sort(order[shared])
    texts = dict(zip(rows.tolist(), _read_rows(rows, part_of, places, parts, options), strict=True))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows.tolist():
        groups[int(ids[row])].append(row)
    repeated = superseded = 0
    for group in groups.values():
        best = max(group, key=lambda row: (texts[row], -row))
        current[group] = False
        current[best] = True
        different = len({texts[row][1] for row in group})
        superseded += different - 1
        repeated += len(group) - different
    return Revisions(current, repeated, superseded)


def _read_rows(
    rows: NDArray[np.int64],
    part_of: NDArray[np.int64],
    places: NDArray[np.uint32],
    parts: Sequence[Part],
    options: ReadOptions,
) -> Iterator[tuple[float, str, bytes]]:
    """(time, text hash, hash of all the rest) of each of the sorted rows, from their parts."""
    for number in np.unique(part_of[rows]).tolist():
        wanted = rows[part_of[rows] == number]
        asked = iter(places[wanted].tolist())
        place = next(asked, None)
        articles = (item for item in read(parts[number], options) if isinstance(item, Article))
        for index, article in enumerate(articles):
            if place is None:
                break
            if index == place:
                time = article.modified or article.published
                yield age_of(time), text_hash(article.title, article.body), hash_rest(article)
                place = next(asked, None)


def age_of(time: datetime | None) -> float:
    """What orders revisions first: seconds since 1970, minus infinity where no time is known."""
    return time.timestamp() if time else float("-inf")
