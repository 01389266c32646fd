"""What a process that stays does once it has begun."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from service import wiring
from service.wiring import collect_rarely, ripen

PATIENCE_S = 30


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector of this process, as it was before when the test is over."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Circle:
    """An object that only the collector can take away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("collector")
def test_what_a_start_made_is_kept_aside_and_dead_circles_still_go() -> None:
    collect_rarely()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
    dead = weakref.ref(Circle())
    made: list[list[object]] = []
    while dead() is not None and len(made) < 100_000:
        made.append([])
    assert dead() is None


def test_patterns_are_compiled_in_a_thread_that_keeps_no_process_alive() -> None:
    names: list[tuple[str, bool]] = []

    def compile_all() -> Iterator[None]:
        for _ in range(3):
            names.append((threading.current_thread().name, threading.current_thread().daemon))
            yield

    timer = ripen(compile_all, wait_s=0.0)
    timer.join(PATIENCE_S)
    assert names == [(timer.name, True)] * 3
    assert timer.name != threading.current_thread().name


def test_a_step_is_followed_by_a_long_rest_only_where_others_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = {"wall": 0.0, "cpu": 0.0, "busy": 0.0}

    def sleep(seconds: float) -> None:
        rests.append(round(seconds, 6))
        now["wall"] += seconds
        now["cpu"] += seconds * now["busy"]

    def steps() -> Iterator[None]:
        for busy in (0.0, 0.9, 0.1):
            now["wall"] += 0.01
            now["busy"] = busy
            yield

    rests: list[float] = []
    monkeypatch.setattr(wiring.time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(wiring.time, "process_time", lambda: now["cpu"])
    monkeypatch.setattr(wiring.time, "sleep", sleep)
    wiring._make_between(steps)
    assert rests == [0.01, 0.01, 0.5, 0.01]
