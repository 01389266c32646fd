"""Keys of articles -> candidates, for many processes at once: the index in Redis.

A key is an entry of a bucket: a string to which it is appended and which is read whole, so that a
key costs a dozen bytes and the server searches nothing. Keys are appended before buckets are read,
so of two workers that store two copies at the same time one always sees the other's. Buckets belong
to generations by the time their articles were seen; a generation expires as a whole. The keys of a
script call share a hash tag, so that it works on a cluster. Everything here can be built again from
the catalogue.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from redis import Redis
from redis.cluster import RedisCluster

from dedupe.config import Config
from dedupe.errors import IndexUnready
from dedupe.index.protocol import Found, KeyBatch, KeysOf
from service.redis_buckets import Buckets
from service.redis_calls import Asked, Layout
from service.redis_hits import Answers, Hits, choose_hubs, closed_keys, count_shared
from service.redis_join import Held, Plan, make_plan, read_held, settle
from service.redis_keys import KEYS_A_CALL, IndexShape, flatten, make_entries
from service.redis_records import Records, score_of
from service.redis_scripts import CROWDED, ERASE, LOOK, PUBLISH, WRITE, run_script

__all__ = ["IndexShape", "RedisIndex"]

_LAYOUT = 4
"""Raised when what is stored changes its meaning: the index has to be built again then."""
_RESTART = "restart with the same settings, or build it anew with these: `isnad reindex --to redis`"


class RedisIndex:
    """See `dedupe.index.protocol.Index`; any number of processes may publish at a time."""

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
        self._records = Records(client, self._prefix, self.shape.groups)
        self._layout = Layout(self._prefix, self.shape, self._spread)
        self._buckets = Buckets(client, self._layout)

    # --- whose it is ---

    def declare(self) -> None:
        """Say that it holds all texts of the catalogue; what another configuration left goes."""
        left = self._redis.hget(self._about, "config_id")
        if left is not None and left.decode() != self._config.config_id:
            self._unlink(f"{{{self._name}{left.decode()[:10]}*")
        told = {**self._mine(), "settings": self.shape.tell_settings()}
        self._redis.hset(self._about, mapping=told)

    def is_declared(self) -> bool:
        """Whether it is this catalogue's, whole and laid out as here."""
        return self._mine().items() <= self._declared().items()

    def _declared(self) -> dict[str, str]:
        found = self._redis.hgetall(self._about)
        return {name.decode(): value.decode("utf-8", "replace") for name, value in found.items()}

    def require(self) -> None:
        """Raise IndexUnready where it is not this catalogue's, or laid out otherwise than here."""
        if not (self._guarded and self._catalog_id):
            return
        found, mine = self._declared(), self._mine()
        if mine.items() <= found.items():
            return
        made_with, own = found.get("settings"), self.shape.tell_settings()
        alike = found.get("shape", "").startswith(f"{_LAYOUT}:")
        if made_with and alike and {**found, "shape": mine["shape"]}.items() >= mine.items():
            raise IndexUnready(f"in Redis was built with {made_with}, this has {own}", _RESTART)
        raise IndexUnready("in Redis is not that of this catalogue, or not whole")

    def _mine(self) -> dict[str, str]:
        shape = f"{_LAYOUT}:{self.shape.bucket_bits}/{self.shape.groups}/{self.shape.window_s}"
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
        ages = self._register(batch)
        while True:
            asked = self._generations
            found = self._find(batch, ages, PUBLISH)
            self._generations = frozenset(self._read_generations())
            if self._generations <= asked:
                return found

    def add(self, batch: KeyBatch) -> None:
        """Add without looking; an index that is not whole yet takes texts too."""
        self._send_keys(batch, self._register(batch), WRITE)

    def look(self, batch: KeyBatch) -> Found:
        """Look only."""
        self.require()
        return self._find(batch, self._choose(batch), LOOK)

    def remove(self, numbers: Sequence[int]) -> None:
        """Forget texts: their records go, and keys that still name them are passed over."""
        self._records.remove(numbers)

    def erase(self, numbers: Sequence[int], keys: KeyBatch) -> None:
        """Forget texts and take their numbers out of their buckets, in all generations."""
        self.remove(numbers)
        hashes, places, _ = flatten(keys)
        asked = self._ask(keys, np.array(numbers, np.int64), self._choose(keys), hashes, places)
        run_script(self._redis, ERASE, self._layout.erase(asked, self._all_generations()))

    def expire(self, before: int) -> int:
        """Forget what was seen before; what leaves the window goes by itself, and needs no call."""
        return self._records.expire(before // 1_000_000)

    def count(self) -> int:
        """How many texts can be found."""
        return self._records.count()

    def count_crowded(self, _: KeysOf) -> None:
        """See `Index.count_crowded`: marks of crowded keys stand in buckets of many others."""

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

    def _register(self, batch: KeyBatch) -> NDArray[np.int64]:
        """Write the records before any key can name them; the generation of each text, all told."""
        latest_s = 1 << 62 if self.shape.window_s is None else self._now_s()
        self._records.write(batch, latest_s, self.shape.kept_s)
        ages = self._choose(batch)
        fresh = set(ages.tolist()) - self._generations
        if fresh:
            self._redis.sadd(self._meta, *fresh)
            self._generations = frozenset(self._read_generations())
            self._drop_generations()
        return ages

    def _drop_generations(self) -> None:
        """Forget the names of those that have left the window: their buckets are gone."""
        now_s = self._now_s()
        stale = [g for g in self._all_generations() if self.shape.has_left(g, now_s)]
        if stale:
            self._redis.srem(self._meta, *stale)

    def _find(self, batch: KeyBatch, ages: NDArray[np.int64], mode: int) -> Found:
        if mode == LOOK:
            self._generations = frozenset(self._read_generations())
        hits, repeats = self._send_keys(batch, ages, mode)
        told = self._records.read(np.concatenate([hit.numbers for hit in hits]))
        window_s = self.shape.window_s
        own, since = score_of(batch.ranks), 0 if window_s is None else self._now_s() - window_s
        chosen = [choose_hubs(hit, told, own, since, self._config.bucket_cap) for hit in hits]
        places, numbers, shared, shared_bands = count_shared(batch, chosen, look=mode == LOOK)
        capped, skipped = (np.bincount(p, minlength=len(batch)) for p in closed_keys(chosen))
        return Found(
            places,
            numbers,
            shared,
            shared_bands,
            told.counts[told.place(numbers)].astype(np.int32),
            (capped == 0) & (skipped == 0) & ~repeats,
            capped.astype(np.int32),
            skipped.astype(np.int32),
        )

    def _send_keys(
        self, batch: KeyBatch, ages: NDArray[np.int64], mode: int
    ) -> tuple[list[Hits], NDArray[np.bool_]]:
        """Who holds bands and who holds passages; which texts hold a passage key twice."""
        keys, places, repeats = flatten(batch)
        numbers = batch.numbers if mode != LOOK else np.zeros(len(batch), np.int64)
        bands = int(batch.banded.sum()) * batch.bands.shape[1]
        limits = np.where(np.arange(len(keys)) < bands, 0, self._config.passage_limit)
        asked = self._ask(batch, numbers, ages, keys, places)
        parts = [Answers.none()]
        for first in range(0, len(keys), KEYS_A_CALL):
            some = slice(first, first + KEYS_A_CALL)
            owners = numbers[places[some]]
            told = self._exchange(asked.pick(some), keys[some], owners, limits[some], mode)
            parts.append(told.move(first))
        answers = Answers.join(parts)
        hits = [
            Hits.read(answers.pick(chosen), places, self._config.bucket_cap, limit)
            for chosen, limit in (
                (answers.keys < bands, 0),
                (answers.keys >= bands, self._config.passage_limit),
            )
        ]
        return hits, repeats

    def _ask(
        self,
        batch: KeyBatch,
        numbers: NDArray[np.int64],
        ages: NDArray[np.int64],
        keys: NDArray[np.uint64],
        places: NDArray[np.int64],
    ) -> Asked:
        return Asked(
            make_entries(keys, numbers[places]),
            score_of(batch.ranks)[places],
            self._layout.buckets(keys),
            ages[places],
        )

    def _exchange(
        self,
        asked: Asked,
        keys: NDArray[np.uint64],
        numbers: NDArray[np.int64],
        limits: NDArray[np.int64],
        mode: int,
    ) -> Answers:
        """Append keys and read their buckets; then what is above the cap, one by one."""
        live = sorted(self._generations) if mode != WRITE else []
        plan = make_plan(keys, asked.buckets, numbers, asked.ages, live, write=mode != LOOK)
        held = read_held(plan, self._buckets.append(plan))
        if mode != LOOK:
            held = self._mend(plan, held)
        settled, pending = settle(
            plan, held, limits, self._config.bucket_cap, look=mode != WRITE, write=mode != LOOK
        )
        parts = [settled]
        for limit in np.unique(limits[pending.keys]).tolist():
            some = pending.pick(limits[pending.keys] == limit)
            head = [mode, self._config.bucket_cap, limit]
            parts += self._crowd(asked, some, live, head)
        return Answers.join(parts)

    def _mend(self, plan: Plan, held: Held) -> Held:
        """Append again what did not arrive, which tells why; take out what arrived twice."""
        codes = plan.pairs >> 32
        lost = ~(held.has(plan.pairs) | held.crowded[codes] | held.skipped[codes])
        if lost.any():
            slots = np.unique(plan.slot_of[codes[lost]])
            self._buckets.append_aloud(plan, slots)
            held = read_held(plan, self._buckets.read(plan))
        if len(held.doubled):
            self._buckets.tidy(plan, held.doubled)
        return held

    def _crowd(
        self, asked: Asked, pending: Answers, live: Sequence[int], head: Sequence[int]
    ) -> list[Answers]:
        """Ask about keys that are above the cap, once the scores of their members are known."""
        parts: list[Answers] = []
        known: dict[bytes, int | str] = {}
        while len(pending.keys):
            told = self._records.read(pending.numbers)
            rows = zip(
                told.numbers.tolist(), told.counts.tolist(), told.scores.tolist(), strict=True
            )
            known.update(
                (n.to_bytes(4, "big"), score if count >= 0 else "") for n, count, score in rows
            )
            calls, commands = self._layout.crowds(asked, pending.keys, live, head, known)
            replies = run_script(self._redis, CROWDED, commands)
            settled, pending = Answers.read(calls, replies).divide()
            parts.append(settled)
        return parts
