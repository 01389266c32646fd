"""What every index promises: one parameter each."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.config import Config
from dedupe.errors import IndexFull
from dedupe.index import KeyBatch
from dedupe.index.embedded import EmbeddedIndex
from service.redis_index import RedisIndex
from service.redis_keys import IndexShape

CONFIG = Config(bucket_cap=4, passage_limit=6, bands=2, rows=2)
SHAPE = IndexShape(capacity=100, groups=8)


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.servers)])
def make_index(request):
    """Makes the same kind of index again and again, empty each time."""
    if request.param == "embedded":
        return lambda config=CONFIG: EmbeddedIndex(config)
    redis = request.getfixturevalue("redis")

    def make(config=CONFIG):
        index = RedisIndex(redis, config, SHAPE)
        index.clear()
        return index

    return make


def batch_of(texts, seen=0):
    """Keys of (number, bands, passages); the rank is the number's own hash."""
    passages = [np.array(own, np.uint64) for _, _, own in texts]
    bounds = np.zeros(len(texts) + 1, np.int64)
    bounds[1:] = np.cumsum([len(own) for own in passages])
    return KeyBatch(
        np.array([number for number, _, _ in texts], np.int64),
        np.array([rank_of(number) for number, _, _ in texts], np.uint64),
        np.full(len(texts), seen, np.int64),
        np.array([bands or (0, 0) for _, bands, _ in texts], np.uint64).reshape(len(texts), 2),
        np.array([bool(bands) for _, bands, _ in texts], np.bool_),
        np.concatenate(passages) if passages else np.empty(0, np.uint64),
        bounds,
    )


def rank_of(number):
    return random.Random(number).getrandbits(64)


def scatter(key):
    """Keys are hashes: spread small test keys over 64 bits."""
    return random.Random(key).getrandbits(64)


def pairs_of(found, batch):
    """{(place, other number): (shared bands, shared passages)}."""
    columns = (found.places, found.numbers, found.shared_bands, found.shared)
    return {
        (place, number): (bands, passages)
        for place, number, bands, passages in zip(*(c.tolist() for c in columns), strict=True)
    }


def text(number, bands=(), passages=()):
    return number, tuple(map(scatter, bands)), tuple(map(scatter, passages))


def test_earlier_holders_are_found_with_the_keys_they_share(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(1, (1, 2), (10, 11, 12)), text(2, (3, 4), (20,))]))
    batch = batch_of([text(3, (1, 5), (11, 12, 20, 30))])
    found = index.publish(batch)
    assert pairs_of(found, batch) == {(0, 1): (1, 2), (0, 2): (0, 1)}
    assert dict(zip(found.numbers.tolist(), found.counts.tolist(), strict=True)) == {1: 3, 2: 1}
    assert found.exact.tolist() == [True]


def test_pairs_inside_a_batch_are_told_once_at_the_later_place(make_index) -> None:
    index = make_index()
    batch = batch_of([text(9, (1, 2), (5,)), text(4, (), ()), text(7, (1, 3), (5,))])
    assert pairs_of(index.publish(batch), batch) == {(2, 9): (1, 1)}


def test_publishing_again_adds_nothing_and_finds_the_same(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(1, (1, 2), (5,)), text(2, (1, 9), (5,))]))
    again = batch_of([text(2, (1, 9), (5,))])
    assert pairs_of(index.publish(again), again) == {(0, 1): (1, 1)}
    third = batch_of([text(3, (1, 7), ())])
    assert pairs_of(index.publish(third), third) == {(0, 1): (1, 0), (0, 2): (1, 0)}
    assert index.count() == 3


def test_looking_adds_nothing(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(1, (1, 2), (5,))]))
    batch = batch_of([text(2, (1, 3), (5,))])
    assert pairs_of(index.look(batch), batch) == pairs_of(index.look(batch), batch) != {}
    assert index.count() == 1


def test_a_repeated_passage_counts_once_and_is_told(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(1, (), (5, 5, 6))]))
    batch = batch_of([text(2, (), (5, 5, 6))])
    found = index.publish(batch)
    assert pairs_of(found, batch) == {(0, 1): (0, 2)}
    assert (found.exact.tolist(), found.counts.tolist()) == ([False], [3])


