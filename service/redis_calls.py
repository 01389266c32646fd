"""Buckets -> their names; keys of a batch -> calls of scripts, short and each for one node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.redis_keys import FIELD_BYTES, IndexShape, split_calls, split_generations
from service.redis_wire import digits, rows

__all__ = ["Asked", "Calls", "Layout"]

_BUCKET_DIGITS: Final = 7
_CROWDS_A_CALL: Final = 64
"""Keys above the cap of one call, which may each bring the scores of as many members as the cap."""
Calls: TypeAlias = tuple[list[NDArray[np.int64]], list[list[Any]]]
"""For each call the keys it is about, and its words from the number of keys on."""


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """Keys to be sent: field and number (bytes [n, 7]), the score of the text (int64).

    `buckets` int64 tells the bucket and `ages` int64 the generation that each is written to.
    """

    entries: NDArray[np.uint8]
    scores: NDArray[np.int64]
    buckets: NDArray[np.int64]
    ages: NDArray[np.int64]

    def pick(self, some: slice) -> Asked:
        """Only some of the keys."""
        return Asked(self.entries[some], self.scores[some], self.buckets[some], self.ages[some])


@dataclass(frozen=True, slots=True)
class Layout:
    """What the buckets of an index are called; `spread` where they are on many nodes."""

    prefix: str
    shape: IndexShape
    spread: bool

    def buckets(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The bucket of each key: its leading bits."""
        return (keys >> np.uint64(64 - self.shape.bucket_bits)).astype(np.int64)

    def groups(self, buckets: NDArray[np.int64]) -> NDArray[np.int64]:
        """The group of each bucket; those of one are on one node."""
        return buckets % self.shape.groups

    def crowds(
        self,
        asked: Asked,
        chosen: NDArray[np.int64],
        live: Sequence[int],
        head: Sequence[int],
        known: Mapping[bytes, Any],
    ) -> Calls:
        """The calls of CROWDED for some of the keys; `known` are scores of members by number."""
        told = [word for pair in known.items() for word in pair]
        calls: list[NDArray[np.int64]] = []
        commands: list[list[Any]] = []
        for generation, run in self._split(chosen, asked):
            for first in range(0, len(run), _CROWDS_A_CALL):
                some = run[first : first + _CROWDS_A_CALL]
                keys: list[str] = []
                for i in some.tolist():
                    keys += self._beside(asked, i, [generation, *live])
                words = [*head, self.shape.expires(generation), asked.entries[some].tobytes()]
                commands.append([len(keys), *keys, *words, *asked.scores[some].tolist(), *told])
                calls.append(some)
        return calls, commands

    def erase(self, asked: Asked, generations: Iterable[int]) -> list[list[Any]]:
        """The calls of ERASE in each of the generations."""
        commands: list[list[Any]] = []
        every = np.arange(len(asked.entries))
        for generation in generations:
            for _, some in self._split(every, asked):
                pairs = [self._beside(asked, i, [generation]) for i in some.tolist()]
                keys = [bucket for bucket, _ in pairs] + [beside for _, beside in pairs]
                commands.append([len(keys), *keys, asked.entries[some].tobytes()])
        return commands

    def _split(
        self, chosen: NDArray[np.int64], asked: Asked
    ) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """(generation written to, keys) of calls that each stay on one node and are short."""
        groups = self.groups(asked.buckets)
        if self.spread:
            chosen = chosen[np.argsort(groups[chosen], kind="stable")]
        for run in split_calls(chosen, groups if self.spread else None):
            yield from split_generations(run, asked.ages)

    def _beside(self, asked: Asked, at: int, generations: Iterable[int]) -> list[str]:
        """The bucket of a key and the sorted set beside it, in each generation once."""
        field = asked.entries[at, :FIELD_BYTES].tobytes().hex()
        names: list[str] = []
        for generation in dict.fromkeys(generations):
            bucket = self.name(int(asked.buckets[at]), generation)
            names += [bucket, f"{bucket}:{field}"]
        return names

    def name(self, bucket: int, generation: int) -> str:
        """The name of a bucket: its group as hash tag, generation, number."""
        group = f"{bucket % self.shape.groups:0{self._group_digits}x}"
        return f"{{{self.prefix}:{group}}}:{generation}:{bucket:0{_BUCKET_DIGITS}x}"

    def rows(self, buckets: NDArray[np.int64], generation: int) -> NDArray[np.uint8]:
        """The names of many, a row of bytes each: they are of one length."""
        return rows(
            len(buckets),
            f"{{{self.prefix}:".encode(),
            digits(buckets % self.shape.groups, self._group_digits),
            f"}}:{generation}:".encode(),
            digits(buckets, _BUCKET_DIGITS),
        )

    @property
    def _group_digits(self) -> int:
        return len(f"{self.shape.groups - 1:x}")
