"""What a process that stays does once it has begun."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

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
    ready = threading.Event()

    def compile_all() -> None:
        names.append((threading.current_thread().name, threading.current_thread().daemon))
        ready.set()

    timer = ripen(compile_all, wait_s=0.0)
    assert ready.wait(PATIENCE_S)
    timer.join(PATIENCE_S)
    assert names == [(timer.name, True)]
    assert timer.name != threading.current_thread().name
