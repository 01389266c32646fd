"""Callers that come together -> one piece of work for all of them: group commit.

A commit costs the same for one article as for a hundred. The first caller leads: it takes what has
gathered, does the work, and hands the lead to the first of those who came meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Turns"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Request(Generic[Item, Answer]):
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.woken = threading.Event()
        self.leads = False
        self.answers: list[Answer] = []
        self.error: BaseException | None = None


class Turns(Generic[Item, Answer]):
    """Runs `work` for everyone waiting, at most `limit` items at a time (one request at least)."""

    def __init__(self, work: Callable[[list[Item]], list[Answer]], limit: int) -> None:
        self._work, self._limit = work, limit
        self._lock = threading.Lock()
        self._waiting: list[_Request[Item, Answer]] = []
        self._free = True

    def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Answers to the items, in order; raises what the work raised for this caller."""
        request: _Request[Item, Answer] = _Request(items)
        with self._lock:
            if self._free:
                self._free = False
                request.leads = True
            else:
                self._waiting.append(request)
        if not request.leads:
            request.woken.wait()
        if request.leads:
            self._lead(request)
        if request.error is not None:
            raise request.error
        return request.answers

    def _lead(self, request: _Request[Item, Answer]) -> None:
        with self._lock:
            batch, size = [request], len(request.items)
            while self._waiting and size + len(self._waiting[0].items) <= self._limit:
                size += len(self._waiting[0].items)
                batch.append(self._waiting.pop(0))
        try:
            self._serve(batch)
        finally:
            with self._lock:
                if self._waiting:
                    following = self._waiting.pop(0)
                    following.leads = True
                    following.woken.set()
                else:
                    self._free = True
            for served in batch[1:]:
                served.woken.set()

    def _serve(self, batch: list[_Request[Item, Answer]]) -> None:
        try:
            answers = self._work([item for request in batch for item in request.items])
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for request in batch:  # what one of them did must not cost the others
                self._serve([request])
            return
        except BaseException as error:
            for request in batch:
                request.error = error
            raise
        first = 0
        for request in batch:
            request.answers = answers[first : first + len(request.items)]
            first += len(request.items)
