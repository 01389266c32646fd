"""Every rule of every language file, on its own examples."""

import pytest

from dedupe.attribution import load_extractor
from dedupe.attribution.check import check_furniture, check_rule, main
from dedupe.attribution.rule_files import load_languages

LANGUAGES = load_languages()
RULES = [rule for language in LANGUAGES for rule in language.rules]
FURNITURE = [rule for language in LANGUAGES for rule in language.furniture]


@pytest.fixture(scope="module")
def extractor():
    return load_extractor()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_reads_its_positive_examples_and_no_negative_one(extractor, rule):
    assert check_rule(extractor, rule) == []


@pytest.mark.parametrize("rule", FURNITURE, ids=[rule.id for rule in FURNITURE])
def test_furniture_is_cut_and_prose_with_its_words_is_not(extractor, rule):
    assert check_furniture(extractor, rule) == []


def test_every_rule_has_a_positive_and_a_negative_example():
    assert all(rule.positive and rule.negative for rule in RULES)


def test_rule_ids_are_unique_over_all_languages():
    identities = [rule.id for rule in [*RULES, *FURNITURE]]
    assert len(identities) == len(set(identities))


def test_language_codes_are_unique():
    codes = [language.code for language in LANGUAGES]
    assert len(codes) == len(set(codes))


def test_arabic_and_english_are_there():
    assert {"ar", "en"} <= {language.code for language in LANGUAGES}


def test_the_check_command_passes_for_arabic_and_says_so(capsys):
    assert main(["ar"]) == 0
    assert "ar: " in capsys.readouterr().out


def test_the_check_command_names_a_language_that_is_not_there(capsys):
    assert main(["xx"]) == 1
    assert "'xx'" in capsys.readouterr().out
