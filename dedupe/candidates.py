"""Keys -> candidates: unverified pairs of articles that share a key.

A bucket up to the cap pairs everyone with everyone; above it each member is paired with the hubs,
the `cap` members of lowest number, which the caller numbers by id hash: the same hubs in every
engine and every order of arrival. Passage keys above a second limit are boilerplate and skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel

__all__ = ["Candidates", "distinct", "find_candidates", "pack_keys", "pair_left", "pair_right"]

_S32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Distinct pairs, sorted: `pairs` uint64[n] of `left << 32 | right`, left < right.

    `capped` buckets were paired with their hubs only, `skipped` passage keys not at all.
    """

    pairs: NDArray[np.uint64]
    capped: int
    skipped: int


def pair_left(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Lower article number of each pair: uint32[n]."""
    return (pairs >> _S32).astype(np.uint32)


def pair_right(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Higher article number of each pair: uint32[n]."""
    return (pairs & _LOW).astype(np.uint32)


def pack_keys(
    keys: NDArray[np.uint64], articles: NDArray[np.uint32], article_bits: int
) -> NDArray[np.uint64]:
    """Key and article in one sortable uint64: the key keeps its `64 - article_bits` high bits.

    Chance collisions stay rare: at 10 million articles and 700 million keys, 40 bits give some
    200,000 false pairs, which verification drops.
    """
    bits = np.uint64(article_bits)
    return ((keys >> bits) << bits) | articles.astype(np.uint64)


@kernel
def _pairs_of_runs(
    packed: NDArray[np.uint64],
    article_bits: np.uint64,
    cap: int,
    limit: int,
    out: NDArray[np.uint64],
    write: bool,
) -> tuple[int, int, int]:
    """(pairs, capped, skipped) over all runs of equal keys; writes the pairs when asked to."""
    count, capped, skipped = 0, 0, 0
    mask = (np.uint64(1) << article_bits) - np.uint64(1)
    start, size = 0, len(packed)
    while start < size:
        key = packed[start] >> article_bits
        end = start + 1
        while end < size and packed[end] >> article_bits == key:
            end += 1
        members = end - start
        if members > limit:
            skipped += 1
        elif members > 1:
            hubs = members
            if members > cap:
                hubs = cap
                capped += 1
            for first in range(hubs):
                left = packed[start + first] & mask
                for second in range(first + 1, members):
                    if write:
                        right = packed[start + second] & mask
                        out[count] = (left << _S32) | right
                    count += 1
        start = end
    return count, capped, skipped


def _pair_partition(
    packed: NDArray[np.uint64], article_bits: int, cap: int, limit: int
) -> Candidates:
    packed.sort()
    fresh = np.ones(len(packed), bool)
    fresh[1:] = packed[1:] != packed[:-1]  # one article may hold a passage twice
    packed = packed[fresh]
    bits, none = np.uint64(article_bits), np.empty(0, np.uint64)
    count, capped, skipped = _pairs_of_runs(packed, bits, cap, limit, none, False)
    pairs = np.empty(count, np.uint64)
    _pairs_of_runs(packed, bits, cap, limit, pairs, True)
    return Candidates(distinct(pairs), capped, skipped)


def distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sorted values without repeats; sorts in place (`np.unique` would copy twice)."""
    values.sort()
    if len(values) < 2:
        return values
    fresh = np.empty(len(values), bool)
    fresh[0] = True
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return values[fresh]


def find_candidates(
    partitions: Iterable[NDArray[np.uint64]], article_bits: int, cap: int, limit: int
) -> Candidates:
    """Pairs of all partitions of packed keys (see `pack_keys`); each partition is sorted in place.

    Equal keys must stand in one partition. `limit` above any bucket's size skips none.
    """
    found: list[NDArray[np.uint64]] = []
    capped = skipped = 0
    for packed in partitions:
        part = _pair_partition(packed, article_bits, cap, limit)
        found.append(part.pairs)
        capped += part.capped
        skipped += part.skipped
    pairs = distinct(np.concatenate(found)) if found else np.empty(0, np.uint64)
    return Candidates(pairs, capped, skipped)
