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

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import OutOfMemoryError, ResponseError

from dedupe.report.encode import encode_json
from service.queue_jobs import (
    DeadJob,
    Job,
    JobState,
    QueueFull,
    QueueStatus,
    is_job_id,
    read_entry,
    read_state,
)

__all__ = ["GROUP", "DeadJob", "Job", "JobState", "Queue", "QueueFull", "QueueStatus"]

GROUP: Final = "workers"
_WAKE_TTL_S = 60
_DETAIL_LIMIT = 2_000
"""Code points of an error that are kept beside a dead job."""

_LOOK_S = 1.0
"""How long what Redis says of its memory holds, and how long a wait goes without a look."""
_RESERVE = 0.1
"""Part of Redis's memory that jobs leave to the index and to answers."""
_BEHIND_ALL: Final = f"{2**64 - 1}-{2**64 - 2}"
"""The last id but one: Redis takes the last for "what nobody has had"."""
_FORGET: Final = """
local rows = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if rows.err then return end
for _, row in ipairs(rows) do
  local told = {}
  for at = 1, #row, 2 do told[row[at]] = row[at + 1] end
  if told.pending == 0 and told.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], told.name)
  end
end
"""


class Queue:
    """The stream of jobs, its group of workers, and the answers."""

    def __init__(
        self,
        client: Redis | RedisCluster,
        *,
        prefix: str = "isnad",
        limit: int = 100_000,
        answer_ttl_s: int = 3600,
        silent_s: float = 60.0,
    ) -> None:
        """`limit` jobs at most, waiting and in work; answers are kept for `answer_ttl_s`.

        A worker that has not spoken to Redis for `silent_s` is none any more.

        The client's `socket_timeout` must be longer than what `read` and `wait` may block.
        """
        self._redis: Any = client  # the methods of redis-py are typed for two protocols at once
        tag = "{" + prefix + "}"
        self._jobs, self._dead = f"{tag}:jobs", f"{tag}:dead"
        self.name = self._jobs
        self._answer, self._wake = f"{tag}:answer:", f"{tag}:wake:"
        self.limit, self._ttl_s, self._silent_s = limit, answer_ttl_s, silent_s
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
            found |= {job: read_state(job, data) for job, data in pairs if data is not None}
            left = end - time.monotonic()
            first = next((job for job in missing if job not in found), None)
            if first is None or left <= 0:
                break
            self._redis.blpop([self._wake + first], timeout=max(0.01, min(left, _LOOK_S)))
        return [found.get(job) or JobState(job, "queued") for job in jobs]

    def state(self, job: str) -> JobState | None:
        """Where a job stands; None for one that never was or whose answer has expired."""
        if not is_job_id(job):
            return None
        for again in (True, False):  # it may be answered between the two looks
            answer = self._redis.get(self._answer + job)
            if answer is not None:
                return self._follow(read_state(job, answer))
            rows = self._redis.xrange(self._jobs, job, job, count=1) if again else ()
            if rows:
                return JobState(job, "queued", payload=read_entry(*rows[0]).payload)
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

    def _of_group(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - redis-py's own
        """What the group answers; None where it is not there: then it is made."""
        try:
            return ask()
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.open()  # the server came back empty
            return None

    def read(self, worker: str, count: int, block_ms: int | None) -> list[Job]:
        """Jobs that nobody has had yet; waits up to `block_ms` for the first, None for none."""
        streams = {self._jobs: ">"}
        found = self._of_group(
            lambda: self._redis.xreadgroup(GROUP, worker, streams, count=count, block=block_ms)
        )
        if not found:
            return []
        entries = found[self._jobs.encode()][0] if isinstance(found, dict) else found[0][1]
        return [read_entry(entry, fields) for entry, fields in entries]

    def reclaim(self, worker: str, idle_ms: int) -> Job | None:
        """The next job that some worker took `idle_ms` ago and never answered, or None.

        One at a time: claiming counts as a delivery, and a job must not be counted for the fate of
        its neighbours. The cursor is carried on, so that a claim never starts over.
        """
        answer = self._of_group(
            lambda: self._redis.xautoclaim(
                self._jobs, GROUP, worker, idle_ms, start_id=self._cursor, count=1
            )
        )
        if answer is None:
            return None
        self._cursor, entries = answer[0], answer[1]
        if not entries:
            return None
        entry, fields = entries[0]
        rows = self._redis.xpending_range(self._jobs, GROUP, entry, entry, 1)
        return read_entry(entry, fields, rows[0]["times_delivered"] if rows else 1)

    def keep(self, worker: str, jobs: Sequence[Job]) -> None:
        """Say that these jobs are still being worked on; not counted as a delivery."""
        if jobs:
            ids = [job.id for job in jobs]
            self._redis.xclaim(self._jobs, GROUP, worker, 0, ids, justid=True)
        else:
            self.report(worker)

    def report(self, worker: str) -> None:
        """Say that a worker is there, though it has nothing to do.

        Before 7.2 Redis counts neither a read nor a claim that found nothing; looking among its own
        jobs behind the last possible one finds nothing and counts.
        """
        streams = {self._jobs: _BEHIND_ALL}
        self._of_group(lambda: self._redis.xreadgroup(GROUP, worker, streams, count=1))

    def forget_silent(self, after_s: float) -> None:
        """Take workers out of the group that hold no job and were silent for `after_s`.

        In one step: with a worker its jobs would go. One that speaks again is in it again.
        """
        self._redis.eval(_FORGET, 1, self._jobs, GROUP, round(after_s * 1000))

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
        live, silent = self._consumers()
        first = self._redis.xpending_range(self._jobs, GROUP, "-", "+", 1)
        return QueueStatus(
            length,
            max(0, length - pending) if lag is None else int(lag),
            pending,
            dead,
            live,
            first[0]["time_since_delivered"] / 1000 if first else 0.0,
            oldest_s,
            silent,
        )

    def _consumers(self) -> tuple[dict[str, int], dict[str, int]]:
        """Workers with their jobs in work: those that spoke lately, and silent ones that hold some.

        `idle` counts from the last word of a worker to Redis.
        """
        live: dict[str, int] = {}
        silent: dict[str, int] = {}
        for row in self._redis.xinfo_consumers(self._jobs, GROUP):
            name, pending = row["name"].decode("utf-8", "replace"), int(row["pending"])
            if int(row["idle"]) <= self._silent_s * 1000:
                live[name] = pending
            elif pending:
                silent[name] = pending
        return live, silent

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


def _come_back(length: int) -> int:
    """Seconds in which one worker, at 1,500 articles each, makes room for a tenth of it."""
    return max(1, min(60, round(length / 15_000)))
