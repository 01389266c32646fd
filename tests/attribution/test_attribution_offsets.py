"""Offsets: every claim's span holds its quote in the verbatim body, whatever stands in the text."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.attribution import load_extractor
from dedupe.attribution.folding import fold_batch, fold_text
from dedupe.attribution.markup import same_length
from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.view import HEAD, TAIL, build_view, window_text
from dedupe.models import Article

EXAMPLES = [
    str(example["text"])
    for language in load_languages()
    for rule in language.rules
    for example in rule.positive
]
LONG = "The tide rose over the quay and nobody spoke of it. " * 80
MARKS = ["\u200f", "\u2067", "\u200b", "\u064e", "\u00ad", "\ufeff", "&nbsp;", "&#8207;", "  "]


def read(body):
    return load_extractor().extract([Article("a", None, None, "", body)])[0]


def check(body):
    found = read(body)
    if found is None:
        return None
    for claim in found.claims:
        assert claim.start is not None
        assert 0 <= claim.start < claim.end <= len(body)
        assert body[claim.start : claim.end] == claim.quote
    for furniture in found.furniture:
        assert 0 <= furniture.start < furniture.end <= len(body)
    cuts = found.cuts()
    assert all(a[1] < b[0] for a, b in pairwise(cuts))
    return found


@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from(MARKS)), max_size=6),
)
@settings(max_examples=150)
def test_quotes_are_verbatim_with_marks_entities_and_bidi_controls(example, marks):
    body = example
    for at, mark in marks:
        place = at % (len(body) + 1)
        body = body[:place] + mark + body[place:]
    check(body)


@given(st.sampled_from(EXAMPLES), st.text(max_size=40), st.sampled_from(["", LONG]))
@settings(max_examples=100)
def test_quotes_are_verbatim_behind_any_text(example, before, filler):
    check(f"{before}\n{filler}\n{example}")
    check(f"{example}\n{filler}\n{before}")


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_is_read_without_an_error(text):
    check(text)


@given(st.text(max_size=80))
def test_decoding_entities_keeps_the_length(text):
    assert len(same_length(text)) == len(text)
    assert len(same_length(f"&amp;nbsp;{text}&#8212;&quot;")) == len(text) + 23


@given(st.lists(st.text(max_size=60), max_size=4))
def test_each_folded_character_comes_from_its_offset(texts):
    view, offsets, starts = fold_batch(texts)
    for at, text in enumerate(texts):
        first, last = int(starts[at]), int(starts[at + 1])
        places = offsets[first:last].tolist()
        assert places == sorted(places)
        assert view[first] == 10
        assert view[last - 1] == 10
        for char, place in zip(view[first + 1 : last - 1].tolist(), places[1:-1], strict=True):
            assert 0 <= place < len(text)
            if char not in (10, 32, 45):
                assert chr(char) in (fold_text(text[place]), text[place])


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    once = fold_text(text)
    assert fold_text(once) == once


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("إعـــلام", "اعلام"),
        ("مكتبة", "مكتبه"),
        ("کی", "كي"),
        ("Été", "ete"),
        ("İSTANBUL", "istanbul"),
        ("«Tin»", '"tin"'),
        ("ＡＰ：", "ap:"),
        ("٢٠٢٤", "2024"),
        ("می‌شود", "ميشود"),
        ("ב־", "ב-"),
    ],
)
def test_spellings_that_readers_take_for_the_same_fold_alike(written, plain):
    assert fold_text(written) == plain


def test_a_tatweel_on_its_own_is_a_dash_and_inside_a_word_nothing():
    view, _, _ = fold_batch(["باريس ـ الفرنسـية"])
    assert view.tobytes().decode("utf-32-le").strip() == "باريس - الفرنسيه"


def test_a_long_body_is_read_at_both_ends_only():
    body = LONG + "This article first appeared on Tin Whistle.\n"
    assert len(window_text(body)) <= HEAD + TAIL + 3
    found = check(body)
    assert found.original_source == "Tin Whistle"
    view = build_view(body, window_text(body))
    end = view.text.rindex("whistle")
    assert body[slice(*view.span(end, end + 7))] == "Whistle"


def test_a_name_is_as_written_with_entities_decoded_and_marks_left_out():
    found = check("Done.\nThis article first appeared on \u2067M&uuml;hlen &amp; K&#252;ste\u2069.")
    assert found.original_source == "Mühlen & Küste"
    assert "&amp;" in found.claims[0].quote


def test_the_whole_notice_is_the_span():
    notice = (
        "This story was first published by Inkwell Daily and is republished with their consent."
    )
    found = check(f"Rain fell.\n{notice}\n")
    assert found.claims[0].quote == notice


def test_surrogates_and_nul_are_read_like_any_other_character():
    check("\ud800\x00 This article first appeared on Tin Whistle.")
