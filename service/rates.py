"""Requests of one caller -> whether there were too many, in fixed windows of `limits`.

The store of `limits` itself starts a thread every hundredth of a second to look for windows that
are over, and Flask-Limiter asks each request which of its rules it is under: 150 of the 730 us that
a request took outside the archive (docs/decisions/0051).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from service.errors import Problem

__all__ = ["WindowStore", "limit_rate"]

_LEAST = 1024


class WindowStore(Storage):
    """Counts in memory; windows that are over go when there are twice as many as were left."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._most = _LEAST

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may fail: nothing does."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count in the window of a key, which begins now where there is none; the count."""
        with self._lock:
            now = self._clock()
            count, end = self._windows.get(key, (0, now))
            if end <= now:
                count, end = 0, now + expiry
                self._make_room(now)
            self._windows[key] = count + amount, end
            return count + amount

    def _make_room(self, now: float) -> None:
        if len(self._windows) >= self._most:
            self._windows = {key: one for key, one in self._windows.items() if one[1] > now}
            self._most = max(_LEAST, 2 * len(self._windows))

    def get(self, key: str) -> int:
        """The count of a key in the window that is open."""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of a key ends, in seconds since 1970; now where there is none."""
        return max(self._windows.get(key, (0, 0.0))[1], self._clock())

    def check(self) -> bool:
        """Whether it can be asked."""
        return True

    def reset(self) -> int:
        """Forget all counts; how many keys there were."""
        with self._lock:
            count, self._windows = len(self._windows), {}
        return count

    def clear(self, key: str) -> None:
        """Forget the count of a key."""
        with self._lock:
            self._windows.pop(key, None)


def limit_rate(app: Flask, rate: str, caller: Callable[[], str], free: frozenset[str]) -> None:
    """Let each caller ask as often as `rate` says, in the words of `limits`.

    Endpoints in `free` are not counted.

    Every answer tells the window of the first rate, or of the one that was exceeded, in the headers
    `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
    """
    items, store = parse_many(rate), WindowStore()
    windows = FixedWindowRateLimiter(store)

    def count() -> None:
        if request.endpoint is None or request.endpoint in free:
            return
        who = caller()
        over = [item for item in items if not windows.hit(item, who)]
        g.rate = over[-1] if over else items[0], who
        if over:
            end = store.get_expiry(over[-1].key_for(who))
            told = {"Retry-After": str(max(1, int(1 + end - time.time())))}
            raise Problem("rate-limited", str(over[-1]), headers=told)

    def tell(response: Response) -> Response:
        held: tuple[RateLimitItem, str] | None = g.get("rate")
        if held is not None:
            item, who = held
            end, left = windows.get_window_stats(item, who)
            response.headers.add("X-RateLimit-Limit", str(item.amount))
            response.headers.add("X-RateLimit-Remaining", str(left))
            response.headers.add("X-RateLimit-Reset", str(int(1 + end)))
        return response

    app.before_request(count)
    app.after_request(tell)
