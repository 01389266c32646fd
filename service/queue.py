"""Articles on their way in -> jobs of a Redis Stream, each answered exactly once or set aside.

A consumer group delivers at least once; storing an article twice is a no-op, so that is enough. An
entry leaves the stream after its answer is kept, never before, and the stream is never trimmed
(`MAXLEN` drops what nobody has read yet): when it is full, the sender is told to come back later.
An entry that was delivered too often has taken its workers down with it; it goes to a stream of its
own, with the reason, and the rest flows on. A tenth of Redis's memory is left to the workers, who
need some to make room. Commands of Redis 7.0 only; all keys share a hash tag, so that they stand on
one node of a cluster and change together.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import orjson
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import OutOfMemoryError, ResponseError

from dedupe.report.encode import encode_json

__all__ = ["DeadJob", "Job", "JobState", "Queue", "QueueFull", "QueueStatus"]

GROUP: Final = "workers"
_ID = re.compile(r"\d{1,20}-\d{1,20}")
_WAKE_TTL_S = 60
_DETAIL_LIMIT = 2_000
"""Code points of an error that are kept beside a dead job."""


_LOOK_S = 1.0
"""How long what Redis says of its memory holds, and how long a wait goes without a look."""
_RESERVE = 0.1
"""Part of Redis's memory that jobs leave to the index and to answers."""


class QueueFull(Exception):
    """There is no room for these jobs; nothing of the call was added."""

    def __init__(self, reason: str, retry_after_s: int) -> None:
        """`retry_after_s` is when to try again."""
        super().__init__(f"{reason}; try again in {retry_after_s} s")
        self.reason, self.retry_after_s = reason, retry_after_s


@dataclass(frozen=True, slots=True)
class Job:
    """One delivered entry: `payload` is the article as JSON; `deliveries` counts this one too.

    `waited` tells that somebody waits for the answer, `evidence` that it is to hold evidence.
    """

    id: str
    payload: bytes
    waited: bool
    deliveries: int = 1
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands: `queued`, `done` with its answer, or `failed` with the reason.

    `payload` is there while it is queued, `article` (an id) when it has failed.
    """

    id: str
    state: str
    answer: Mapping[str, Any] | None = None
    reason: str | None = None
    detail: str | None = None
    article: str | None = None
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job set aside; `id` is its place among the dead, `job` the id it was accepted under."""

    id: str
    job: str
    reason: str
    detail: str
    deliveries: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """`lag` jobs nobody has read, `pending` read and not yet answered, `dead` set aside.

    `oldest_s` is how long ago the oldest job came, `oldest_idle_s` how long ago the oldest pending
    one was taken; `consumers` are the workers, each with its pending jobs.
    """

    length: int
    lag: int
    pending: int
    dead: int
    consumers: Mapping[str, int]
    oldest_idle_s: float
    oldest_s: float


