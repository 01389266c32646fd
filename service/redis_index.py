"""Keys of articles -> candidates, for many processes at once: the index in Redis.

A key is a field of a bucket: a hash small enough for Redis to keep as one flat list, so that a key
costs a dozen bytes. Publishing and looking are one script call, so of two workers that store two
copies at the same time one always sees the other's. Buckets belong to generations by the time their
articles were seen; a generation expires as a whole. All keys of a call share a hash tag, so that it
works on a cluster. Everything here can be built again from the catalogue.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from redis import Redis
from redis.cluster import RedisCluster

from dedupe.config import Config
from dedupe.errors import IndexFull, IndexUnready
from dedupe.index.protocol import Found, KeyBatch
from service.redis_hits import Hits, closed_keys, count_shared
from service.redis_keys import (
    LARGEST_NUMBER,
    IndexShape,
    find_repeats,
    flatten,
    make_entries,
    split_calls,
    split_generations,
)
from service.redis_scripts import ERASE, LOOK, PUBLISH, WRITE, run_script

__all__ = ["IndexShape", "RedisIndex"]

_NUMBERS_A_HASH: Final = 100
_RECORD: Final = struct.Struct(">HI")  # passage keys, seconds since 1970 when it was seen


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
        catalog_id: str = "",
        guarded: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is sent yet. Two configurations never share keys: the name holds the id.

        With `catalog_id` the index has to be declared as that catalogue's (`declare`): every call
        raises IndexUnready where Redis says otherwise, as after it lost its data. Who builds it
        anew is not `guarded`. `clock` tells the seconds since 1970, for the window.
        """
        self._redis: Any = client
        self._clock = clock
        self._about = f"{{{prefix}}}:about"
        self._name, self._catalog_id, self._guarded = prefix, catalog_id, guarded
        self._config, self.shape = config, shape or IndexShape()
        self._prefix = f"{prefix}{config.config_id[:10]}"  # short: it stands in every bucket's name
        self._meta = f"{{{self._prefix}}}:generations"
        self._spread = isinstance(client, RedisCluster)
        self._generations: frozenset[int] = frozenset()

    # --- whose it is ---

    def declare(self) -> None:
        """Say that it holds all texts of the catalogue; what another configuration left goes."""
        left = self._redis.hget(self._about, "config_id")
        if left is not None and left.decode() != self._config.config_id:
            self._unlink(f"{{{self._name}{left.decode()[:10]}*")
        self._redis.hset(self._about, mapping=self._mine())

    def is_declared(self) -> bool:
        """Whether it is this catalogue's, whole and laid out as here."""
        found = self._redis.hgetall(self._about)
        return {k.decode(): v.decode() for k, v in found.items()} == self._mine()

    def require(self) -> None:
        """Raise IndexUnready where it is not this catalogue's."""
        if self._guarded and self._catalog_id and not self.is_declared():
            raise IndexUnready("in Redis is not that of this catalogue, or not whole")

    def _mine(self) -> dict[str, str]:
        shape = f"{self.shape.bucket_bits}/{self.shape.groups}/{self.shape.window_s}"
        if self.shape.window_s is not None:
            shape += f"/{self.shape.generations}"
        return {
            "catalog_id": self._catalog_id, "config_id": self._config.config_id, "shape": shape,
        }  # fmt: skip

    # --- the protocol ---

    def publish(self, batch: KeyBatch) -> Found:
        """Add and look; raises what redis-py raises, after which publishing again is safe.

        Raises IndexFull too, as `add` does.

        A generation that another process began meanwhile was not looked at: then all is done again.
        """
        self.require()
        self._register(batch)
        while True:
            asked = self._generations
            found = self._find(batch, write=True)
            self._generations = frozenset(self._read_generations())
            if self._generations <= asked:
                return found

    def add(self, batch: KeyBatch) -> None:
        """Add without looking; an index that is not whole yet takes texts too."""
        self._register(batch)
        self._send_keys(batch, WRITE)

    def look(self, batch: KeyBatch) -> Found:
        """Look only."""
        self.require()
        return self._find(batch, write=False)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts: their records go, and keys that still name them are passed over."""
        self._in_pipelines("hdel", self._by_hash(numbers))

    def erase(self, numbers: Sequence[int], keys: KeyBatch) -> None:
        """Forget texts and take their numbers out of their buckets, in all generations."""
        self.remove(numbers)
        entries, places = flatten(keys)
        entries_of = make_entries(entries, np.array(numbers, np.int64)[places])
        buckets = (entries >> np.uint64(64 - self.shape.bucket_bits)).astype(np.int64)
        groups = buckets % self.shape.groups
        order = np.argsort(groups, kind="stable") if self._spread else np.arange(len(entries))
        commands: list[list[Any]] = []
        for generation in self._all_generations():
            names = self._bucket_names(buckets, generation)
            for some in split_calls(order, groups if self._spread else None):
                picked = some.tolist()
                asked = [names[i] for i in picked]
                told = entries_of[some].tobytes()
                commands.append([len(asked), *asked, self._config.bucket_cap, told])
        run_script(self._redis, ERASE, commands)

    def expire(self, before: int) -> int:
        """Forget what was seen before; whole generations leave the list that is looked at."""
        limit, gone = before // 1_000_000, 0
        for name, records in self._all_records():
            late = [number for number, (_, seen) in records.items() if seen < limit]
            if late:
                gone += int(self._redis.hdel(name, *late))
        stale = [g for g in self._all_generations() if self.shape.ends(g) <= limit]
        if stale and self.shape.window_s is not None:
            self._redis.srem(self._meta, *stale)
        return gone

    def tidy(self) -> int:
        """Forget what left the window, unless some process did lately; returns how many texts.

        Nothing of it is found meanwhile: this gives its memory back.
        """
        window_s = self.shape.window_s
        if window_s is None:
            return 0
        pause_s = max(60, window_s // 100)
        if not self._redis.set(f"{self._meta}:tidied", 1, nx=True, ex=pause_s):
            return 0
        return self.expire((self._now_s() - window_s) * 1_000_000)

    def count(self) -> int:
        """How many texts can be found; reads a length for every hundred of them."""
        count = 0
        for names in self._record_names():
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hlen(name)
                count += sum(pipe.execute())
        return count

    def clear(self) -> None:
        """Remove every key of this configuration, and none of another; it is nobody's then."""
        if self._catalog_id:
            self._redis.delete(self._about)
        self._unlink(f"{{{self._prefix}*")
        self._generations = frozenset()

    def _unlink(self, pattern: str) -> None:
        for node in self._redis.get_primaries() if self._spread else [None]:
            where = {} if node is None else {"target_nodes": node}
            for key in self._redis.scan_iter(match=pattern, count=1000, **where):
                self._redis.unlink(key)

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
        top = int(batch.numbers.max(initial=0))
        if top > LARGEST_NUMBER:
            raise IndexFull(top, LARGEST_NUMBER)
        passages = np.diff(batch.bounds)
        seconds = np.clip(batch.seen // 1_000_000, 0, 2**32 - 1)
        if self.shape.window_s is not None:  # what was seen in the future would stay for ever
            seconds = np.minimum(seconds, self._now_s())
        fields: dict[str, dict[int, bytes]] = {}
        rows = zip(batch.numbers.tolist(), passages.tolist(), seconds.tolist(), strict=True)
        for number, count, seen in rows:
            record = _RECORD.pack(min(count, 65_535), seen)
            fields.setdefault(self._record_hash(number), {})[number] = record
        fresh = set(self._choose(batch).tolist()) - self._generations
        with self._redis.pipeline(transaction=False) as pipe:
            if fresh:
                pipe.sadd(self._meta, *fresh)
            for name, values in fields.items():
                pipe.hset(name, mapping=values)
            pipe.execute()
        self._raise_top(top)
        if fresh:
            self._generations = frozenset(self._read_generations())

    def _raise_top(self, number: int) -> None:
        """Remember how far numbers go, so that records can be walked without a scan."""
        self._redis.zadd(f"{self._meta}:top", {"number": number}, gt=True)

    def _record_names(self) -> Iterator[list[str]]:
        """Names of the hashes of all records, some at a time."""
        top = self._redis.zscore(f"{self._meta}:top", "number")
        if top is None:
            return
        places = range(int(top) // _NUMBERS_A_HASH + 1)
        for first in range(0, len(places), 1000):
            some = places[first : first + 1000]
            yield [self._record_hash(place * _NUMBERS_A_HASH) for place in some]

    def _all_records(self) -> Iterator[tuple[str, dict[bytes, tuple[int, int]]]]:
        for names in self._record_names():
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.hgetall(name)
                for name, found in zip(names, pipe.execute(), strict=True):
                    yield name, {field: _RECORD.unpack(value) for field, value in found.items()}

    def _passage_counts(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Passage keys of each of these texts, -1 for one that was removed or left the window."""
        window_s = self.shape.window_s
        limit = 0 if window_s is None else self._now_s() - window_s
        hashes = self._by_hash(numbers.tolist())
        counts: dict[int, int] = {}
        for own, values in zip(hashes.values(), self._in_pipelines("hmget", hashes), strict=True):
            for number, value in zip(own, values, strict=True):
                count, seen = (-1, 0) if value is None else _RECORD.unpack(value)
                counts[number] = count if seen >= limit else -1
        return np.fromiter((counts[n] for n in numbers.tolist()), np.int64, len(numbers))

    # --- generations ---

    def _now_s(self) -> int:
        return int(self._clock())

    def _choose(self, batch: KeyBatch) -> NDArray[np.int64]:
        """The generation that each text is written to."""
        return self.shape.choose(batch.seen // 1_000_000, self._now_s())

    def _read_generations(self) -> list[int]:
        """Those that may hold texts of the window: a few, whatever the list says."""
        now_s = self._now_s()
        return [g for g in self._all_generations() if self.shape.is_live(g, now_s)]

    def _all_generations(self) -> list[int]:
        return sorted(int(member) for member in self._redis.smembers(self._meta))

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
        if not write:
            self._generations = frozenset(self._read_generations())
        hits = self._send_keys(batch, int(write))
        places, numbers, shared, shared_bands = count_shared(batch, hits, look=not write)
        distinct, which = np.unique(numbers, return_inverse=True)
        counts = self._passage_counts(distinct)[which]
        kept = counts >= 0  # else it was removed
        capped, skipped = (np.bincount(p, minlength=len(batch)) for p in closed_keys(hits))
        return Found(
            places[kept],
            numbers[kept],
            shared[kept],
            shared_bands[kept],
            counts[kept].astype(np.int32),
            (capped == 0) & (skipped == 0) & ~find_repeats(batch),
            capped.astype(np.int32),
            skipped.astype(np.int32),
        )

    def _send_keys(self, batch: KeyBatch, mode: int) -> list[Hits]:
        """What the script says of the bands, and of the passages."""
        keys, places = flatten(batch)
        bands = int(batch.banded.sum()) * batch.bands.shape[1]
        own = self._choose(batch)
        hits: list[Hits] = []
        for part, limit in (
            (slice(0, bands), 0),
            (slice(bands, None), self._config.passage_limit),
        ):
            found = self._call(keys[part], places[part], batch, own, mode=mode, limit=limit)
            hits.append(found)
        return hits

    def _call(
        self,
        keys: NDArray[np.uint64],
        places: NDArray[np.int64],
        batch: KeyBatch,
        own: NDArray[np.int64],
        *,
        mode: int,
        limit: int,
    ) -> Hits:
        """Run the script over all keys, in calls that each stay on one node and are short."""
        entries = make_entries(
            keys, batch.numbers[places] if mode != LOOK else np.zeros(len(keys), np.int64)
        )
        buckets = (keys >> np.uint64(64 - self.shape.bucket_bits)).astype(np.int64)
        groups, ages = buckets % self.shape.groups, own[places]
        one = len(ages) > 0 and bool((ages == ages[0]).all())
        names = self._bucket_names(buckets, int(ages[0]) if one else ages)
        live = sorted(self._generations) if mode != WRITE else []
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
                head = [mode, self._config.bucket_cap, limit]
                head.append(self.shape.expires(generation))
                commands.append([len(asked), *asked, *head, entries[some].tobytes()])
                calls.append(some)
        replies = run_script(self._redis, PUBLISH, commands)
        return Hits.read(calls, replies, places, self._config.bucket_cap, limit)
