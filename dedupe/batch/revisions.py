"""Articles that share an id -> which text of it is current, which rows only repeat it.

A revision is (id, hash of the text). Ids rarely repeat, so the texts are read again only for those
that do; the current one has the latest `modified`, else `published`, else the larger text hash,
and never depends on the order of arrival. A run whose files are kept writes down what decides of
every article (72 bytes), because the next run may not find its inputs any more.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.matching import age_of
from dedupe.models import Article, text_hash
from dedupe.readers import Part, ReadOptions, read
from dedupe.records import hash_rest

__all__ = [
    "STATE_BYTES",
    "Revisions",
    "choose_current",
    "pack_state",
    "read_rows",
    "state_of",
    "unpack_state",
]

State = tuple[float, str, bytes]
"""(time, text hash, hash of all the rest): the greatest of an id's rows is current."""
_STATE = struct.Struct("<d32s32s")
STATE_BYTES = _STATE.size


@dataclass(frozen=True, slots=True)
class Revisions:
    """`current` bool[n]: whether a row is the current text of its id.

    `repeated` rows hold a revision again; `superseded` counts texts other than the current ones.
    """

    current: NDArray[np.bool_]
    repeated: int
    superseded: int


def choose_current(
    ids: NDArray[np.uint64], read_states: Callable[[NDArray[np.int64]], Iterable[State]]
) -> Revisions:
    """Decide for every row: `ids` uint64[n] hashes of ids.

    `read_states` gives the states of rows, sorted int64[k], in their order.
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
    texts = dict(zip(rows.tolist(), read_states(rows), strict=True))
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


def read_rows(
    rows: NDArray[np.int64],
    part_of: NDArray[np.int64],
    places: NDArray[np.uint32],
    parts: Sequence[Part],
    options: ReadOptions,
) -> Iterator[State]:
    """The state of each of the sorted rows, from the parts.

    `part_of` int64[n] and `places` uint32[n] tell which article of which part a row is.
    """
    for number in np.unique(part_of[rows]).tolist():
        wanted = rows[part_of[rows] == number]
        asked = iter(places[wanted].tolist())
        place = next(asked, None)
        articles = (item for item in read(parts[number], options) if isinstance(item, Article))
        for index, article in enumerate(articles):
            if place is None:
                break
            if index == place:
                yield state_of(article)
                place = next(asked, None)


def state_of(article: Article) -> State:
    """What orders the rows of one id."""
    age = age_of(article.modified or article.published)
    return age, text_hash(article.title, article.body), hash_rest(article)


def pack_state(article: Article) -> bytes:
    """`STATE_BYTES` bytes that decide between an article and others of its id."""
    age, text, rest = state_of(article)
    return _STATE.pack(age, bytes.fromhex(text), rest)


def unpack_state(data: bytes | memoryview) -> State:
    """What `pack_state` wrote."""
    age, text, rest = _STATE.unpack(data)
    return age, text.hex(), rest
