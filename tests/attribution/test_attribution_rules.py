"""Reading language files: every mistake is named with file, rule and remedy."""

import pytest

from dedupe.attribution.rule_files import load_language
from dedupe.errors import RuleInvalid

GOOD = """
language = "xx"
name = "Examplish"
[words]
article = ["story", "tale"]
[[rule]]
id = "xx.one"
kind = "first_appeared"
patterns = ["this <article> first appeared in {source}"]
positive = ["This tale first appeared in Tin Whistle."]
negative = ["It rained."]
"""


def load(tmp_path, text):
    path = tmp_path / "xx.toml"
    path.write_text(text, encoding="utf-8")
    return load_language(path)


def test_a_file_is_read_with_defaults_by_kind(tmp_path):
    language = load(tmp_path, GOOD)
    rule = language.rules[0]
    assert (language.code, rule.trust.value, rule.confidence) == ("xx", "notice", 0.95)
    assert "line" in rule.where
    assert "inline" not in rule.where


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('kind = "first_appeared"', 'kind = "found"', "kind"),
        ("<article>", "<articles>", "word list <articles>"),
        ("{source}", "{origin}", "no slot {origin}"),
        ("{source}", "{source} {via}", "a slot must be followed"),
        ("{source}", "{source} and {source} too", "twice"),
        ("first appeared in {source}", "(first {source}", "is missing"),
        ("first appeared in {source}", "first) {source}", "closes nothing"),
        ("this <article> first appeared in {source}", "{source}", "long enough"),
        ('negative = ["It rained."]', "negative = []", "example"),
        ('id = "xx.one"', 'id = ""', "id"),
        ('id = "xx.one"', 'id = "xx.one"\nwher = ["line"]', "unknown wher"),
        ('id = "xx.one"', 'id = "xx.one"\nwhere = ["anywhere"]', "where"),
        ('id = "xx.one"', 'id = "xx.one"\nfills = "page"', "fills"),
        ('name = "Examplish"', "", "name"),
        ("[words]", "[word]", "unknown word"),
        ("[words]", "[words", "-"),
        ("{source}", "{source", "stray"),
    ],
)
def test_a_mistake_is_refused_with_its_reason(tmp_path, old, new, reason):
    assert old in GOOD
    with pytest.raises(RuleInvalid, match=r"xx\.toml") as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert reason in str(caught.value)


def test_an_id_used_twice_is_refused(tmp_path):
    again = GOOD + GOOD[GOOD.index("[[rule]]") :]
    with pytest.raises(RuleInvalid, match="twice"):
        load(tmp_path, again)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "xx.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleInvalid):
        load_language(path)
