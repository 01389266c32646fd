"""What the script of the Redis index replies -> holders of keys, and the keys that pairs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.index.protocol import KeyBatch

__all__ = ["Hits", "closed_keys", "count_shared"]


@dataclass(frozen=True, slots=True)
class Hits:
    """Holders of keys, `places` and `numbers` in step; a place for each capped, skipped key."""

    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    capped: NDArray[np.int64]
    skipped: NDArray[np.int64]

    @staticmethod
    def read(
        calls: Sequence[NDArray[np.int64]],
        replies: Sequence[Sequence[Any]],
        places: NDArray[np.int64],
        cap: int,
        limit: int,
    ) -> Hits:
        """Unpack what the script returned."""
        at: list[int] = []
        blobs: list[bytes] = []
        totals: list[int] = []
        for some, reply in zip(calls, replies, strict=True):
            at += some[np.array(reply[0::3], np.int64) - 1].tolist()
            blobs += reply[1::3]
            totals += reply[2::3]
        sizes = [len(blob) // 4 for blob in blobs]
        held, total = places[np.array(at, np.int64)], np.array(totals, np.int64)
        skipped = (total >= limit) if limit else np.zeros(len(total), np.bool_)
        return Hits(
            np.repeat(held, sizes),
            np.frombuffer(b"".join(blobs), ">u4").astype(np.int64),
            held[(total >= cap) & ~skipped],
            held[skipped],
        )


def closed_keys(hits: Sequence[Hits]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A place for each key that was (capped, skipped); `hits` are of bands and of passages."""
    return np.concatenate([hit.capped for hit in hits]), hits[1].skipped


def count_shared(
    batch: KeyBatch, hits: Sequence[Hits], *, look: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """(place, number, shared passages, shared bands) of every pair.

    A pair inside the batch is told at the later place; with `look` there are none.
    """
    place = np.concatenate([hit.places for hit in hits])
    number = np.concatenate([hit.numbers for hit in hits])
    family = np.repeat([0, 1], [len(hit.places) for hit in hits])
    if not look and len(batch):
        ranked = np.argsort(batch.numbers, kind="stable")
        at = np.searchsorted(batch.numbers[ranked], number)
        at = np.minimum(at, len(batch) - 1)
        inside = batch.numbers[ranked][at] == number
        later = inside & (ranked[at] >= place)
        place, number, family = place[~later], number[~later], family[~later]
    packed = (place.astype(np.uint64) << np.uint64(32)) | number.astype(np.uint64)
    pairs, which = np.unique(packed, return_inverse=True)
    shared = np.bincount(which, family, len(pairs)).astype(np.int32)
    everything = np.bincount(which, minlength=len(pairs)).astype(np.int32)
    return (
        (pairs >> np.uint64(32)).astype(np.int64),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64),
        shared,
        everything - shared,
    )
