"""Keys grouped through files are those grouped in memory."""

from __future__ import annotations

import numpy as np
import pytest
from core.reference import pack_keys
from hypothesis import given
from hypothesis import strategies as st

from dedupe.batch import grouping
from dedupe.batch.grouping import group_keys
from dedupe.candidates import find_candidates


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=9), max_size=20), st.integers(1, 7))
def test_ranges_hold_every_key_once_and_in_order(tmp_path_factory, articles, most):
    folder = tmp_path_factory.mktemp("keys")
    counts = np.array([len(keys) for keys in articles], np.int64)
    firsts = np.cumsum(counts) - counts
    column = np.array([key for keys in articles for key in keys], np.uint64)
    numbers = np.arange(len(articles), dtype=np.uint32)[::-1].copy()
    ranges = list(group_keys(column, firsts, counts, numbers, 5, folder, "x", most))
    expected = np.sort(pack_keys(column, np.repeat(numbers, counts), 5))
    assert np.concatenate([np.sort(part) for part in ranges]).tolist() == expected.tolist()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("most", [10, 1_000, 10**9])
def test_pairs_do_not_depend_on_the_size_of_a_range(tmp_path, monkeypatch, most):
    monkeypatch.setattr(grouping, "_KEYS_A_STEP", 50)
    chance = np.random.default_rng(3)
    column = chance.integers(0, 400, 3_000).astype(np.uint64) << np.uint64(54)
    counts = np.full(300, 10, np.int64)
    firsts, numbers = np.arange(300) * 10, np.arange(300, dtype=np.uint32)
    ranges = group_keys(column, firsts, counts, numbers, 9, tmp_path, "x", most)
    found = find_candidates(ranges, 9, 6, 12)
    whole = find_candidates([pack_keys(column, np.repeat(numbers, counts), 9)], 9, 6, 12)
    assert found.pairs.tolist() == whole.pairs.tolist()
    assert (found.capped, found.skipped) == (whole.capped, whole.skipped)
    assert found.skipped > 0
