"""What travels through the queue and what is told of it: entries, jobs, their states, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

__all__ = [
    "DeadJob",
    "Job",
    "JobState",
    "QueueFull",
    "QueueStatus",
    "is_job_id",
    "read_entry",
    "read_state",
]

_ID: Final = re.compile(r"([0-9]{1,20})-([0-9]{1,20})")
_LARGEST: Final = 2**64 - 1


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
    one was taken; `consumers` are the workers, each with its pending jobs, `silent` those that have
    not been heard of lately and hold some.
    """

    length: int
    lag: int
    pending: int
    dead: int
    consumers: Mapping[str, int]
    oldest_idle_s: float
    oldest_s: float
    silent: Mapping[str, int] = field(default_factory=dict)


def is_job_id(text: str) -> bool:
    """Whether a stream can have such an id: two whole numbers of 64 bits."""
    found = _ID.fullmatch(text)
    return found is not None and max(int(found[1]), int(found[2])) <= _LARGEST


def read_entry(entry: bytes, fields: Mapping[bytes, bytes], deliveries: int = 1) -> Job:
    """The job of an entry; of one that nobody of ours wrote the payload is empty."""
    waited, evidence = b"waited" in fields, b"evidence" in fields
    return Job(entry.decode(), fields.get(b"article", b""), waited, deliveries, evidence)


def read_state(job: str, data: bytes) -> JobState:
    """What was kept of a job that is answered."""
    return JobState(job, **orjson.loads(data))