def test_above_the_cap_a_text_meets_as_many_as_the_cap_and_is_told_so(make_index) -> None:
    index = make_index()
    for number in range(1, 8):
        index.publish(batch_of([text(number, (1, 100 + number))]))
    batch = batch_of([text(9, (1, 200))])
    found = index.publish(batch)
    met = {number for _, number in pairs_of(found, batch)}
    assert len(met) == CONFIG.bucket_cap
    assert met < set(range(1, 8))
    assert (found.capped.tolist(), found.exact.tolist()) == ([1], [False])
    assert pairs_of(index.publish(batch), batch).keys() == {(0, number) for number in met}


def test_above_the_cap_a_text_is_paired_with_the_hubs_and_a_hub_with_all(make_index) -> None:
    index = make_index()
    ranked = sorted(range(1, 10), key=rank_of)
    late_hub, late_other, members = ranked[0], ranked[-1], ranked[1:-1]
    index.publish(batch_of([text(number, (1, 100 + number)) for number in members]))
    batch = batch_of([text(late_other, (1, 200))])
    found = index.publish(batch)
    assert {number for _, number in pairs_of(found, batch)} == set(members[:4])
    assert (found.capped.tolist(), found.exact.tolist()) == ([1], [False])
    batch = batch_of([text(late_hub, (1, 300))])
    met = {number for _, number in pairs_of(index.publish(batch), batch)}
    assert met == {*members, late_other}
    index.erase([late_hub], batch)
    batch = batch_of([text(99, (1, 400))])  # neither hub nor last
    found = {number for _, number in pairs_of(index.look(batch), batch)}
    assert (
        found == set(members[:4]) if rank_of(99) > rank_of(members[3]) else {*members, late_other}
    )


def test_a_passage_of_too_many_is_skipped_and_counted(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(number, (), (5,)) for number in range(1, 7)]))
    batch = batch_of([text(9, (), (5, 6))])
    found = index.publish(batch)
    assert pairs_of(found, batch) == {}
    assert (found.skipped.tolist(), found.exact.tolist()) == ([1], [False])


def test_a_number_that_is_too_large_is_refused(make_index) -> None:
    index = make_index()
    for store in (index.publish, index.add):
        with pytest.raises(IndexFull, match="new archive"):
            store(batch_of([text(2**32 + 5, (1, 2), (3,))]))
    assert index.count() == 0


def test_what_was_removed_or_expired_is_found_no_more(make_index) -> None:
    index = make_index()
    index.publish(batch_of([text(1, (1, 2)), text(2, (1, 3))], seen=10_000_000))
    index.publish(batch_of([text(3, (1, 4))], seen=20_000_000))
    index.remove([1, 77])
    batch = batch_of([text(9, (1, 5))])
    assert {number for _, number in pairs_of(index.look(batch), batch)} == {2, 3}
    assert index.expire(20_000_000) == 1
    assert {number for _, number in pairs_of(index.look(batch), batch)} == {3}
    index.clear()
    assert (index.count(), pairs_of(index.look(batch), batch)) == (0, {})


def test_texts_are_added_without_looking_and_erased_with_their_keys(make_index) -> None:
    index = make_index()
    rows = [text(number, (1, 10 + number), (5, 6)) for number in (1, 2, 3)]
    index.add(batch_of(rows))
    index.add(batch_of(rows))
    assert index.count() == 3
    index.erase([2], batch_of([rows[1]]))
    index.erase([77], batch_of([text(77, (1, 90), (5,))]))
    batch = batch_of([text(9, (1, 90), (5, 6))])
    assert pairs_of(index.look(batch), batch) == {(0, 1): (1, 2), (0, 3): (1, 2)}
    assert index.count() == 2


def test_nothing_is_a_batch_too(make_index) -> None:
    index = make_index()
    assert len(index.publish(batch_of([])).places) == 0
    batch = batch_of([text(1)])
    assert pairs_of(index.publish(batch), batch) == {}


keys = st.integers(1, 12)
texts = st.lists(
    st.tuples(st.lists(keys, min_size=2, max_size=2), st.lists(keys, max_size=6)), max_size=40
)


