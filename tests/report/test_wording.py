"""The words of the pages: the same keys in every language, and forms that fit the number."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from dedupe.report.wording import LANGUAGES, Wording, load_messages, plural_form

FORMS = {"en": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}


def flatten(messages, path=()):
    for key, value in messages.items():
        if isinstance(value, dict) and not is_plural(value):
            yield from flatten(value, (*path, key))
        else:
            yield (*path, key), value


def is_plural(value):
    return isinstance(value, dict) and "other" in value and set(value) <= FORMS["ar"]


def fields(value):
    """Names to be filled in; a form for one, two or no things may say the number in words."""
    texts = value.values() if isinstance(value, dict) else [value]
    return {name for text in texts for name in re.findall(r"\{(\w+)\}", str(text))}


def test_every_message_stands_in_every_language_with_the_same_fields():
    english = dict(flatten(load_messages("en")))
    for language in LANGUAGES:
        others = dict(flatten(load_messages(language)))
        assert list(others) == list(english), language
        for path, value in others.items():
            assert type(value) is type(english[path]), path
            assert fields(value) == fields(english[path]), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_have_every_form_of_the_language(language):
    for path, value in flatten(load_messages(language)):
        if is_plural(value):
            assert set(value) == FORMS[language], path


@pytest.mark.parametrize(
    ("count", "form"),
    [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (10, "few"), (11, "many"), (99, "many"),
     (100, "other"), (101, "other"), (102, "other"), (103, "few"), (111, "many")],
)  # fmt: skip
def test_arabic_numbers_take_the_forms_of_cldr(count, form):
    assert plural_form("ar", count) == form


def test_what_stands_in_a_sentence_is_escaped_and_isolated():
    told = Wording("en").tell("by {name} <now>", name="<b>\u0645\u0635\u0631")
    assert told == "by <bdi>&lt;b&gt;\u0645\u0635\u0631</bdi> &lt;now&gt;"
    assert Wording("en").fill("by {name}", name="x") == "by \u2068x\u2069"


def test_times_are_told_in_utc_in_words_and_for_machines():
    at = datetime.fromisoformat("2026-11-28T02:05:00+03:00")
    assert Wording("en").when(at) == (
        '<time datetime="2026-11-27T23:05:00Z">27 Nov 2026 23:05</time>'
    )
    assert "نوفمبر" in Wording("ar").when(at)
    assert Wording("en").when(None) == ""
    assert Wording("en").day(datetime(2026, 1, 2, tzinfo=UTC)) == "2 Jan 2026"
