"""Callers that come together: how many batches are at work, and that everybody gets his answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dedupe.archive.turns import Turns

PATIENCE_S = 30


def test_one_batch_is_at_work_at_a_time():
    at_work, most, lock = 0, 0, threading.Lock()

    def work(items: list[int]) -> list[int]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        with lock:
            at_work -= 1
        if 11 in items:
            raise ValueError("eleven")
        return [item * 10 for item in items]

    turns = Turns(work, limit=3)
    with ThreadPoolExecutor(20) as pool:
        calls = {item: pool.submit(turns.submit, [item, item]) for item in range(5, 25)}
        for item, call in calls.items():
            if item == 11:  # what it does costs the others nothing
                with pytest.raises(ValueError, match="eleven"):
                    call.result(PATIENCE_S)
            else:
                assert call.result(PATIENCE_S) == [10 * item, 10 * item]
    assert most == 1
