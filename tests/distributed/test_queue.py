"""The queue on a real Redis: at least once, answered once, nothing trimmed, nothing lost."""

from __future__ import annotations

import pytest
from distributed.servers import RedisServer, wait_until
from redis import Redis
from redis.cluster import RedisCluster

from service.queue import GROUP, Queue, QueueFull

pytestmark = pytest.mark.servers


@pytest.fixture
def queue(redis: Redis) -> Queue:
    queue = Queue(redis, limit=10)
    queue.open()
    return queue


def test_a_job_is_delivered_to_one_worker_and_answered(queue: Queue) -> None:
    (job,) = queue.submit([b'{"a":1}'])
    (taken,) = queue.read("one", 10, 1)
    assert (taken.id, taken.payload, taken.deliveries) == (job, b'{"a":1}', 1)
    assert queue.read("two", 10, 1) == []
    assert queue.state(job) is not None
    assert queue.state(job).state == "queued"  # type: ignore[union-attr]
    queue.answer([(taken, {"id": "x"})])
    done = queue.state(job)
    assert done is not None
    assert (done.state, done.answer) == ("done", {"id": "x"})
    assert queue.status().length == queue.status().pending == queue.status().lag == 0


def test_an_unknown_job_has_no_state(queue: Queue) -> None:
    assert queue.state("1-1") is None
    assert queue.state("not an id * [a-z]") is None


def test_a_full_queue_takes_nothing_of_a_call_and_says_when_to_come_back(queue: Queue) -> None:
    queue.submit([b"{}"] * 9)
    with pytest.raises(QueueFull, match="9 jobs of 10") as raised:
        queue.submit([b"{}"] * 2)
    assert raised.value.retry_after_s >= 1
    assert queue.status().length == 9
    queue.submit([b"{}"])


def test_what_a_dead_worker_held_is_claimed_one_at_a_time_and_counted(queue: Queue) -> None:
    ids = queue.submit([b"1", b"2", b"3"])
    queue.read("dead", 10, 1)
    claimed = [queue.reclaim("alive", 0) for _ in ids]
    assert [(job.id, job.deliveries) for job in claimed if job] == [(id_, 2) for id_ in ids]
    again = queue.reclaim("alive", 0)
    assert again is not None
    assert again.deliveries == 3  # the cursor came round
    assert queue.reclaim("alive", 3_600_000) is None


def test_a_kept_job_is_not_claimed_and_not_counted(queue: Queue) -> None:
    queue.submit([b"1"])
    jobs = queue.read("one", 10, 1)
    queue.keep("one", jobs)
    taken = queue.reclaim("two", 0)
    assert taken is not None
    assert taken.deliveries == 2


def test_a_job_set_aside_says_why_and_can_be_sent_again(queue: Queue) -> None:
    (job,) = queue.submit([b'{"a":1}'])
    (taken,) = queue.read("one", 10, 1)
    queue.set_aside(taken, "failed", "ValueError: \u0633\u0628\u0628" + "x" * 5000)
    state = queue.state(job)
    assert state is not None
    assert (state.state, state.reason) == ("failed", "failed")
    (dead,) = queue.dead()
    assert (dead.job, dead.reason, dead.payload, len(dead.detail)) == (
        job, "failed", b'{"a":1}', 2000,
    )  # fmt: skip
    (fresh,) = queue.retry([dead])
    assert queue.dead() == []
    (again,) = queue.read("one", 10, 1)
    assert (again.id, again.payload) == (fresh, b'{"a":1}')


def test_waiting_ends_with_the_answer_or_with_the_time(queue: Queue) -> None:
    first, second = queue.submit([b"1", b"2"], waited=True)
    jobs = queue.read("one", 1, 1)
    queue.answer([(jobs[0], {"id": "x"})])
    assert [state.state for state in queue.wait([first], 5)] == ["done"]
    assert [state.state for state in queue.wait([first, second], 0.01)] == ["done", "queued"]


def test_a_job_sent_again_is_found_under_the_id_it_had(queue: Queue) -> None:
    (job,) = queue.submit([b"1"])
    queue.set_aside(queue.read("one", 1, 1)[0], "failed", "why", "article")
    assert queue.state(job).article == "article"  # type: ignore[union-attr]
    queue.retry(queue.dead())
    assert queue.state(job).state == "queued"  # type: ignore[union-attr]
    queue.answer([(queue.read("one", 1, 1)[0], {"id": "x"})])
    found = queue.state(job)
    assert found is not None
    assert (found.id, found.answer) == (job, {"id": "x"})


