"""The index of one process: sorted runs of packed keys that are merged as they grow.

A row for each key in a database would be 80 to 130 inserts an article; here a batch is one sort
and a merge now and then (log-structured, Bentley and Saxe's logarithmic method). Runs are saved to
files beside the catalogue and mapped again at the next start; whatever was not saved is told by
`reconcile` and published again from the keys in the catalogue.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.config import Config
from dedupe.errors import IndexFull
from dedupe.index.buckets import pair_buckets
from dedupe.index.files import RunFiles
from dedupe.index.protocol import Found, KeyBatch, KeysOf
from dedupe.index.runs import (
    KEY,
    NUMBER_BITS,
    Run,
    find_crowded,
    find_in_run,
    make_run,
    merge_runs,
    pack_entries,
    scrub_run,
)

__all__ = ["EmbeddedIndex"]

_GROWTH = 4
"""A run is merged into the one before it when that is not this many times as large: few runs to
search (5 at half a million texts) for about four copies of every entry (docs/decisions/0013)."""
_LEAST = 1024
_PASSAGE = 1 << (NUMBER_BITS - 1)
"""Stands in an entry beside the place of a text in its batch: the key is one of a passage."""
_PLACE = np.uint64(_PASSAGE - 1)


class EmbeddedIndex:
    """An `Index` in memory and, with a folder, in files. One writer, any number of readers."""

    def __init__(self, config: Config, folder: Path | None = None, catalog_id: str = "") -> None:
        """Load what `folder` holds for this configuration and catalogue; else begin empty."""
        self._cap, self._limit = config.bucket_cap, config.passage_limit
        self._lock = threading.Lock()
        self._runs: tuple[Run, ...] = ()
        self._files = RunFiles(folder, config.config_id, catalog_id) if folder else None
        self._empty()
        if self._files:
            self._runs, texts = self._files.load()
            if texts is not None:
                self._grow(int(texts["number"].max(initial=0)))
                self._set(texts["number"], texts["rank"], texts["seen"], texts["count"])

    def clear(self) -> None:
        """Forget everything."""
        self._empty()
        if self._files:
            self._files.clear()

    def _empty(self) -> None:
        self._alive = np.zeros(_LEAST, np.bool_)
        self._ranks = np.zeros(_LEAST, np.uint64)
        self._seen = np.zeros(_LEAST, np.int64)
        self._counts = np.zeros(_LEAST, np.int32)
        self._runs = ()
        self._unsaved = 0

    def _grow(self, highest: int) -> None:
        if highest >= 1 << NUMBER_BITS:
            raise IndexFull(highest, (1 << NUMBER_BITS) - 1)
        if highest < len(self._alive):
            return
        more = max(highest + 1, 2 * len(self._alive)) - len(self._alive)
        self._ranks = np.concatenate([self._ranks, np.zeros(more, np.uint64)])
        self._seen = np.concatenate([self._seen, np.zeros(more, np.int64)])
        self._counts = np.concatenate([self._counts, np.zeros(more, np.int32)])
        self._alive = np.concatenate([self._alive, np.zeros(more, np.bool_)])

    def _set(
        self,
        numbers: NDArray[np.int64],
        ranks: NDArray[np.uint64],
        seen: NDArray[np.int64],
        counts: NDArray[np.int32],
    ) -> None:
        self._ranks[numbers], self._seen[numbers], self._counts[numbers] = ranks, seen, counts
        self._alive[numbers] = True

    def publish(self, batch: KeyBatch) -> Found:
        """Add and look; see `Index.publish`."""
        with self._lock:
            asked = _pack_batch(batch)
            self._add(batch, asked)
            found = self._look(batch, asked, batch.numbers)
            self._compact()
        return found

    def add(self, batch: KeyBatch) -> None:
        """Add without looking, as when the index is filled from the catalogue."""
        with self._lock:
            self._add(batch, _pack_batch(batch))
            self._compact()

    def look(self, batch: KeyBatch) -> Found:
        """Look only; see `Index.look`."""
        return self._look(batch, _pack_batch(batch), np.full(len(batch), -1, np.int64))

    def _add(self, batch: KeyBatch, asked: NDArray[np.uint64]) -> None:
        """Add texts; `asked` as `_pack_batch` makes it of them."""
        if not len(batch):
            return
        self._grow(int(batch.numbers.max()))
        fresh = ~self._alive[batch.numbers]
        places = asked & _PLACE
        if not fresh.all():
            chosen = fresh[places]
            asked, places = asked[chosen], places[chosen]
        entries = (asked & KEY) | batch.numbers.view(np.uint64)[places]
        entries.sort()
        counts = np.diff(batch.bounds).astype(np.int32)
        self._set(batch.numbers[fresh], batch.ranks[fresh], batch.seen[fresh], counts[fresh])
        if len(entries):
            self._runs = (*self._runs, make_run(entries))
            self._unsaved += int(fresh.sum())

    def _look(
        self, batch: KeyBatch, asked: NDArray[np.uint64], numbers: NDArray[np.int64]
    ) -> Found:
        runs, alive = self._runs, self._alive  # in this order: the second may only be newer
        wanted, places, is_passage, repeated = _distinct_queries(asked, len(batch))
        hits = [find_in_run(run, wanted, alive) for run in runs]
        queries = np.concatenate([hit[0] for hit in hits]) if hits else np.empty(0, np.int64)
        members = np.concatenate([hit[1] for hit in hits]) if hits else np.empty(0, np.int64)
        order = np.argsort(queries, kind="stable")
        bounds = np.zeros(len(wanted) + 1, np.int64)
        np.cumsum(np.bincount(queries, minlength=len(wanted)), out=bounds[1:])
        return pair_buckets(
            bounds,
            members[order],
            places,
            is_passage,
            repeated,
            numbers,
            batch.ranks,
            self._ranks,
            self._counts,
            self._cap,
            self._limit,
        )

    def _compact(self) -> None:
        runs = list(self._runs)
        while len(runs) > 1 and len(runs[-2].entries) <= _GROWTH * len(runs[-1].entries):
            right, left = runs.pop(), runs.pop()
            runs.append(merge_runs(left, right, self._alive))
        self._runs = tuple(runs)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts; their entries go with the next merge."""
        known = [number for number in numbers if 0 <= number < len(self._alive)]
        self._alive[known] = False

    def erase(self, numbers: Sequence[int], keys: KeyBatch) -> None:
        """Forget texts and overwrite their entries at once, in the files too."""
        self.remove(numbers)
        with self._lock:
            wanted, _, _, _ = _distinct_queries(_pack_batch(keys), len(keys))
            kept = tuple(run for run in self._runs if scrub_run(run, wanted, self._alive))
            self._runs = kept
            if self._files:
                self._files.flush(kept)

    def expire(self, before: int) -> int:
        """Forget what was seen before a time; returns how many texts."""
        old = self._alive & (self._seen < before)
        self._alive[old] = False
        return int(old.sum())

    def count(self) -> int:
        """How many texts can be found."""
        return int(self._alive.sum())

    def count_crowded(self, keys_of: KeysOf) -> tuple[int, int]:
        """See `Index.count_crowded`: one pass over all entries, some nanoseconds each.

        Of k runs one holds a k-th of a key's members at least: so few keys are asked about again.
        """
        runs, alive = self._runs, self._alive
        least = -(-(self._cap + 1) // max(1, len(runs)))
        keys = np.unique(
            np.concatenate(
                [np.empty(0, np.uint64), *(find_crowded(run.entries, alive, least) for run in runs)]
            )
        )
        hits = [find_in_run(run, keys, alive) for run in runs]
        sizes = sum((np.bincount(hit[0], minlength=len(keys)) for hit in hits), np.zeros(len(keys)))
        members = np.zeros(len(keys), np.int64)
        for queries, numbers in hits:
            members[queries] = numbers
        above = np.flatnonzero(sizes > self._limit)
        held = keys_of(sorted(set(members[above].tolist())))
        skipped = 0
        for place in above.tolist():
            _, passages = held.get(int(members[place]), (None, np.empty(0, np.uint64)))
            nobody = np.zeros(len(passages), np.int64)
            skipped += bool((pack_entries(passages, nobody, True) == keys[place]).any())
        return int((sizes > self._cap).sum()) - skipped, skipped

    def reconcile(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keep only `numbers` int64[n]; returns those that have to be published again."""
        self._grow(int(numbers.max(initial=0)))
        wanted = np.zeros(len(self._alive), np.bool_)
        wanted[numbers] = True
        missing = np.flatnonzero(wanted & ~self._alive)
        self._alive &= wanted
        return missing

    @property
    def unsaved(self) -> int:
        """How many texts a restart would have to publish again."""
        return self._unsaved

    def size_bytes(self) -> int:
        """Bytes of all runs and columns, in memory or mapped."""
        runs = sum(run.entries.nbytes + run.table.nbytes for run in self._runs)
        return runs + sum(
            column.nbytes for column in (self._alive, self._ranks, self._seen, self._counts)
        )

    def save(self) -> None:
        """Write all runs to the folder and map them from there; nothing without a folder.

        To be called when everything published is committed in the catalogue.
        """
        if not self._files or not self._unsaved:
            return
        with self._lock:
            numbers = np.flatnonzero(self._alive)
            columns: dict[str, NDArray[Any]] = {
                "number": numbers,
                "rank": self._ranks[numbers],
                "seen": self._seen[numbers],
                "count": self._counts[numbers],
            }
            self._runs = self._files.save(self._runs, columns)
            self._unsaved = 0

    def close(self) -> None:
        """Save and let go of the files."""
        self.save()
        self._runs = ()


def _pack_batch(batch: KeyBatch) -> NDArray[np.uint64]:
    """Keys as entries, repeats too, with `_PASSAGE` and the place of their text for a number."""
    banded = np.flatnonzero(batch.banded)
    bands = batch.bands if len(banded) == len(batch) else batch.bands[banded]
    in_passages = np.repeat(np.arange(len(batch)) | _PASSAGE, np.diff(batch.bounds))
    return np.concatenate(
        [
            pack_entries(bands.ravel(), np.repeat(banded, bands.shape[1]), False),
            pack_entries(batch.passages, in_passages, True),
        ]
    )


def _distinct_queries(
    asked: NDArray[np.uint64], count: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """(keys as entries, places, is passage, repeated bool[count]), sorted by key and then place.

    `asked` as `_pack_batch` makes it of so many texts.
    """
    ordered = np.sort(asked)
    fresh = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    repeated = np.zeros(count, np.bool_)
    if not fresh.all():
        repeated[ordered[~fresh] & _PLACE] = True
        ordered = ordered[fresh]
    places = (ordered & _PLACE).view(np.int64)
    return ordered & KEY, places, (ordered & np.uint64(_PASSAGE)) != 0, repeated
