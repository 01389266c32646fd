"""Frames of which only names differ, in scripts without capitals too; no fit has seen them."""

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from dedupe.models import Article, Relation
from dedupe.pipeline import compare

FRAMES = tomllib.loads(Path(__file__).with_name("names_only.toml").read_text("utf-8"))["frame"]
TOLD = [frame for frame in FRAMES if not frame.get("missed")]


def relation(left, right):
    return compare(
        *(Article(n, None, None, "", b) for n, b in (("a", left), ("b", right)))
    ).relation


def name_of(frame):
    return f"{frame['lang']}-{FRAMES.index(frame)}"


@pytest.mark.parametrize("frame", TOLD, ids=name_of)
def test_other_names_in_the_same_frame_are_a_template(frame):
    issues = [frame["text"].format(a=a, b=b) for a, b in zip(frame["a"], frame["b"], strict=True)]
    found = [relation(left, right) for left, right in combinations(issues, 2)]
    assert found.count(Relation.TEMPLATE) >= frame.get("told", len(found))


@pytest.mark.parametrize("frame", FRAMES, ids=name_of)
def test_one_of_two_names_put_right_is_a_copy(frame):
    one, other = (frame["text"].format(a=frame["a"][0], b=b) for b in frame["b"][:2])
    assert relation(one, other).copying
