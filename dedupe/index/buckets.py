"""Holders of each key -> candidates of each text: the rule of the buckets, whatever the index.

A bucket up to the cap pairs everyone with everyone. Above it each member is paired with the hubs,
the `cap` members of smallest id hash; a new text that is one of them is paired with all. Passage
keys of more than `limit` members are boilerplate and skipped. The same rule as in the batch engine
(`candidates`), looked at from the one text that arrived.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.index.protocol import Found
from dedupe.jit import kernel

__all__ = ["pair_buckets"]

_NOBODY = -1


@kernel
def _chosen(
    members: NDArray[np.int64],
    own_rank: np.uint64,
    ranks: NDArray[np.uint64],
    cap: int,
) -> NDArray[np.int64]:
    """Whom a text is paired with in a bucket above the cap; `members` are the others."""
    others = np.empty(len(members), np.uint64)
    for index in range(len(members)):
        others[index] = ranks[members[index]]
    order = np.argsort(others, kind="mergesort")
    if own_rank <= others[order[cap - 1]]:
        return members
    return members[order[:cap]]


@kernel
def _pair_queries(
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    places: NDArray[np.int64],
    is_passage: NDArray[np.bool_],
    numbers: NDArray[np.int64],
    own_ranks: NDArray[np.uint64],
    ranks: NDArray[np.uint64],
    place_of: NDArray[np.int64],
    first_number: int,
    cap: int,
    limit: int,
    exact: NDArray[np.bool_],
    capped: NDArray[np.int32],
    skipped: NDArray[np.int32],
) -> NDArray[np.uint64]:
    """`place << 32 | number << 1 | is_passage` for every shared key, unsorted."""
    out = np.empty(max(16, len(members)), np.uint64)
    count = 0
    for query in range(len(places)):
        place, own = places[query], numbers[places[query]]
        bucket = members[bounds[query] : bounds[query + 1]]
        others = bucket[bucket != own]
        if len(others) == 0:
            continue
        if is_passage[query] and len(others) + 1 > limit:
            skipped[place] += 1
            exact[place] = False
            continue
        if len(others) + 1 > cap:
            capped[place] += 1
            exact[place] = False
            others = _chosen(others, own_ranks[place], ranks, cap)
        for other in others:
            known = other - first_number
            if 0 <= known < len(place_of) and place_of[known] > place:
                continue  # a pair inside the batch is told at the later place
            out[count] = (
                np.uint64(place) << np.uint64(32)
                | np.uint64(other) << np.uint64(1)
                | np.uint64(is_passage[query])
            )
            count += 1
    return out[:count]


@kernel
def _count_shared(
    packed: NDArray[np.uint64],
    places: NDArray[np.int64],
    others: NDArray[np.int64],
    bands: NDArray[np.int32],
    passages: NDArray[np.int32],
) -> int:
    count = -1
    before = np.uint64(0)
    for index in range(len(packed)):
        pair = packed[index] >> np.uint64(1)
        if index == 0 or pair != before:
            count += 1
            places[count] = int(pair >> np.uint64(31))
            others[count] = int(pair & np.uint64(0x7FFFFFFF))
            bands[count], passages[count] = 0, 0
            before = pair
        if packed[index] & np.uint64(1):
            passages[count] += 1
        else:
            bands[count] += 1
    return count + 1


def pair_buckets(
    bounds: NDArray[np.int64],
    members: NDArray[np.int64],
    places: NDArray[np.int64],
    is_passage: NDArray[np.bool_],
    repeated: NDArray[np.bool_],
    numbers: NDArray[np.int64],
    own_ranks: NDArray[np.uint64],
    ranks: NDArray[np.uint64],
    passage_counts: NDArray[np.int32],
    cap: int,
    limit: int,
) -> Found:
    """Candidates of n texts from q distinct keys.

    `members[bounds[i]:bounds[i + 1]]` int64 hold key i, which text `places[i]` asked for;
    `repeated` bool[n] tells whose passage keys are not distinct; `numbers` and `own_ranks` are of
    the texts asking (a number that nobody has where they are not stored), `ranks` and
    `passage_counts` of all texts by number.
    """
    n = len(numbers)
    exact, capped, skipped = ~repeated, np.zeros(n, np.int32), np.zeros(n, np.int32)
    first, place_of = _index_places(numbers)
    packed = _pair_queries(
        bounds, members, places, is_passage, numbers, own_ranks, ranks, place_of, first, cap,
        limit, exact, capped, skipped,
    )  # fmt: skip
    packed.sort()
    texts, others = np.empty(len(packed), np.int64), np.empty(len(packed), np.int64)
    bands, passages = np.empty(len(packed), np.int32), np.empty(len(packed), np.int32)
    count = _count_shared(packed, texts, others, bands, passages)
    others = others[:count]
    return Found(
        texts[:count],
        others,
        passages[:count],
        bands[:count],
        passage_counts[others],
        exact,
        capped,
        skipped,
    )


def _index_places(numbers: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """(lowest number, place of each number from it on); those of the batch lie close together."""
    stored = numbers[numbers >= 0]
    if len(stored) == 0:
        return 0, np.empty(0, np.int64)
    first, last = int(stored.min()), int(stored.max())
    place_of = np.full(last - first + 1, _NOBODY, np.int64)
    place_of[numbers[numbers >= 0] - first] = np.flatnonzero(numbers >= 0)
    return first, place_of
