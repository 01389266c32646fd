"""What the scripts of the Redis index reply -> holders of keys, and the keys that pairs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.index.protocol import KeyBatch
from service.redis_records import Told

__all__ = ["Answers", "Hits", "choose_hubs", "closed_keys", "count_shared"]


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """Keys by their place among those asked for, and how many hold each in all (-1: not settled).

    `numbers` are the holders told, as many for each key as `sizes` says; all int64.
    """

    keys: NDArray[np.int64]
    sizes: NDArray[np.int64]
    numbers: NDArray[np.int64]
    totals: NDArray[np.int64]

    @staticmethod
    def read(calls: Sequence[NDArray[np.int64]], replies: Sequence[Sequence[Any]]) -> Answers:
        """Take apart what CROWDED returned for each call."""
        keys: list[int] = []
        members: list[bytes] = []
        totals: list[int] = []
        for some, reply in zip(calls, replies, strict=True):
            keys += some[np.array(reply[0::3], np.int64) - 1].tolist()
            members += reply[1::3]
            totals += reply[2::3]
        return Answers(
            np.array(keys, np.int64),
            np.array([len(blob) // 4 for blob in members], np.int64),
            np.frombuffer(b"".join(members), ">u4").astype(np.int64),
            np.array(totals, np.int64),
        )

    def divide(self) -> tuple[Answers, Answers]:
        """(what is settled, what has to be asked again)."""
        return self.pick(self.totals >= 0), self.pick(self.totals < 0)

    def pick(self, chosen: NDArray[np.bool_]) -> Answers:
        """Only some of the keys."""
        told = np.repeat(chosen, self.sizes)
        return Answers(
            self.keys[chosen], self.sizes[chosen], self.numbers[told], self.totals[chosen]
        )

    def move(self, first: int) -> Answers:
        """The same of keys that stand behind `first` others."""
        return Answers(self.keys + first, self.sizes, self.numbers, self.totals)

    @staticmethod
    def none() -> Answers:
        """Nothing was asked."""
        return Answers(*(np.empty(0, np.int64) for _ in range(4)))

    @staticmethod
    def join(parts: Sequence[Answers]) -> Answers:
        """All of them."""
        rows = zip(*((p.keys, p.sizes, p.numbers, p.totals) for p in parts), strict=True)
        return Answers(*map(np.concatenate, rows))


@dataclass(frozen=True, slots=True)
class Hits:
    """Holders of keys, `places` and `numbers` in step; a place for each capped, skipped key.

    `crowds` are (first, last) of the members of each capped key.
    """

    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    capped: NDArray[np.int64]
    skipped: NDArray[np.int64]
    crowds: tuple[tuple[int, int], ...]

    @staticmethod
    def read(answers: Answers, places: NDArray[np.int64], cap: int, limit: int) -> Hits:
        """Give the members to the texts that asked."""
        sizes, total = answers.sizes, answers.totals
        held = places[answers.keys]
        skipped = (total >= limit) if limit else np.zeros(len(total), np.bool_)
        capped = (total >= cap) & ~skipped
        lasts = np.cumsum(sizes)[capped].tolist()
        firsts = (np.cumsum(sizes) - sizes)[capped].tolist()
        return Hits(
            np.repeat(held, sizes),
            answers.numbers,
            held[capped],
            held[skipped],
            tuple(zip(firsts, lasts, strict=True)),
        )

    def keep(self, chosen: NDArray[np.bool_]) -> Hits:
        """Only these holders."""
        return Hits(self.places[chosen], self.numbers[chosen], self.capped, self.skipped, ())


def choose_hubs(hits: Hits, told: Told, own: NDArray[np.int64], since: int, cap: int) -> Hits:
    """Whom texts meet: of a capped key the `cap` members of lowest score, a hub everyone.

    `told` knows all members, `own` int64[n] is the score of each text that asks. Members that were
    removed, or seen before the second `since`, are passed over.
    """
    known = told.place(hits.numbers)
    kept = (told.counts[known] >= 0) & (told.seen[known] >= since)
    for first, last in hits.crowds:
        if last - first > cap:
            members = np.flatnonzero(kept[first:last]) + first
            scores = told.scores[told.place(hits.numbers[members])]
            order = np.argsort(scores, kind="stable")
            if len(order) > cap and own[hits.places[first]] > scores[order[cap - 1]]:
                kept[members[order[cap:]]] = False
    return hits.keep(kept)


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
