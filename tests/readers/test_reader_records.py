from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.errors import FieldUnknown
from dedupe.models import Article
from dedupe.readers import ALIASES, ARTICLE_FIELDS, ReadOptions, parse_fields
from dedupe.readers.fields import resolve
from dedupe.readers.parts import Refusal
from dedupe.readers.records import ArticleBuilder

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def build(record: dict[str, object], **options: object) -> Article:
    return ArticleBuilder(ReadOptions(**options)).build({"body": "x", **record})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [name for name in ARTICLE_FIELDS if name != "html"])
def test_every_alias_of_a_field_carries_it(field: str) -> None:
    values = {"metadata": {"k": 1}, "published": "2024-01-01", "modified": "2024-01-01"}
    values |= {"seen": "2024-01-01", "url": "https://x.example/a", "lang": "de"}
    value = values.get(field, "value")
    for alias in ALIASES[field]:
        record = {alias: value} if field == "body" else {"body": "x", alias: value}
        article = ArticleBuilder(ReadOptions()).build(record)
        assert getattr(article, field)


def test_spelling_of_keys_does_not_matter() -> None:
    for key in ("publishedAt", "published_at", "Published At", "published-at", "PUBLISHEDAT"):
        assert build({key: "2024-01-01"}).published == datetime(2024, 1, 1, tzinfo=UTC)


def test_the_plainest_spelling_wins_and_null_falls_through() -> None:
    assert build({"_id": "b", "id": "a"}).id == "a"
    assert build({"_id": "b", "id": None}).id == "b"
    assert build({"source": "second", "outlet": "first"}).outlet == "first"
    assert build({"body": None, "text": "t"}).body == "t"


def test_named_fields_replace_the_aliases_and_may_be_dotted() -> None:
    fields = parse_fields(["body=doc.text", "title=Überschrift", "outlet=a.b"])
    record = {"doc": {"text": "deep"}, "title": "not this", "a.b": "flat", "body": "not this"}
    article = build(record, fields=fields)
    assert (article.body, article.title, article.outlet) == ("deep", "", "flat")
    with pytest.raises(Refusal, match="body_missing"):
        build({"doc": "no object"}, fields=fields)


@pytest.mark.parametrize("pair", ["bodyy=text", "body", "body=", "=text", "", "body =  "])
def test_a_field_pair_that_means_nothing_is_refused(pair: str) -> None:
    with pytest.raises(FieldUnknown):
        parse_fields([pair])


def test_field_pairs_are_read_and_the_last_wins() -> None:
    assert parse_fields(["body=a=b", " id = x ", "id=y"]) == {"body": "a=b", "id": "y"}


@pytest.mark.parametrize(
    ("value", "outlet"),
    [
        ("الأهرام", "الأهرام"),
        ({"id": None, "name": "Wire"}, "Wire"),
        ({"domain": "x.example"}, "x.example"),
        ("https://www.paper.example/a/b?c", "paper.example"),
        ("https://[broken", None),
        ("  ", None),
        ("", None),
        ({}, None),
        (["a"], None),
        (12, "12"),
        ("a\0b", "ab"),
        ("x" * 600, "x" * 512),
    ],
)
def test_outlets_are_names_objects_or_addresses(value: object, outlet: str | None) -> None:
    assert build({"source": value}).outlet == outlet


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://x.example/ä?b#c", "https://x.example/ä?b#c"),
        (" http://x.example/ ", "http://x.example/"),
        ("/relative/path", "/relative/path"),
        ("https://x.example/\u200eعنوان", "https://x.example/\u200eعنوان"),
        ("x.example:80/path", "x.example:80/path"),
        ("not a url", None),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("data:text/html,x", None),
        ("https://x.example/\nSet-Cookie: a", None),
        ("", None),
        (5, None),
        ("https://x.example/" + "a" * 9000, None),
    ],
)
def test_only_web_addresses_are_addresses(value: object, url: str | None) -> None:
    assert build({"url": value}).url == url


