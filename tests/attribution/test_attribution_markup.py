"""Mark-up left in bodies: notices are read through tags, Markdown and what dumps make of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.attribution import load_extractor
from dedupe.attribution.markup import linked_address, same_length
from dedupe.attribution.rule_files import load_languages
from dedupe.models import Article

MILLION = 1_000_000
PLAIN = [
    example
    for language in load_languages()
    for rule in language.rules[:6]
    for example in rule.positive[:1]
    if not set("<>[]&*#~") & set(str(example["text"]))
]


def read(body):
    found = load_extractor().extract([Article("a", None, None, "", body)])[0]
    for claim in found.claims if found is not None else ():
        assert body[claim.start : claim.end] == claim.quote
    return found


LINKED = {
    '<p>Cet article <a rel="nofollow" href="https://q.example/a">Un pont</a> est apparu en premier'
    ' sur <a href="https://q.example">QUAI NORD 06</a>.</p>': ("QUAI NORD 06", "https://q.example"),
    "&lt;p&gt;Cet article &lt;a href=&quot;https://q.example/a&quot;&gt;Un pont&lt;/a&gt; est"
    " apparu en premier sur "
    "&lt;a href=&quot;https://q.example&quot;&gt;Le Quai &amp;amp; Nord&lt;/a&gt;."
    "&lt;/p&gt;": ("Le Quai & Nord", "https://q.example"),
    "<p>Der Turm fiel.</p><p>Der Beitrag <a href='https://h.example/t'>Turm fällt</a> erschien"
    ' zuerst auf <a href="https://h.example">hafen digital</a>.</p>':
        ("hafen digital", "https://h.example"),
    "El muelle cierra.\n\nEste artículo se publicó primero en [Muelle.js Hispano]"
    "(https://m.example/a?b=c)": ("Muelle.js Hispano", "https://m.example/a?b=c"),
    "**This story originally appeared on [Harbour Daily](https://h.example), a partner.**":
        ("Harbour Daily", "https://h.example"),
    "<strong>Quelle:</strong>&nbsp;<em>Hafenbote</em><br />": ("Hafenbote", None),
    "It rained.<br>Source: Daily <b>Harbour</b><br/>": ("Daily Harbour", None),
    "# A tower falls\n\n## Source: Harbour Daily\n\nIt fell.": ("Harbour Daily", None),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), LINKED.items())
def test_a_name_is_the_text_of_its_link_and_its_url_the_address(body, expected):
    found = read(body)
    assert found is not None
    assert (found.original_source, found.source_url) == expected


@pytest.mark.parametrize(
    "body",
    [
        'They wrote <a href="https://h.example">a report</a> that Reuters <b>published</b> later.',
        "He said so in [the diary](https://d.example) and in [a book](https://b.example).",
        'Rain. <img src="a.jpg" alt="Source: Harbour Daily"> It went on for days in the north.',
        "If a<b and c>d (Reuters) is larger, the sum of both **is** [not](known) to us.",
    ],
)
def test_mark_up_makes_no_notice(body):
    found = read(body)
    assert found is None or found.original_source is None


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(PLAIN), st.lists(st.integers(0, 400), max_size=4), st.sampled_from(
    ["<b>", "</em>", '<span class="x">', "&lt;i&gt;", "<a name='x'>", "<!-- x -->"]))  # fmt: skip
def test_inline_tags_between_words_change_nothing_but_places(example, places, tag):
    text = str(example["text"])
    blanks = [at for at, char in enumerate(text) if char == " "] or [0]
    marked = text
    for at in sorted({blanks[place % len(blanks)] for place in places}, reverse=True):
        marked = marked[:at] + tag + marked[at:]
    plain, found = read(text), read(marked)
    assert (plain is None) == (found is None)
    if plain is not None and found is not None:
        assert found.kind is plain.kind
        assert found.original_source == plain.original_source


@given(st.text(alphabet="<>/a=\"'[]()*#&;lgt h:p-\n\ufff9", max_size=200))
def test_any_mark_up_keeps_its_length_and_is_read(text):
    assert len(same_length(text)) == len(text)
    read(text)
    linked_address(text, len(text) // 3, len(text) // 2)


@pytest.mark.parametrize("seed", [
    "<", "<a", "<a href=", "<a href='https://", "[", "](", "[a](", "[a](http://", "**", "**a", "# ",
    "&lt;a ", "<!--", "<p>Source: ",
])  # fmt: skip
def test_a_million_pieces_of_mark_up_are_read_in_the_windows_only(seed):
    found = read(seed * (MILLION // len(seed)))
    assert found is None or len(found.claims) <= 250


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("> *This article was originally published on [Harbour Daily](https://h.example).*\n\nRain.",
         "Harbour Daily"),
        ("本文转载自：[并发编程：河流与潮水](https://www.h.example/a)", "h.example"),
        ("本記事は解説サイト [h.example](https://h.example/) からの転載です。", "h.example"),
        ("\\* Reprinted from the site [Harbour Daily](https://h.example).", "Harbour Daily"),
    ],
)  # fmt: skip
def test_a_quoted_line_is_a_line_and_a_linked_title_stands_at_its_host(body, name):
    found = read(body)
    assert found is not None
    assert found.original_source == name


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("本文翻译自 [原文链接](https://www.h.example/tide/)。如若转载请注明出处。", "h.example"),
        ("本文翻译自Harbour Lamp [原文链接](https://www.h.example/tide/)。", "Harbour Lamp"),
        ("Перевод статьи [A Quiet Tide](https://h.example/tide).\nВода ушла.", "h.example"),
        ("Перевод статьи [Harbour Lamp](https://harbourlamp.example/a).\nВода.", "Harbour Lamp"),
        ("이 글은 버들회사에서 발행하는 [Hours](https://h.example/a)에 실린 글입니다.", "Hours"),
        ("_これは [Quiet Boats](https://h.example/b) を和訳したものです。_", "h.example"),
        ("Источник: [Как река меняет свой берег](https://h.example/b)", "h.example"),
        ("本文首发于 [小河的官方网站](https://h.example/)", "小河的官方网站"),
    ],
)
def test_of_what_was_translated_the_host_is_the_name_unless_the_link_says_it(body, name):
    found = read(body)
    assert found is not None
    assert found.original_source == name


@pytest.mark.parametrize(
    "body",
    [
        "Перевод денег за границу в [банке](https://bank.example/12) вырос.",
        "この記事は[翻訳ツール](https://tools.example/a)の使い方を説明します。",
        "이 글은 [번역기](https://tools.example/a)에 대한 소개입니다.",
    ],
)
def test_a_sentence_about_translation_with_a_link_names_nobody(body):
    found = read(body)
    assert found is None or not found.claims
