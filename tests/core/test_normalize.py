import unicodedata

import numpy as np
import pytest
from core.reference import identity, words
from core.strategies import texts, texts_with_cuts
from hypothesis import given

from dedupe.foldtable import COMPLEX, SKIP, TABLE_SIZE, build_table, load_table
from dedupe.normalize import encode_texts, tokenize


def ids(text):
    return tokenize(text).ids.tolist()


@given(texts_with_cuts())
def test_kernel_agrees_with_the_definition(case):
    text, cuts = case
    expected = words(text, cuts)
    found = tokenize(text, cuts)
    assert found.ids.tolist() == [identity(word[0]) for word in expected]
    assert found.starts.tolist() == [word[1] for word in expected]
    assert found.ends.tolist() == [word[2] for word in expected]
    flags = [
        1 * word[3] + 2 * (word[4] and not word[6]) + 4 * word[5] + 8 * word[6] for word in expected
    ]
    assert found.flags.tolist() == flags


@given(texts)
def test_offsets_lie_inside_the_text_and_do_not_overlap(text):
    found = tokenize(text)
    assert (found.starts < found.ends).all()
    assert (found.starts[1:] >= found.ends[:-1]).all()
    assert not len(found.ends) or found.ends[-1] <= len(text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "text",
    [
        "Élève naïve à Zürich",
        "بِسْمِ ٱللَّهِ",
        "क़लम ज़मीन",
        "がぎぐげご パピプ",
        "한국어 각각",
        "Việt Nam Nguyễn",
    ],
)
def test_words_do_not_depend_on_the_unicode_form(text, form):
    assert ids(unicodedata.normalize(form, text)) == ids(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("أحمد إلى آمال ٱلله", "احمد الي امال الله"),
        ("مدرسة مسؤول شاطئ", "مدرسه مسوول شاطي"),
        ("مُحَمَّدٌ", "محمد"),
        ("العـــربية", "العربية"),
        ("می‌شود", "میشود"),
        ("کتاب ہے", "كتاب هے"),
        ("١٢٣ ۴۵۶ ７８", "123 456 78"),
        ("HELLO World", "hello world"),
        ("ISTANBUL İstanbul", "ıstanbul istanbul"),
        ("straße", "STRASSE"),
        ("ёлка", "елка"),
        ("pаypаl", "paypal"),  # Cyrillic а
        ("so\u00adft\u200b hy\u200dphen", "soft hyphen"),
        ("ﬁne", "fine"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("\u200fمرحبا\u200e", "مرحبا"),
    ],
)
def test_variants_of_a_word_are_one_word(left, right):
    assert ids(left) == ids(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("ब", "बु"), ("کتاب", "کباب"), ("كلب", "قلب"), ("12", "21"), ("か", "が"), ("cat", "car")],
)
def test_different_words_stay_different(left, right):
    assert ids(left) != ids(right)


def test_vocalised_arabic_is_not_cut_into_letters():
    assert len(tokenize("بِسْمِ اللَّهِ الرَّحْمَٰنِ الرَّحِيمِ").ids) == 4


def test_scripts_without_spaces_give_one_token_a_letter():
    assert len(tokenize("東京都庁").ids) == 4
    assert len(tokenize("ไทย").ids) == 3
    assert len(tokenize("서울 시청").ids) == 2


def test_a_cut_separates_words_and_is_remembered():
    text = "one two XXXX three"
    found = tokenize(text, [(8, 12)])
    assert [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)] == [
        "one",
        "two",
        "three",
    ]
    assert found.flags.tolist() == [0, 0, 4]


def test_lone_surrogates_and_nul_are_separators():
    assert ids("a\ud800b\x00c") == ids("a b c")


def test_shipped_table_is_that_of_the_definition():
    """For characters that the running Python's Unicode version knows as the table's did."""
    table, _ = load_table()
    built, _ = build_table()
    known = np.array(
        [unicodedata.ucd_3_2_0.category(chr(code)) != "Cn" for code in range(TABLE_SIZE)]
    )
    kinds = (table[:TABLE_SIZE] >> 24) & 7, (built >> 24) & 7
    assert (kinds[0][known] == kinds[1][known]).all()
    same = known & (kinds[0] != 6)
    made_on_loading = ~(SKIP | COMPLEX)
    assert (table[:TABLE_SIZE][same] & made_on_loading == built[same]).all()


def test_a_batch_is_its_texts_end_to_end():
    batch = encode_texts(["ab", "", "سلام"], [None, None, [(1, 3)]])
    assert batch.bounds.tolist() == [0, 2, 2, 6]
    assert batch.cuts.tolist() == [[3, 5]]
    assert batch.cut_bounds.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("قصاصاً وشرعاً.", ["قصاصاً", "وشرعاً"]),
        ("سلامٌ\u200f عليكم\u2069", ["سلامٌ", "عليكم"]),
        ("שָׁלוֹם soft\u00ad hy\u00adphen", ["שָׁלוֹם", "soft", "hy\u00adphen"]),
        ("قصاصاً ½ وشرعاً", ["قصاصاً", "½", "وشرعاً"]),
    ],
)
def test_marks_on_the_last_letter_belong_to_the_word_and_marks_of_direction_do_not(text, words):
    found = tokenize(text)
    assert [text[a:b] for a, b in zip(found.starts, found.ends, strict=True)] == words


@pytest.mark.parametrize("mark", "\u115f\u1160\u17b4\u2800\u3164\uffa0\u034f\u200b")
def test_what_is_drawn_as_nothing_makes_no_other_word(mark):
    for text in ("Bürgermeister spricht", "قصاصا وشرعا", "서울 시장"):
        stuffed = "".join(f"{char}{mark}" if char != " " else char for char in text)
        assert ids(stuffed) == ids(text)


def test_the_letter_that_is_an_apostrophe_parts_words_as_one_does():
    assert ids("здоровʼя") == ids("здоров'я") == ids("здоров’я")
