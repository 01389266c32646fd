"""Fixtures that every area shares: where things are, and how hard hypothesis tries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["distributed.fixtures", "lanes"]  # servers for whoever asks; several processes
ROOT = Path(__file__).resolve().parents[1]

# A process that reads articles costs a start of every service a second of CPU; its tests set it.
os.environ.setdefault("ISNAD_TEXT_WORKERS", "0")

# Compilation makes a first example slow, so no deadline; in CI the same examples every time.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("house"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def seeds(checkout: Path) -> Path:
    """The seed document and the demonstration corpus."""
    return checkout / "seeds"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data that is no part of the project; a test that asks for it skips where it is absent.

    ISNAD_SHARED names the folder (`make` sets it where one lies beside the checkout).
    """
    named = os.environ.get("ISNAD_SHARED")
    if not named or not Path(named, "data").is_dir():
        pytest.skip("needs real data: set ISNAD_SHARED to the folder that holds data/")
    return Path(named)
