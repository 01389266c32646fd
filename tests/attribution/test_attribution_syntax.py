"""Patterns are bounded by construction: no text can make one slow."""

import re
import re._constants as constants
import re._parser as parser

import pytest

from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.syntax import compile_pattern

PATTERNS = [
    (rule.id, pattern)
    for language in load_languages()
    for rule in language.rules
    for pattern in rule.patterns
] + [
    (rule.id, pattern)
    for language in load_languages()
    for rule in language.furniture
    for pattern in (*rule.lines, *rule.starts)
]
LONGEST_REPEAT = 300
MOST_SLOTS = 6


def quantifiers(tree):
    """All repeats of a parsed expression, as (largest count, how deep)."""
    for code, argument in tree:
        if code in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            yield argument[1]
            yield from quantifiers(argument[2])
        elif code is constants.SUBPATTERN:
            yield from quantifiers(argument[3])
        elif code is constants.BRANCH:
            for branch in argument[1]:
                yield from quantifiers(branch)
        elif code in (constants.ASSERT, constants.ASSERT_NOT):
            yield from quantifiers(argument[1])


def nested(tree, inside=False):
    """Whether a repeat of more than one stands inside a repeat of more than one."""
    for code, argument in tree:
        if code in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            many = argument[1] > 1
            if many and inside:
                return True
            if nested(argument[2], inside or many):
                return True
        elif (code is constants.SUBPATTERN and nested(argument[3], inside)) or (
            code is constants.BRANCH and any(nested(b, inside) for b in argument[1])
        ):
            return True
    return False


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS, ids=[rule for rule, _ in PATTERNS])
def test_every_quantifier_is_bounded_and_slots_are_few(rule, pattern):
    tree = parser.parse(pattern.regex.pattern)
    counts = list(quantifiers(tree))
    assert all(count <= LONGEST_REPEAT for count in counts)
    assert constants.MAXREPEAT not in counts
    # what is looked at is bounded too (`apply`), so a handful of open slots is a handful of lines
    slots = pattern.source.count("{")
    assert slots <= MOST_SLOTS, rule


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS, ids=[rule for rule, _ in PATTERNS])
def test_no_repeat_stands_inside_a_repeat_but_in_addresses(rule, pattern):
    if "url" not in pattern.slots:
        assert not nested(parser.parse(pattern.regex.pattern)), rule


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS, ids=[rule for rule, _ in PATTERNS])
def test_every_pattern_can_be_looked_for(rule, pattern):
    assert pattern.anchors, rule


def test_blanks_are_optional_beside_a_slot_but_words_are_never_joined():
    pattern = compile_pattern("first published at {source}", {})
    assert pattern.regex.match("first published attin.com")
    assert not pattern.regex.match("firstpublished at tin")
    assert not pattern.regex.match("first publisheds at tin")


def test_scripts_without_blanks_need_none():
    pattern = compile_pattern("本文 转载自 {source}", {})
    assert pattern.regex.match("本文转载自锡哨报")


def test_only_a_split_pattern_runs_over_line_breaks():
    text = "the post\na bridge\nappeared first on\ntin"
    source = "the post {title} appeared first on {source}"
    assert compile_pattern(source, {}, split=True).regex.match(text)
    assert not compile_pattern(source, {}).regex.match(text)


def test_marks_match_with_and_without_blanks():
    pattern = compile_pattern("source : {source}", {})
    for text in ("source: tin", "source : tin", "source:tin"):
        assert pattern.regex.match(text)


def test_literal_brackets_are_escaped_ones():
    pattern = compile_pattern(r"by {author} \( {agency} \)", {})
    assert pattern.regex.match("by ada (ap)")


def test_no_anchor_is_a_word_that_every_text_holds():
    source = "(this|that) {words} (used|carried|shared) {words} (from|courtesy of) {source}"
    assert set(compile_pattern(source, {}).anchors) == {" used ", "carried", "shared"}
    assert compile_pattern("from {source}", {}).anchors == (" from ",)  # there is nothing else


def test_anchors_are_phrases_rather_than_single_words():
    pattern = compile_pattern("this (story|tale) (first|originally) appeared in {source}", {})
    assert all(" " in anchor.strip() for anchor in pattern.anchors)
    assert isinstance(pattern.regex, re.Pattern)


def test_a_pattern_found_by_its_middle_names_what_it_begins_with():
    source = "(this|that text) {words} (used|carried|shared) {words} (from|courtesy of) {source}"
    assert compile_pattern(source, {}).lead == (" this ", "that text")
    assert compile_pattern("first published on {source}", {}).lead == ()


def test_words_marks_and_digits_of_every_match_are_named():
    pattern = compile_pattern("[the] (tide rose|tide fell) - {date} : {source}", {})
    assert pattern.needles == (("tide",),)
    assert pattern.marks == "-0:"


def test_a_sign_or_a_letter_in_a_bracket_is_asked_for_too():
    pattern = compile_pattern("(copyright|©|\\(c\\)) [,] [by] {agency}", {})
    assert pattern.needles == (("(\nc", "( c", "(c", "copyright", "©"),)
    assert compile_pattern("© {number} {agency}", {}).needles == (("©",),)
    for written in ("copyright tide", "© tide", "(c) tide", "( c )tide", "(\nc) , by tide"):
        split = compile_pattern("(copyright|©|\\(c\\)) [,] [by] {agency}", {}, split=True)
        assert split.regex.match(written)
        assert any(needle in written for needle in split.needles[0])


def test_a_branch_keeps_what_it_asks_of_the_letter_before():
    pattern = compile_pattern("{source} (said|wrote) it", {})
    assert pattern.regex.match("ada said it")
    assert not pattern.regex.match("adasaid it")
    assert compile_pattern("see [said|wrote] it", {}).regex.match("see it")
