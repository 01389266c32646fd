"""What a process that stays does once it has begun."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

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


_STORE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from dedupe.archive import open_archive
from dedupe.models import Article
from service.wiring import warm_up

def compiled():
    modules = [vars(module) for name, module in sys.modules.items() if name.startswith("dedupe.")]
    found = {id(value): value for names in modules for value in list(names.values())}
    kernels = [value for value in found.values() if isinstance(value, Dispatcher)]
    return {(kernel.py_func.__name__, str(t)) for kernel in kernels for t in kernel.signatures}

warm_up()
before = compiled()
archive = open_archive(Path(sys.argv[1]), lambda: datetime(2026, 1, 1, tzinfo=UTC))
texts = ["The harbour opens on Monday. ", "قالت الوزارة إن الجسر يفتح غدا. ",
         "Für Wörter über der Brücke gilt das nicht. ", "码头将于周一开放。", "Words \\U0001f4f0. "]
for first, last in ((0, 1), (1, 2), (0, 2), (2, 4), (0, 5)):
    batch = [
        Article(f"{first}-{last}-{k}", "a", None, "A title", text * 9 + f"{k} more words, Reuters")
        for text in texts[first:last] for k in range(4)
    ]
    archive.check(batch)
    archive.ingest(batch)
archive.close()
assert before
print(sorted(compiled() - before))
"""


def test_no_kernel_is_left_to_compile_for_the_first_who_asks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _STORE, str(tmp_path / "a.sqlite")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"
