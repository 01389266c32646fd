"""Keys of all articles -> ranges of keys, each small enough for memory, grouped through files.

Ten million articles have some 5 GB of keys. What stands in the spool by article is read once in its
own order and packed keys are dealt out to one file a range, so memory holds one step and later one
range, however many articles there are. What fits one range never touches a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedupe.candidates import pack_key
from dedupe.jit import kernel

__all__ = ["KEYS_A_RANGE", "group_keys"]

KEYS_A_RANGE = 16_000_000
"""128 MB of packed keys, and as much again to sort them."""
_KEYS_A_STEP = 2_000_000


def group_keys(
    column: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    counts: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    article_bits: int,
    folder: Path,
    name: str,
    most: int = KEYS_A_RANGE,
) -> Iterator[NDArray[np.uint64]]:
    """Packed keys (`candidates.pack_key`) in ranges, equal keys together.

    The keys of article `numbers[i]` are `column[firsts[i]:firsts[i] + counts[i]]`; `folder` takes
    the files of the ranges, called after `name`, which are gone at the end.
    """
    total = int(counts.sum())
    ways = max(0, int(np.ceil(np.log2(max(1, total) / most))))
    if ways == 0:
        yield _pack_stored(column, firsts, counts, numbers, article_bits)
        return
    paths = [folder / f"{name}-{part:05}.keys" for part in range(1 << ways)]
    try:
        order = np.argsort(firsts, kind="stable")  # as they stand in the file
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("wb")) for path in paths]
            for step in _steps(counts[order]):
                own = order[step]
                packed = _pack_stored(column, firsts[own], counts[own], numbers[own], article_bits)
                part_of = (packed >> np.uint64(64 - ways)).astype(np.uint16)
                packed = packed[np.argsort(part_of, kind="stable")]
                ends = np.cumsum(np.bincount(part_of, minlength=len(paths)))
                for file, part in zip(files, np.split(packed, ends[:-1]), strict=True):
                    part.tofile(file)
        for path in paths:
            yield np.fromfile(path, np.uint64)
            path.unlink()
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _steps(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Runs of articles with about `_KEYS_A_STEP` keys."""
    ends = np.cumsum(counts)
    first = 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _KEYS_A_STEP, "right")))
        yield slice(first, last)
        first = last


def _pack_stored(
    column: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    counts: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    article_bits: int,
) -> NDArray[np.uint64]:
    """Packed keys of some articles, one after another.

    In one pass: as expressions over arrays this took ten arrays of all keys, and clearing fresh
    memory for them half a second of 100,000 articles.
    """
    packed = np.empty(int(counts.sum()), np.uint64)
    _pack_into(column, firsts, counts, numbers, np.uint64(article_bits), packed)
    return packed


@kernel
def _pack_into(
    column: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    counts: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    article_bits: np.uint64,
    packed: NDArray[np.uint64],
) -> None:
    at = 0
    for index in range(len(firsts)):
        for place in range(firsts[index], firsts[index] + counts[index]):
            packed[at] = pack_key(column[place], numbers[index], article_bits)
            at += 1
