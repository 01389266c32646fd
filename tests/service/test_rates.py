"""Counts of requests in windows of time."""

from __future__ import annotations

from flask import Flask
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from service.errors import handle_errors
from service.rates import WindowStore, limit_rate


def test_a_window_begins_with_its_first_request_and_ends() -> None:
    now = [1000.0]
    store = WindowStore(lambda: now[0])
    windows, rate = FixedWindowRateLimiter(store), parse("2/minute")
    assert [windows.hit(rate, "a") for _ in range(3)] == [True, True, False]
    assert windows.get_window_stats(rate, "a") == (1060.0, 0)
    assert windows.hit(rate, "b")
    now[0] += 59.5
    assert not windows.hit(rate, "a")
    now[0] += 0.5
    assert windows.get_window_stats(rate, "a")[1] == 2
    assert windows.hit(rate, "a")
    assert windows.get_window_stats(rate, "a") == (1120.0, 1)


def test_windows_that_are_over_take_no_room() -> None:
    now = [0.0]
    store = WindowStore(lambda: now[0])
    for number in range(10_000):
        now[0] += 1
        store.incr(f"caller {number}", 60)
    assert store.reset() <= 1100


def test_the_rate_that_was_exceeded_is_told() -> None:
    app, caller = Flask("rates"), ["a"]
    handle_errors(app)
    limit_rate(app, "3/minute;2/second", lambda: caller[0], frozenset({"free"}))
    for name in ("counted", "free"):
        app.add_url_rule(f"/{name}", name, lambda: "yes")
    client = app.test_client()
    first = client.get("/counted").headers
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) in {("3", "2"), ("2", "1")}
    answers = [client.get("/counted") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert "X-RateLimit-Limit" not in client.get("/free").headers
    caller[0] = "b"
    assert client.get("/counted").status_code == 200
