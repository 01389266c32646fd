from itertools import combinations

import numpy as np
from core.reference import pack_keys
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.candidates import _sort_packed, find_candidates, pair_left, pair_right

BITS = 8
NO_LIMIT = 1 << 62

postings = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=120)


def search(rows, cap=64, limit=NO_LIMIT):
    keys = np.array([(key + 1) << 40 for key, _ in rows], np.uint64)
    owners = np.array([article for _, article in rows], np.uint32)
    return find_candidates([pack_keys(keys, owners, BITS)], BITS, cap, limit)


def pairs(found):
    return set(zip(pair_left(found.pairs).tolist(), pair_right(found.pairs).tolist(), strict=True))


def reference(rows, cap, limit):
    buckets = {}
    for key, article in rows:
        buckets.setdefault(key, set()).add(article)
    found, capped, skipped = set(), 0, 0
    for members in buckets.values():
        ordered = sorted(members)
        if len(ordered) > limit:
            skipped += 1
            continue
        capped += len(ordered) > cap
        hubs = set(ordered[:cap])
        found |= {pair for pair in combinations(ordered, 2) if pair[0] in hubs}
    return found, capped, skipped


@given(postings, st.integers(2, 50), st.integers(2, 50))
def test_buckets_agree_with_the_definition(rows, cap, limit):
    found = search(rows, cap, limit)
    assert (pairs(found), found.capped, found.skipped) == reference(rows, cap, limit)
    assert (np.diff(found.pairs.astype(np.int64)) > 0).all()


@given(postings, st.randoms())
@settings(max_examples=50)
def test_candidates_do_not_depend_on_the_order(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert search(rows, 4).pairs.tolist() == search(shuffled, 4).pairs.tolist()


def test_partitions_of_the_keys_give_the_same_pairs():
    rows = [(key, article) for key in range(6) for article in range(0, 40, key + 1)]
    keys = np.array([(key + 1) << 40 for key, _ in rows], np.uint64)
    owners = np.array([article for _, article in rows], np.uint32)
    halves = [
        pack_keys(keys[keys < 4 << 40], owners[keys < 4 << 40], BITS),
        pack_keys(keys[keys >= 4 << 40], owners[keys >= 4 << 40], BITS),
    ]
    assert (
        find_candidates(halves, BITS, 8, NO_LIMIT).pairs.tolist() == search(rows, 8).pairs.tolist()
    )


def test_no_keys_give_no_candidates():
    assert len(search([]).pairs) == 0
    assert len(find_candidates([], BITS, 8, NO_LIMIT).pairs) == 0


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**42)), max_size=300),
    st.lists(st.integers(0, 2**64 - 1), max_size=100),
)
def test_packed_keys_are_sorted_whatever_bits_they_share(crowded, spread):
    packed = np.array([(high << 62) + low for high, low in crowded] + spread, np.uint64)
    wanted = sorted(packed.tolist())
    _sort_packed(packed)
    assert packed.tolist() == wanted


def test_more_pairs_than_the_set_begins_with_are_all_kept():
    rows = [(key, article) for key in range(3) for article in range(key, 255, 2)]
    keys = np.repeat(np.arange(1, 401, dtype=np.uint64) << np.uint64(40), 40)
    owners = ((keys >> np.uint64(40)) * 40 + np.tile(np.arange(40), 400)).astype(np.uint32)
    found = find_candidates([pack_keys(keys, owners, 20)], 20, 64, NO_LIMIT)
    assert len(found.pairs) == 400 * 40 * 39 // 2
    assert pairs(search(rows, 200)) == reference(rows, 200, NO_LIMIT)[0]


@given(st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=1, max_size=4), st.data())
@settings(max_examples=50)
def test_keys_of_the_same_articles_change_no_pair_and_are_counted_each(buckets, data):
    repeats = data.draw(st.lists(st.sampled_from(buckets), min_size=1, max_size=12))
    rows = [(key, article) for key, members in enumerate(repeats) for article in members]
    found = search(rows, cap=3, limit=7)
    assert (pairs(found), found.capped, found.skipped) == reference(rows, 3, 7)
