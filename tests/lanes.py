"""Test -> the group it runs in, for `pytest --numprocesses`: a process takes one group at a time.

A group is a file, or what stands under GROUPS: tests that share what is dear to start (Chromium,
Spark, servers, a measured table). Those begin first, the longest of all at the top, so that the
processes end at about the same time.
"""

from __future__ import annotations

from typing import Any

import pytest

GROUPS = (
    "tests/spark/",
    "tests/quality/test_floors.py::test_quality_on_our_own_corpora",
    "tests/quality/test_floors.py::test_quality_on_real_data",
    "tests/browser/",
    "tests/distributed/",
    "tests/archive/test_adopting.py",
    "tests/service/test_faults.py",
    "tests/service/test_contract.py",
    "tests/test_docs.py",
    "tests/web/",
)


def name_group(nodeid: str) -> str:
    """The group of a test by its id."""
    for start in GROUPS:
        if nodeid.startswith(start):
            return start
    return nodeid.partition("::")[0]


def _place(item: pytest.Item) -> int:
    group = name_group(item.nodeid)
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In one of several processes, put the groups in their order; alone, leave all as it is."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole groups."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return name_group(nodeid)

    config.option.loadscopereorder = False  # ours is by time, not by number of tests
    return ByGroup(config, log)
