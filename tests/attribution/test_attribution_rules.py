"""Reading language files: every mistake is named with file, rule and remedy."""

import re
import tomllib
from pathlib import Path

import pytest

from dedupe.attribution import rule_files, syntax
from dedupe.attribution.name_words import NAME_KEYS
from dedupe.attribution.rule_files import load_language
from dedupe.attribution.syntax import NAME_SLOTS
from dedupe.errors import RuleInvalid

GUIDE = Path(__file__).parents[2] / "docs" / "add-a-language.md"
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
        ('id = "xx.one"', 'id = "xx.one"\nnot_before = "wise"', "not_before"),
        ('id = "xx.one"', 'id = "xx.one"\nnot_before = ["<ends>"]', "not_before"),
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


RULE = GOOD[GOOD.index("[[rule]]") :]
FURNITURE = '[[furniture]]\nid = "xx.page"\n'


def with_field(line):
    """The good file with one line in its rule exchanged or added."""
    key = line.partition(" ")[0]
    kept = [each for each in GOOD.splitlines() if not each.startswith(f"{key} = ")]
    return "\n".join([*kept, line, ""])


def with_words(line):
    return GOOD.replace("[words]", f"[words]\n{line}")


def with_top(line):
    return GOOD.replace("[words]", f"{line}\n[words]")


BROKEN = {
    # lists of phrases
    "a word for a list of words": (with_words('tale = "story"'), "[words]: tale takes phrases"),
    "numbers among words": (with_words("tale = [1]"), "not 1"),
    "an empty list of words": (with_words("tale = []"), "tale is empty"),
    "a list no pattern can call": (with_words('Tale = ["a"]'), "named by a-z"),
    "words as a table below": (GOOD + "[words.tale]\n", "tale takes phrases"),
    "a list that holds itself": (GOOD.replace('"tale"', '"<article>"'), "holds itself"),
    "a joiner letter by letter": (GOOD + '[names]\njoiners = "and"\n', "[names]: joiners takes"),
    "a number for a joiner": (GOOD + "[names]\njoiners = [1]\n", "joiners takes phrases"),
    "an empty joiner": (GOOD + '[names]\njoiners = [""]\n', "none of them empty"),
    "a blank joiner": (GOOD + '[names]\njoiners = [" "]\n', "none of them empty"),
    "a joiner of tatweel": (GOOD + '[names]\njoiners = ["\u0640"]\n', "no letters"),
    "a pattern among names": (GOOD + '[names]\nplaces = ["(a|b)"]\n', "plain phrases"),
    "a variable there is not": (GOOD + '[names]\nstop_at = ["on @moth"]\n', "there is @month"),
    "agencies letter by letter": (with_top('agencies = "Reuters"'), "agencies takes names"),
    "a number for an agency": (with_top("agencies = [1]"), "agencies takes names"),
    "an agency of marks": (with_top('agencies = ["-"]'), "no letters"),
    "a pattern for an agency": (with_top('services = ["(AP|AFP)"]'), "plain phrases"),
    "a pattern on lines": (GOOD + '[lines]\nby = ["(par|por)"]\n', "plain phrases"),
    "a list on lines": (GOOD + '[lines]\nby = ["<word>"]\n', "plain phrases"),
    "an option on lines": (GOOD + '[lines]\nby = ["[the] by"]\n', "plain phrases"),
    "rights of tatweel": (GOOD + '[lines]\nrights = ["\u0640"]\n', "no letters"),
    "the rest of any word": (GOOD + '[lines]\nby = ["*"]\n', "no letters"),
    "a rest of a word before a digit": (GOOD + '[lines]\nages = ["vo* #"]\n', "behind #"),
    "a long subject mark": (GOOD + '[releases]\nsubject_marks = ["z-a"]\n', "one character"),
    # tables
    "two brackets for words": (GOOD.replace("[words]", "[[words]]"), "write [words], with one"),
    "two brackets for names": (GOOD + "[[names]]\n", "write [names], with one"),
    "two brackets for lines": (GOOD + "[[lines]]\n", "write [lines], with one"),
    "a word for a table": (with_top('lines = "by"'), "[lines]: is no table"),
    "one bracket for a rule": (GOOD.replace("[[rule]]", "[rule]"), "write [[rule]], with two"),
    "words for rules": (with_top('furniture = ["a"]'), "write [[furniture]], with two"),
    "a language without a code": (GOOD.replace('"xx"', '" "', 1), 'say language = "xx"'),
    # fields of a rule
    "a flag in quotes": (with_field('self = "false"'), "self = 'false'; write true or false"),
    "a yes": (with_field('split = "no"'), "split = 'no'; write true or false"),
    "a number for a flag": (with_field("mixed = 1"), "mixed = 1; write true or false"),
    "too much confidence": (with_field("confidence = 7"), "a number from 0 to 1"),
    "confidence in words": (with_field('confidence = "high"'), "a number from 0 to 1"),
    "confidence true": (with_field("confidence = true"), "a number from 0 to 1"),
    "no number": (with_field("confidence = nan"), "a number from 0 to 1"),
    "a list for a window": (with_field('window = ["head"]'), "use one of any, first, head, tail"),
    "a word for places": (with_field('where = "line"'), "where takes a list"),
    "no places": (with_field("where = []"), "where takes a list"),
    "places in a list": (with_field('where = [["line"]]'), "use one of bracket"),
    "a list for a kind": (with_field('kind = ["translation"]'), "use one of agency_byline"),
    "the kind of no notice": (with_field('kind = "none"'), "use one of agency_byline"),
    "a trust there is not": (with_field('trust = "full"'), "use one of agency_credit"),
    "no patterns": (GOOD.replace("patterns", "#"), "needs patterns"),
    "no pattern": (with_field("patterns = []"), "needs patterns"),
    "a word for patterns": (with_field('patterns = "this tale"'), "patterns takes phrases"),
    "numbers for patterns": (with_field("patterns = [3]"), "patterns takes phrases"),
    "an empty pattern": (with_field('patterns = [" "]'), "none of them empty"),
    "a word for only": (with_field('only = "Xinhua"'), "only takes names"),
    # examples
    "examples letter by letter": (with_field('positive = "x"'), "positive takes examples"),
    "a number for an example": (with_field("positive = [3]"), "positive takes texts"),
    "no text": (with_field('positive = [{ txt = "A b." }]'), "unknown txt"),
    "an empty text": (with_field('positive = [{ source = "A" }]'), "needs text"),
    "a misspelt source": (
        with_field('positive = [{ text = "A b.", sorce = "A" }]'),
        "xx.one: unknown sorce",
    ),
    "a list for a source": (
        with_field('positive = [{ text = "A b.", source = ["A"] }]'),
        "source of an example takes a text",
    ),
    "a word for authors": (
        with_field('positive = [{ text = "A b.", authors = "A" }]'),
        "authors takes phrases",
    ),
    "the kind of an example": (
        with_field('positive = [{ text = "A b.", kind = "reprint" }]'),
        "kind = 'reprint'; use one of",
    ),
    "what is found in a negative": (with_field('negative = [{ text = "A" }]'), "negative takes"),
    "negatives letter by letter": (with_field('negative = "A"'), "negative takes phrases"),
    # furniture
    "furniture of nothing": (GOOD + FURNITURE, "xx.page: needs lines"),
    "furniture letter by letter": (GOOD + FURNITURE + 'lines = "copy"\n', "lines takes phrases"),
    "an example of furniture": (
        GOOD + FURNITURE + 'lines = ["copy link"]\npositive = [{ text = "Copy link" }]\n',
        "positive takes phrases",
    ),
    "furniture without an id": (GOOD + "[[furniture]]\n", "needs id"),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_typo_is_told_with_its_file_its_place_and_a_remedy(tmp_path, mistake):
    text, reason = BROKEN[mistake]
    tomllib.loads(text)
    with pytest.raises(RuleInvalid, match=r"xx\.toml: rule (-|\?|\[\w+\]|xx\.\w+): ") as caught:
        load(tmp_path, text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        with_field("confidence = 1"),
        with_field("self = false"),
        with_field('positive = [{ text = "A b.", kind = "none", authors = ["A"], source = "" }]'),
        with_top('agencies = ["Inter Press Service (IPS)"]'),
        GOOD + '[names]\nstop_at = ["(c)", "|", "(", "on @month", "#"]\n',
        GOOD + '[lines]\nages = ["# hour* ago"]\nrights = ["(c) "]\n',
        GOOD + FURNITURE + 'starts = ["follow us on"]\n',
    ],
)
def test_what_only_looks_like_a_typo_is_taken(tmp_path, text):
    load(tmp_path, text)


