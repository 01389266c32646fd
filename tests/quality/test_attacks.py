"""Hostile edits lose next to nothing: the table of decision 0024 keeps standing."""

import random

import pytest

from benchmarks.quality.attacks import ATTACKS, list_bodies, share_found
from dedupe.config import default_config

LOST = {"words swapped, one in three": 0.04, "sentences shuffled": 0.006}
"""Share of copies that may be lost; nothing where an attack has no line."""


@pytest.fixture(scope="module")
def bodies():
    return list_bodies()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_hides_no_more_copies_than_pinned(bodies, name):
    chance = random.Random(name)
    copies = [ATTACKS[name](body, chance) for body in bodies]
    _, found = share_found(bodies, copies, default_config())
    assert found >= 1 - LOST.get(name, 0.0)
