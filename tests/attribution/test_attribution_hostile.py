"""Texts written to be slow or to be everything at once: work is bounded by windows and counts."""

import pytest

from dedupe.attribution import load_extractor
from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.view import HEAD, TAIL, View, window_text
from dedupe.models import Article

MILLION = 1_000_000
EXAMPLES = {
    rule.id: str(rule.positive[0]["text"])
    for language in load_languages()
    for rule in language.rules
}
SEEDS = ["(AP) ", "AP/", "source: ", "the post ", " appeared first on ", "((((", '"', "© "]
SEEDS += ["&amp;", "ـ", "\n", "المصدر: رويترز، ", "خدمة «", "com.com.", "\u200f", "a", "1 ", "、"]
MOST_CLAIMS = 250


def read(body):
    return load_extractor().extract([Article("a", None, None, "", body)])[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_million_times_the_same_is_read_and_bounded(seed):
    found = read(seed * (MILLION // len(seed)))
    if found is not None:
        assert len(found.claims) <= MOST_CLAIMS


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_notice_repeated_to_a_million_characters_is_read_in_its_windows_only(text):
    body = (text + "\n") * (MILLION // (len(text) + 1))
    assert len(window_text(body)) <= HEAD + TAIL + 3
    found = read(body)
    if found is not None:
        assert len(found.claims) <= MOST_CLAIMS
        spans = [(c.start, c.end) for c in found.claims]
        assert all(end <= HEAD + 500 or start >= len(body) - TAIL - 500 for start, end in spans)


def test_a_name_without_end_is_no_name():
    found = read("Done.\nThis article first appeared on " + "Very" * 400)
    assert found is None or found.original_source is None


def test_a_long_line_of_names_is_no_list_of_sources():
    found = read("Done.\nSource: " + ", ".join(f"Name{i}" for i in range(500)))
    assert found is None or len(found.claims) < 60


def test_rules_are_not_built_from_text():
    found = read("Done.\nThis article first appeared on (?P<x>[a-z]+)+$ Post.")
    assert found is None or "(?P" not in (found.original_source or "")


def test_many_articles_come_back_in_order():
    bodies = [f"Text {i}.\nSource: Outlet {i}" if i % 2 else f"Text {i}." for i in range(50)]
    found = load_extractor().extract(
        [Article(str(i), None, None, "", b) for i, b in enumerate(bodies)]
    )
    assert [a.id if a else None for a in found] == [str(i) if i % 2 else None for i in range(50)]
    assert [a.original_source for a in found if a] == [f"Outlet {i}" for i in range(1, 50, 2)]


def test_nothing_found_is_none_and_no_articles_are_no_answers():
    assert load_extractor().extract([]) == []
    assert read("") is None
    assert read("The tide rose.") is None


def test_no_word_reaches_over_what_is_left_out_of_a_long_body(monkeypatch):
    widest = []
    span = View.span

    def watch(view, start, end):
        found = span(view, start, end)
        widest.append(found[1] - found[0])
        return found

    monkeypatch.setattr(View, "span", watch)
    notice = "Wojna na morzu\nAutor: Gazeta Portowa / PAP\nStatek wrócił.\n"
    for cut in range(len(notice)):  # the tail begins anywhere in it
        read(notice * 400 + notice[:cut])
    assert 0 < max(widest) < HEAD


def test_the_work_one_text_may_ask_for_is_bounded(monkeypatch):
    asked = []
    monkeypatch.setattr("dedupe.attribution.apply.interpret", lambda *_: asked.append(1))
    read("source: " * (MILLION // 8))
    assert 0 < len(asked) <= 120