class Queue:
    """The stream of jobs, its group of workers, and the answers."""

    def __init__(
        self,
        client: Redis | RedisCluster,
        *,
        prefix: str = "isnad",
        limit: int = 100_000,
        answer_ttl_s: int = 3600,
    ) -> None:
        """`limit` jobs at most, waiting and in work; answers are kept for `answer_ttl_s`.

        The client's `socket_timeout` must be longer than what `read` and `wait` may block.
        """
        self._redis: Any = client  # the methods of redis-py are typed for two protocols at once
        tag = "{" + prefix + "}"
        self._jobs, self._dead = f"{tag}:jobs", f"{tag}:dead"
        self.name = self._jobs
        self._answer, self._wake = f"{tag}:answer:", f"{tag}:wake:"
        self.limit, self._ttl_s = limit, answer_ttl_s
        self._cursor = b"0-0"
        self._asked_s, self._short = float("-inf"), False

    # --- the sender's side ---

    def submit(
        self, payloads: Sequence[bytes], *, waited: bool = False, evidence: bool = False
    ) -> list[str]:
        """Add jobs, all or none; returns their ids in order.

        Raises QueueFull where they would not fit. Senders that race may overshoot the limit by
        what each has in hand.
        """
        length = int(self._redis.xlen(self._jobs))
        if length + len(payloads) > self.limit:
            raise QueueFull(f"the queue holds {length} jobs of {self.limit}", _come_back(length))
        if self._memory_is_short():
            raise QueueFull("Redis has no memory left for jobs", _come_back(length))
        flags = {b"waited": b"1"} if waited else {}
        flags |= {b"evidence": b"1"} if evidence else {}
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                for payload in payloads:
                    pipe.xadd(self._jobs, {b"article": payload, **flags})
                return [entry.decode() for entry in pipe.execute()]
        except OutOfMemoryError:
            raise QueueFull("Redis has no memory left", _come_back(length)) from None

    def _memory_is_short(self) -> bool:
        """Whether only what the workers need is left; asked once a second."""
        now = time.monotonic()
        if now - self._asked_s > _LOOK_S:
            told = self._redis.info("memory", **self._node())
            most = int(told.get("maxmemory", 0))
            self._short = most > 0 and int(told["used_memory"]) > (1 - _RESERVE) * most
            self._asked_s = now
        return self._short

    def _node(self) -> dict[str, Any]:
        """Which node of a cluster to ask."""
        if not isinstance(self._redis, RedisCluster):
            return {}
        return {"target_nodes": cast("Any", self._redis).get_node_from_key(self._jobs)}

    def wait(self, jobs: Sequence[str], timeout_s: float) -> list[JobState]:
        """States of jobs submitted with `waited`, once all are answered or time is up."""
        end = time.monotonic() + timeout_s
        found: dict[str, JobState] = {}
        while missing := [job for job in jobs if job not in found]:
            answers = self._redis.mget([self._answer + job for job in missing])
            pairs = zip(missing, answers, strict=True)
            found |= {job: _read_state(job, data) for job, data in pairs if data is not None}
            left = end - time.monotonic()
            first = next((job for job in missing if job not in found), None)
            if first is None or left <= 0:
                break
            self._redis.blpop([self._wake + first], timeout=max(0.01, min(left, _LOOK_S)))
        return [found.get(job) or JobState(job, "queued") for job in jobs]

    def state(self, job: str) -> JobState | None:
        """Where a job stands; None for one that never was or whose answer has expired."""
        if not _ID.fullmatch(job):
            return None
        for again in (True, False):  # it may be answered between the two looks
            answer = self._redis.get(self._answer + job)
            if answer is not None:
                return self._follow(_read_state(job, answer))
            rows = self._redis.xrange(self._jobs, job, job, count=1) if again else ()
            if rows:
                return JobState(job, "queued", payload=rows[0][1][b"article"])
        return None

    def _follow(self, state: JobState) -> JobState | None:
        """The state of the job that a job was sent again as, under the id it had."""
        if state.state != "retried" or state.detail is None:
            return state
        found = self.state(state.detail)
        return found and replace(found, id=state.id)

    # --- the worker's side ---

    def open(self) -> None:
        """Create the group where it does not exist yet."""
        try:
            self._redis.xgroup_create(self._jobs, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def read(self, worker: str, count: int, block_ms: int | None) -> list[Job]:
        """Jobs that nobody has had yet; waits up to `block_ms` for the first, None for none."""
        try:
            streams = {self._jobs: ">"}
            found = self._redis.xreadgroup(GROUP, worker, streams, count=count, block=block_ms)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.open()  # the server came back empty
            return []
        if not found:
            return []
        entries = found[self._jobs.encode()][0] if isinstance(found, dict) else found[0][1]
        return [_job(entry, fields) for entry, fields in entries]

    def reclaim(self, worker: str, idle_ms: int) -> Job | None:
        """The next job that some worker took `idle_ms` ago and never answered, or None.

        One at a time: claiming counts as a delivery, and a job must not be counted for the fate of
        its neighbours. The cursor is carried on, so that a claim never starts over.
        """
        try:
            answer = self._redis.xautoclaim(
                self._jobs, GROUP, worker, idle_ms, start_id=self._cursor, count=1
            )
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.open()
            return None
        self._cursor, entries = answer[0], answer[1]
        if not entries:
            return None
        entry, fields = entries[0]
        rows = self._redis.xpending_range(self._jobs, GROUP, entry, entry, 1)
        return _job(entry, fields, rows[0]["times_delivered"] if rows else 1)

    def keep(self, worker: str, jobs: Sequence[Job]) -> None:
        """Say that these jobs are still being worked on; not counted as a delivery."""
        if jobs:
            ids = [job.id for job in jobs]
            self._redis.xclaim(self._jobs, GROUP, worker, 0, ids, justid=True)

    def answer(self, answers: Sequence[tuple[Job, Mapping[str, Any]]]) -> None:
        """Keep the answers and take the jobs out of the stream, in one step."""
        self._finish([(job, {"state": "done", "answer": answer}) for job, answer in answers])

    def set_aside(self, job: Job, reason: str, detail: str, article: str | None = None) -> None:
        """Move a job to the dead ones, in one step with its answer; `article` is its id."""
        kept = {"reason": reason, "detail": detail[:_DETAIL_LIMIT]}
        dead = {
            "article": job.payload,
            "job": job.id,
            "deliveries": str(job.deliveries),
            **{name: value.encode("utf-8", "replace") for name, value in kept.items()},
        }
        self._finish([(job, {"state": "failed", "article": article, **kept})], dead)

    def _finish(
        self,
        answers: Sequence[tuple[Job, Mapping[str, Any]]],
        dead: Mapping[str, Any] | None = None,
    ) -> None:
        """Answer, wake who waits and take the jobs out; without memory the answers are not kept.

        What was stored is stored; and only a job that leaves makes room for the next answer.
        """
        if not answers:
            return
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                if dead is not None:
                    pipe.xadd(self._dead, dict(dead))
                for job, answer in answers:  # `pipe.set` takes as long as all the rest of this
                    name, data = self._answer + job.id, encode_json(answer)
                    pipe.execute_command("SET", name, data, "EX", self._ttl_s)
                    if job.waited:
                        pipe.rpush(self._wake + job.id, b"1")
                        pipe.expire(self._wake + job.id, _WAKE_TTL_S)
                ids = [job.id for job, _ in answers]
                pipe.xack(self._jobs, GROUP, *ids)
                pipe.xdel(self._jobs, *ids)
                pipe.execute()
        except OutOfMemoryError:
            if dead is not None:  # a dead job is kept, whatever it takes
                raise
            ids = [job.id for job, _ in answers]
            self._redis.xdel(self._jobs, *ids)  # no transaction is begun without memory;
            self._redis.xack(self._jobs, GROUP, *ids)  # a claim passes over what is deleted

    def leave(self, worker: str) -> None:
        """Take a worker that has nothing pending out of the group."""
        for row in self._redis.xinfo_consumers(self._jobs, GROUP):
            if row["name"].decode() == worker and row["pending"] == 0:
                self._redis.xgroup_delconsumer(self._jobs, GROUP, worker)

    # --- the operator's side ---

    def status(self) -> QueueStatus:
        """Count what waits, what is in work and what was set aside."""
        length, dead = int(self._redis.xlen(self._jobs)), int(self._redis.xlen(self._dead))
        groups = self._redis.xinfo_groups(self._jobs) if self._redis.exists(self._jobs) else []
        oldest_s = self._oldest_s()
        if not groups:
            return QueueStatus(length, length, 0, dead, {}, 0.0, oldest_s)
        pending = int(groups[0]["pending"])
        lag = groups[0].get("lag")
        consumers = self._redis.xinfo_consumers(self._jobs, GROUP)
        first = self._redis.xpending_range(self._jobs, GROUP, "-", "+", 1)
        return QueueStatus(
            length,
            max(0, length - pending) if lag is None else int(lag),
            pending,
            dead,
            {row["name"].decode(): int(row["pending"]) for row in consumers},
            first[0]["time_since_delivered"] / 1000 if first else 0.0,
            oldest_s,
        )

    def _oldest_s(self) -> float:
        """Age of the oldest job by Redis's own clock, which named it."""
        rows = self._redis.xrange(self._jobs, "-", "+", count=1)
        if not rows:
            return 0.0
        seconds, micros = self._redis.time(**self._node())
        came_s = int(rows[0][0].split(b"-")[0]) / 1000
        return max(0.0, float(seconds) + float(micros) / 1e6 - came_s)

    def last_dead(self) -> str | None:
        """The id of the job that was set aside last."""
        found = self._redis.xrevrange(self._dead, count=1)
        return cast("bytes", found[0][0]).decode() if found else None

    def dead(self, count: int = 100, after: str = "-", last: str = "+") -> list[DeadJob]:
        """The first `count` dead jobs behind `after` and up to `last`, oldest first."""
        start = "-" if after == "-" else f"({after}"
        return [
            DeadJob(
                entry.decode(),
                fields[b"job"].decode(),
                fields[b"reason"].decode(),
                fields[b"detail"].decode(),
                int(fields[b"deliveries"]),
                fields[b"article"],
            )
            for entry, fields in self._redis.xrange(self._dead, start, last, count=count)
        ]

    def retry(self, dead: Sequence[DeadJob]) -> list[str]:
        """Send dead jobs through once more, as new jobs; returns the new ids in order.

        Whoever asks for the job by its old id is told of the new one.
        """
        fresh: list[str] = []
        for job in dead:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.xadd(self._jobs, {"article": job.payload})
                pipe.xdel(self._dead, job.id)
                fresh.append(cast("bytes", pipe.execute()[0]).decode())
            moved = encode_json({"state": "retried", "detail": fresh[-1]})
            self._redis.set(self._answer + job.job, moved, ex=self._ttl_s)
        return fresh

    def drop(self, dead: Sequence[DeadJob]) -> None:
        """Forget dead jobs."""
        if dead:
            self._redis.xdel(self._dead, *[job.id for job in dead])


def _job(entry: bytes, fields: Mapping[bytes, bytes], deliveries: int = 1) -> Job:
    waited, evidence = b"waited" in fields, b"evidence" in fields
    return Job(entry.decode(), fields[b"article"], waited, deliveries, evidence)


def _read_state(job: str, data: bytes) -> JobState:
    return JobState(job, **orjson.loads(data))


def _come_back(length: int) -> int:
    """Seconds in which one worker, at 1,500 articles each, makes room for a tenth of it."""
    return max(1, min(60, round(length / 15_000)))
