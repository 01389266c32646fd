"""Keys of a batch -> the buckets to append to and to read; what these hold -> who holds each key.

All of it is arithmetic on whole columns: a batch has tens of thousands of keys, and the buckets it
reads hold some hundred thousand entries. An entry is seven bytes, the low bits of a key (a field)
and the number of a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedupe.index.entries import find_entries
from service.redis_hits import Answers
from service.redis_keys import FIELD_BYTES, make_entries

__all__ = ["CROWDED_MARK", "SKIPPED_MARK", "Held", "Plan", "make_plan", "read_held", "settle"]

SKIPPED_MARK: Final = 2**32 - 2
CROWDED_MARK: Final = 2**32 - 1
"""Instead of a number: all holders are in the set beside the bucket, or are not kept any more."""
_BUCKET_BITS: Final = 28
_FIELD_BITS: Final = 8 * FIELD_BYTES
_FIELD_MASK: Final = (1 << _FIELD_BITS) - 1
_LEFT: Final = 32
"""Entries beside the mark of a skipped key, which nobody needs, that are left before tidying."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What one exchange is about, for n keys.

    `slots` int64[s] are the buckets, a place in `generations` above 28 bits, in order; `codes`
    int64[u] the distinct keys in them, a place in `slots` above 24 bits, in order. Question q asks
    of key `asking[q]` who holds `asked[q]` (a place in `codes`): a key has one in each generation,
    and `own` int64[n] is the code that it is written to. `pairs` int64[w] are code and number of
    all that is written, in order; its `entries` bytes[w, 7] are appended, to each slot as many as
    `added` says.
    """

    generations: Sequence[int]
    slots: Ints
    codes: Ints
    asking: Ints
    asked: Ints
    own: Ints
    numbers: Ints
    pairs: Ints
    entries: NDArray[np.uint8]
    added: Ints

    @property
    def slot_of(self) -> Ints:
        """The place of each code among the slots."""
        return self.codes >> _FIELD_BITS

    def places(self, slots: Ints) -> tuple[Ints, Ints]:
        """(place among the generations, bucket) of some slots."""
        told = self.slots[slots]
        return told >> _BUCKET_BITS, told & ((1 << _BUCKET_BITS) - 1)


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """Who holds the codes of a plan: those of code c are `counts[c]` of `numbers` from `starts[c]`.

    `pairs` are code and number in one, sorted; `raw` counts entries with all repeats and marks.
    `doubled` are the slots in which an entry stands twice.
    """

    counts: Ints
    starts: Ints
    numbers: Ints
    pairs: Ints
    raw: Ints
    crowded: NDArray[np.bool_]
    skipped: NDArray[np.bool_]
    doubled: Ints

    def has(self, pairs: Ints) -> NDArray[np.bool_]:
        """Whether each code with a number in one is held."""
        if not len(self.pairs):
            return np.zeros(len(pairs), np.bool_)
        at = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        found: NDArray[np.bool_] = self.pairs[at] == pairs
        return found

    def spread(self, codes: Ints) -> tuple[Ints, Ints]:
        """(place in `codes`, number) of every holder of each of these codes."""
        sizes = self.counts[codes]
        firsts = np.cumsum(sizes) - sizes
        within = np.arange(sizes.sum()) - np.repeat(firsts, sizes)
        return (
            np.repeat(np.arange(len(codes)), sizes),
            self.numbers[np.repeat(self.starts[codes], sizes) + within],
        )


def make_plan(
    keys: NDArray[np.uint64],
    buckets: Ints,
    numbers: Ints,
    ages: Ints,
    live: Sequence[int],
    *,
    write: bool,
) -> Plan:
    """Ask about keys in their own generation and in all `live` ones; with `write` append them."""
    generations = sorted({*live, *np.unique(ages).tolist()})
    ranks = np.searchsorted(generations, ages)
    low = buckets << _FIELD_BITS | (keys & np.uint64(_FIELD_MASK)).astype(np.int64)
    every = np.arange(len(keys))
    if live and len(generations) > 1:
        widths = np.arange(len(generations)) << (_BUCKET_BITS + _FIELD_BITS)
        wanted, asking = (widths[:, None] | low).reshape(-1), np.tile(every, len(generations))
        own_at = ranks * len(keys) + every
    else:
        wanted, asking, own_at = ranks << (_BUCKET_BITS + _FIELD_BITS) | low, every, every
    distinct, asked = np.unique(wanted, return_inverse=True)
    places = distinct >> _FIELD_BITS
    slot_of = np.cumsum(_first(places)) - 1
    slots = places[_first(places)]
    codes = slot_of << _FIELD_BITS | distinct & _FIELD_MASK
    own = asked[own_at]
    pairs = _distinct(own << 32 | numbers) if write else np.empty(0, np.int64)
    written = codes[pairs >> 32]
    return Plan(
        generations,
        slots,
        codes,
        asking,
        asked,
        own,
        numbers,
        pairs,
        make_entries(written.astype(np.uint64), pairs & 0xFFFFFFFF),
        np.bincount(written >> _FIELD_BITS, minlength=len(slots)),
    )


def _first(ordered: Ints) -> NDArray[np.bool_]:
    """Whether each is the first of its value."""
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _distinct(values: Ints) -> Ints:
    """The distinct values in order: for so many `np.unique` is slower."""
    ordered = np.sort(values)
    return ordered[_first(ordered)]


def read_held(plan: Plan, values: Sequence[bytes | None]) -> Held:
    """Take apart the buckets of a plan's slots, None where there is none."""
    filled = [b"" if value is None else value for value in values]
    sizes = np.array(list(map(len, filled)), np.int64)
    firsts = np.searchsorted(plan.slot_of, np.arange(len(sizes) + 1))
    entries = np.frombuffer(b"".join(filled), np.uint8)
    packed = find_entries(entries, sizes, plan.codes & _FIELD_MASK, firsts)
    packed.sort()
    first = _first(packed)
    doubled = np.unique(plan.slot_of[packed[~first] >> 32])
    raw = np.bincount(packed >> 32, minlength=len(plan.codes))
    return _collect(packed[first], raw, doubled)


