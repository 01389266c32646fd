"""What several owners hold is found as a plain count finds it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.batch.repetition import find_repeated

owners = st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=8)


@given(owners, st.integers(2, 5), st.integers(0, 3))
def test_values_of_enough_owners_and_who_holds_one(held, least, gap):
    values, firsts, lasts = [], [], []
    for own in held:
        values += [7] * gap  # what stands between owners is nobody's
        firsts.append(len(values))
        values += [value * 0x9E3779B97F4A7C15 % (1 << 64) for value in own]
        lasts.append(len(values))
    holders = defaultdict(set)
    for owner, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        for value in values[first:last]:
            holders[value].add(owner)
    expected = sorted(v for v, who in holders.items() if v and len(who) >= least)
    found, holding = find_repeated(
        np.array(values, np.uint64), np.array(firsts), np.array(lasts), least
    )
    assert found.tolist() == expected
    assert holding.tolist() == [bool(set(expected) & set(values[a:b]))
                                for a, b in zip(firsts, lasts, strict=True)]  # fmt: skip


def test_a_value_that_one_owner_repeats_is_not_repeated():
    values = np.full(200_000, 5, np.uint64)
    found, holding = find_repeated(values, np.array([0]), np.array([len(values)]), 2)
    assert len(found) == 0
    assert not holding.any()


def test_more_occurrences_than_the_rough_counts_hold_are_counted():
    values = np.full(200_000, 5, np.uint64)
    bounds = np.arange(0, 200_001, 50_000)
    found, holding = find_repeated(values, bounds[:-1], bounds[1:], 4)
    assert found.tolist() == [5]
    assert holding.all()
