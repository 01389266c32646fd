"""Whatever breaks, every acknowledged article is stored once or set aside with a reason.

The faults themselves stand in `benchmarks/faults`, which also makes the long table of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.scenarios import SCENARIOS
from benchmarks.faults.stand import Stand
from benchmarks.servers import Missing, find_program
from service.queue import Queue

pytestmark = [pytest.mark.fault, pytest.mark.servers]

COUNT = 60


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    try:
        for program in ("redis-server", "initdb"):
            find_program(program)
    except Missing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    # not below pytest's own folder, which every run of pytest closes to PostgreSQL's user again
    with tempfile.TemporaryDirectory(prefix="isnad-stand-") as folder:
        stand = Stand(Path(folder))
        try:
            stand.open()
            yield stand
        finally:
            stand.close()


@pytest.mark.parametrize("fault", SCENARIOS)
def test_nothing_acknowledged_is_lost_or_doubled_and_the_clusters_are_those_of_the_batch(
    stand: Stand, fault: str
) -> None:
    stand.begin()
    found = SCENARIOS[fault](stand, COUNT)
    poisoned = 2 if fault == "poison article" else 0
    assert found.acknowledged == found.sent == COUNT + poisoned
    assert (found.stored, found.dead_lettered) == (COUNT, poisoned)
    assert found.lost == found.twice == 0
    assert found.same_partition
    if poisoned:
        with stand.client() as client:
            reasons = {job.reason for job in Queue(client).dead()}
        assert reasons == {"workers_died"}
    assert found.refused or fault != "Redis out of memory"
