"""A batch of keys -> the entries and calls that the Redis index sends, and how it is laid out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.index.protocol import KeyBatch

__all__ = [
    "ENTRY_BYTES",
    "FIELD_BYTES",
    "KEYS_A_CALL",
    "LARGEST_NUMBER",
    "IndexShape",
    "flatten",
    "make_entries",
    "split_calls",
    "split_generations",
]

_FIELDS_A_BUCKET: Final = 100
_KEYS_AN_ARTICLE: Final = 110
_HOUR_S: Final = 3600
LARGEST_NUMBER: Final = 2**32 - 3
"""Of a text: four bytes a member is what keeps the index small, and two of them are marks."""
FIELD_BYTES: Final = 3
ENTRY_BYTES: Final = FIELD_BYTES + 4
ENTRIES_A_CALL: Final = 4096
"""Keys of one script call, which holds the server for some ten milliseconds."""
KEYS_A_CALL: Final = 32_768
"""Keys of one exchange: their buckets are some megabytes, which the server has in memory twice."""


@dataclass(frozen=True, slots=True)
class IndexShape:
    """How the index is laid out; a change of it means building the index again.

    `capacity` articles of one generation fill its buckets as planned (four times as many still lie
    well); `groups` hash tags spread the buckets over the nodes of a cluster; a
    window of `window_s` seconds (None: for ever) is cut into `generations`, and one more is kept.
    """

    capacity: int = 1_000_000
    groups: int = 64
    window_s: int | None = None
    generations: int = 2

    @property
    def bucket_bits(self) -> int:
        """Buckets of a generation, as a power of two."""
        wanted = self.capacity * _KEYS_AN_ARTICLE / _FIELDS_A_BUCKET
        return max(8, min(28, math.ceil(math.log2(wanted))))

    def tell_settings(self) -> str:
        """The settings that lead to this shape, as an operator writes them."""
        window = f"ISNAD_WINDOW={self.window_s // _HOUR_S}h" if self.window_s else "no ISNAD_WINDOW"
        return f"ISNAD_INDEX_CAPACITY={self.capacity} and {window}"

    @property
    def _period_s(self) -> int:
        return max(1, (self.window_s or 1) // self.generations)

    def choose(self, seen: NDArray[np.int64], now_s: int) -> NDArray[np.int64]:
        """The generation of each article, by the seconds since 1970 when it was seen: int64[n].

        Whatever they claim, it is one of the window: articles cannot begin as many as they like.
        """
        if self.window_s is None:
            return np.zeros(len(seen), np.int64)
        return np.clip(seen, max(0, now_s - self.window_s), now_s) // self._period_s

    def is_live(self, generation: int, now_s: int) -> bool:
        """Whether it can hold articles of the window; clocks may differ by a period."""
        if self.window_s is None:
            return True
        latest = now_s // self._period_s + 1
        return generation <= latest and not self.has_left(generation, now_s)

    def has_left(self, generation: int, now_s: int) -> bool:
        """Whether all it holds was seen before the window."""
        return self.window_s is not None and self.ends(generation) <= now_s - self.window_s

    def ends(self, generation: int) -> int:
        """The second after the last one that belongs to a generation."""
        return (generation + 1) * self._period_s

    @property
    def kept_s(self) -> int | None:
        """How long after it was seen all that is kept of a text may go; None for never.

        An hour more than the window: clocks of servers and workers differ.
        """
        return None if self.window_s is None else self.window_s + _HOUR_S

    def expires(self, generation: int) -> int:
        """When the buckets of a generation may go, in seconds since 1970; 0 for never."""
        return 0 if self.kept_s is None else self.ends(generation) + self.kept_s


def flatten(
    batch: KeyBatch,
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
    """(keys, place of each in the batch, whether a text holds a passage key twice: bool[n]).

    All bands, then all passages, each key once a text.
    """
    places = np.flatnonzero(batch.banded)
    width = batch.bands.shape[1]
    bands = batch.bands[places].reshape(-1)
    owners = np.repeat(np.arange(len(batch)), np.diff(batch.bounds))
    order = np.lexsort((batch.passages, owners))
    passages, owners = batch.passages[order], owners[order]
    fresh = np.ones(len(passages), np.bool_)
    fresh[1:] = (passages[1:] != passages[:-1]) | (owners[1:] != owners[:-1])
    return (
        np.concatenate([bands, passages[fresh]]),
        np.concatenate([np.repeat(places, width), owners[fresh]]),
        np.bincount(owners[~fresh], minlength=len(batch)) > 0,
    )


def make_entries(keys: NDArray[np.uint64], numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Field (the low three bytes of the key) and number of each key: bytes [n, 7], big-endian.

    With the bits of its bucket a key is told by 39 bits or more where an index is laid out for
    20,000 articles: of their million keys two are taken for others, and make a candidate too many.
    """
    packed = np.empty((len(keys), 2), ">u4")
    packed[:, 0] = (keys & np.uint64(0xFFFFFF)).astype(np.uint32)
    packed[:, 1] = numbers.astype(np.uint32)
    return packed.view(np.uint8)[:, 8 - ENTRY_BYTES :]


def split_calls(
    order: NDArray[np.int64], groups: NDArray[np.int64] | None
) -> Iterator[NDArray[np.int64]]:
    """Runs of `order` that are no longer than a call may be and, with `groups`, of one group."""
    if groups is None:
        yield from (
            order[first : first + ENTRIES_A_CALL] for first in range(0, len(order), ENTRIES_A_CALL)
        )
        return
    edges = np.flatnonzero(np.diff(groups[order])) + 1
    for run in np.split(order, edges):
        yield from split_calls(run, None)


def split_generations(
    chosen: NDArray[np.int64], generations: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """`chosen` by the generation that each of its keys is written to."""
    own = generations[chosen]
    for generation in np.unique(own).tolist():
        yield generation, chosen[own == generation]