@settings(max_examples=60)
@given(texts=texts, sizes=st.lists(st.integers(1, 9), min_size=1), gone=st.sets(st.integers(1, 40)))
def test_any_batching_finds_what_a_plain_table_finds(texts, sizes, gone) -> None:
    config = replace(CONFIG, bucket_cap=64, passage_limit=1000)
    index = EmbeddedIndex(config)
    stored, found = {}, {}
    rows = [text(n, [100 + b for b in bands], own) for n, (bands, own) in enumerate(texts, 1)]
    step = 0
    while rows:
        size = sizes[step % len(sizes)]
        batch = batch_of(rows[:size])
        for (place, other), shared in pairs_of(index.publish(batch), batch).items():
            found[frozenset({rows[place][0], other})] = shared
        stored.update((row[0], row) for row in rows[:size])
        if step == 1:
            index.remove(gone & stored.keys())
            stored = {n: row for n, row in stored.items() if n not in gone}
            found = {pair: shared for pair, shared in found.items() if not pair & gone}
        rows, step = rows[size:], step + 1
    found = {pair: shared for pair, shared in found.items() if pair <= stored.keys()}
    expected = {}
    for a in stored:
        for b in stored:
            shared = [len({*stored[a][i]} & {*stored[b][i]}) for i in (1, 2)]
            if a < b and any(shared):
                expected[frozenset({a, b})] = tuple(shared)
    assert found == expected


def test_saved_runs_are_found_again_and_erased_entries_leave_the_files(tmp_path) -> None:
    rows = [text(n, (n % 5, 50 + n), range(n, n + 4)) for n in range(1, 200)]
    index = EmbeddedIndex(CONFIG, tmp_path / "index", "catalogue")
    for first in range(0, len(rows), 30):
        index.publish(batch_of(rows[first : first + 30]))
    asked = batch_of([text(999, (), (7, 8, 100, 101))])
    expected = pairs_of(index.look(asked), asked)
    index.close()
    index = EmbeddedIndex(CONFIG, tmp_path / "index", "catalogue")
    assert pairs_of(index.look(asked), asked) == expected
    index.erase([100], batch_of([rows[99]]))
    index.close()
    entries = np.concatenate([np.fromfile(p, np.uint64) for p in tmp_path.glob("index/run-*")])
    numbers = Counter((entries & np.uint64(2**26 - 1)).tolist())
    assert 100 not in numbers
    assert numbers.keys() == set(range(1, 200)) - {100}
    index = EmbeddedIndex(CONFIG, tmp_path / "index", "another catalogue")
    assert index.count() == 0


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_crowded_keys_are_counted_wherever_their_entries_stand(data) -> None:
    texts = data.draw(
        st.lists(
            st.tuples(st.lists(st.integers(0, 4), min_size=2, max_size=2),
                      st.lists(st.integers(0, 6), max_size=6)),
            max_size=30,
        )
    )  # fmt: skip
    index, first = EmbeddedIndex(CONFIG), 0
    batches = data.draw(st.lists(st.integers(1, 8), min_size=30, max_size=30))
    made = [text(n, tuple(bands), tuple(own)) for n, (bands, own) in enumerate(texts, 1)]
    for size in batches:
        index.publish(batch_of(made[first : first + size]))
        first += size
    gone = data.draw(st.sets(st.integers(1, 30), max_size=10))
    index.remove(sorted(gone))
    left = [(number, *keys) for number, *keys in made if number not in gone]
    held = [Counter(key for _, bands, _ in left for key in set(bands)),
            Counter(key for _, _, own in left for key in set(own))]  # fmt: skip
    passages = held[1].values()
    capped = sum(size > CONFIG.bucket_cap for size in held[0].values())
    capped += sum(CONFIG.bucket_cap < size <= CONFIG.passage_limit for size in passages)
    skipped = sum(size > CONFIG.passage_limit for size in passages)

    def keys_of(numbers):
        return {
            number: (np.array(bands, np.uint64), np.array(own, np.uint64))
            for number, bands, own in left
            if number in numbers
        }

    assert index.count_crowded(keys_of) == (capped, skipped)
