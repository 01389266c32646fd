import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq

from dedupe.alignment import COLUMNS, align_pairs
from dedupe.blocks import trace_pair
from dedupe.config import Config
from dedupe.fingerprint import fingerprint_batch
from dedupe.normalize import encode_texts
from dedupe.shinglemap import count_distinct
from dedupe.shingles import shingle_places

CONFIG = Config()
COLUMN = {name: index for index, name in enumerate(COLUMNS)}
vocabulary = st.integers(0, 30)
texts = st.lists(vocabulary, max_size=80).map(lambda ns: " ".join(f"w{n}x" for n in ns))


def arrays(*bodies):
    prints = fingerprint_batch(encode_texts(list(bodies)), CONFIG)
    firsts, lasts = prints.token_bounds[:-1], prints.token_bounds[1:]
    shingles = np.zeros(len(prints.tokens), np.uint32)
    shingle_places(prints.tokens, firsts, lasts, 3, 5, shingles)
    return prints.tokens, shingles, firsts, lasts


def measure(left, right, min_shared=0.0):
    tokens, shingles, firsts, lasts = arrays(left, right)
    out = np.zeros((1, len(COLUMNS)), np.int32)
    distinct = np.zeros(2, np.int32)
    count_distinct(shingles, firsts, lasts, distinct)
    pair = np.zeros(1, np.uint32), np.ones(1, np.uint32)
    align_pairs(
        tokens, shingles, firsts, lasts, firsts, distinct, *pair, CONFIG.kinds, min_shared, out
    )
    return {name: int(value) for name, value in zip(COLUMNS, out[0], strict=True)}


def trigrams(text):
    words = text.split()
    grams = {tuple(words[i : i + 3]) for i in range(len(words) - 2)}
    return grams or ({tuple(words)} if words else set())


@given(texts, texts)
@settings(max_examples=200)
def test_shared_shingles_are_counted_exactly(left, right):
    found = measure(left, right)
    assert found["shared"] == len(trigrams(left) & trigrams(right))
    assert found["left_shingles"] == len(trigrams(left))


@given(texts)
def test_distinct_shingles_are_counted_exactly(text):
    _, shingles, firsts, lasts = arrays(text)
    out = np.zeros(1, np.int32)
    count_distinct(shingles, firsts, lasts, out)
    assert out[0] == len(trigrams(text))


@given(texts, texts)
@settings(max_examples=200)
def test_alignment_never_claims_more_than_both_texts_hold(left, right):
    found = measure(left, right)
    words = left.split(), right.split()
    assert found["aligned"] <= min(len(words[0]), len(words[1]))
    in_order = found["aligned"] - found["moved"]
    assert in_order <= LCSseq.similarity(words[0], words[1])


@given(texts, texts)
def test_blocks_are_equal_words_and_do_not_overlap(left, right):
    tokens, shingles, _, lasts = arrays(left, right)
    middle = lasts[0]
    if not middle or lasts[1] == middle:
        return
    blocks = trace_pair(tokens[:middle], tokens[middle:], shingles[:middle], shingles[middle:])
    seen_left, seen_right = set(), set()
    words = left.split(), right.split()
    for i, j, length in blocks.tolist():
        assert words[0][i : i + length] == words[1][j : j + length]
        assert not seen_left & set(range(i, i + length))
        assert not seen_right & set(range(j, j + length))
        seen_left |= set(range(i, i + length))
        seen_right |= set(range(j, j + length))


def sentence(start, count):
    return " ".join(f"word{n}x" for n in range(start, start + count))


def test_equal_texts_are_one_block():
    found = measure(sentence(0, 50), sentence(0, 50))
    assert (found["aligned"], found["blocks"], found["longest"]) == (50, 1, 50)


def test_an_insertion_is_counted_as_inserted_words():
    found = measure(sentence(0, 50), f"{sentence(0, 20)} new1x new2x {sentence(20, 30)}")
    assert (found["aligned"], found["inserted"], found["slots"]) == (50, 2, 0)


def test_a_changed_number_is_a_number_slot():
    left = f"{sentence(0, 20)} 125 {sentence(20, 20)}"
    found = measure(left, left.replace("125", "340"))
    assert (found["slots"], found["number_slots"]) == (1, 1)


def test_a_changed_name_is_a_name_slot():
    left = f"{sentence(0, 20)} Cairo {sentence(20, 20)}"
    found = measure(left, left.replace("Cairo", "Tunis"))
    assert (found["slots"], found["name_slots"]) == (1, 1)


def test_words_between_replacements_are_aligned_one_by_one():
    left = f"{sentence(0, 10)} a1x keep1x b1x {sentence(10, 10)}"
    right = f"{sentence(0, 10)} c1x keep1x d1x {sentence(10, 10)}"
    found = measure(left, right)
    assert (found["aligned"], found["slots"]) == (21, 2)


def test_a_moved_paragraph_is_found_and_counted_as_moved():
    left = f"{sentence(0, 30)} {sentence(30, 40)}"
    right = f"{sentence(30, 40)} {sentence(0, 30)}"
    found = measure(left, right)
    assert (found["aligned"], found["moved"]) == (70, 30)


def test_a_pair_that_shares_too_little_is_not_aligned():
    left = f"{sentence(0, 5)} {sentence(100, 200)}"
    found = measure(left, f"{sentence(0, 5)} {sentence(500, 200)}", min_shared=0.05)
    assert found["shared"] == 3
    assert found["aligned"] == 0


def test_hostile_repetition_stays_linear_and_bounded():
    found = measure("same " * 20_000, "same " * 15_000)
    assert found["aligned"] == 15_000


def test_a_block_ends_at_a_cut():
    tokens, shingles, _, _ = arrays(sentence(0, 20), sentence(0, 20))
    tokens = tokens.copy()
    tokens[10] |= 4  # AFTER_CUT in the left text
    blocks = trace_pair(tokens[:20], tokens[20:], shingles[:20], shingles[20:])
    assert [block[0] for block in blocks.tolist()] == [0, 10]
