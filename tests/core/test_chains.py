"""Texts that drift from one to the next: articles that share nothing never stand in one cluster."""

import random
from itertools import combinations

import numpy as np
import pytest
from core.corpus import spell, story

from benchmarks.quality.frames import corpus_of
from dedupe.batch.local import cluster_labels
from dedupe.config import default_config
from dedupe.matching import RELATIONS, judge_pairs
from dedupe.models import Relation

CONFIG = default_config()


def group(texts):
    """(clusters as lists of numbers, relation of each pair)."""
    pairs = np.array(list(combinations(range(len(texts)), 2)), np.uint32)
    corpus = corpus_of(texts, CONFIG)
    judged = judge_pairs(corpus, pairs[:, 0].copy(), pairs[:, 1].copy(), CONFIG)
    relations = [RELATIONS[code] for code in judged.relation.tolist()]
    labels = cluster_labels(len(texts), judged)
    clusters = [np.flatnonzero(labels == label).tolist() for label in np.unique(labels)]
    return clusters, dict(zip(map(tuple, pairs.tolist()), relations, strict=True))


def window(step, count=36, length=240):
    words = story(5, step * count + length)
    return [" ".join(words[step * n : step * n + length]) for n in range(count)]


def rewrite(rate, count=24):
    """Each text is the one before it with some of the words replaced."""
    chance, words, texts = random.Random(3), story(9, 260), []
    for _ in range(count):
        texts.append(" ".join(words))
        words = [spell(chance.randrange(10**6)) if chance.random() < rate else w for w in words]
    return texts


@pytest.mark.parametrize(
    "texts",
    [window(20), window(60), window(100), rewrite(0.12), rewrite(0.25)],
    ids=["slide 20", "slide 60", "slide 100", "rewrite 12 %", "rewrite 25 %"],
)
def test_a_drift_of_texts_stays_around_one_of_them(texts):
    clusters, relations = group(texts)
    for members in clusters:
        if len(members) < 6:
            continue
        linked = [
            sum(relations[min(a, b), max(a, b)].unites for b in members if b != a) for a in members
        ]
        assert 2 * max(linked) >= len(members) - 1
    assert max(map(len, clusters)) < len(texts)


def test_each_step_of_the_drift_is_a_copy_and_its_ends_are_not():
    _, relations = group(rewrite(0.12))
    assert relations[0, 1] is Relation.EDITED
    assert relations[0, 23] is Relation.INDEPENDENT
