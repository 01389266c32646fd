"""Of which source the words of an article made of others are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.composites import divide_words


def blocks(*rows):
    return np.array(rows, np.int32).reshape(-1, 3)


def test_two_sources_and_the_rest():
    own, parts = divide_words(100, {(1, "a"): blocks((0, 5, 30)), (2, "b"): blocks((40, 0, 50))})
    assert round(own, 6) == 0.2
    assert [(key, share) for key, share, _ in parts] == [((2, "b"), 0.5), ((1, "a"), 0.3)]


def test_one_member_speaks_for_its_cluster():
    own, parts = divide_words(100, {(1, "a"): blocks((0, 0, 30)), (1, "b"): blocks((0, 0, 40))})
    assert [key for key, _, _ in parts] == [(1, "b")]
    assert round(own, 6) == 0.6


def test_a_few_words_are_no_source():
    assert divide_words(100, {(1, "a"): blocks((0, 0, 7))}) == (1.0, ())


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.sampled_from("abcdef")),
        st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80), st.integers(1, 20)), max_size=4),
    )
)
def test_no_word_is_counted_twice_and_the_blocks_are_those_counted(pieces):
    own, parts = divide_words(100, {key: blocks(*rows) for key, rows in pieces.items()})
    total = own + sum(share for _, share, _ in parts)
    assert round(total, 9) == 1
    assert 0 <= own <= 1
    held = np.zeros(100, np.int32)
    for key, share, kept in parts:
        assert round(share * 100, 6) == kept[:, 2].sum()
        assert (np.diff(kept[:, 0]) > 0).all()
        for place, other, length in kept.tolist():
            held[place : place + length] += 1
            assert any(
                place - other == start - at and start <= place and place + length <= start + whole
                for start, at, whole in pieces[key]
            )
    assert held.max(initial=0) <= 1
