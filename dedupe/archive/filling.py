"""Keys in a catalogue -> an index that holds them: at a start, or when an index is built anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dedupe.archive.engine import batch_keys
from dedupe.catalog import Catalog, Reader
from dedupe.catalog.blobs import keys_from, unsigned
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.config import Config
from dedupe.index import Index

__all__ = ["fill_index", "publish_stored"]

_TEXTS_AT_ONCE = 4096
_ALWAYS = -(1 << 62)


def publish_stored(
    reader: Reader,
    index: Index,
    numbers: NDArray[np.int64],
    config: Config,
    since: int = _ALWAYS,
) -> None:
    """Add texts by the keys that are stored, but those seen before a time."""
    for rows in reader.keys(numbers):
        recent = sorted({row for row in rows if row[2] is None or row[2] >= since})
        own: NDArray[np.int64] = np.fromiter((r[0] for r in recent), np.int64)
        ranks = np.fromiter((unsigned(r[1]) for r in recent), np.uint64)
        seen = np.fromiter((r[2] or 0 for r in recent), np.int64)
        index.add(batch_keys(own, ranks, seen, [keys_from(r[3]) for r in recent], config))


def fill_index(
    catalog: Catalog, index: Index, config: Config, progress: Callable[[int, int], None]
) -> int:
    """Add all texts to an index that others may be using; returns how many there are.

    Pending ones too: whoever stored them may have published them already, before the index was
    emptied. Texts that come meanwhile are published by those who store them.
    """
    with catalog.reading() as reader:
        numbers = np.union1d(reader.numbers(CURRENT), reader.numbers(PENDING))
    starts: Sequence[int] = range(0, len(numbers), _TEXTS_AT_ONCE)
    for first in starts:
        with catalog.reading() as reader:
            publish_stored(reader, index, numbers[first : first + _TEXTS_AT_ONCE], config)
        progress(min(first + _TEXTS_AT_ONCE, len(numbers)), len(numbers))
    return len(numbers)
