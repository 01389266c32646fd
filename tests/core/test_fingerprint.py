import warnings

import numpy as np
import pytest
from core.reference import grams, shingles, winnow, words
from core.strategies import texts_with_cuts
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.config import Config
from dedupe.errors import ConfigMismatch
from dedupe.fingerprint import fingerprint_batch, fingerprint_texts
from dedupe.keys import guaranteed_run
from dedupe.minhash import (
    EMPTY,
    coefficients,
    from_datasketch,
    sign_hashes,
    sign_texts,
    to_datasketch,
)
from dedupe.normalize import encode_texts, tokenize
from dedupe.shingles import shingle_hashes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from datasketch import LeanMinHash, MinHash

CONFIG = Config()


@given(texts_with_cuts())
def test_shingles_agree_with_the_definition(case):
    text, cuts = case
    assert shingle_hashes(tokenize(text, cuts)).tolist() == shingles(text, cuts)


@given(texts_with_cuts())
def test_passage_keys_agree_with_winnowing_by_the_definition(case):
    text, cuts = case
    config = Config(passage_words=3, passage_letters=4, passage_window=4)
    prints = fingerprint_batch(encode_texts([text], [cuts]), config)
    expected = winnow(grams(words(text, cuts), 3, 4), 4)
    assert prints.keys[config.bands :].tolist() == expected


@given(st.lists(texts_with_cuts(), max_size=5))
@settings(max_examples=50)
def test_a_fingerprint_does_not_depend_on_its_batch(cases):
    texts, cuts = [text for text, _ in cases], [cut for _, cut in cases]
    whole = fingerprint_batch(encode_texts(texts, cuts), CONFIG)
    for index, (text, cut) in enumerate(cases):
        alone = fingerprint_batch(encode_texts([text], [cut]), CONFIG)
        own = slice(whole.key_bounds[index], whole.key_bounds[index + 1])
        assert whole.keys[own].tolist() == alone.keys.tolist()
        assert (whole.signatures[index] == alone.signatures[0]).all()


@given(st.lists(st.integers(0, 2**32 - 1), max_size=50), st.integers(1, 5))
def test_signature_equals_datasketch_bit_for_bit(hashes, seed):
    sketch = MinHash(num_perm=64, seed=seed, hashfunc=int)
    sketch.update_batch(hashes)
    assert sketch.scheme == "affine32"
    ours = sign_hashes(np.array(hashes, np.uint32), 64, seed)
    assert (ours == sketch.hashvalues).all()


def test_signature_of_a_text_can_be_built_with_datasketch_alone():
    text = "ذكرت الوكالة أن الاجتماع عُقد في القاهرة يوم الثلاثاء بحضور وزراء خارجية تسع دول"
    sketch = MinHash(num_perm=128, seed=1, hashfunc=int)
    sketch.update_batch(shingle_hashes(tokenize(text)).tolist())
    assert (sign_texts([text])[0] == sketch.hashvalues).all()


def test_signatures_go_to_datasketch_and_back():
    signature = sign_texts(["one two three four five six seven"])[0]
    lean = to_datasketch(signature)
    assert isinstance(lean, LeanMinHash)
    assert lean.jaccard(to_datasketch(signature)) == 1.0
    assert (from_datasketch(lean) == signature).all()


def test_sketches_of_another_scheme_or_seed_are_refused():
    with pytest.raises(ConfigMismatch, match="legacy/1/128"):
        from_datasketch(MinHash(num_perm=128, scheme="legacy"))
    with pytest.raises(ConfigMismatch, match="affine32/2/128"):
        from_datasketch(MinHash(num_perm=128, seed=2))


def test_a_text_without_words_has_no_keys_and_an_empty_signature():
    prints = fingerprint_batch(encode_texts(["... !", "a b c d e f g"]), CONFIG)
    assert prints.key_bounds[1] == 0
    assert (prints.signatures[0] == EMPTY).all()
    assert prints.key_bounds[2] > 0


WORDS = st.lists(st.integers(0, 10**6), min_size=0, max_size=60)


@given(st.data())
@settings(max_examples=60)
def test_a_shared_run_of_the_guaranteed_length_gives_a_common_key(data):
    run = guaranteed_run(CONFIG.passage_words, CONFIG.passage_window)
    shared = data.draw(st.lists(st.integers(0, 10**6), min_size=run, max_size=run))
    found = []
    for _ in range(2):
        before, after = data.draw(WORDS), data.draw(WORDS)
        text = " ".join(f"w{n}" for n in [*before, *shared, *after])
        keys = fingerprint_batch(encode_texts([text]), CONFIG).keys[CONFIG.bands :]
        found.append(set(keys.tolist()))
    assert found[0] & found[1]


@given(st.data())
@settings(max_examples=60)
def test_the_guarantee_holds_for_letters_of_scripts_without_spaces(data):
    letters = st.sampled_from("天地玄黄宇宙洪荒日月盈昃辰宿列張寒来暑往")
    run = guaranteed_run(CONFIG.passage_letters, CONFIG.passage_window)
    shared = data.draw(st.text(letters, min_size=run, max_size=run))
    found = []
    for _ in range(2):
        text = data.draw(st.text(letters, max_size=50)) + shared
        text += data.draw(st.text(letters, max_size=50))
        keys = fingerprint_batch(encode_texts([text]), CONFIG).keys[CONFIG.bands :]
        found.append(set(keys.tolist()))
    assert found[0] & found[1]


def test_notices_do_not_change_the_fingerprint():
    body = "The council approved the new budget on Monday after a long debate over the port."
    notice = " This article first appeared on Example Daily."
    plain = fingerprint_batch(encode_texts([body]), CONFIG)
    cut = fingerprint_batch(
        encode_texts([body + notice], [[(len(body), len(body) + len(notice))]]), CONFIG
    )
    assert plain.keys.tolist() == cut.keys.tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 300))
@settings(max_examples=50)
def test_coefficients_are_those_of_the_pinned_datasketch(seed, permutations):
    drawn = MinHash(num_perm=permutations, seed=seed, scheme="affine32").permutations
    assert np.array_equal(coefficients(permutations, seed), drawn)


@given(st.lists(texts_with_cuts(), max_size=80), st.booleans())
@settings(max_examples=20)
def test_many_texts_are_fingerprinted_as_one_batch_would_be(cases, places):
    texts, cuts = [text for text, _ in cases], [cut for _, cut in cases]
    whole = fingerprint_batch(encode_texts(texts, cuts), CONFIG)
    found = fingerprint_texts(texts, cuts, CONFIG, places=places)
    for name in ("tokens", "token_bounds", "signatures", "keys", "key_bounds"):
        assert np.array_equal(getattr(found, name), getattr(whole, name))
    for name in ("starts", "ends"):
        assert getattr(found, name).tolist() == (getattr(whole, name).tolist() if places else [])
