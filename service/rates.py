"""Requests of one caller -> whether there were too many, in fixed windows of `limits`.

The store of `limits` itself starts a thread every hundredth of a second to look for windows that
are over, and Flask-Limiter asks each request which of its rules it is under: 150 of the 730 us that
a request took outside the archive (docs/decisions/0051).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse_many
from limits.storage import Storage

from service.errors import Problem
from service.heads import Moment, Step, add_step

__all__ = ["WindowStore", "limit_rate"]

_LEAST = 1024
_TOLD = ("Limit", "Remaining", "Reset")
_TOLD_LINES = b"".join(b"X-RateLimit-%b: %%d\r\n" % name.encode() for name in _TOLD)


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


class _Account(Step):
    """The windows of one caller, one for each rate: full where more came than the rate says."""

    __slots__ = ("_rates", "_store")

    def __init__(self, items: Sequence[RateLimitItem], store: WindowStore, who: str) -> None:
        self._store = store
        self._rates = [(item, item.key_for(who), item.get_expiry()) for item in items]

    def hit(self) -> RateLimitItem | None:
        """Count a request in all of them; the last rate of those that are exceeded."""
        over = None
        for item, key, expiry in self._rates:
            if self._store.incr(key, expiry) > item.amount:
                over = item
        return over

    def enter(self, _moment: Moment) -> bool:
        """Count a request, but for one that is too many: the long way counts it."""
        if any(self._store.get(key) >= item.amount for item, key, _ in self._rates):
            return False
        if self.hit() is None:
            return True
        self.undo()  # another thread was quicker
        return False

    def leave(self, _moment: Moment, _status: int) -> bytes:
        """Tell of the first rate."""
        return _TOLD_LINES % self.tell(self._rates[0][0])

    def undo(self) -> None:
        """Take a request off all windows again."""
        for _, key, expiry in self._rates:
            self._store.incr(key, expiry, -1)

    def tell(self, item: RateLimitItem) -> tuple[int, int, int]:
        """What a rate allows, what is left of it, and the second behind the end of its window."""
        key = self._key(item)
        left = max(0, item.amount - self._store.get(key))
        return item.amount, left, int(1 + self._store.get_expiry(key))

    def wait_s(self, item: RateLimitItem) -> int:
        """After how many seconds the window of a rate is over."""
        return max(1, int(1 + self._store.get_expiry(self._key(item)) - time.time()))

    def _key(self, item: RateLimitItem) -> str:
        return next(key for each, key, _ in self._rates if each is item)


def limit_rate(app: Flask, rate: str, caller: Callable[[], str], free: frozenset[str]) -> None:
    """Let each caller ask as often as `rate` says, in the words of `limits`.

    Endpoints in `free` are not counted.

    Every answer tells the window of the first rate, or of the one that was exceeded, in the headers
    `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
    """
    items, store = parse_many(rate), WindowStore()

    def is_free() -> bool:
        return request.endpoint is None or request.endpoint in free

    def count() -> None:
        if is_free():
            return
        account = _Account(items, store, caller())
        over = account.hit()
        g.rate = account, over or items[0]
        if over is not None:
            told = {"Retry-After": str(account.wait_s(over))}
            raise Problem("rate-limited", str(over), headers=told)

    def tell(response: Response) -> Response:
        held: tuple[_Account, RateLimitItem] | None = g.get("rate")
        if held is not None:
            account, item = held
            for name, value in zip(_TOLD, account.tell(item), strict=True):
                response.headers.add(f"X-RateLimit-{name}", str(value))
        return response

    def learn() -> Step:
        account: Step = Step() if is_free() else g.rate[0]
        return account

    add_step(app, learn, count, tell)
