"""Entries of buckets, found in one pass, against the obvious loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.index.entries import find_entries

fields = st.sampled_from([0, 1, 2, 255, 256, 65_535, 65_536, 2**24 - 1])
numbers = st.sampled_from([0, 1, 255, 2**31, 2**32 - 1])
bucket = st.tuples(
    st.lists(st.tuples(fields, numbers), max_size=12),
    st.binary(max_size=6),  # what is no whole entry
    st.sets(fields, max_size=5).map(sorted),
)


@given(st.lists(bucket, max_size=6))
def test_it_finds_what_a_loop_finds(
    buckets: list[tuple[list[tuple[int, int]], bytes, list[int]]],
) -> None:
    values = [
        b"".join(f.to_bytes(3, "big") + n.to_bytes(4, "big") for f, n in entries) + rest
        for entries, rest, _ in buckets
    ]
    asked = [field for _, _, wanted in buckets for field in wanted]
    firsts = np.cumsum([0] + [len(wanted) for _, _, wanted in buckets])
    expected = [
        (int(first) + wanted.index(field), number)
        for (entries, _, wanted), first in zip(buckets, firsts, strict=False)
        for field, number in entries
        if field in wanted
    ]
    found = find_entries(
        np.frombuffer(b"".join(values), np.uint8),
        np.array([len(value) for value in values], np.int64),
        np.array(asked, np.int64),
        firsts.astype(np.int64),
    )
    assert [(pair >> 32, pair & 0xFFFFFFFF) for pair in found.tolist()] == expected
