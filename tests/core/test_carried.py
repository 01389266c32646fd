"""A text carried in one piece within another outlet's own words: how much of it decides."""

import re

import pytest
from core.test_corrections import WRITTEN, match

from dedupe.models import Relation

OWN = {row["lang"]: row["text"].format(**row["one"]) for row in WRITTEN["bulletin"]}
STORIES = [pytest.param(row["lang"], row["text"], id=row["lang"]) for row in WRITTEN["story"]]


def units(lang, text):
    """Words with the blanks behind them; in Chinese, characters."""
    return list(text) if lang == "zh" else re.findall(r"\S+\s*", text)


def carry(lang, text, share, head):
    """`share` of the text where it stood, the rest a bulletin's words, `head` of them before."""
    words, own = units(lang, text.strip()), units(lang, OWN[lang] * 9)
    lost = len(words) - int(share * len(words))
    first = int(lost * head)
    last = lost - first
    return "".join([*own[:first], *words[first : len(words) - last], *own[first : first + last]])


@pytest.mark.parametrize("head", [0.0, 0.3, 1.0], ids=["tail", "both", "head"])
@pytest.mark.parametrize(("lang", "text"), STORIES)
def test_most_of_a_text_within_own_words_is_a_copy(lang, text, head):
    for share in (0.65, 0.8, 0.92):
        found = match(text.strip(), carry(lang, text, share, head))
        assert found.relation is Relation.EDITED, (share, found.relation, found.probability)


@pytest.mark.parametrize(("lang", "text"), STORIES)
def test_a_passage_within_own_words_is_partial(lang, text):
    for share in (0.2, 0.35):
        found = match(text.strip(), carry(lang, text, share, 0.5))
        assert found.relation is Relation.PARTIAL, (share, found.relation, found.probability)


@pytest.mark.parametrize(("lang", "text"), STORIES)
def test_a_whole_text_within_more_of_own_words_is_an_excerpt_of_it(lang, text):
    own = "".join(units(lang, OWN[lang] * 9)[: len(units(lang, text)) // 2])
    found = match(text.strip(), own + "\n" + text.strip())
    assert (found.relation, found.container) == (Relation.EXCERPT, "right")
