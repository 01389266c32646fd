"""What the Redis index knows of each text: passage keys, when it was seen, the order of its id.

A hundred texts are one hash, small enough for Redis to keep as a flat list: 14 bytes a text and
their names. A key whose text has no record names a text that was removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import IndexFull
from dedupe.index.protocol import KeyBatch
from service.redis_keys import LARGEST_NUMBER

__all__ = ["SCORE_BITS", "Records", "Told", "score_of"]

SCORE_BITS: Final = 53
"""A sorted set orders by doubles: of the id hash as many bits as one holds exactly."""
_NUMBERS_A_HASH: Final = 100
_RECORD: Final = np.dtype([("count", ">u2"), ("seen", ">u4"), ("score", ">u8")])
"""Passage keys, seconds since 1970 when seen, score."""
_SIZE: Final = _RECORD.itemsize
_NOTHING: Final = bytes(_SIZE)


class Told(NamedTuple):
    """Of some numbers, sorted: passage keys (-1: removed), seconds when seen, scores; all int64."""

    numbers: NDArray[np.int64]
    counts: NDArray[np.int64]
    seen: NDArray[np.int64]
    scores: NDArray[np.int64]

    def place(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each of these stands, all of which must be there."""
        return np.searchsorted(self.numbers, numbers)


def score_of(ranks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The scores of id hashes: in their order, up to ties of one in 2^53."""
    return (ranks >> np.uint64(64 - SCORE_BITS)).astype(np.int64)


class Records:
    """The records of one index; `prefix` begins the name of everything it stores."""

    def __init__(self, client: Any, prefix: str, groups: int) -> None:  # noqa: ANN401 - two clients
        self._redis, self._prefix, self._groups = client, prefix, groups
        self._top = f"{{{prefix}}}:generations:top"

    def write(self, batch: KeyBatch, latest_s: int, kept_s: int | None) -> None:
        """Write the records of a batch, which has to be before any key can name them.

        What was seen after `latest_s` counts as seen then; else it would stay for ever. With
        `kept_s` a hash goes so long after the last of its texts was seen: Redis takes it away
        itself, and nobody has to walk all records for it. Raises IndexFull.
        """
        top = int(batch.numbers.max(initial=0))
        if top > LARGEST_NUMBER:
            raise IndexFull(top, LARGEST_NUMBER)
        passages = np.diff(batch.bounds).clip(max=65_535)
        seconds = np.clip(batch.seen // 1_000_000, 0, min(latest_s, 2**32 - 1))
        rows = np.empty(len(batch), _RECORD)
        rows["count"], rows["seen"], rows["score"] = passages, seconds, score_of(batch.ranks)
        with self._redis.pipeline(transaction=False) as pipe:
            for name, some in self._by_hash(batch.numbers):
                values = rows[some].tobytes()
                words = [values[at : at + _SIZE] for at in range(0, len(values), _SIZE)]
                pairs = zip(batch.numbers[some].tolist(), words, strict=True)
                pipe.execute_command("HSET", name, *chain.from_iterable(pairs))
                if kept_s is not None:
                    last = int(seconds[some].max())
                    pipe.expireat(name, last + kept_s, nx=True)
                    pipe.expireat(name, last + kept_s, gt=True)
            # how far numbers go, so that records can be walked without a scan
            pipe.zadd(self._top, {"number": top}, gt=True)
            pipe.execute()

    def read(self, numbers: NDArray[np.int64]) -> Told:
        """What is known of these, which may repeat."""
        distinct = np.unique(numbers)
        values: list[bytes | None] = []
        for some in self._send("HMGET", distinct):
            values += some
        missing = np.array([value is None for value in values], np.bool_)
        joined = b"".join([_NOTHING if value is None else value for value in values])
        rows = np.frombuffer(joined, _RECORD)
        counts, seen, scores = (rows[name].astype(np.int64) for name in _RECORD.names or ())
        counts[missing] = -1
        return Told(distinct, counts, seen, scores)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts."""
        self._send("HDEL", np.unique(np.array(numbers, np.int64)))

    def expire(self, before_s: int) -> int:
        """Forget the texts seen before a second; returns how many."""
        gone = 0
        for names in self._names():
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hgetall(name)
                replies = pipe.execute()
            for name, found in zip(names, replies, strict=True):
                rows = np.frombuffer(b"".join(found.values()), _RECORD)
                late = [f for f, at in zip(found, rows["seen"], strict=True) if at < before_s]
                if late:
                    gone += int(self._redis.hdel(name, *late))
        return gone

    def count(self) -> int:
        """How many there are; reads a length for every hundred of them."""
        count = 0
        for names in self._names():
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hlen(name)
                count += sum(pipe.execute())
        return count

    def _name(self, number: int) -> str:
        place = number // _NUMBERS_A_HASH
        return f"{{{self._prefix}:{place % self._groups}}}:n:{place}"

    def _names(self) -> Iterator[list[str]]:
        """Names of the hashes of all records, some at a time."""
        top = self._redis.zscore(self._top, "number")
        if top is None:
            return
        places = range(int(top) // _NUMBERS_A_HASH + 1)
        for first in range(0, len(places), 1000):
            some = places[first : first + 1000]
            yield [self._name(place * _NUMBERS_A_HASH) for place in some]

    def _by_hash(self, numbers: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """The hashes of some numbers, and the places of those in each."""
        hashes = numbers // _NUMBERS_A_HASH
        order = np.argsort(hashes, kind="stable")
        edges = np.flatnonzero(np.diff(hashes[order])) + 1
        for some in np.split(order, edges) if len(order) else ():
            yield self._name(int(numbers[some[0]])), some

    def _send(self, command: str, numbers: NDArray[np.int64]) -> list[Any]:
        """Send a command about each hash; the replies are in order for numbers in order."""
        with self._redis.pipeline(transaction=False) as pipe:
            for name, some in self._by_hash(numbers):
                pipe.execute_command(command, name, *numbers[some].tolist())
            return list(pipe.execute())
