"""Pairs inside clusters, and those of them that a verdict has to look at."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedupe.batch.inside import choose_telling, find_inside
from dedupe.matching import RELATIONS, Judged
from dedupe.models import Relation
from dedupe.provenance import Carrier
from dedupe.provenance.order import read_directions

N = 8
KINDS = [Relation.IDENTICAL, Relation.EXCERPT, Relation.REVISION, Relation.EMBEDS]
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.sampled_from(KINDS), st.booleans()),
)


def judged_of(pairs: dict[tuple[int, int], tuple[Relation, bool]]) -> Judged:
    ends = np.array(sorted(pairs), np.uint32).reshape(-1, 2)
    told = [pairs[pair] for pair in sorted(pairs)]
    share = np.ones(len(told), np.float32)
    relation = np.array([RELATIONS.index(relation) for relation, _ in told], np.int8)
    longer = np.array([longer for _, longer in told], np.bool_)
    places = np.zeros(len(told), np.int64)
    return Judged(ends[:, 0], ends[:, 1], relation, share, share, share, share, longer, places)


def directions_of(judged: Judged, rows: list[int], words: list[int]) -> object:
    carriers = [Carrier(id=str(number), words=size) for number, size in enumerate(words)]
    matches = [
        SimpleNamespace(
            left=str(judged.left[row]),
            right=str(judged.right[row]),
            relation=RELATIONS[judged.relation[row]],
            container="left" if judged.left_longer[row] else "right",
            earlier="left",
        )
        for row in rows
    ]
    return read_directions(matches, carriers)


@given(PAIRS, st.lists(st.integers(1, 60), min_size=N, max_size=N))
def test_telling_pairs_say_what_all_of_them_say(
    pairs: dict[tuple[int, int], tuple[Relation, bool]], words: list[int]
) -> None:
    judged = judged_of(pairs)
    rows = find_inside(judged, np.zeros(N, np.int64)).rows
    telling = rows[choose_telling(judged, rows, np.array(words, np.uint32))]
    assert directions_of(judged, telling.tolist(), words) == directions_of(
        judged, rows.tolist(), words
    )


@given(PAIRS, st.lists(st.integers(0, 3), min_size=N, max_size=N), st.data())
def test_pairs_stand_by_cluster_and_choices_keep_their_places(
    pairs: dict[tuple[int, int], tuple[Relation, bool]], labels: list[int], data: st.DataObject
) -> None:
    judged = judged_of(pairs)
    inside = find_inside(judged, np.array(labels))
    uniting = [
        row
        for row, (left, right) in enumerate(sorted(pairs))
        if labels[left] == labels[right] and pairs[left, right][0].unites
    ]
    wanted = {
        label: [row for row in uniting if labels[judged.left[row]] == label] for label in range(4)
    }
    size = len(inside.rows)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), np.bool_)
    chosen = set(inside.rows[mask].tolist())
    asked = np.array(data.draw(st.permutations(range(4))))
    for pairs_inside, kept in ((inside, set(uniting)), (inside.only(mask), chosen)):
        rows, bounds = pairs_inside.of(asked)
        for at, label in enumerate(asked.tolist()):
            own = rows[bounds[at] : bounds[at + 1]].tolist()
            assert own == [row for row in wanted[label] if row in kept]
