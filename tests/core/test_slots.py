"""Words of a small gap: the compact table of common subsequences against the textbook one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.limits import SMALL_GAP
from dedupe.normalize import FLAG_BITS
from dedupe.slots import _common, _compare_sides

SIDES = st.lists(st.integers(0, 5), min_size=1, max_size=SMALL_GAP)


@given(SIDES, SIDES, st.integers(0, 3))
def test_common_words_are_counted_as_by_the_textbook(left, right, flags):
    text = np.array([9, *(word << FLAG_BITS | flags for word in left)], np.uint32)
    other = np.array([*(word << FLAG_BITS for word in right), 9], np.uint32)
    table = np.zeros((SMALL_GAP + 1, 2), np.uint64)

    _compare_sides(text, 1, len(left), other, 0, len(right), table)

    lengths = np.zeros((len(left) + 1, len(right) + 1), int)
    for i, one in enumerate(left, 1):
        for j, two in enumerate(right, 1):
            grown = lengths[i - 1, j - 1] + 1
            lengths[i, j] = grown if one == two else max(lengths[i - 1, j], lengths[i, j - 1])
            assert bool(int(table[i, 0]) >> (j - 1) & 1) == (one == two)
    found = [[_common(table, i, j) for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    assert found == lengths.tolist()
