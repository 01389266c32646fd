"""The index in Redis, alone and on a cluster, against the same thing in a dictionary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import numpy as np
import pytest
from distributed.servers import RedisServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import NoPermissionError

from dedupe.config import default_config
from dedupe.index.embedded import EmbeddedIndex
from dedupe.index.protocol import Found, KeyBatch
from service.redis_index import IndexShape, RedisIndex

pytestmark = pytest.mark.servers

Text = tuple[int, tuple[int, ...], tuple[int, ...]]
SMALL = IndexShape(capacity=100, groups=8)


def spread(key: int) -> int:
    """A small number as a key that uses all its bits."""
    return (key * 0x9E3779B97F4A7C15 + 1) % 2**64


def make_batch(texts: Sequence[Text], seen: int = 0) -> KeyBatch:
    width = max((len(bands) for _, bands, _ in texts), default=2)
    return KeyBatch(
        np.array([number for number, _, _ in texts], np.int64),
        np.array([number << 20 for number, _, _ in texts], np.uint64),
        np.full(len(texts), seen, np.int64),
        np.array([list(map(spread, bands)) for _, bands, _ in texts], np.uint64).reshape(-1, width),
        np.ones(len(texts), np.bool_),
        np.array([spread(key) for _, _, keys in texts for key in keys], np.uint64),
        np.cumsum([0] + [len(keys) for _, _, keys in texts]),
    )


def pairs(found: Found) -> set[tuple[int, int, int, int, int]]:
    columns = (found.places, found.numbers, found.shared, found.shared_bands, found.counts)
    return set(zip(*(column.tolist() for column in columns), strict=True))


class Dictionary:
    """The obvious index: key -> numbers."""

    def __init__(self) -> None:
        self.bands: defaultdict[int, set[int]] = defaultdict(set)
        self.passages: defaultdict[int, set[int]] = defaultdict(set)
        self.counts: dict[int, int] = {}

    def publish(self, texts: Sequence[Text]) -> set[tuple[int, int, int, int, int]]:
        found = set()
        numbers = [number for number, _, _ in texts]
        for number, bands, passages in texts:
            self.counts[number] = len(passages)
            for key in bands:
                self.bands[key].add(number)
            for key in set(passages):
                self.passages[key].add(number)
        for place, (number, bands, passages) in enumerate(texts):
            for other, count in self.counts.items():
                if other == number or other in numbers[place:]:
                    continue
                both = sum(other in self.bands[key] for key in bands)
                shared = sum(other in self.passages[key] for key in set(passages))
                if both or shared:
                    found.add((place, other, shared, both, count))
        return found


texts = st.lists(
    st.tuples(
        st.integers(1, 200),
        st.tuples(st.integers(0, 6), st.integers(10, 16)),
        st.lists(st.integers(20, 40), max_size=6).map(tuple),
    ),
    max_size=8,
    unique_by=lambda text: text[0],
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(batches=st.lists(texts, max_size=4))
def test_it_finds_what_a_dictionary_finds(redis: Redis, batches: list[list[Text]]) -> None:
    index, plain = RedisIndex(redis, default_config(), SMALL), Dictionary()
    index.clear()
    known: dict[int, Text] = {}
    for batch in batches:
        same = [known.setdefault(text[0], text) for text in batch]  # numbers are never used twice
        for _ in range(2):  # delivered twice
            assert pairs(index.publish(make_batch(same))) == plain.publish(same)
    assert index.count() == len(known)


def test_a_cluster_finds_the_same(redis_cluster: RedisCluster) -> None:
    rng = np.random.default_rng(7)
    index, plain = RedisIndex(redis_cluster, default_config(), SMALL), Dictionary()
    for first in range(1, 60, 6):
        batch: list[Text] = [
            (number, (int(rng.integers(9)), 100), tuple(rng.integers(200, 260, 9).tolist()))
            for number in range(first, first + 6)
        ]
        assert pairs(index.publish(make_batch(batch))) == plain.publish(batch)
    assert index.count() == 60
    index.remove([3, 4])
    index.erase([60], make_batch([batch[-1]]))
    assert index.count() == 57
    assert 60 not in {row[1] for row in pairs(index.look(make_batch([(0, *batch[-1][1:])])))}
    index.clear()
    assert index.count() == 0
    assert index.memory() > 0


CROWDED = replace(default_config(), bucket_cap=4, passage_limit=9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(order=st.permutations(range(1, 16)), ages=st.lists(st.integers(0, 2), min_size=15))
def test_above_the_cap_it_finds_what_the_embedded_index_finds(
    redis: Redis, order: list[int], ages: list[int]
) -> None:
    """Texts one by one, in any order of their ids and over several generations."""
    day = 86_400 * 1_000_000
    now = 40_004 * day
    shape = IndexShape(100, 8, window_s=4 * 86_400)
    index = RedisIndex(redis, CROWDED, shape, clock=lambda: now / 1_000_000)
    index.clear()
    plain = EmbeddedIndex(CROWDED)
    for number, age in zip(order, ages, strict=False):
        text: Text = (number, (1, number % 3 + 2), tuple(range(10, 10 + number)))
        batch = make_batch([text], now - age * 2 * day)
        for found, same in (
            (index.publish(batch), plain.publish(batch)),
            (index.look(batch), plain.look(batch)),
        ):
            assert pairs(found) == pairs(same)
            for name in ("capped", "skipped", "exact"):
                assert getattr(found, name).tolist() == getattr(same, name).tolist()


def test_the_members_of_a_crowded_key_on_a_cluster_are_the_hubs(
    redis_cluster: RedisCluster,
) -> None:
    index = RedisIndex(redis_cluster, CROWDED, SMALL)
    for number in (9, 3, 8, 5, 7, 2, 6):
        index.publish(make_batch([(number, (1, 50 + number), (3,))]))
    assert {row[1] for row in pairs(index.look(make_batch([(50, (1, 90), (91,))])))} == {2, 3, 5, 6}
    index.erase([3], make_batch([(3, (1, 53), (3,))]))
    assert {row[1] for row in pairs(index.look(make_batch([(50, (1, 90), (91,))])))} == {2, 5, 6, 7}
    found = index.publish(make_batch([(1, (1, 51), (91,))]))
    assert {row[1] for row in pairs(found)} == {9, 8, 5, 7, 2, 6}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(order=st.permutations(range(1, 25)), size=st.integers(2, 24), spread_out=st.booleans())
def test_a_batch_that_crowds_a_key_meets_its_hubs(
    redis: Redis, redis_cluster: RedisCluster, order: list[int], size: int, *, spread_out: bool
) -> None:
    index = RedisIndex(redis_cluster if spread_out else redis, CROWDED, SMALL)
    index.clear()
    met: set[frozenset[int]] = set()
    for first in range(0, len(order), size):
        some = order[first : first + size]
        batch = make_batch([(number, (1, 50 + number), ()) for number in some])
        for _ in range(2):  # delivered twice
            met |= {frozenset({some[row[0]], row[1]}) for row in pairs(index.publish(batch))}
    assert met >= {frozenset({hub, n}) for hub in (1, 2, 3, 4) for n in range(1, 25) if n != hub}


def test_of_many_that_crowd_a_key_at_once_each_meets_the_hubs(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.flushall()
    indexes = [RedisIndex(redis_server.client(), CROWDED, SMALL) for _ in range(4)]
    start = Barrier(4)
    met: set[frozenset[int]] = set()

    def publish(worker: int) -> list[frozenset[int]]:
        found: list[frozenset[int]] = []
        for number in range(worker + 1, 101, 4):
            start.wait()
            rows = pairs(indexes[worker].publish(make_batch([(number, (1, 200 + number), ())])))
            found += [frozenset({number, row[1]}) for row in rows]
        return found

    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(publish, range(4)):
            met.update(found)
    assert met >= {frozenset({hub, n}) for hub in (1, 2, 3, 4) for n in range(1, 101) if n != hub}
    for index in indexes:
        index.close()


def test_a_bucket_stays_at_its_cap_and_counts_everyone(redis: Redis) -> None:
    config = replace(default_config(), bucket_cap=4, passage_limit=8)
    index = RedisIndex(redis, config, SMALL)
    for number in range(1, 7):
        index.publish(make_batch([(number, (number, 50 + number), (3,))]))
    found = index.look(make_batch([(99, (90, 91), (3,))]))
    assert found.numbers.tolist() == [1, 2, 3, 4]
    assert (found.capped.tolist(), found.skipped.tolist(), found.exact.tolist()) == (
        [1],
        [0],
        [False],
    )
    for number in range(7, 12):
        index.publish(make_batch([(number, (number, 50 + number), (3,))]))
    found = index.look(make_batch([(0, (90, 91), (3,))]))
    assert (found.numbers.tolist(), found.skipped.tolist()) == ([], [1])  # boilerplate by now
    names = [key for key in redis.scan_iter() if redis.type(key) == b"zset"]
    assert [name for name in names if b"generations" not in name] == []  # and nothing is kept of it


def lengths(redis: Redis) -> dict[bytes, int]:
    """The size of every bucket."""
    return {key: redis.strlen(key) for key in redis.scan_iter(_type="string")}


def test_what_is_delivered_twice_is_kept_once(redis: Redis) -> None:
    index = RedisIndex(redis, default_config(), SMALL)
    batch = make_batch([(1, (1, 2), (3, 4)), (2, (1, 5), (3,))])
    index.publish(batch)
    once = lengths(redis)
    assert sum(once.values()) == 7 * 7
    index.publish(batch)
    index.add(batch)
    assert lengths(redis) == once


def test_a_key_that_the_server_refused_is_no_silent_loss(redis: Redis) -> None:
    """What appending replies is not read: that nothing was appended is seen in the bucket."""
    index = RedisIndex(redis, default_config(), SMALL)
    redis.execute_command("ACL", "SETUSER", "default", "-append")
    try:
        with pytest.raises(NoPermissionError):
            index.publish(make_batch([(1, (1, 2), (3,))]))
    finally:
        redis.execute_command("ACL", "SETUSER", "default", "+append")
    index.publish(make_batch([(1, (1, 2), (3,))]))
    assert pairs(index.publish(make_batch([(2, (1, 9), (3,))]))) == {(0, 1, 1, 1, 1)}


def windowed(redis: Redis, now: int, days: int = 10) -> RedisIndex:
    """An index of so many days, at a time in microseconds that stands still."""
    shape = IndexShape(100, 8, window_s=days * 86_400)
    return RedisIndex(redis, default_config(), shape, clock=lambda: now / 1_000_000)


def test_what_left_the_window_is_not_found_and_its_memory_is_given_back(redis: Redis) -> None:
    day = 86_400 * 1_000_000
    first = windowed(redis, 40_000 * day)
    first.publish(make_batch([(1, (1, 2), (3,))], 39_991 * day))
    first.publish(make_batch([(2, (1, 2), (3,)), (300, (4, 5), (6,))], 39_999 * day))
    asked = make_batch([(0, (1, 2), (3,))], 40_002 * day)
    assert {row[1] for row in pairs(windowed(redis, 40_002 * day).look(asked))} == {2}
    hour_s = 3600
    for number, seen in ((1, 39_999), (300, 39_999)):  # a hash stays for the last of its texts
        name = first._records._name(number)
        assert redis.expiretime(name) == (seen + 10) * 86_400 + hour_s
    first.publish(make_batch([(3, (7, 8), (9,))], 39_992 * day))  # late, and nothing goes earlier
    assert redis.expiretime(first._records._name(3)) == (39_999 + 10) * 86_400 + hour_s
    begun = windowed(redis, 40_020 * day)
    begun.publish(make_batch([(900, (1, 2), (3,))], 40_020 * day))
    assert begun._all_generations() == [40_020 // 5]  # those that left are named no more


def test_articles_cannot_begin_more_generations_than_a_window_has(redis: Redis) -> None:
    day = 86_400 * 1_000_000
    now = 40_000 * day
    index = windowed(redis, now)
    for number, seen in enumerate([0, 1, now - 300 * day, now - day, now, now + 400 * day], 1):
        index.publish(make_batch([(number, (1, 2), (3,))], seen))
    assert len(index._all_generations()) <= index.shape.generations + 1
    redis.sadd(index._meta, *range(1000))  # as earlier versions left them
    found = pairs(index.look(make_batch([(0, (1, 2), (3,))], now)))
    assert len(index._generations) <= index.shape.generations + 2
    assert {row[1] for row in found} == {4, 5, 6}


def test_generations_are_searched_together_and_leave_as_a_whole(redis: Redis) -> None:
    day = 86_400 * 1_000_000
    now = 40_000 * day  # in the year 2079: buckets expire by the clock of the server
    index = windowed(redis, now)
    for number, age in ((1, 11), (2, 6), (3, 1)):
        index.publish(make_batch([(number, (1, 2), (3,))], now - age * day))
    other = windowed(redis, now)  # another process
    assert index.count() == 3
    assert index.expire(now - 10 * day) == 1
    assert {row[1] for row in pairs(other.look(make_batch([(0, (1, 2), (3,))], now)))} == {2, 3}
    assert index.count() == 2


def test_buckets_of_a_window_expire_by_themselves(redis: Redis) -> None:
    now = 4_000_000_000_000_000
    index = windowed(redis, now)
    index.publish(make_batch([(1, (1, 2), (3,))], now))
    buckets = [
        key for key in list(redis.scan_iter()) if b":n:" not in key and b"generations" not in key
    ]
    assert buckets
    assert all(redis.expiretime(key) > now // 1_000_000 + 10 * 86_400 for key in buckets)
    for key in buckets:  # whoever appended died before he said so, and the job came again
        redis.persist(key)
    index.publish(make_batch([(1, (1, 2), (3,))], now))
    assert all(redis.expiretime(key) > now // 1_000_000 + 10 * 86_400 for key in buckets)


def test_configurations_do_not_see_each_other(redis: Redis) -> None:
    one = RedisIndex(redis, default_config(), SMALL)
    two = RedisIndex(redis, replace(default_config(), rows=5), SMALL)
    one.publish(make_batch([(1, (1, 2), (3,))]))
    assert pairs(two.look(make_batch([(0, (1, 2), (3,))]))) == set()
    two.clear()
    assert one.count() == 1


def test_a_server_that_forgot_the_script_is_given_it(redis: Redis) -> None:
    index = RedisIndex(redis, default_config(), SMALL)
    index.publish(make_batch([(1, (1, 2), (3,))]))
    redis.script_flush()
    assert pairs(index.look(make_batch([(0, (1, 2), (3,))]))) == {(0, 1, 1, 2, 1)}


def test_two_that_arrive_at_once_never_miss_each_other(redis_server: RedisServer) -> None:
    """4,000 pairs of copies, the two of a pair published at the same moment."""
    with redis_server.client() as client:
        client.flushall()
    indexes = [RedisIndex(redis_server.client(), default_config(), SMALL) for _ in range(4)]
    start = Barrier(4)
    found: set[int] = set()

    def publish(worker: int) -> list[int]:
        seen = []
        for pair in range(0, 4000, 50):
            start.wait()
            some = range(pair, pair + 50)
            batch: list[Text] = [
                (1 + 4 * one + worker, (7 * one, 7 * one + 1), (7 * one + 2,))
                for one in some
                if worker in (one % 4, (one + 1) % 4)
            ]
            rows = pairs(indexes[worker].publish(make_batch(batch)))
            seen += [(number - 1) // 4 for _, number, *_ in rows]
        return seen

    with ThreadPoolExecutor(4) as threads:
        for seen in threads.map(publish, range(4)):
            found.update(seen)
    assert len(found) == 4000
    for index in indexes:
        index.close()