@pytest.mark.parametrize(
    ("value", "lang"),
    [
        ("ar", "ar"),
        ("en_US", "en-US"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("ckb", "ckb"),
        ("Arabic", None),
        ("", None),
        (5, None),
        ("x" * 99, None),
        ("ar\n", None),
    ],
)
def test_languages_are_tags(value: object, lang: str | None) -> None:
    article = build({"lang": value})
    assert article.lang == lang
    assert bool(article.warnings) == (lang is None and value != "")


@pytest.mark.parametrize(
    ("value", "authors"),
    [
        ("A, B and C", ("A, B and C",)),
        ("A; B ;", ("A", "B")),
        (["A", {"name": "B"}, None, 5, "A"], ("A", "B")),
        ({"name": "A"}, ("A",)),
        ('["A", "B"]', ("A", "B")),
        ("[not json", ("[not json",)),
        ("", ()),
        (5, ()),
        (["x"] * 500, ("x",)),
        ([str(n) for n in range(500)], tuple(str(n) for n in range(100))),
    ],
)
def test_authors_come_in_many_shapes(value: object, authors: tuple[str, ...]) -> None:
    assert build({"authors": value}).authors == authors


def test_exports_of_document_stores_are_understood() -> None:
    article = build({"_id": {"$oid": "65f0"}, "date": {"$date": "2024-03-01T00:00:00Z"}})
    assert article.id == "65f0"
    assert article.published == datetime(2024, 3, 1, tzinfo=UTC)
    with pytest.raises(Refusal, match="id_invalid"):
        build({"id": {"other": 1}})


def test_metadata_is_kept_within_bounds() -> None:
    deep: object = "leaf"
    for _ in range(3000):
        deep = [deep]
    assert build({"metadata": {"a": {"b": [1, None, "c\0d"]}}}).metadata == {
        "a": {"b": [1, None, "cd"]}
    }
    assert build({"metadata": '{"a": 1}'}).metadata == {"a": 1}
    assert build({"metadata": "no"}).warnings == ("metadata: not an object, dropped",)
    cut = build({"metadata": {"deep": deep, "after": 1}})
    assert cut.warnings == ("metadata: too deep or too large, cut",)
    json.dumps(cut.metadata)
    wide = build({"metadata": {"wide": list(range(20_000))}})
    assert len(wide.metadata["wide"]) < 10_000  # type: ignore[arg-type]


def test_titles_are_verbatim_and_bounded() -> None:
    assert build({"title": "  a\u200b b\n"}).title == "  a\u200b b\n"
    assert build({"title": "a\0b"}).title == "ab"
    assert len(build({"title": "x" * 20_000}).title) == 10_000
    assert build({"title": 5}).title == "5"
    assert build({"title": ["x"]}).title == ""


def test_what_is_not_a_time_is_none_with_a_warning() -> None:
    article = build({"published": "soon", "modified": "2024-01-01", "seen": ""})
    assert (article.published, article.seen) == (None, None)
    assert article.warnings == ("published: not a time that can be true: 'soon'",)


def test_an_article_without_id_has_the_contracted_one() -> None:
    with_nothing = build({})
    assert with_nothing.id == build({}).id != build({"title": "t"}).id
    assert build({"title": "é"}).id == build({"title": "e\u0301"}).id


@given(st.dictionaries(st.sampled_from([*ARTICLE_FIELDS, "text", "source", "_id"]), JSON))
def test_no_record_of_any_type_breaks_the_builder(record: dict[str, object]) -> None:
    record.pop("html", None)
    refused = ("body_missing", "body_empty", "nul", "id_invalid")
    try:
        article = ArticleBuilder(ReadOptions()).build(record)
    except Refusal as refusal:
        reason = refusal.reason
    else:
        assert isinstance(article.body, str)
        assert 1 <= len(article.id) <= 512
        return
    assert reason in refused


def test_many_shapes_do_not_grow_the_memory() -> None:
    builder = ArticleBuilder(ReadOptions())
    for number in range(3000):
        builder.build({"body": "x", f"k{number}": 1, "source": f"s{number}"})
    assert len(builder._shapes) <= 1024
    assert len(builder._outlets) <= 1024


def test_a_shape_knows_its_keys() -> None:
    shape = resolve(["id", "Text", "other"], {"title": "other"})
    assert shape.keys == {"id", "Text", "other"}
    assert shape.carries("body")
    assert not shape.carries("html")


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("eng", "en"),
        ("ara", "ar"),
        ("ger", "de"),
        ("deu", "de"),
        ("EN", "en"),
        ("en_gb", "en-GB"),
        ("AR-eg", "ar-EG"),
        ("zho-HANS-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("EN-x-LATN-GB", "en-x-latn-gb"),
        ("ckb", "ckb"),
    ],
)
def test_a_language_has_one_spelling(written: str, tag: str) -> None:
    assert build({"lang": written}).lang == tag == build({"lang": tag}).lang
    assert build({"lang": written}).warnings == ()