def _collect(pairs: Ints, raw: Ints, doubled: Ints) -> Held:
    owners, numbers = pairs >> 32, pairs & 0xFFFFFFFF
    crowded, skipped = (np.zeros(len(raw), np.bool_) for _ in range(2))
    crowded[owners[numbers == CROWDED_MARK]] = True
    skipped[owners[numbers == SKIPPED_MARK]] = True
    texts = numbers < SKIPPED_MARK
    counts = np.bincount(owners[texts], minlength=len(raw))
    starts = np.cumsum(counts) - counts
    return Held(counts, starts, numbers[texts], pairs, raw, crowded, skipped, doubled)


def settle(
    plan: Plan, held: Held, limits: Ints, cap: int, *, look: bool, write: bool
) -> tuple[Answers, Answers]:
    """(holders of the keys beside who asks, keys that CROWDED has to be asked about).

    `limits` int64[n] is above how many holders a key is boilerplate, 0 for never.
    """
    asking, asked = plan.asking, plan.asked
    present = np.zeros(len(asked), np.bool_)
    if write:  # nobody has a number that looks only
        present = held.has(asked << 32 | plan.numbers[asking])
    others = held.counts[asked] - present + np.where(held.skipped[asked], limits[asking], 0)
    totals = np.bincount(asking, others, len(limits)).astype(np.int64)
    pending = np.zeros(len(limits), np.bool_)
    if look:
        pending[asking[held.crowded[asked]]] = True
    if write:
        own = plan.own
        pending |= held.crowded[own] | (held.counts[own] > cap) & ~held.skipped[own]
        pending |= held.skipped[own] & (held.raw[own] > _LEFT)
    told = ~pending & (totals > 0) & look
    open_ = told & ((limits == 0) | (totals < limits))
    chosen = np.flatnonzero(open_[asking] & (others > 0) & ~held.skipped[asked])
    at, numbers = held.spread(asked[chosen])
    keys = asking[chosen][at]
    beside = numbers != plan.numbers[keys]
    keys, numbers = keys[beside], numbers[beside]
    if len(plan.generations) > 1:
        order = np.argsort(keys, kind="stable")
        keys, numbers = keys[order], numbers[order]
    places, waiting = np.flatnonzero(told), np.flatnonzero(pending)
    sizes = np.bincount(keys, minlength=len(limits))
    _, known = held.spread(plan.own[waiting])
    return (
        Answers(places, sizes[places], numbers, totals[places]),
        Answers(waiting, held.counts[plan.own[waiting]], known, np.full(len(waiting), -1)),
    )
