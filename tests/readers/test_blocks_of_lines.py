"""Blocks of lines hold the very articles and rejects that the plain reader of JSON Lines gives."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedupe.models import Article
from dedupe.readers import Part, ReadOptions, Source, read
from dedupe.readers.blocks_of_lines import Block, read_blocks


def read_flat(part, options):
    """(items with their bodies, how many articles were not read as code points)."""
    items, otherwise = [], 0
    for item in read_blocks(part, options):
        if not isinstance(item, Block):
            items.append(item)
            continue
        assert len(item.articles) == len(item.texts.bounds) - 1
        for at, article in enumerate(item.articles):
            otherwise += article.body != ""
            items.append(replace(article, body=item.texts.text(at)))
    return items, otherwise


def compare(path, data, options=None, cuts=()):
    """Assert that both readers agree, whatever the parts; returns articles and the odd ones."""
    path.write_bytes(data)
    options = options or ReadOptions()
    bounds = [0, *sorted(cuts), len(data)]
    articles = odd = 0
    for start, end in pairwise(bounds):
        part = Part("jsonl", (Source(str(path), "in.jsonl", "in"),), start, end)
        wanted = list(read(part, options))
        found, otherwise = read_flat(part, options)
        assert sorted(map(repr, found)) == sorted(map(repr, wanted))
        assert [i for i in found if isinstance(i, Article)] == [
            i for i in wanted if isinstance(i, Article)
        ]
        articles += sum(isinstance(item, Article) for item in wanted)
        odd += otherwise
    return articles, odd


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("lines") / "in.jsonl"


TEXTS = st.text(
    st.sampled_from('ab "\\/\n\t\b\x00\x1fé ي中\u2028\ud7ff\ue000\uffff😀\xa0\u3000'), max_size=90
)
VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.lists(TEXTS, max_size=2),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
KEYS = st.sampled_from(
    ["id", "body", "text", "title", "url", "outlet", "published", "metadata", "authors", "lang",
     "html", "x", "é", 'a"b'],
)  # fmt: skip
RECORDS = st.dictionaries(KEYS, VALUES, max_size=7)
STYLES = st.tuples(st.booleans(), st.sampled_from([(", ", ": "), (",", ":"), (" ,\t", " : ")]))


@st.composite
def lines(draw):
    """Lines of a file: JSON in several spellings, some of them damaged."""
    ascii_only, separators = draw(STYLES)
    line = json.dumps(draw(RECORDS), ensure_ascii=ascii_only, separators=separators)
    data = bytearray(line.encode())
    for _ in range(draw(st.integers(0, 1))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 2))] = draw(st.sampled_from(
            [b"", b"\\", b'"', b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80",
             b"\xe0\x80", b"\\ud83d", b"\\u00e9", b"\\u0000", b"\\x", b",", b"}", b"[", b" ",
             b"\xef\xbb\xbf"],
        ))  # fmt: skip
    return bytes(data)


@given(st.lists(lines(), max_size=5), st.lists(st.integers(1, 300), max_size=2), st.booleans())
@settings(max_examples=150, deadline=None)
@example(
    [b'{"id":"a","body":"\\u0645\\n\\u0646"}', b"", b"[]", b"{}", b'{"body":""}'], [3, 9], True
)
def test_both_readers_agree(path, found, cuts, ends):
    data = b"\n".join(found) + (b"\n" if ends else b"")
    compare(path, data, cuts=[cut for cut in cuts if cut < len(data)])


@given(st.binary(max_size=40), st.sampled_from(["title", "body", "x"]))
@settings(max_examples=150, deadline=None)
def test_both_readers_agree_on_what_is_utf8(path, piece, key):
    body = "" if key == "body" else ', "body": "text"'
    record = b'{"id": "a", "%s": "text %s"%s}' % (key.encode(), piece, body.encode())
    compare(path, record + b"\n" + record)


def test_nothing_usual_is_read_twice(path):
    record = {"id": "a", "url": "https://a.example/1", "title": 'A "title"', "lang": "ar",
              "published": "2025-01-02T03:04:05Z", "metadata": {"a": [1, None]}, "seen": None,
              "body": "نص أول.\n\n“Second” \\ /" * 40}  # fmt: skip
    data = b"".join(
        json.dumps(record | {"id": str(number)}, ensure_ascii=number % 2 == 0).encode() + b"\n"
        for number in range(100)
    )
    assert compare(path, data) == (100, 0)


def test_a_long_line_and_a_missing_id_are_read_as_ever(path):
    options = ReadOptions(max_body_bytes=2000)
    long = b'{"id": "l", "body": "' + b"x" * options.max_record_bytes + b'"}\n'
    bodies = ["ab " * 100, "é" * 999, "é" * 1001, "x" * 2001, "中" * 600]
    short = b"".join(
        json.dumps({"body": body}, ensure_ascii=False).encode() + b"\n" for body in bodies
    )
    articles, odd = compare(path, b"\xef\xbb\xbf" + short + long + short + long[:-1], options)
    assert (articles, odd) == (6, 6)


def test_fields_named_by_the_caller_are_taken(path):
    options = ReadOptions(fields={"body": "x", "title": "text"}, outlet="Harbour", lang="en")
    data = b'{"id": "a", "body": "no", "x": "yes", "text": "t"}\n{"id": "b", "body": "no"}\n'
    assert compare(path, data, options) == (1, 0)
    assert compare(path, data, ReadOptions(fields={"title": "body"})) == (2, 2)
