import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.clustering import choose_links, find_clusters

SIZE = 24
edge = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.floats(0.5, 1.0, width=32))


def normalise(edges):
    best = {}
    for a, b, probability in edges:
        if a != b:
            best[min(a, b), max(a, b)] = probability
    return [(a, b, probability) for (a, b), probability in best.items()]


def cluster(edges, count=SIZE, template=()):
    """The clusters of links; those in `template` have a template match with a text elsewhere."""
    beyond = [(number, count, 0.0) for number in template]
    edges = [*edges, *beyond]
    left = np.array([a for a, _, _ in edges], np.uint32)
    right = np.array([b for _, b, _ in edges], np.uint32)
    probability = np.array([p for _, _, p in edges], np.float32)
    frames = np.arange(len(edges)) >= len(edges) - len(beyond)
    slots = np.zeros(len(edges), np.int64)
    used = choose_links(count + 1, left, right, probability, frames, slots)
    return find_clusters(count, left[used], right[used], probability[used]).tolist()


@given(st.lists(edge, max_size=60), st.randoms(), st.sets(st.integers(0, SIZE - 1)))
@settings(max_examples=200)
def test_the_partition_does_not_depend_on_the_order_of_matches(edges, random, template):
    edges = normalise(edges)
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert cluster(edges, template=template) == cluster(shuffled, template=template)


@given(st.lists(edge, max_size=60))
def test_a_label_is_the_lowest_member_and_clusters_are_connected(edges):
    edges = normalise(edges)
    labels = cluster(edges)
    for node, label in enumerate(labels):
        assert label <= node
        assert labels[label] == label
    for label in set(labels):
        members = {node for node in range(SIZE) if labels[node] == label}
        reached, queue = {label}, [label]
        while queue:
            node = queue.pop()
            for a, b, _ in edges:
                for here, there in ((a, b), (b, a)):
                    if here == node and there in members - reached:
                        reached.add(there)
                        queue.append(there)
        assert reached == members


@given(st.lists(edge, max_size=60))
def test_strong_matches_unite_while_components_are_small(edges):
    edges = [(a % 5, b % 5, max(p, 0.96)) for a, b, p in edges]
    labels = cluster(normalise(edges), 5)
    assert all(labels[a] == labels[b] for a, b, _ in edges)


@given(st.lists(edge, max_size=120), st.sets(st.integers(0, SIZE - 1)))
@settings(max_examples=200)
def test_every_cluster_of_six_has_a_member_matched_with_half_of_the_others(edges, template):
    edges = normalise(edges)
    labels = cluster(edges, template=template)
    sizes = np.bincount(labels, minlength=SIZE)
    degrees = np.zeros(SIZE, int)
    for a, b, _ in edges:
        if labels[a] == labels[b]:
            degrees[[a, b]] += 1
    for label in np.flatnonzero(sizes >= 6):
        members = np.flatnonzero(np.array(labels) == label)
        assert 2 * degrees[members].max() >= sizes[label] - 1


def test_a_weak_link_unites_two_single_articles():
    assert cluster([(0, 1, 0.6)], 2) == [0, 0]


def test_a_chain_of_weak_links_does_not_grow():
    chain = [(n, n + 1, 0.6 + n / 1000) for n in range(11)]
    sizes = np.bincount(cluster(chain, 12))
    assert sizes.max() <= 4


def test_one_weak_link_does_not_join_two_dense_clusters():
    groups = [range(5), range(5, 10)]
    dense = [(a, b, 0.99) for group in groups for a in group for b in group if a < b]
    assert len(set(cluster([*dense, (4, 5, 0.7)], 10))) == 2


def test_weak_links_from_half_of_each_side_join_two_clusters():
    groups = [range(4), range(4, 8)]
    dense = [(a, b, 0.99) for group in groups for a in group for b in group if a < b]
    across = [(0, 4, 0.7), (1, 5, 0.7), (2, 6, 0.7)]
    assert len(set(cluster([*dense, *across], 8))) == 1


def test_doubtful_links_inside_a_template_do_not_unite():
    assert cluster([(0, 1, 0.8)], 2, template=(0, 1)) == [0, 1]
    assert cluster([(0, 1, 0.8)], 2, template=(0,)) == [0, 0]
    assert cluster([(0, 1, 0.99)], 2, template=(0, 1)) == [0, 0]


def test_a_long_sparse_string_of_strong_links_is_taken_apart():
    string = [(n, n + 1, 0.96) for n in range(99)]
    assert np.bincount(cluster(string, 100)).max() < 6
    certain = [(n, n + 1, 1.0) for n in range(99)]
    assert np.bincount(cluster(certain, 100)).max() < 6


def test_a_dense_drift_is_taken_apart_and_an_original_with_its_copies_is_not():
    """Each text is certain to copy the next four: the first and the last share nothing."""
    drift = [(a, b, 1.0) for a in range(40) for b in range(a + 1, min(40, a + 5))]
    for label in set(labels := cluster(drift, 40)):
        members = [node for node in range(40) if labels[node] == label]
        assert members[-1] - members[0] <= 8
    star = [(0, n, 0.99) for n in range(1, 20)]
    assert len(set(cluster(star, 20))) == 1


def test_no_matches_leave_everyone_alone():
    assert cluster([], 3) == [0, 1, 2]
    assert cluster([], 0) == []