class TestGuide:
    """`docs/add-a-language.md` names all that a file may say."""

    TEXT = GUIDE.read_text("utf-8")
    SHOWN = tomllib.loads(re.search(r"```toml\n(language = .*?)```", TEXT, re.DOTALL)[1])

    def test_1_every_list_of_names_is_shown_and_no_other(self):
        assert set(self.SHOWN["names"]) == set(NAME_KEYS)

    def test_2_every_field_of_furniture_is_shown(self):
        assert set(self.SHOWN["furniture"][0]) == rule_files._FURNITURE_KEYS

    def test_3_every_field_of_a_rule_has_a_row_or_is_shown(self):
        fields = self.TEXT.partition("### Fields of a rule")[2].partition("\n## ")[0]
        rows = re.findall(r"^\| ([^|]+) \|", fields, re.MULTILINE)
        named = {key for row in rows for key in re.findall("`([a-z_]+)`", row)}
        assert named | set(self.SHOWN["rule"][0]) == rule_files._RULE_KEYS

    @pytest.mark.parametrize("known", ["_NAMES", "_PLACES", "_WINDOWS", "_FILLS", "_TRUSTS"])
    def test_4_every_value_is_named(self, known):
        values = getattr(rule_files, known)
        assert [value for value in values if f'"{value}"' not in self.TEXT] == []

    def test_5_every_kind_is_named(self):
        assert [k.value for k in rule_files._TRUST if f"`{k.value}`" not in self.TEXT] == []

    def test_6_every_slot_has_a_row(self):
        rows = "".join(re.findall(r"^\| (`\{[^|]+) \|", self.TEXT, re.MULTILINE))
        assert set(re.findall(r"\{(\w+)\}", rows)) - {"slot"} == {*NAME_SLOTS, *syntax._SLOTS}

    def test_7_every_list_of_agencies_is_named(self):
        named = {*re.findall("`([a-z_]+)`", self.TEXT), *self.SHOWN}
        assert set(rule_files._LISTS) - named == set()

    def test_8_what_it_shows_can_be_read(self, tmp_path):
        blocks = re.findall(r"```toml\n(.*?)```", self.TEXT, re.DOTALL)
        assert len(blocks) == 2
        assert load(tmp_path, "\n".join(blocks)).lists["by"] == ("by",)
