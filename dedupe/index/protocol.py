"""What every index of keys offers, whatever it stands on.

Numbers are those of texts in the catalogue (positive, below 2^26, never used twice). An index is
derived: it can be cleared and built again from the catalogue at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Found", "Index", "KeyBatch", "KeysOf"]


@dataclass(frozen=True, eq=False, slots=True)
class KeyBatch:
    """The keys of n texts.

    `numbers` int64[n]; `ranks` uint64[n], hashes of the article ids, which choose the hubs of
    a capped bucket; `seen` int64[n] in microseconds since 1970; `bands` uint64[n, b]; `passages`
    uint64[m], those of text i at `bounds[i]:bounds[i + 1]` (int64[n + 1]), repeats kept. A text
    without words has `banded[i]` False and no keys.
    """

    numbers: NDArray[np.int64]
    ranks: NDArray[np.uint64]
    seen: NDArray[np.int64]
    bands: NDArray[np.uint64]
    banded: NDArray[np.bool_]
    passages: NDArray[np.uint64]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        """How many texts."""
        return len(self.numbers)


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """Candidates of a batch: distinct pairs of a text of the batch and another one.

    `places` int64[k] in the batch; `numbers` int64[k] of the other text; `shared` int32[k] passage
    keys seen in common and `counts` int32[k] passage keys of the other. `exact` bool[n]: whether
    `shared` is complete for a text (no key of it was capped, skipped or repeated). `capped` and
    `skipped` int32[n] count keys of each text.
    """

    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    shared: NDArray[np.int32]
    shared_bands: NDArray[np.int32]
    counts: NDArray[np.int32]
    exact: NDArray[np.bool_]
    capped: NDArray[np.int32]
    skipped: NDArray[np.int32]


KeysOf = Callable[[Sequence[int]], Mapping[int, tuple[NDArray[np.uint64], NDArray[np.uint64]]]]
"""Numbers of texts -> their keys by number: (bands, passages)."""


class Index(Protocol):
    """Publish-then-look. One caller writes at a time; any number may look."""

    def publish(self, batch: KeyBatch) -> Found:
        """Add the keys of each text and find the other holders in one step.

        A text that is there already is not added again, and is looked up as if it were new.
        Pairs inside the batch are found once, at the later place.
        """

    def add(self, batch: KeyBatch) -> None:
        """Add without looking, as when the index is filled from the catalogue."""

    def look(self, batch: KeyBatch) -> Found:
        """Find the holders of the keys without adding anything; the numbers are not read."""

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts; unknown numbers are passed over."""

    def erase(self, numbers: Sequence[int], keys: KeyBatch) -> None:
        """Forget texts that were deleted, and take their numbers out of all that is stored.

        `keys` are theirs; the numbers in it are not read.
        """

    def expire(self, before: int) -> int:
        """Forget the texts seen before a time (microseconds since 1970); returns how many."""

    def count(self) -> int:
        """How many texts can be found."""

    def count_crowded(self, keys_of: KeysOf) -> tuple[int, int] | None:
        """How many keys are held by more texts than the cap: (those capped, passages skipped).

        `keys_of` is asked for texts that hold one. None where to count would be to read all.
        """

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Write what is not on disk and let go of the files."""
