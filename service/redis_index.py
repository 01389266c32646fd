"""Keys of articles -> candidates, for many processes at once: the index in Redis.

A key is a field of a bucket: a hash small enough for Redis to keep as one flat list, so that a key
costs a dozen bytes. Publishing and looking are one script call, so of two workers that store two
copies at the same time one always sees the other's. Buckets belong to generations by the time their
articles were seen; a generation expires as a whole. All keys of a call share a hash tag, so that it
works on a cluster. Everything here can be built again from the catalogue.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError

from dedupe.config import Config
from dedupe.index.protocol import Found, KeyBatch
from service.redis_keys import (
    find_repeats,
    flatten,
    make_entries,
    split_calls,
    split_generations,
)
from service.redis_scripts import PUBLISH

__all__ = ["IndexShape", "RedisIndex"]

_FIELDS_A_BUCKET: Final = 100
_KEYS_AN_ARTICLE: Final = 110
_NUMBERS_A_HASH: Final = 100
_RECORD: Final = struct.Struct(">HI")  # passage keys, seconds since 1970 when it was seen
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class IndexShape:
    """How the index is laid out; a change of it means building the index again.

    `capacity` articles of one generation fill its buckets as planned (four times as many still fit
    the flat form); `groups` hash tags spread the buckets over the nodes of a cluster; a
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

    def generation(self, seen: int) -> int:
        """The generation of an article seen at a time in microseconds since 1970."""
        if self.window_s is None:
            return 0
        return seen // 1_000_000 // max(1, self.window_s // self.generations)

    def expires(self, generation: int) -> int:
        """When the buckets of a generation may go, in seconds since 1970; 0 for never."""
        if self.window_s is None:
            return 0
        period = max(1, self.window_s // self.generations)
        return (generation + 1) * period + self.window_s + _HOUR_S


class RedisIndex:
    """See `dedupe.index.protocol.Index`; any number of processes may publish at a time.

    Of a bucket above the cap the first members stay its hubs (the order of id hashes would cost
    four bytes a key); results are promised to be equal where no cap was hit.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        config: Config,
        shape: IndexShape | None = None,
        *,
        prefix: str = "i",
    ) -> None:
        """Nothing is sent yet. Two configurations never share keys: the name holds the id."""
        self._redis: Any = client
        self._config, self.shape = config, shape or IndexShape()
        self._prefix = f"{prefix}{config.config_id[:10]}"  # short: it stands in every bucket's name
        self._meta = f"{{{self._prefix}}}:generations"
        self._sha = sha1(PUBLISH.encode(), usedforsecurity=False).hexdigest()
        self._spread = isinstance(client, RedisCluster)
        self._generations: frozenset[int] = frozenset()

    # --- the protocol ---

    def publish(self, batch: KeyBatch) -> Found:
        """Add and look; raises what redis-py raises, after which publishing again is safe."""
        self._register(batch)
        return self._find(batch, write=True)

    def look(self, batch: KeyBatch) -> Found:
        """Look only."""
        return self._find(batch, write=False)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts: their records go, and keys that still name them are passed over."""
        self._in_pipelines("hdel", self._by_hash(numbers))

    def expire(self, before: int) -> int:
        """Forget what was seen before; whole generations leave the list that is looked at."""
        limit, gone = before // 1_000_000, 0
        for name, records in self._all_records():
            late = [number for number, (_, seen) in records.items() if seen < limit]
            if late:
                gone += int(self._redis.hdel(name, *late))
        stale = [g for g in self._read_generations() if self._ends(g) <= limit]
        if stale and self.shape.window_s is not None:
            self._redis.srem(self._meta, *stale)
        return gone

    def count(self) -> int:
        """How many texts can be found; reads a length for every hundred of them."""
        return sum(len(records) for _, records in self._all_records())

    def clear(self) -> None:
        """Remove every key of this configuration, and none of another."""
        for node in self._redis.get_primaries() if self._spread else [None]:
            where = {} if node is None else {"target_nodes": node}
            for key in self._redis.scan_iter(match=f"{{{self._prefix}*", count=1000, **where):
                self._redis.unlink(key)
        self._generations = frozenset()

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def memory(self) -> int:
        """Bytes that the servers use, for all they hold."""
        if not self._spread:
            return int(self._redis.info("memory")["used_memory"])
        infos = self._redis.info("memory", target_nodes=RedisCluster.PRIMARIES)
        return sum(int(info["used_memory"]) for info in infos.values())

    # --- records: what is known of each number ---

    def _record_hash(self, number: int) -> str:
        place = number // _NUMBERS_A_HASH
        return f"{{{self._prefix}:{place % self.shape.groups}}}:n:{place}"

    def _by_hash(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        hashes: dict[str, list[int]] = {}
        for number in numbers:
            hashes.setdefault(self._record_hash(number), []).append(number)
        return hashes

    def _in_pipelines(self, command: str, hashes: dict[str, list[int]]) -> list[Any]:
        with self._redis.pipeline(transaction=False) as pipe:
            for name, numbers in hashes.items():
                getattr(pipe, command)(name, *numbers)
            return list(pipe.execute())

    def _register(self, batch: KeyBatch) -> None:
        """Write the records before any key can name them."""
        passages = np.diff(batch.bounds)
        seconds = np.clip(batch.seen // 1_000_000, 0, 2**32 - 1)
        fields: dict[str, dict[int, bytes]] = {}
        rows = zip(batch.numbers.tolist(), passages.tolist(), seconds.tolist(), strict=True)
        for number, count, seen in rows:
            record = _RECORD.pack(min(count, 65_535), seen)
            fields.setdefault(self._record_hash(number), {})[number] = record
        fresh = {self.shape.generation(int(seen)) for seen in batch.seen} - self._generations
        with self._redis.pipeline(transaction=False) as pipe:
            if fresh:
                pipe.sadd(self._meta, *fresh)
            top = int(batch.numbers.max(initial=0))
            for name, values in fields.items():
                pipe.hset(name, mapping=values)
            pipe.execute()
        self._raise_top(top)
        if fresh:
            self._generations = frozenset(self._read_generations())

    def _raise_top(self, number: int) -> None:
        """Remember how far numbers go, so that records can be walked without a scan."""
        self._redis.zadd(f"{self._meta}:top", {"number": number}, gt=True)

    def _all_records(self) -> Iterator[tuple[str, dict[bytes, tuple[int, int]]]]:
        top = self._redis.zscore(f"{self._meta}:top", "number")
        if top is None:
            return
        places = range(int(top) // _NUMBERS_A_HASH + 1)
        for first in range(0, len(places), 1000):
            some = places[first : first + 1000]
            names = [self._record_hash(place * _NUMBERS_A_HASH) for place in some]
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hgetall(name)
                for name, found in zip(names, pipe.execute(), strict=True):
                    yield name, {field: _RECORD.unpack(value) for field, value in found.items()}

    def _passage_counts(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Passage keys of each of these texts, -1 for one that was removed."""
        hashes = self._by_hash(numbers.tolist())
        counts: dict[int, int] = {}
        for own, values in zip(hashes.values(), self._in_pipelines("hmget", hashes), strict=True):
            for number, value in zip(own, values, strict=True):
                counts[number] = -1 if value is None else _RECORD.unpack(value)[0]
        return np.fromiter((counts[n] for n in numbers.tolist()), np.int64, len(numbers))

    # --- generations ---

    def _read_generations(self) -> list[int]:
        return sorted(int(member) for member in self._redis.smembers(self._meta))

    def _ends(self, generation: int) -> int:
        """The second after the last one that belongs to a generation."""
        period = max(1, (self.shape.window_s or 1) // self.shape.generations)
        return (generation + 1) * period

    # --- keys ---

    def _bucket_names(
        self, buckets: NDArray[np.int64], generations: NDArray[np.int64] | int
    ) -> list[str]:
        """The name of the bucket of each key: its group as hash tag, generation, number."""
        groups = (buckets % self.shape.groups).tolist()
        tags = [f"{{{self._prefix}:{group}}}:" for group in range(self.shape.groups)]
        if isinstance(generations, int):
            tags = [f"{tag}{generations}:" for tag in tags]
            pairs = zip(groups, buckets.tolist(), strict=True)
            return [f"{tags[group]}{bucket:x}" for group, bucket in pairs]
        triples = zip(groups, generations.tolist(), buckets.tolist(), strict=True)
        return [f"{tags[group]}{age}:{bucket:x}" for group, age, bucket in triples]

    def _find(self, batch: KeyBatch, *, write: bool) -> Found:
        keys, places = flatten(batch)
        bands = int(batch.banded.sum()) * batch.bands.shape[1]
        own = np.array([self.shape.generation(int(seen)) for seen in batch.seen], np.int64)
        if not write:
            self._generations = frozenset(self._read_generations())
        hits: list[_Hits] = []
        for part, limit in (
            (slice(0, bands), 0),
            (slice(bands, None), self._config.passage_limit),
        ):
            found = self._call(keys[part], places[part], batch, own, write=write, limit=limit)
            hits.append(found)
        return self._gather(batch, hits, look=not write)

    def _call(
        self,
        keys: NDArray[np.uint64],
        places: NDArray[np.int64],
        batch: KeyBatch,
        own: NDArray[np.int64],
        *,
        write: bool,
        limit: int,
    ) -> _Hits:
        """Run the script over all keys, in calls that each stay on one node and are short."""
        entries = make_entries(
            keys, batch.numbers[places] if write else np.zeros(len(keys), np.int64)
        )
        buckets = (keys >> np.uint64(64 - self.shape.bucket_bits)).astype(np.int64)
        groups, ages = buckets % self.shape.groups, own[places]
        one = len(ages) > 0 and bool((ages == ages[0]).all())
        names = self._bucket_names(buckets, int(ages[0]) if one else ages)
        live = sorted(self._generations)
        others = {
            g: self._bucket_names(buckets, g) for g in live if not (one and g == int(ages[0]))
        }
        order = np.argsort(groups, kind="stable") if self._spread else np.arange(len(keys))
        calls: list[NDArray[np.int64]] = []
        commands: list[list[Any]] = []
        for chosen in split_calls(order, groups if self._spread else None):
            for generation, some in split_generations(chosen, ages):
                picked = some.tolist()
                asked = [names[i] for i in picked]
                for other in live:
                    if other != generation:
                        asked += [others[other][i] for i in picked]
                head = [int(write), self._config.bucket_cap, limit]
                head.append(self.shape.expires(generation))
                commands.append([len(asked), *asked, *head, *(entries[i] for i in picked)])
                calls.append(some)
        replies = self._run_script(commands)
        return _Hits.read(calls, replies, places, self._config.bucket_cap, limit)

    def _run_script(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """The replies of all calls; a server that does not know the script is given it."""
        try:
            return self._send(commands)
        except NoScriptError:
            self._redis.script_load(PUBLISH)  # on every node of a cluster
            return self._send(commands)

    def _send(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        with self._redis.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command("EVALSHA", self._sha, *command)
            return list(pipe.execute()) if commands else []

    def _gather(self, batch: KeyBatch, hits: Sequence[_Hits], *, look: bool) -> Found:
        """Count the keys that each pair shares."""
        size = len(batch)
        place = np.concatenate([hit.places for hit in hits])
        number = np.concatenate([hit.numbers for hit in hits])
        family = np.repeat([0, 1], [len(hit.places) for hit in hits])
        if not look:  # a pair inside the batch is found at the later place
            ranked = np.argsort(batch.numbers, kind="stable")
            at = np.searchsorted(batch.numbers[ranked], number)
            at = np.minimum(at, size - 1)
            inside = batch.numbers[ranked][at] == number
            later = inside & (ranked[at] >= place)
            place, number, family = place[~later], number[~later], family[~later]
        packed = (place.astype(np.uint64) << np.uint64(32)) | number.astype(np.uint64)
        pairs, which = np.unique(packed, return_inverse=True)
        shared = np.bincount(which, family, len(pairs)).astype(np.int32)
        all_shared = np.bincount(which, minlength=len(pairs)).astype(np.int32)
        numbers = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        counts = self._passage_counts(np.unique(numbers)) if len(pairs) else np.empty(0, np.int64)
        of_pair = counts[np.searchsorted(np.unique(numbers), numbers)] if len(pairs) else counts
        kept = of_pair >= 0
        passages = hits[1]
        capped = np.bincount(np.concatenate([h.capped for h in hits]), minlength=size)
        skipped = np.bincount(passages.skipped, minlength=size)
        return Found(
            (pairs >> np.uint64(32)).astype(np.int64)[kept],
            numbers[kept],
            shared[kept],
            (all_shared - shared)[kept],
            of_pair[kept].astype(np.int32),
            (capped == 0) & (skipped == 0) & ~find_repeats(batch),
            capped.astype(np.int32),
            skipped.astype(np.int32),
        )


@dataclass(frozen=True, slots=True)
class _Hits:
    """Holders of keys, `places` and `numbers` in step; a place for each capped, skipped key."""

    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    capped: NDArray[np.int64]
    skipped: NDArray[np.int64]

    @staticmethod
    def read(
        calls: Sequence[NDArray[np.int64]],
        replies: Sequence[Sequence[Any]],
        places: NDArray[np.int64],
        cap: int,
        limit: int,
    ) -> _Hits:
        """Unpack what the script returned."""
        at: list[int] = []
        sizes: list[int] = []
        blobs: list[bytes] = []
        totals: list[int] = []
        for some, reply in zip(calls, replies, strict=True):
            at += some[np.array(reply[0::3], np.int64) - 1].tolist()
            blobs += reply[1::3]
            totals += reply[2::3]
        sizes = [len(blob) // 4 for blob in blobs]
        held, total = places[np.array(at, np.int64)], np.array(totals, np.int64)
        skipped = (total >= limit) if limit else np.zeros(len(total), np.bool_)
        return _Hits(
            np.repeat(held, sizes),
            np.frombuffer(b"".join(blobs), ">u4").astype(np.int64),
            held[(total >= cap) & ~skipped],
            held[skipped],
        )
