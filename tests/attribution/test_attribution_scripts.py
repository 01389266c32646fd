"""What differs between scripts: where words end, letters, case, addresses, and names of rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedupe.attribution import load_extractor
from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.extract import Extractor
from dedupe.attribution.folding import fold_text
from dedupe.attribution.rule_files import load_language
from dedupe.attribution.syntax import compile_pattern
from dedupe.errors import RuleInvalid
from dedupe.models import Article

RULE = """
language = "xx"
name = "Examplish"
agencies = ["Xinhua", "新华社", "Reuters"]

[[rule]]
id = "xx.test"
kind = "{kind}"
patterns = ['{pattern}']
{more}
positive = ["a"]
negative = ["b"]
"""


def read(folder: Path, text: str, pattern: str, more: str = "", kind: str = "source_line"):
    """What one rule on its own makes of a text."""
    file = folder / "xx.toml"
    file.write_text(RULE.format(pattern=pattern, more=more, kind=kind), encoding="utf-8")
    extractor = Extractor([load_language(file)])
    return extractor.extract([Article("a", None, None, "", text)])[0]


@pytest.mark.parametrize(("text", "found"), [
    ("स्रोत से", True),
    ("स्रोत से।", True),
    ("स्रोत सेवा", False),  # another word: a vowel sign goes on with it
    ("स्रोत सेंध", False),
    ("स्रोत से॰", True),  # the sign of an abbreviation does not
])  # fmt: skip
def test_a_devanagari_word_ends_where_no_letter_and_no_sign_follows(text, found):
    pattern = compile_pattern("स्रोत से", {})
    assert bool(pattern.regex.search(fold_text(text))) is found


def test_a_devanagari_word_does_not_begin_behind_a_sign():
    pattern = compile_pattern("समाचार", {})
    assert pattern.regex.search(fold_text("हिंदी समाचार"))
    assert not pattern.regex.search(fold_text("हिंदीसमाचार"))


@pytest.mark.parametrize("spelling", ["ख\u093cबर", "\u0959बर", "खबर"])
def test_a_nukta_may_be_written_apart_in_one_letter_or_not_at_all(spelling):
    assert fold_text(spelling) == "खबर"


def test_a_claim_behind_letters_with_nuktas_has_exact_offsets():
    text = "सड़क की ख\u093cबर\u093c यहाँ।\nस्रोत : पीटीआई"
    found = load_extractor().extract([Article("a", None, None, "", text)])[0]
    assert found is not None
    assert found.agencies == ("पीटीआई",)
    for claim in found.claims:
        assert text[claim.start : claim.end] == claim.quote


@pytest.mark.parametrize(("name", "agency"), [
    ("АП", True), ("Ап", False), ("ап", False), ("ДПА", True), ("дпа", False), ("Тасс", True),
    ("AP", True), ("Ap", False),
])  # fmt: skip
def test_short_abbreviations_count_in_their_case_in_every_script_with_capitals(name, agency):
    assert (name in AgencyLexicon(["АП", "ДПА", "ТАСС", "AP"])) is agency


@pytest.mark.parametrize(("text", "url"), [
    ("Источник: вести.пример.рф", "вести.пример.рф"),
    ("Источник: пример.рф/новости/12", "пример.рф/новости/12"),
    ("Источник: www.пример.рф", "www.пример.рф"),
    ("Источник: example.org", "example.org"),
])  # fmt: skip
def test_an_address_may_be_in_a_national_script(tmp_path, text, url):
    found = read(tmp_path, text, "источник : {url}")
    assert found is not None
    assert found.source_url == url


def test_a_stop_without_a_blank_is_no_address(tmp_path):
    assert read(tmp_path, "Источник: конец.Начало", "источник : {url}") is None


def test_a_needed_word_of_a_script_without_blanks_stands_inside_a_longer_one(tmp_path):
    found = read(tmp_path, "新华社电讯，今日天气晴。", "{agency}电讯", kind="agency_byline")
    assert found is not None
    assert found.agencies == ("新华社",)


@pytest.mark.parametrize(("text", "source"), [
    ("Supplied by Harbour Brief", "Harbour Brief"),
    ("Supplied by HARBOUR BRIEF", "HARBOUR BRIEF"),
    ("Supplied by Someone Else", None),
])  # fmt: skip
def test_only_limits_the_names_a_rule_may_give(tmp_path, text, source):
    found = read(tmp_path, text, "supplied by {source}", 'only = ["Harbour Brief", "Inkwell"]')
    assert (found and found.original_source) == source


@pytest.mark.parametrize("value", ['"Inkwell"', '["..."]', "[3]", "true"])
def test_only_has_to_be_a_list_of_names(tmp_path, value):
    with pytest.raises(RuleInvalid, match="only takes names"):
        read(tmp_path, "x", "supplied by {source}", f"only = {value}")
