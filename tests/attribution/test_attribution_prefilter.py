"""The prefilter finds exactly what a search for every anchor in the folded text finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.attribution import load_extractor
from dedupe.attribution.anchors import anchor_text
from dedupe.attribution.brackets import has_opening
from dedupe.attribution.bylines import posting_words, signing_words
from dedupe.attribution.folding import fold_text, tables
from dedupe.attribution.layouts import (
    BRACKETED,
    BYLINED,
    CLOSED,
    DATELINED,
    LAID_OUT,
    STAMPED,
    layouts_of,
    letter_table,
)
from dedupe.attribution.loading import build_extractor
from dedupe.attribution.prefilter import (
    APART,
    LEADING,
    LINE,
    OPENING,
    AnchorIndex,
    Standing,
)
from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.search import NAMED
from dedupe.attribution.syntax import _compiled
from dedupe.attribution.view import HEAD, TAIL, window_text
from dedupe.models import Article
from dedupe.normalize import encode_texts

WORDS = ["المصدر", "first published", "ap", "reuters", "来源", "转载自", "originally appeared on",
         "वार्ता", "источник", "ترجمه"]  # fmt: skip
ANCHORS = [anchor for word in WORDS if (anchor := anchor_text(word))]
VOCABULARY = load_extractor().rules.vocabulary
BYS, POSTED = signing_words(VOCABULARY), posting_words(VOCABULARY)
INDEX = AnchorIndex([(anchor, Standing()) for anchor in ANCHORS], bys=BYS, posted=POSTED)


def spelled(text):
    """The text as anchors are searched in it, one character after the other."""
    _, letters = tables()
    folded = "".join(chr(letters[ord(c)]) if ord(c) < 0x10000 else " " for c in fold_text(text))
    return " " + " ".join(folded.split()) + " "


def found(text):
    return sorted({ANCHORS[anchor] for anchor, _ in INDEX.scan([text]).get(0, [])})


pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [" ", "\n", ". ", ": ", "(", ")", "-", "ـ", "\u200f", "\u064e", "\u200c", "  "]
    ),
    st.text(max_size=6),
)


@given(st.lists(pieces, max_size=14))
@settings(max_examples=300)
def test_the_kernel_agrees_with_a_plain_search(parts):
    text = "".join(parts)
    assert found(text) == sorted(a for a in set(ANCHORS) if a in spelled(text))


@given(st.lists(st.lists(pieces, max_size=6).map("".join), max_size=5))
def test_a_text_is_searched_alike_alone_and_among_others(texts):
    together = INDEX.scan(texts)
    for at, text in enumerate(texts):
        assert together.get(at, []) == INDEX.scan([text]).get(0, [])


@pytest.mark.parametrize(
    "text",
    [
        "المـصـدر",
        "المَصْدَر",
        "\u200fالمصدر\u200f",
        "FIRST  PUBLISHED",
        "first\npublished",
        "ＡＰ",
        "(AP)",
    ],
)
def test_no_mark_hides_an_anchor(text):
    assert found(f"x {text} y")


def test_short_words_are_not_found_inside_others():
    assert found("happy maps") == []
    assert anchor_text("a") is None
    assert anchor_text("来") is None


def test_more_hits_than_expected_are_all_reported():
    hits = INDEX.scan(["reuters " * 1000])[0]
    assert len(hits) == 1000


def test_standing_says_where_an_anchor_counts():
    text = "word reuters word\n(reuters) word reuters."
    counts = {}
    for standing in (0, APART, LEADING, LINE):
        index = AnchorIndex([("reuters", Standing(standing))])
        counts[standing] = len(index.scan([text]).get(0, []))
    assert counts == {0: 3, APART: 2, LEADING: 1, LINE: 1}


def test_an_anchor_counts_up_to_its_last_offset():
    index = AnchorIndex([("reuters", Standing(0, 20))])
    assert len(index.scan(["reuters " * 10])[0]) == 2


@pytest.mark.parametrize("middle", [0, 1, 3, 600])
def test_of_a_long_text_the_window_is_searched(middle):
    long = "reuters " + "x" * (HEAD - 15 + middle) + " reuters" + "y" * (TAIL - 20) + " the source"
    texts = [long, "reuters", long + "😀"[: middle % 2]]
    batch = encode_texts(texts)
    hits, *_ = INDEX.scan_codes(batch.codes, batch.bounds, (HEAD, TAIL))
    assert hits == INDEX.scan([window_text(text) for text in texts])


def test_no_text_no_hit():
    assert INDEX.scan([]) == {}
    assert INDEX.scan(["", ""]) == {}


@pytest.fixture(scope="module")
def unfiltered():
    return build_extractor(load_languages(), prefilter=False)


EXAMPLES = [
    str(example["text"])
    for language in load_languages()
    for rule in language.rules
    for example in rule.positive[:1]
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_prefilter_loses_nothing_in_the_examples(unfiltered, text):
    article = Article("a", None, None, "", text)
    filtered, _ = load_extractor().find(article)
    everything, _ = unfiltered.find(article)
    assert set(filtered) == set(everything)


MARKS = ["\u200f", "\u200e", "\u2068", "\u00ad"]
BLANKS = ["  ", "\u00a0", " \u200f"]


@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), max_size=4),
)
@settings(max_examples=80)
def test_the_prefilter_loses_nothing(unfiltered, example, marks):
    text = example
    for at, which in marks:
        place = at % (len(text) + 1)
        text = text[:place] + MARKS[which % len(MARKS)] + text[place:]
        blank = text.find(" ", place)
        if blank >= 0:
            text = text[:blank] + BLANKS[which % len(BLANKS)] + text[blank + 1 :]
    article = Article("a", None, None, "", text)
    filtered, _ = load_extractor().find(article)
    everything, _ = unfiltered.find(article)
    assert set(filtered) == set(everything)


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("In Le Monde", True),
        ("He said so.\n - In Le Monde", True),
        ("He said so (in Le Monde)", True),
        ("He said so \uff08in Le Monde\uff09", True),
        ("He said so [ in Le Monde]", True),
        ("He said so. In Le Monde it stood", False),
        ("He said so in Le Monde", False),
    ],
)
def test_an_anchor_may_ask_for_a_line_or_a_bracket(text: str, stands: bool) -> None:
    index = AnchorIndex([(" in ", Standing(OPENING))])
    assert bool(index.scan([text])) is stands


def test_an_anchor_may_ask_for_the_end_of_a_text() -> None:
    index = AnchorIndex([("published", Standing(reach=20))])
    assert index.scan(["First published here."])
    assert not index.scan(["First published here, and then the story went on for long."])


def test_an_anchor_may_ask_for_a_short_line() -> None:
    index = AnchorIndex([("published", Standing(LINE, short=True))])
    assert index.scan(["Published here.\n" + "and on " * 80])
    assert index.scan(["Published here."])
    assert not index.scan(["Published here, and " + "on " * 100])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Fin.\n(AFP)", True),
        ("Fin.\n(A\u200fFP)", True),
        ("Haber bitti.\nAnkara (\u0130HA) - Metin burada.", True),
        ("Era \u00e0 una certa ora, una volta.", False),
        ("Ferme a una cierta hora, una vez.", False),
        ("L'homme qui parle est parti hier, et le port est ici.", False),
        ("O barco da ilha saiu do porto, e a foto da capa \u00e9 de 1920.", False),
        ("The boats here are from the bay, and we are in it by now.", False),
        ("De bron van de rivier ligt hier, en de boot is uit de haven.", False),
    ],
)
def test_abbreviations_are_looked_at_as_they_are_written(text: str, read: bool) -> None:
    assert load_extractor().select([text]) == [read]


@given(
    st.lists(
        st.one_of(
            pieces, st.sampled_from(["(Ledger) ", "©", ")", "）", "\u3000" * 200, " " * 400])
        ),
        max_size=8,
    ).map("".join)
)
def test_whatever_may_begin_or_end_with_a_name_in_brackets_is_told(text):
    batch = encode_texts([text])
    _, marks = INDEX.scan_codes(batch.codes, batch.bounds)
    assert marks.get(0, 0) & LAID_OUT or not has_opening(text, text, VOCABULARY)


LAYOUTS = [
    *("\n", " - ", " \u2013 ", ": ", "/", " / ", ", ", ". ", "، ", "|", "(", ")", " (AB)"),
    *("«", "“", "»", "!", "\u3000", "۔", "नदी", "河", "©", "https://", "19:30", "2014", "月3日"),
    *("By ", "Por: ", "Oleh ", ", ", "The Echo", "Published", "Actualizado"),
    *(
        "Rome",
        "Gazette",
        "gazette.com",
        "Jane Roe",
        "3 May 2014",
        "the river rose, the road is shut",
    ),
]


@given(st.lists(st.sampled_from(LAYOUTS), max_size=14).map("".join))
@settings(max_examples=400)
def test_layouts_are_never_told_too_few(text):
    told = layouts_of(encode_texts([text]).codes, letter_table(BYS), letter_table(POSTED))
    assert told & LAID_OUT == told
    for layout in (BRACKETED, BYLINED, CLOSED, DATELINED, STAMPED):
        assert told & layout or not has_opening(text, text, VOCABULARY, layout)


def test_patterns_compiled_beforehand_are_compiled_for_no_text():
    languages = [each for each in load_languages() if each.code in ("de", "ar")]
    assert list(build_extractor(languages).compile_patterns())
    before = _compiled.cache_info().misses
    notices = [text for each in languages for rule in each.rules for text in _positive(rule)]
    build_extractor(languages).extract(
        [Article(str(at), None, None, "", text) for at, text in enumerate(notices)]
    )
    assert len(notices) > 20
    assert _compiled.cache_info().misses == before


def _positive(rule):
    return [example["text"] for example in rule.positive if "text" in example]


NAMES = ["Heron Herald", "Цапля-Инфо", "青鷺新聞", "صحيفة البلشون"]
NAMES_ALONE = AnchorIndex([("reuters", Standing())], NAMES)


def is_named(text):
    batch = encode_texts([text])
    _, marks = NAMES_ALONE.scan_codes(batch.codes, batch.bounds, (HEAD, TAIL))
    return marks.get(0, 0) & NAMED != 0


@pytest.mark.parametrize("name", [*NAMES, "HERON HERALD", "[Heron  Herald]", "— Heron Herald."])
def test_a_listed_name_alone_on_a_line_near_an_end_is_seen(name):
    body = "The river rose by two metres in the night and nobody slept at all. " * 40
    assert is_named(f"The river rose\n{name}\n{body}")
    assert is_named(f"{body}\n\n{name}\n")
    assert not is_named(f"The river rose\n{name} says\n{body}")
    assert not is_named(f"{body}\n{name}\n{body}")


def test_an_index_without_names_sees_none():
    batch = encode_texts(["The river rose\nHeron Herald\nIn the night."])
    assert not INDEX.scan_codes(batch.codes, batch.bounds, (HEAD, TAIL))[1]
