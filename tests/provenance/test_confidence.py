"""The numbers: what they promise whatever is fed to them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.models import Trust
from dedupe.provenance.confidence import RELIABILITY, measure_strength, rate_root

WEIGHTS = st.lists(st.floats(0, 1), max_size=40)


def test_no_claim_is_worth_more_than_one_of_higher_trust():
    assert all(RELIABILITY[one] >= RELIABILITY[next_] for one, next_ in pairwise(Trust))


def test_one_witness_is_believed_as_far_as_it_is_worth():
    assert rate_root({"x": measure_strength([0.7])}, "x") == pytest.approx(0.7)


def test_witnesses_that_agree_are_wrong_only_together():
    assert rate_root({"x": measure_strength([0.7, 0.5])}, "x") == pytest.approx(1 - 0.3 * 0.5)


def test_equal_witnesses_against_each_other_leave_less_than_half():
    strengths = dict.fromkeys("xy", measure_strength([0.9]))
    assert rate_root(strengths, "x") == pytest.approx(0.9 * 0.1 / (1 - 0.9 * 0.9))


@given(st.dictionaries(st.sampled_from("wxyz"), WEIGHTS, min_size=1))
def test_beliefs_are_shares_of_one(witnesses):
    strengths = {name: measure_strength(weights) for name, weights in witnesses.items()}
    beliefs = [rate_root(strengths, name) for name in strengths]
    assert all(0 <= belief <= 1 for belief in beliefs)
    assert sum(beliefs) <= 1 + 1e-9


@given(WEIGHTS, st.randoms())
def test_the_order_of_witnesses_does_not_matter(weights, rng):
    shuffled = list(weights)
    rng.shuffle(shuffled)
    assert measure_strength(shuffled) == measure_strength(weights)


def test_thousands_of_certain_witnesses_stay_finite():
    strengths = dict.fromkeys("xy", measure_strength([1.0] * 100_000))
    assert rate_root(strengths, "x") == pytest.approx(0.5)
