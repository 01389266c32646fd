"""Phrases looked up by their first letters stand where one expression of them all finds them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedupe.attribution.phrases import Phrases, any_phrase

_PIECES = ["a", "b", "1", "#", " ", ",", "(", "-", "'", "\u0628", "\u0939", "\u093f", "\u65b0"]
_PHRASE = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4).map("".join)
_TEXT = st.lists(st.sampled_from([*_PIECES, " a", " b", ",ab", "(a1"]), max_size=24).map("".join)


@given(st.lists(_PHRASE, max_size=8), _TEXT, st.data())
def test_phrases_stand_where_one_expression_finds_them(
    phrases: list[str], text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    pattern = any_phrase(phrases, "[ ,(]")
    found = pattern.search(text, start, end) if pattern is not None else None
    place = found.start() if found is not None else -1
    assert Phrases(phrases).find(text, start, end) == place
