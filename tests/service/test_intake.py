"""One article over HTTP: what is taken, what is refused and what is said about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.memory_archive import make_client

from service.limits import Limits


def post(client: Any, value: Any, content_type: str = "application/json") -> Any:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return client.post("/v1/articles", data=data, content_type=content_type)


def test_a_new_article_is_created_and_the_same_again_is_not() -> None:
    client, _ = make_client()
    sent = {"id": "a", "outlet": "Gazette", "title": "Rain", "body": "It rained all day."}
    first, second = post(client, sent), post(client, sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == first.get_json()["href"] == "/v1/articles/a"
    assert second.get_json()["outcome"] == "repeated"
    third = post(client, {**sent, "body": "It rained all night."})
    assert (third.status_code, third.get_json()["outcome"]) == (201, "revised")


def test_unknown_fields_are_ignored_and_told() -> None:
    client, _ = make_client()
    answer = post(client, {"body": "text", "boddy": 1, "x\n": 2}).get_json()
    assert answer["warnings"] == [
        "boddy: unknown field, ignored",
        "'x\\n': unknown field, ignored",
    ]


@pytest.mark.parametrize("name", ["text", "content", "article"])
def test_a_text_under_another_name_is_told_its_field(name: str) -> None:
    client, _ = make_client()
    problem = post(client, {name: "It rained."}).get_json(force=True)
    assert problem["type"] == "urn:isnad:problem:body-missing"
    assert problem["detail"] == f"{name} is no field of an article here: send the text as body"


def test_values_beside_the_one_that_is_taken_are_told() -> None:
    client, _ = make_client()
    sent = {
        "body": "x",
        "html": "<p>y",
        "source": "S",
        "outlet": "O",
        "author": "A",
        "authors": "B",
    }
    assert post(client, sent).get_json()["warnings"] == [
        "html: ignored beside body",
        "source: ignored beside outlet",
        "author: ignored beside authors",
    ]


def test_a_byte_order_mark_is_passed_over() -> None:
    client, archive = make_client()
    assert post(client, b'\xef\xbb\xbf{"id": "a", "body": "x"}').status_code == 201
    lines = b'\xef\xbb\xbf{"id": "b", "body": "x"}\n{"id": "c", "body": "x"}'
    assert post(client, lines, "application/x-ndjson").status_code == 200
    assert set(archive.held) == {"a", "b", "c"}


def test_a_deletion_is_answered_with_nothing() -> None:
    client, _ = make_client()
    post(client, {"id": "a", "body": "text"})
    gone = client.delete("/v1/articles/a")
    assert (gone.status_code, gone.data, gone.headers.get("Content-Type")) == (204, b"", None)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"left": "a", "right": "b"}, "kind"),
        ({"kind": "must_link", "left": "a"}, "right"),
        ({"kind": "pin_original", "left": "a", "colour": 1}, "colour"),
        ([], "kind"),
    ],
)
def test_a_judgement_that_is_none_is_refused_by_the_field(said: Any, named: str) -> None:
    client, _ = make_client()
    problem = client.put("/v1/judgements", json=said).get_json(force=True)
    assert [found["name"] for found in problem["errors"]] == [named]


def test_aliases_stand_in_for_their_field_only_where_it_is_empty() -> None:
    client, archive = make_client()
    post(client, {"id": "a", "body": "x", "source": "S", "author": "W"})
    post(client, {"id": "b", "body": "x", "source": "S", "outlet": "O"})
    assert (archive.held["a"].outlet, archive.held["a"].authors) == ("S", ("W",))
    assert archive.held["b"].outlet == "O"


@pytest.mark.parametrize(
    ("value", "status", "name"),
    [
        (b"{", 400, "json-invalid"),
        (b"", 400, "json-invalid"),
        (b'{"body": "\xff\xfe"}', 400, "encoding-invalid"),
        (b'{"body": "\\ud800"}', 400, "surrogate"),
        (
            b'{"body": "x", "metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            400,
            "json-invalid",
        ),
        (b"[" * 100_000, 400, "json-invalid"),
        ([], 422, "not-an-object"),
        ("text", 422, "not-an-object"),
        ({}, 422, "body-missing"),
        ({"title": "only"}, 422, "body-missing"),
        ({"body": ""}, 422, "body-empty"),
        ({"body": " \n"}, 422, "body-empty"),
        ({"body": 5}, 422, "field-invalid"),
        ({"body": ["x"]}, 422, "field-invalid"),
        ({"body": "x", "title": {}}, 422, "field-invalid"),
        ({"body": "x", "authors": [1]}, 422, "field-invalid"),
        ({"body": "x", "metadata": []}, 422, "field-invalid"),
        ({"body": "x", "published": {}}, 422, "field-invalid"),
        ({"body": "x", "id": True}, 422, "field-invalid"),
        ({"body": "x", "id": 1.5}, 422, "id-invalid"),
        ({"body": "x", "id": 2**70}, 422, "id-invalid"),
        ({"body": "x", "id": ""}, 422, "id-invalid"),
        ({"body": "x", "id": "i" * 513}, 422, "id-invalid"),
        ({"body": "a\0b"}, 422, "nul"),
        ({"body": "x", "id": "\0"}, 422, "nul"),
        ({"html": "<p>x"}, 422, "html-unavailable"),
        ({"body": "x", **{f"k{n}": n for n in range(200)}}, 422, "fields-too-many"),
        ({"body": "x", "k" * 200: 1}, 422, "fields-too-many"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_articles_are_refused_with_their_reason(value: Any, status: int, name: str) -> None:
    client, archive = make_client()
    answer = post(client, value)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["type"] == f"urn:isnad:problem:{name}"
    assert not archive.held


def test_a_deep_value_that_json_allows_is_cut_and_told() -> None:
    client, _ = make_client()
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    answer = post(client, {"body": "x", "metadata": {"deep": deep}})
    assert answer.status_code == 201
    assert answer.get_json()["warnings"] == ["metadata: too deep or too large, cut"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "", "application/json; charset=x"]
)
def test_other_content_types_are_refused(kind: str) -> None:
    client, _ = make_client()
    answer = post(client, {"body": "x"}, kind)
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.headers["Accept-Post"]


def test_eleven_megabytes_are_too_many() -> None:
    client, _ = make_client()
    answer = post(client, {"body": "x" * 11_000_000})
    assert answer.status_code == 413
    assert answer.get_json(force=True)["limit_bytes"] == Limits().body_bytes


def test_times_that_cannot_be_are_told_and_those_of_old_papers_are_kept() -> None:
    client, archive = make_client()
    old = post(client, {"id": "old", "body": "x", "published": "1800-05-01T00:00:00Z"})
    new = post(client, {"id": "new", "body": "x", "published": "2999-05-01T00:00:00Z"})
    assert (old.status_code, new.status_code) == (201, 201)
    assert old.get_json()["warnings"] == []
    assert "published" in new.get_json()["warnings"][0]
    published = archive.held["old"].published
    assert published is not None
    assert published.year == 1800
    assert archive.held["new"].published is None


@pytest.mark.parametrize("published", [1800, "1800", 2015, "2015", 0, "20150", 18000101])
def test_a_year_is_no_time_and_is_told_like_other_unreadable_dates(published: Any) -> None:
    client, archive = make_client()
    answer = post(client, {"id": "a", "body": "x", "published": published})
    assert answer.status_code == 201
    assert answer.get_json()["warnings"] == [
        f"published: not a time that can be true: {str(published)!r}"
    ]
    assert archive.held["a"].published is None


@pytest.mark.parametrize(("id_", "kept"), [(17, "17"), (17.0, "17"), (2**63, str(2**63))])
def test_a_whole_number_is_an_id_as_text_and_told(id_: Any, kept: str) -> None:
    client, archive = make_client()
    answer = post(client, {"id": id_, "body": "x"})
    assert answer.status_code == 201
    assert answer.get_json()["warnings"] == ["id: a number, kept as text"]
    assert list(archive.held) == [kept]


@pytest.mark.parametrize("id_", ["a/b", "معرف", "a b?c#d%2F", "-", "..", ".", "x" * 400, "é"])
def test_any_id_is_reached_by_the_address_that_is_answered(id_: str) -> None:
    client, _ = make_client()
    made = post(client, {"id": id_, "body": "text"})
    href = made.get_json()["href"]
    assert href.isascii()
    found = client.get(href)
    assert found.status_code == 200
    assert found.get_json()["id"] == id_
    assert client.delete(href).status_code == 204
    assert client.get(href).status_code == 404


def test_an_id_that_cannot_stand_in_a_path_is_told_where_to_go() -> None:
    client, _ = make_client()
    post(client, {"id": "معرف", "body": "text"})
    refused = client.get("/v1/articles/معرف")
    assert refused.status_code == 400
    assert client.get(refused.get_json(force=True)["href"]).get_json()["id"] == "معرف"


@pytest.mark.parametrize("part", ["", "/matches", "/explain"])
def test_an_id_with_slashes_is_told_where_to_go(part: str) -> None:
    client, _ = make_client()
    post(client, {"id": "a/b", "body": "text"})
    refused = client.get(f"/v1/articles/a%2Fb{part}")
    assert refused.status_code == 404
    assert refused.get_json(force=True)["href"] == f"/v1/articles/-{part}?id=a%2Fb"


def test_states_are_tagged_and_not_sent_twice() -> None:
    client, _ = make_client()
    post(client, {"id": "a", "body": "text"})
    first = client.get("/v1/articles/a")
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = client.get("/v1/articles/a", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    post(client, {"id": "a", "body": "another text"})
    changed = client.get("/v1/articles/a", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


def test_pages_go_through_the_reader_and_what_is_declared_stands() -> None:
    class Pages:
        def read(self, markup: str, url: str | None) -> dict[str, object]:
            return {"title": "from page", "body": markup.upper(), "metadata": {"a": 1, "b": 1}}

    client, archive = make_client(pages=Pages())
    post(client, {"id": "p", "html": "<p>x", "title": "declared", "metadata": {"b": 2}})
    held = archive.held["p"]
    assert (held.title, held.body, held.metadata) == ("declared", "<P>X", {"a": 1, "b": 2})
