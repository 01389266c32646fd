"""Callers that come together: how many batches are at work, and that everybody gets his answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dedupe.archive.turns import Turns

PATIENCE_S = 30


@pytest.mark.parametrize("leaders", [1, 2, 3])
def test_as_many_batches_as_allowed_are_at_work_and_no_more(leaders):
    at_work, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(leaders)  # only as many as are at work can pass it
    passed = threading.local()

    def work(items: list[int]) -> list[int]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        if not getattr(passed, "once", False) and min(items) < leaders:
            passed.once = True
            together.wait(PATIENCE_S)
        with lock:
            at_work -= 1
        if 11 in items:
            raise ValueError("eleven")
        return [item * 10 for item in items]

    turns = Turns(work, limit=3, leaders=leaders)
    with ThreadPoolExecutor(20) as pool:
        first = [pool.submit(turns.submit, [item]) for item in range(leaders)]
        assert [call.result(PATIENCE_S) for call in first] == [[10 * n] for n in range(leaders)]
        calls = {item: pool.submit(turns.submit, [item, item]) for item in range(5, 25)}
        for item, call in calls.items():
            if item == 11:  # what it does costs the others nothing
                with pytest.raises(ValueError, match="eleven"):
                    call.result(PATIENCE_S)
            else:
                assert call.result(PATIENCE_S) == [10 * item, 10 * item]
    assert most == leaders
