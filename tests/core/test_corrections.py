"""A story with a few values put right is a copy, another issue of a bulletin a template."""

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from dedupe.models import Article, Relation
from dedupe.pipeline import compare

WRITTEN = tomllib.loads(
    Path(__file__).with_name("corrected_stories.toml").read_text(encoding="utf-8")
)
STORIES = [pytest.param(row, id=row["lang"]) for row in WRITTEN["story"]]
BULLETINS = [pytest.param(row, id=f"{row['lang']} {row['kind']}") for row in WRITTEN["bulletin"]]


def match(left, right, url=None):
    sides = [
        Article(id=name, outlet="The Anchor", url=url, title="", body=body)
        for name, body in (("a", left), ("b", right))
    ]
    return compare(*sides)


def change(text, changes):
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("story", STORIES)
def test_a_story_with_one_to_four_values_put_right_is_a_copy(story):
    text = story["text"].strip()
    for count in range(1, 5):
        for changes in combinations(story["changes"], count):
            found = match(text, change(text, changes))
            assert found.relation is Relation.EDITED, (changes, found.probability)


@pytest.mark.parametrize("story", STORIES)
def test_a_corrected_story_that_lost_its_end_is_a_copy(story):
    text = story["text"].strip()
    kept = change(text, story["changes"][:2])[: len(text) * 4 // 5]
    assert match(text, kept).relation.copying


@pytest.mark.parametrize("bulletin", BULLETINS)
def test_another_issue_of_a_bulletin_is_a_template(bulletin):
    left, right = (bulletin["text"].format(**bulletin[issue]) for issue in ("one", "two"))
    assert match(left, right).relation is Relation.TEMPLATE


@pytest.mark.parametrize("bulletin", BULLETINS)
def test_a_bulletin_of_which_one_value_stayed_is_a_template(bulletin):
    one, two = bulletin["one"], bulletin["two"]
    kept = list(one)[-1]
    right = bulletin["text"].format(**{**two, kept: one[kept]})
    assert match(bulletin["text"].format(**one), right).relation is Relation.TEMPLATE


@pytest.mark.parametrize("bulletin", BULLETINS)
def test_another_issue_at_the_same_address_is_a_revision(bulletin):
    left, right = (bulletin["text"].format(**bulletin[issue]) for issue in ("one", "two"))
    found = match(left, right, "https://anchor.example/today")
    assert found.relation is Relation.REVISION
    assert found.probability == 1.0
