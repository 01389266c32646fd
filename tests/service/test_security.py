"""Who may do what, how often, and what browsers are told."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from fakes.memory_archive import make_client
from flask import Flask

from service.keys import Keyring
from service.logs import log_requests, start_log
from service.security import HEADERS, KeysMissing, check_address, scope_of, secure
from service.settings import load_settings

ARTICLE = {"id": "a", "body": "A text of its own, which nobody else has."}


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys.json")


def guarded(ring: Keyring, **given: Any) -> Any:
    extensions = [log_requests, secure(load_settings(given), ring)]
    client, _ = make_client(extensions=extensions)
    return client


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, re.sub(r"<[^>]+>", "1", rule.rule), rule.endpoint


def test_every_route_is_behind_a_key_but_the_open_ones(ring: Keyring) -> None:
    ring.create("a", ["read"])
    client = guarded(ring)
    for method, path, endpoint in routes(client.application):
        answer = client.open(path, method=method)
        if scope_of(endpoint, method) is None:
            assert answer.status_code not in (401, 500), path
            continue
        assert answer.status_code == 401, path
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="isnad"'


def test_every_route_wants_its_scope(ring: Keyring) -> None:
    keys = {scope: ring.create(scope, [scope])[1] for scope in ("read", "write", "admin")}
    client = guarded(ring)
    for method, path, endpoint in routes(client.application):
        wanted = scope_of(endpoint, method)
        for scope, text in keys.items():
            if wanted is None or scope in (wanted, "admin"):
                continue
            answer = client.open(path, method=method, headers=bearer(text))
            assert answer.status_code == 403, (path, scope)
            assert f'scope="{wanted}"' in answer.headers["WWW-Authenticate"]


def test_what_needs_which_scope() -> None:
    assert scope_of("articles.ingest", "POST") == "write"
    assert scope_of("articles.check", "POST") == "read"
    assert scope_of("articles.delete", "DELETE") == "admin"
    assert scope_of("judgements.anything", "PUT") == "admin"
    assert scope_of("judgements.anything", "GET") == "read"
    assert scope_of("operations.metrics", "GET") == "read"
    assert scope_of("operations.health", "GET") is None


def test_a_key_opens_what_its_scope_says_until_it_is_revoked(ring: Keyring) -> None:
    key, text = ring.create("a", ["write"])
    client = guarded(ring)
    assert client.post("/v1/articles", json=ARTICLE, headers=bearer(text)).status_code == 201
    ring.create("other", ["read"])
    ring.revoke(key.id)
    answer = client.post("/v1/articles", json=ARTICLE, headers=bearer(text))
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_damaged_file_of_keys_lets_nobody_in_and_is_named(ring: Keyring, tmp_path: Path) -> None:
    _, text = ring.create("a", ["admin"])
    client = guarded(ring)
    (tmp_path / "keys.json").write_bytes(b'{"keys": [')
    answer = client.post("/v1/articles", json=ARTICLE, headers=bearer(text))
    assert answer.status_code == 503
    assert "file of API keys" in answer.get_json()["detail"]


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic abc", "Bearer \u00e9", "x" * 9000])
def test_other_authorisation_is_none(ring: Keyring, value: str) -> None:
    ring.create("a", ["read"])
    answer = guarded(ring).get("/v1/outlets", headers={"Authorization": value})
    assert answer.status_code == 401


def test_without_keys_this_machine_is_served_under_its_own_names_only(ring: Keyring) -> None:
    client = guarded(ring)
    for host in ("localhost", "127.0.0.1:8080", "[::1]:8080"):
        assert client.get("/v1/articles/a", headers={"Host": host}).status_code == 404
    answer = client.get("/v1/articles/a", headers={"Host": "rebound.example:8080"})
    assert answer.status_code == 403
    assert client.get("/healthz", headers={"Host": "rebound.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_without_keys_neither_a_proxy_nor_another_site_is_served(
    ring: Keyring, headers: dict[str, str]
) -> None:
    client = guarded(ring)
    assert client.get("/v1/articles/a", headers=headers).status_code == 403
    own = {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}
    assert client.get("/v1/articles/a", headers=own).status_code == 404


def test_a_proxy_is_trusted_only_with_a_key_in_force(ring: Keyring) -> None:
    settings = load_settings({"trusted_proxies": 1})
    with pytest.raises(KeysMissing, match="behind a proxy"):
        check_address(settings, ring)
    ring.create("a", ["read"])
    check_address(settings, ring)


def test_an_open_address_needs_a_key_in_force(ring: Keyring) -> None:
    settings = load_settings({"host": "0.0.0.0"})
    with pytest.raises(KeysMissing, match="isnad key create"):
        check_address(settings, ring)
    key, _ = ring.create("a", ["read"])
    check_address(settings, ring)
    ring.revoke(key.id)
    with pytest.raises(KeysMissing):
        check_address(settings, ring)
    client = guarded(ring, host="0.0.0.0")  # revoked while it ran: nobody passes
    assert client.get("/v1/articles/a").status_code == 401


def test_every_answer_carries_the_headers(ring: Keyring) -> None:
    client = guarded(ring)
    seen = set()
    for method, path, _ in [*routes(client.application), ("GET", "/nothing/here", "")]:
        answer = client.open(path, method=method)
        seen.add(answer.status_code)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Request-ID"]
        assert "Retry-After" not in answer.headers or answer.status_code == 503
        assert "Traceback" not in answer.text
    assert {200, 404, 415} <= seen


def test_the_page_may_use_the_style_it_is_written_with(ring: Keyring) -> None:
    answer = guarded(ring).get("/docs")
    assert "<script" not in answer.text
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]


def test_too_many_requests_are_told_when_to_come_again(ring: Keyring) -> None:
    client = guarded(ring, rate_limit="2/hour")
    codes = [client.get("/v1/articles/a").status_code for _ in range(3)]
    assert codes == [404, 404, 429]
    answer = client.get("/v1/articles/a")
    assert answer.get_json(force=True)["type"] == "urn:isnad:problem:rate-limited"
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert client.get("/healthz").status_code == 200


def test_each_key_has_its_own_rate(ring: Keyring) -> None:
    first, second = (ring.create(name, ["read"])[1] for name in "ab")
    client = guarded(ring, rate_limit="1/hour")
    assert client.get("/v1/articles/a", headers=bearer(first)).status_code == 404
    assert client.get("/v1/articles/a", headers=bearer(first)).status_code == 429
    assert client.get("/v1/articles/a", headers=bearer(second)).status_code == 404


def test_the_document_tells_of_the_keys(ring: Keyring) -> None:
    document = guarded(ring).get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["security"] == [{"key": []}]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    start_log("debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)  # not the attribute: loggers remember what they may say
    logging.captureWarnings(False)
    structlog.reset_defaults()


def read_log(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_the_log_tells_of_requests_and_neither_keys_nor_texts(
    ring: Keyring, log: io.StringIO
) -> None:
    key, text = ring.create("a", ["write"])
    client = guarded(ring)
    sent = {"id": "an-id", "title": "خبر", "body": "UNHEARD words of a text", "outlet": "Quay"}
    headers = {**bearer(text), "X-Request-ID": "r-1"}
    client.post("/v1/articles", json=sent, headers=headers)
    client.post("/v1/articles", data="{UNHEARD", headers=headers, content_type="application/json")
    client.get("/v1/articles/an-id?id=UNHEARD", headers=bearer("isnad_x_" + "s" * 40))
    told = [line for line in read_log(log) if line["event"] == "answered"]
    assert [line["status"] for line in told] == [201, 400, 401]
    assert told[0]["key"] == key.id
    assert told[0]["request_id"] == "r-1"
    assert told[0]["route"] == "/v1/articles"
    for secret in (text, text.split("_", 2)[2], "UNHEARD", "خبر", "an-id", "s" * 40):
        assert secret not in log.getvalue()


def test_an_exception_is_logged_by_type_and_place_only(ring: Keyring, log: io.StringIO) -> None:
    client = guarded(ring)
    app = client.application

    def fail() -> str:
        raise RuntimeError("UNHEARD words of a text")

    app.view_functions["operations.health"] = fail
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert "UNHEARD" not in answer.text + log.getvalue()
    (line,) = [line for line in read_log(log) if line["level"] == "error"]
    assert line["error"] == "RuntimeError"
    assert any("fail" in frame for frame in line["frames"])


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "خبر", "a\tb"])
def test_a_request_id_that_is_none_is_replaced(ring: Keyring, given: str) -> None:
    answer = guarded(ring).get("/healthz", headers={"X-Request-ID": given.encode().decode("latin")})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
