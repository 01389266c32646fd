import random

import numpy as np
from core.test_matching import CONFIG, corpus
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.fingerprint import fingerprint_batch
from dedupe.matching import trace_all, trace_blocks
from dedupe.normalize import AFTER_CUT, encode_texts
from dedupe.pipeline import trace_spans

VOCABULARY = [f"word{n}" for n in range(400)]


@st.composite
def related_texts(draw):
    """Texts made from each other, with pieces moved and changed and parts that are left out."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    first = chance.choices(VOCABULARY, k=draw(st.integers(0, 120)))
    bodies = [first]
    for _ in range(draw(st.integers(1, 4))):
        words = list(chance.choice(bodies))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(words) + 1)
            words[at : at + chance.randrange(6)] = chance.choices(VOCABULARY, k=chance.randrange(4))
        if chance.random() < 0.5:
            middle = chance.randrange(len(words) + 1)
            words = words[middle:] + words[:middle]
        bodies.append(words)
    cuts = [[] for _ in bodies]
    for words, own in zip(bodies, cuts, strict=True):
        if words and chance.random() < 0.5:
            at = len(" ".join(words[: chance.randrange(len(words))]))
            own.append((at, min(at + 9, len(" ".join(words)))))
    return [" ".join(words) for words in bodies], cuts


def join_slowly(blocks, left, right):
    """Blocks as spans, one after the other."""
    spans = []
    before = None
    for one, other, words in blocks.tolist():
        cut = int(left[0][one] | right[0][other]) & int(AFTER_CUT)
        ends = int(left[2][one + words - 1]), int(right[2][other + words - 1])
        if before == (one, other) and not cut:
            spans[-1][1], spans[-1][3] = ends
        else:
            spans.append([int(left[1][one]), ends[0], int(right[1][other]), ends[1]])
        before = one + words, other + words
    return tuple(sorted(map(tuple, spans)))


@given(related_texts())
@settings(max_examples=60, deadline=None)
def test_spans_of_many_pairs_are_those_of_each(made):
    bodies, cuts = made
    prints = fingerprint_batch(encode_texts(bodies, cuts), CONFIG)
    whole = corpus(bodies, cuts=cuts)
    pairs = [(a, b) for a in range(len(bodies)) for b in range(a + 1, len(bodies))]
    left, right = np.ascontiguousarray(np.array(pairs, np.uint32).T)
    found = trace_all(whole, left, right, prints.starts, prints.ends)
    for (a, b), spans in zip(pairs, found, strict=True):
        sides = [
            (prints.tokens[own], prints.starts[own], prints.ends[own])
            for own in (slice(prints.token_bounds[n], prints.token_bounds[n + 1]) for n in (a, b))
        ]
        blocks = trace_blocks(whole, a, b)
        assert spans == trace_spans(blocks, *sides) == join_slowly(blocks, *sides)
