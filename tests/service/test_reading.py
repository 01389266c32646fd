"""What can be asked of a real archive over HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from core.corpus import story as make_story
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

Client = FlaskClient


def story(number: int) -> str:
    return " ".join(make_story(number, 80))


def send(client: Client, id_: str, body: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/articles", json={"id": id_, "body": body, **more})
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.get_json())


def get(client: Client, path: str, status: int = 200, **headers: str) -> Any:
    answer = client.get(path, headers=headers or None)
    assert answer.status_code == status, answer.text
    return answer.get_json(force=True)


@pytest.fixture
def stored(client: Client) -> Client:
    """Two copies of one story, one that embeds nothing, one by itself."""
    send(client, "a", story(1), outlet="Gazette", title="First", published="2026-01-01T10:00:00Z")
    send(client, "b/1", story(1), outlet="Post", title="Copy", published="2026-01-02T10:00:00Z")
    send(client, "c", story(2), outlet="Gazette", title="Another", published="2026-01-03T10:00:00Z")
    return client


def test_a_copy_is_told_with_its_evidence(client: Client) -> None:
    first = send(client, "a", story(1), outlet="Gazette")
    second = send(client, "b", story(1), outlet="Post")
    assert (first["relation"], first["matches"]) == (None, [])
    assert (second["relation"], second["nearest"]) == ("identical", "a")
    assert second["cluster_id"] == first["cluster_id"]
    (match,) = second["matches"]
    assert match["spans"]
    assert match["features"]
    assert match["href"] == "/v1/articles/a"
    assert get(client, second["cluster_href"])["size"] == 2


def test_a_check_says_the_same_and_stores_nothing(stored: Client) -> None:
    checked = stored.post("/v1/check", json={"body": story(1)}).get_json()
    assert (checked["relation"], checked["matches"][0]["relation"]) == ("identical", "identical")
    assert get(stored, f"/v1/articles/{checked['id']}", 404)["status"] == 404
    sent = send(stored, checked["id"], story(1))
    assert sent["matches"] == checked["matches"]
    assert sent["cluster_id"] == checked["cluster_id"]


def test_every_address_in_an_answer_leads_somewhere(stored: Client) -> None:
    seen, waiting = set[str](), ["/v1/articles/a", "/v1/clusters", "/v1/outlets"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += addresses(get(stored, path))
    assert "/v1/articles/-/explain?id=b%2F1" in seen
    assert len(seen) > 10


def addresses(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in addresses(item)]
    if not isinstance(value, dict):
        return []
    own = [item for key, item in value.items() if key.endswith("href") and item]
    return own + [found for item in value.values() for found in addresses(item)]


def test_an_explanation_is_the_same_bytes_every_time(stored: Client) -> None:
    path = "/v1/articles/-/explain?id=b%2F1"
    assert stored.get(path).data == stored.get(path).data


def test_clusters_are_found_by_filter_and_paged_by_link(stored: Client) -> None:
    send(stored, "d", story(2), outlet="Post", title="Again", published="2026-01-04T10:00:00Z")
    first = stored.get("/v1/clusters?limit=1&sort=newest")
    page = first.get_json()
    assert len(page["clusters"]) == 1
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    second = get(stored, link[1 : link.index(">")])
    assert second["next"] is None
    ids = {page["clusters"][0]["cluster_id"], second["clusters"][0]["cluster_id"]}
    assert len(ids) == 2
    assert len(get(stored, "/v1/clusters?title=again")["clusters"]) <= 1
    assert get(stored, "/v1/clusters?since=2027-01-01T00:00:00Z")["clusters"] == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "since=yesterday", "sort=up", "credit=no", "sise=2", "lang=!", "title="],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(client: Client, query: str) -> None:
    refused = get(client, f"/v1/clusters?{query}", 400)
    assert refused["errors"][0]["name"] == query.partition("=")[0]


def test_a_cursor_that_was_not_given_out_is_refused(client: Client) -> None:
    for path in ("clusters", "outlets", "judgements"):
        refused = get(client, f"/v1/{path}?cursor=nonsense", 400)
        assert refused["type"] == "urn:isnad:problem:cursor-invalid"


def test_a_merged_cluster_leads_to_the_one_that_is_left(client: Client) -> None:
    lone = send(client, "x", story(3))
    older = send(client, "w", story(4))
    merged = client.put(
        "/v1/judgements", json={"kind": "must_link", "left": "w", "right": "x", "who": "desk"}
    )
    assert merged.status_code == 200, merged.text
    ids = {lone["cluster_id"], older["cluster_id"]}
    kept = get(client, "/v1/articles/x")["cluster_id"]
    (gone,) = ids - {kept}
    moved = client.get(f"/v1/clusters/{gone}")
    assert moved.status_code == 308
    assert moved.headers["Location"] == f"/v1/clusters/{kept}"
    timeline = client.get(f"/v1/clusters/{gone}/timeline")
    assert timeline.headers["Location"] == f"/v1/clusters/{kept}/timeline"


def test_judgements_are_listed_and_taken_back(stored: Client) -> None:
    said = {"kind": "cannot_link", "left": "a", "right": "b/1", "who": "desk", "note": "no"}
    made = stored.put("/v1/judgements", json=said).get_json()
    assert made | said == made
    assert get(stored, "/v1/clusters")["clusters"] == []
    assert stored.delete(made["href"]).get_json()["withdrawn"]
    assert get(stored, "/v1/clusters")["clusters"][0]["size"] == 2
    assert get(stored, "/v1/judgements?withdrawn=false")["judgements"] == []
    assert len(get(stored, "/v1/judgements")["judgements"]) == 1
    assert stored.delete("/v1/judgements/99").status_code == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"kind": "must_link", "left": "a"}, 400),
        ({"kind": "pin_original", "left": "a", "right": "b/1"}, 400),
        ({"kind": "other", "left": "a"}, 400),
        ({"kind": "pin_original", "left": "a", "more": 1}, 400),
        ([], 400),
        ({"kind": "pin_original", "left": "nobody"}, 404),
        ({"kind": "must_link", "left": "a", "right": "a"}, 409),
    ],
)
def test_judgements_that_say_nothing_are_refused(stored: Client, said: Any, status: int) -> None:
    assert stored.put("/v1/judgements", json=said).status_code == status


def test_the_ledger_is_read_on_from_where_one_was(stored: Client) -> None:
    first = get(stored, "/v1/changes?limit=2")
    assert [change["sequence"] for change in first["changes"]] == [1, 2]
    rest = get(stored, f"/v1/changes?after={first['next']}")
    assert rest["changes"][0]["sequence"] == 3
    end = get(stored, f"/v1/changes?after={rest['next']}")
    assert (end["changes"], end["next"]) == ([], rest["next"])
    titled = get(stored, "/v1/changes?limit=2&titles=true")["changes"]
    assert [line.pop("title") for line in titled] == ["First", "First"]
    assert titled == first["changes"]


def test_events_carry_the_number_to_go_on_with(stored: Client) -> None:
    answer = stored.get("/v1/changes", headers={"Accept": "text/event-stream"})
    assert answer.mimetype == "text/event-stream"
    assert answer.data == b"retry: 1000\n\n"  # the feed of this fixture is open for no time


def test_the_report_comes_as_it_is_accepted(stored: Client) -> None:
    report = get(stored, "/v1/report")
    assert report["summary"]["articles"] == 3
    table = stored.get("/v1/report", headers={"Accept": "text/csv"})
    assert table.data.splitlines()[0].startswith(b"cluster_id,")
    page = stored.get("/v1/report", headers={"Accept": "text/html, */*;q=0.1"})
    assert page.data.startswith(b"<!doctype html>")
    tag = page.headers["ETag"]
    again = stored.get("/v1/report", headers={"Accept": "text/html", "If-None-Match": tag})
    assert again.status_code == 304
    assert stored.get("/v1/report", headers={"Accept": "image/png"}).status_code == 406


def test_an_article_is_deleted_only_as_it_was_seen(stored: Client) -> None:
    tag = stored.get("/v1/articles/a").headers["ETag"]
    for given in ('"old"', "old", "", f"W/{tag}"):
        answer = stored.delete("/v1/articles/a", headers={"If-Match": given})
        assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
        assert answer.get_json()["type"] == "urn:isnad:problem:precondition-failed"
    assert stored.delete("/v1/articles/none", headers={"If-Match": tag}).status_code == 404
    gone = stored.delete("/v1/articles/a", headers={"If-Match": f'"old", {tag}'})
    assert gone.status_code == 204
    other = stored.post("/v1/articles", json={"id": "z", "body": "another text"})
    assert stored.delete(other.location, headers={"If-Match": "*"}).status_code == 204
    operation = get(stored, "/openapi.json")["paths"]["/v1/articles/{id}"]["delete"]
    assert "If-Match" in {parameter["name"] for parameter in operation["parameters"]}
    assert "412" in operation["responses"]


def test_matches_are_given_page_by_page(stored: Client) -> None:
    send(stored, "third", story(1), outlet="Third")
    whole = get(stored, "/v1/articles/a/matches")
    assert len(whole["matches"]) > 1
    assert whole["next"] is None
    found, cursor = [], ""
    while cursor is not None:
        asked = f"/v1/articles/a/matches?limit=1{cursor and '&cursor='}{cursor}"
        page = get(stored, asked)
        assert len(page["matches"]) == 1
        found += page["matches"]
        cursor = page["next"]
    assert found == whole["matches"]
    assert stored.get("/v1/articles/a/matches?cursor=x").status_code == 400


def test_a_deleted_article_is_gone_and_its_cluster_made_anew(stored: Client) -> None:
    assert stored.delete("/v1/articles/a").status_code == 204
    assert stored.delete("/v1/articles/a").status_code == 404
    assert get(stored, "/v1/articles/-/matches?id=b%2F1")["matches"] == []
    assert get(stored, "/v1/changes?limit=1000")["changes"][-1]["kind"] == "deleted"


def test_two_articles_are_compared(stored: Client) -> None:
    found = get(stored, "/v1/compare?left=a&right=b%2F1")
    assert found["match"]["relation"] == "identical"
    assert get(stored, "/v1/compare?left=a&right=nobody", 404)
    assert get(stored, "/v1/compare?left=a&right=a", 400)


def test_readiness_names_what_it_depends_on(client: Client) -> None:
    assert get(client, "/healthz") == {"status": "ok"}
    assert get(client, "/readyz")["dependencies"]["catalogue"]["ready"] is True
    assert b"isnad_archive_articles 0.0" in client.get("/metrics").data


def test_answers_have_the_shape_of_the_document(stored: Client) -> None:
    document = get(stored, "/openapi.json")
    assert document["openapi"].startswith("3.1")
    components = {"components": document["components"]}
    checked = 0
    for path, item in document["paths"].items():
        if "get" not in item or "{number}" in path or path in ("/metrics", "/v1/jobs/{id}"):
            continue
        place = path.replace("/v1/clusters/{id}", get(stored, "/v1/articles/a")["cluster_href"])
        place = place.replace("outlets/{id}", "outlets/Gazette").replace("{id}", "a")
        query = "?left=a&right=b%2F1" if path.endswith("compare") else ""
        content = item["get"]["responses"]["200"]["content"]["application/json"]
        schema = {**content["schema"], **components}
        Draft202012Validator(schema).validate(get(stored, place + query))
        checked += 1
    assert checked == 14


def test_the_page_of_the_document_needs_nothing_else(client: Client) -> None:
    page = client.get("/docs")
    assert page.mimetype == "text/html"
    for word in (b"<script", b"http://", b"https://", b"@import"):
        assert word not in page.data
    assert b"GET /v1/clusters/{id}/timeline" in page.data


def test_a_stream_leaves_evidence_out_unless_it_is_asked_for(stored: Client) -> None:
    line = orjson.dumps({"id": "s", "body": story(1)})
    kind = "application/x-ndjson"
    short = stored.post("/v1/check", data=line, content_type=kind).data.splitlines()[0]
    full = stored.post("/v1/check?evidence=true", data=line, content_type=kind).data.splitlines()[0]
    first, second = orjson.loads(short)["verdict"], orjson.loads(full)["verdict"]
    assert first["matches"][0]["spans"] == []
    assert second["matches"][0]["spans"]
    assert first["nearest"] == second["nearest"]
