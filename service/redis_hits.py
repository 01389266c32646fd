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


@dataclass(frozen=True, slots=True)
class Answers:
    """Keys by their place among those asked for, members of each as bytes, and how many in all."""

    keys: NDArray[np.int64]
    members: list[bytes]
    totals: NDArray[np.int64]

    @staticmethod
    def read(calls: Sequence[NDArray[np.int64]], replies: Sequence[Sequence[Any]]) -> Answers:
        """Take apart what the script returned for each call."""
        keys: list[int] = []
        members: list[bytes] = []
        totals: list[int] = []
        for some, reply in zip(calls, replies, strict=True):
            keys += some[np.array(reply[0::3], np.int64) - 1].tolist()
            members += reply[1::3]
            totals += reply[2::3]
        return Answers(np.array(keys, np.int64), members, np.array(totals, np.int64))

    def divide(self) -> tuple[Answers, Answers]:
        """(what is settled, what has to be asked again)."""
        return self._pick(self.totals >= 0), self._pick(self.totals < 0)

    def _pick(self, chosen: NDArray[np.bool_]) -> Answers:
        members = [self.members[at] for at in np.flatnonzero(chosen).tolist()]
        return Answers(self.keys[chosen], members, self.totals[chosen])

    def join(self, other: Answers) -> Answers:
        """Both."""
        return Answers(
            np.concatenate([self.keys, other.keys]),
            self.members + other.members,
            np.concatenate([self.totals, other.totals]),
        )

    def numbers(self) -> NDArray[np.int64]:
        """The members of all."""
        return np.frombuffer(b"".join(self.members), ">u4").astype(np.int64)


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
        sizes = np.array([len(blob) // 4 for blob in answers.members], np.int64)
        held, total = places[answers.keys], answers.totals
        skipped = (total >= limit) if limit else np.zeros(len(total), np.bool_)
        capped = (total >= cap) & ~skipped
        lasts = np.cumsum(sizes)[capped].tolist()
        firsts = (np.cumsum(sizes) - sizes)[capped].tolist()
        return Hits(
            np.repeat(held, sizes),
            answers.numbers(),
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
