"""Articles -> jobs for the workers, and what became of them: the HTTP side of the distributed mode.

The time of arrival is noted here and not by the worker, so that waiting in the queue, or being
stored twice, changes nothing about who was first. It is no statement of the sender: the same
article sent again is the same record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any

from dedupe.models import Article
from service.errors import Problem
from service.links import href
from service.payload import name_article, write_payload
from service.queue import JobState, Queue, QueueFull

__all__ = ["Jobs", "QueuedJob", "job_object", "read_wait"]

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job with the id of its article, and where it stands."""

    article: str
    state: JobState


class Jobs:
    """Hands articles to the workers; safe for many threads."""

    def __init__(
        self,
        queue: Queue,
        clock: Callable[[], datetime],
        longest_wait_s: float = 30.0,
        waiters: int = 16,
    ) -> None:
        """`longest_wait_s` bounds how long a request may wait, `waiters` how many do at a time."""
        self.queue, self._clock = queue, clock
        self._longest_s, self._room = longest_wait_s, BoundedSemaphore(waiters)

    @contextmanager
    def waiting(self, prefer: str | None) -> Iterator[float]:
        """The seconds that a request with this `Prefer` may wait: 0 where too many wait already.

        Each holds a thread of the server, and some must be left for the others.
        """
        wait_s = read_wait(prefer, self._longest_s)
        if not wait_s or not self._room.acquire(blocking=False):
            yield 0.0
            return
        try:
            yield wait_s
        finally:
            self._room.release()

    def take(
        self, articles: Sequence[Article], *, evidence: bool = False, wait_s: float = 0.0
    ) -> list[QueuedJob]:
        """Enqueue articles, all or none, and wait for their answers as long as was asked.

        Raises Problem where there is no room, and what redis-py raises.
        """
        if not articles:
            return []
        now = self._clock()
        seen = [each if each.seen else replace(each, seen=now, seen_here=True) for each in articles]
        payloads = [write_payload(article) for article in seen]
        try:
            ids = self.queue.submit(payloads, waited=wait_s > 0, evidence=evidence)
        except QueueFull as full:
            raise _full(full) from None
        states = [JobState(id_, "queued") for id_ in ids]
        if wait_s > 0:
            states = self.queue.wait(ids, wait_s)
        return [
            QueuedJob(article.id, state) for article, state in zip(articles, states, strict=True)
        ]

    def find(self, job: str) -> QueuedJob | None:
        """What became of a job; None for one that never was, or whose answer has expired."""
        state = self.queue.state(job)
        if state is None:
            return None
        article = (state.answer or {}).get("id") or state.article
        if state.payload is not None:
            article = name_article(state.payload)
        return QueuedJob(article or "", state)


def _full(full: QueueFull) -> Problem:
    seconds = full.retry_after_s
    return Problem(
        "queue-full", str(full), headers={"Retry-After": str(seconds)}, retry_after_s=seconds
    )


def job_object(job: QueuedJob) -> Object:
    """A job as JSON: its state, the verdict once there is one, and the addresses to go on with."""
    state = job.state
    return {
        "id": state.id,
        "state": state.state,
        "article": job.article or None,
        "verdict": state.answer,
        "reason": state.reason,
        "detail": state.detail,
        "href": f"/v1/jobs/{state.id}",
        "article_href": href("articles", job.article) if job.article else None,
    }


def read_wait(prefer: str | None, longest_s: float) -> float:
    """Seconds that `Prefer: wait=N` asks for (RFC 7240), at most the longest; 0 without one."""
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        value = value.strip().strip('"')
        if name.strip().lower() == "wait" and value.isascii() and value.isdigit():
            return min(float(value[:9]), longest_s)
    return 0.0
