"""Large-star and small-star against union-find, on every graph hypothesis can think of."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.batch.spark.candidates import meet_in_buckets
from dedupe.batch.spark.components import find_components
from dedupe.batch.spark.stages import Folder, Stages

pytestmark = pytest.mark.spark


def components_of(pairs):
    lowest = {end: end for pair in pairs for end in pair}
    changed = True
    while changed:
        changed = False
        for left, right in pairs:
            low = min(lowest[left], lowest[right])
            changed = changed or lowest[left] != low or lowest[right] != low
            lowest[left] = lowest[right] = low
    return lowest


def test_components_equal_union_find(spark, tmp_path):
    """A chain, a star and a random graph, side by side."""
    chance = np.random.default_rng(7)
    names = chance.permutation(np.arange(-40, 60)).tolist()
    pairs = list(pairwise(names[:12]))
    pairs += [(names[12], name) for name in names[13:50]]
    pairs += [(names[50 + a], names[50 + b]) for a, b in chance.integers(0, 50, (40, 2)).tolist()]
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    links = spark.createDataFrame(pairs, "left long, right long")
    found = find_components(links, Stages(spark, Folder(spark, str(tmp_path / "work"))))
    assert {row["rank"]: row["component"] for row in found.collect()} == components_of(pairs)


buckets = st.lists(
    st.tuples(st.integers(-8, 8), st.sets(st.integers(-50, 50), min_size=2, max_size=12)),
    max_size=6,
    unique_by=lambda bucket: bucket[0],
)


@settings(max_examples=60)
@given(buckets, st.integers(2, 5), st.integers(2, 9), st.integers(1, 7))
def test_streamed_buckets_meet_by_the_rule_however_the_stream_is_cut(found, cap, limit, step):
    rows, expected, counted = [], set(), [0, 0]
    for key, members in sorted((key, sorted(members)) for key, members in found):
        if not key & 1 and len(members) > limit:
            rows.append((key, members[0], 1, len(members)))
            counted[1] += 1
            continue
        counted[0] += len(members) > cap
        rows += [(key, rank, at, len(members)) for at, rank in enumerate(members, 1)]
        expected |= {(a, b) for a in members[:cap] for b in members if a < b}
    stream = np.array(rows, np.int64).reshape(-1, 4)
    hubs, counts, out = np.zeros(cap, np.int64), np.zeros(2, np.int64), np.empty((7, 2), np.int64)
    remembered, got = np.zeros((4, 2), np.int64), set()
    for first in range(0, len(stream), step):
        keys, ranks, places, members = stream[first : first + step].T.copy()
        row = 0
        while row < len(keys):
            row, written = meet_in_buckets(
                keys, ranks, places, members, row, cap, limit, hubs, remembered, counts, out
            )
            got |= {(int(left), int(right)) for left, right in out[:written]}
    assert (got, counts.tolist()) == (expected, counted)
