"""Entries and names of buckets -> what the buckets hold once the entries are in them.

A bucket is a string to which any client appends entries of seven bytes, and which it reads whole:
the server searches nothing. Appending comes before reading, so of two that write the same key at
the same time at least one reads the other's entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.redis_calls import Layout
from service.redis_join import Plan
from service.redis_keys import ENTRY_BYTES
from service.redis_scripts import APPEND, TIDY, run_script
from service.redis_wire import LOUD, QUIET, exchange, pack_append, pack_expire, pack_read

__all__ = ["Buckets"]

_BUCKETS_A_CALL = 1000
Values: TypeAlias = list[bytes | None]
Ints: TypeAlias = NDArray[np.int64]


class Buckets:
    """The buckets of one index: on one server by plain commands, on a cluster by a script a group.

    The script costs the server twice as much, but redis-py finds the node of each call for itself.
    """

    def __init__(self, client: Any, layout: Layout) -> None:  # noqa: ANN401 - two clients
        self._redis, self._layout = client, layout

    def append(self, plan: Plan) -> Values:
        """Append the entries of a plan, then read its slots in their order."""
        if not len(plan.slots):
            return []
        return self._call(plan) if self._layout.spread else self._send(plan)

    def read(self, plan: Plan) -> Values:
        """Read the slots of a plan in their order."""
        nothing = replace(plan, entries=plan.entries[:0], added=np.zeros_like(plan.added))
        return self.append(nothing)

    def append_aloud(self, plan: Plan, slots: Ints) -> None:
        """Append to some slots once more; raises what the server has against it."""
        starts = np.cumsum(plan.added) - plan.added
        with self._redis.pipeline(transaction=False) as pipe:
            for name, at in zip(self._names(plan, slots), slots.tolist(), strict=True):
                some = plan.entries[starts[at] : starts[at] + plan.added[at]]
                pipe.execute_command("APPEND", name, some.tobytes())
            pipe.execute()

    def tidy(self, plan: Plan, slots: Ints) -> None:
        """Take out of some slots what stands there twice, as after a job that came twice."""
        commands = [
            [len(some), *self._names(plan, some), *self._expiries(plan, some)]
            for some in self._groups(plan, slots)
        ]
        run_script(self._redis, TIDY, commands)

    # --- one server ---

    def _send(self, plan: Plan) -> Values:
        packed: list[bytes] = []
        reads: list[bytes] = []
        starts = np.cumsum(plan.added) - plan.added
        for _, some, names in self._segments(plan, np.arange(len(plan.slots))):
            added = plan.added[some]
            first = int(starts[some[0]])
            entries = plan.entries[first : first + int(added.sum())]
            packed += pack_append(names, entries, added)
            reads += pack_read(names)
        quiet = [QUIET, *packed, LOUD] if packed else []
        replies = exchange(self._redis, [*quiet, *reads], len(reads) + bool(quiet))
        values = [value for reply in replies[bool(quiet) :] for value in reply]
        self._expire(plan, values)
        return values

    def _expire(self, plan: Plan, values: Values) -> None:
        """Say when buckets go in which nothing stands but what was appended just now.

        Whoever dies before this has jobs that come again: `tidy` says it then.
        """
        if not self._layout.shape.window_s or not len(plan.entries):
            return
        sizes = np.array([len(value or b"") for value in values], np.int64)
        fresh = np.flatnonzero((plan.added > 0) & (sizes == ENTRY_BYTES * plan.added))
        packed = [
            pack_expire(names, self._layout.shape.expires(generation))
            for generation, _, names in self._segments(plan, fresh)
        ]
        if packed:
            exchange(self._redis, [QUIET, *packed, LOUD], 1)

    def _segments(self, plan: Plan, slots: Ints) -> Iterator[tuple[int, Ints, NDArray[np.uint8]]]:
        """(generation, slots of it, their names as rows): those of a generation have one length."""
        ranks, buckets = plan.places(slots)
        for rank in np.unique(ranks).tolist():
            some, generation = ranks == rank, plan.generations[rank]
            yield generation, slots[some], self._layout.rows(buckets[some], generation)

    # --- a cluster ---

    def _call(self, plan: Plan) -> Values:
        starts = np.cumsum(plan.added) - plan.added
        calls, commands = self._groups(plan, np.arange(len(plan.slots))), []
        for some in calls:
            words: list[bytes | int] = []
            for at, second in zip(some.tolist(), self._expiries(plan, some), strict=True):
                own = plan.entries[starts[at] : starts[at] + plan.added[at]]
                words += [own.tobytes(), second]
            commands.append([len(some), *self._names(plan, some), *words])
        values: Values = [None] * len(plan.slots)
        for some, reply in zip(calls, run_script(self._redis, APPEND, commands), strict=True):
            for at, value in zip(some.tolist(), reply, strict=True):
                values[at] = value
        return values

    def _groups(self, plan: Plan, slots: Ints) -> list[Ints]:
        """Slots that one script call may name."""
        _, buckets = plan.places(slots)
        groups = self._layout.groups(buckets)
        order = np.argsort(groups, kind="stable")
        ordered, runs = slots[order], [slots]
        if self._layout.spread:
            runs = np.split(ordered, np.flatnonzero(np.diff(groups[order])) + 1)
        return [
            run[first : first + _BUCKETS_A_CALL]
            for run in runs
            for first in range(0, len(run), _BUCKETS_A_CALL)
        ]

    def _names(self, plan: Plan, slots: Ints) -> list[str]:
        ranks, buckets = plan.places(slots)
        return [
            self._layout.name(bucket, plan.generations[rank])
            for rank, bucket in zip(ranks.tolist(), buckets.tolist(), strict=True)
        ]

    def _expiries(self, plan: Plan, slots: Ints) -> list[int]:
        ranks, _ = plan.places(slots)
        seconds = [self._layout.shape.expires(each) for each in plan.generations]
        return [seconds[rank] for rank in ranks.tolist()]