def test_a_redis_without_memory_takes_no_jobs_but_lets_them_go(own_redis: RedisServer) -> None:
    with own_redis.client() as client:
        queue = Queue(client)
        queue.open()
        queue.submit([b"x" * 1000] * 100)
        client.config_set("maxmemory", client.info("memory")["used_memory"])
        fresh = Queue(client)
        with pytest.raises(QueueFull, match="memory"):
            fresh.submit([b"y"])
        jobs = fresh.read("one", 100, 1)
        fresh.answer([(job, {"id": "x" * 5000}) for job in jobs])
        assert fresh.status().length == 0


def test_a_queue_works_on_a_cluster(redis_cluster: RedisCluster) -> None:
    queue = Queue(redis_cluster)
    queue.open()
    (job,) = queue.submit([b"1"], waited=True)
    assert queue.status().lag == 1
    queue.answer([(queue.read("one", 1, 1)[0], {"id": "x"})])
    assert [state.state for state in queue.wait([job], 1)] == ["done"]


def test_a_worker_leaves_only_with_empty_hands(queue: Queue) -> None:
    queue.submit([b"1"])
    jobs = queue.read("one", 1, 1)
    queue.leave("one")
    assert queue.status().consumers == {"one": 1}
    queue.answer([(jobs[0], {})])
    queue.leave("one")
    assert queue.status().consumers == {}


def test_an_id_that_no_stream_has_is_not_asked_for() -> None:
    queue = Queue(None)  # type: ignore[arg-type]  # asking would raise
    for id_ in (f"{2**64}-0", f"0-{2**64}", "9" * 20 + "-0", "\u0661-\u0661", "1", "1-1-1"):
        assert queue.state(id_) is None


def test_the_largest_id_is_one(queue: Queue) -> None:
    assert queue.state(f"{2**64 - 1}-{2**64 - 1}") is None


def test_an_entry_that_nobody_of_ours_wrote_is_a_job_without_article(
    queue: Queue, redis: Redis
) -> None:
    entry = redis.xadd(queue.name, {"foo": "bar"}).decode()
    assert queue.state(entry).payload == b""  # type: ignore[union-attr]
    (job,) = queue.read("one", 1, 1)
    assert (job.id, job.payload) == (entry, b"")
    again = queue.reclaim("two", 0)
    assert again is not None
    assert (again.payload, again.deliveries) == (b"", 2)


def idle_ms(redis: Redis, queue: Queue) -> dict[str, int]:
    return {row["name"].decode(): row["idle"] for row in redis.xinfo_consumers(queue.name, GROUP)}


def test_a_worker_that_is_silent_is_none_and_is_forgotten_once_it_holds_nothing(
    queue: Queue, redis: Redis
) -> None:
    queue.submit([b"1"])
    queue.read("killed", 1, 1)  # and never heard of again
    for name in ("other", "bored"):
        queue.report(name)
    strict = Queue(redis, silent_s=0.05)
    wait_until(lambda: strict.status().consumers == {}, "silence")
    assert strict.status().silent == {"killed": 1}
    assert queue.status().consumers == {"killed": 1, "other": 0, "bored": 0}
    queue.report("bored")  # it finds no job, and yet it was heard of
    idle = idle_ms(redis, queue)
    assert idle["bored"] < idle["other"]
    queue.forget_silent(3600.0)
    assert idle_ms(redis, queue).keys() == {"killed", "other", "bored"}
    queue.forget_silent((idle["bored"] + idle["other"]) / 2000)
    assert "other" not in idle_ms(redis, queue)
    assert queue.status().pending == 1  # what it holds is not forgotten


def test_a_worker_is_forgotten_where_there_is_no_group(redis: Redis) -> None:
    Queue(redis).forget_silent(0.0)
    assert Queue(redis).status().consumers == {}


def test_a_server_that_lost_its_group_is_given_one(queue: Queue, redis: Redis) -> None:
    redis.flushall()
    assert queue.read("one", 1, 1) == []
    assert queue.reclaim("one", 0) is None
    queue.submit([b"1"])
    assert len(queue.read("one", 1, 1)) == 1


@pytest.mark.fault
def test_what_was_accepted_survives_a_killed_server(own_redis: RedisServer) -> None:
    with own_redis.client() as client:
        queue = Queue(client)
        queue.open()
        ids = queue.submit([str(n).encode() for n in range(200)])
        queue.read("dead", 50, 1)
    own_redis.kill()
    own_redis.start()
    with own_redis.client() as client:
        queue = Queue(client)
        left = []
        while job := queue.reclaim("alive", 0):
            left.append(job.id)
            queue.answer([(job, {})])
        left += [job.id for job in queue.read("alive", 1000, 1)]
    assert sorted(left) == sorted(ids)
