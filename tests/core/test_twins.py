from itertools import combinations

import numpy as np
from core.corpus import story
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.config import Config
from dedupe.corpus import prepare_corpus
from dedupe.fingerprint import fingerprint_texts
from dedupe.matching import RELATIONS, judge_pairs
from dedupe.models import Relation
from dedupe.twins import find_twins, fold_pairs

CONFIG = Config()
WORDS = story(1, 60)
TEXTS = (
    " ".join(WORDS),
    " ".join(WORDS).upper(),  # the same words, other flags
    " ".join(WORDS[:40]),
    " ".join([*WORDS[:50], *story(2, 20)]),
    " ".join(story(3, 60)),
    "",
)
articles = st.tuples(st.sampled_from(TEXTS), st.integers(0, 2), st.booleans())


def prepare(rows):
    spaces = [body.find(" ", 30) for body, _, _ in rows]
    cuts = [
        [(space, space + 1)] if cut and space > 0 else None
        for space, (_, _, cut) in zip(spaces, rows, strict=True)
    ]
    prints = fingerprint_texts([body for body, _, _ in rows], cuts, CONFIG)
    firsts = np.minimum(prints.key_bounds[:-1] + CONFIG.bands, prints.key_bounds[1:])
    return prepare_corpus(
        prints.tokens,
        prints.token_bounds[:-1],
        prints.token_bounds[1:],
        prints.keys.copy(),
        firsts,
        prints.key_bounds[1:],
        np.array([address for _, address, _ in rows], np.uint64),
        CONFIG,
    )


def every_pair(count):
    pairs = np.array(list(combinations(range(count), 2)), np.uint32).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


@given(st.lists(articles, min_size=2, max_size=12))
@settings(max_examples=60)
def test_folding_equal_texts_changes_no_verdict(rows):
    corpus = prepare(rows)
    left, right = every_pair(len(rows))
    folded = fold_pairs(corpus, left, right)
    once = judge_pairs(
        folded.corpus,
        (folded.pairs >> np.uint64(32)).astype(np.uint32),
        folded.pairs.astype(np.uint32),
        CONFIG,
    )
    independent = RELATIONS.index(Relation.INDEPENDENT)
    found = folded.unfold(once.select(once.relation != independent), left, right, corpus.addresses)
    wanted = judge_pairs(corpus, left, right, CONFIG)
    wanted = wanted.select(wanted.relation != independent)
    for name in wanted.__dataclass_fields__:
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name


@given(st.lists(articles, min_size=1, max_size=12))
def test_twins_have_the_same_tokens_and_the_lowest_number(rows):
    corpus = prepare(rows)
    texts = [
        tuple(corpus.tokens[first:last].tolist())
        for first, last in zip(corpus.firsts, corpus.lasts, strict=True)
    ]
    twins = find_twins(corpus, np.arange(len(rows)))
    assert twins.tolist() == [texts.index(text) for text in texts]


def test_equal_words_cut_at_other_places_share_no_more_than_they_have():
    corpus = prepare([(TEXTS[0], 0, False), (TEXTS[0], 0, True)])
    found = judge_pairs(corpus, *every_pair(2), CONFIG)
    assert found.relation[0] == RELATIONS.index(Relation.IDENTICAL)
    assert found.containment_left[0] < 1.0
    assert found.containment_right[0] == 1.0
    assert found.similarity[0] == found.containment_left[0]
