"""What holds for every page: language, colours, keys and sessions, forms, policy, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dedupe.report.wording import LANGUAGES, load_messages
from service.errors import PROBLEMS
from service.keys import Keyring
from service.web.addresses import local_path
from service.web.sessions import keep_secret


def token(client: FlaskClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


@pytest.fixture
def keyring(keys_file: Path) -> Iterator[Keyring]:
    yield Keyring(keys_file)
    keys_file.unlink(missing_ok=True)


def test_the_language_is_that_of_the_address_then_the_cookie_then_the_browser(
    browser: FlaskClient,
) -> None:
    def language(path: str, **headers: str) -> str:
        found = re.search(
            r'<html lang="(\w+)" dir="(\w+)"', browser.get(path, headers=headers).text
        )
        assert found
        assert found[2] == {"ar": "rtl", "en": "ltr"}[found[1]]
        return found[1]

    assert language("/") == "en"
    assert language("/", Accept_Language="ar-EG,en;q=0.5") == "ar"
    assert language("/?hl=ar") == "ar"
    assert language("/", Accept_Language="en") == "ar"
    assert language("/?hl=xx") == "ar"
    assert language("/?hl=en") == "en"


def test_the_other_language_keeps_the_page_and_what_was_asked(browser: FlaskClient) -> None:
    text = browser.get("/login?next=/x%3Fa%3D1").text
    assert "/?hl=ar" in browser.get("/").text
    assert "hl=" not in text.partition('name="next"')[2].partition(">")[0]


def test_colours_are_kept_in_a_cookie(browser: FlaskClient) -> None:
    assert "data-theme" not in browser.get("/").text
    sent = {"csrf": token(browser, "/"), "theme": "dark", "next": "/?a=1"}
    answer = browser.post("/theme", data=sent)
    assert (answer.status_code, answer.location) == (303, "/?a=1")
    assert '<html lang="en" dir="ltr" data-theme="dark">' in browser.get("/").text
    browser.post("/theme", data={**sent, "theme": '"><script>'})
    assert 'data-theme="dark"' in browser.get("/").text


def test_every_page_has_a_strict_policy_and_takes_styles_from_here_only(
    browser: FlaskClient,
) -> None:
    answer = browser.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert all(address.startswith(("/", "#")) for address in addresses)
    assert " style=" not in answer.text
    assert not re.search(r"<script(?![^>]* src=)", answer.text)
    assert not re.search(r"\son\w+=", answer.text)


def test_styles_are_kept_for_good_until_there_are_others(browser: FlaskClient) -> None:
    address = re.findall(r'rel="stylesheet" href="([^"]+)"', browser.get("/").text)[0]
    answer = browser.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    tag = answer.headers["ETag"]
    assert browser.get(address, headers={"If-None-Match": tag}).status_code == 304
    old = browser.get("/static/0/site.css")
    assert (old.data, old.headers["Cache-Control"]) == (answer.data, "no-cache")
    assert browser.get("/static/0/..%2Fas_html.py").status_code == 404


def test_a_page_that_did_not_change_is_not_sent_again(browser: FlaskClient) -> None:
    browser.get("/")
    tag = browser.get("/").headers["ETag"]
    assert browser.get("/", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("language", ["ar", "en"])
def test_browsers_get_errors_as_pages_and_programs_as_problems(
    browser: FlaskClient, language: str
) -> None:
    answer = browser.get("/nothing", headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert load_messages(language)["problem"]["remedy_404"] in answer.text  # type: ignore[arg-type]
    assert browser.get("/v1/nothing").mimetype == "application/problem+json"
    answer = browser.get("/nothing", headers={"Accept": "*/*"})
    assert answer.mimetype == "application/problem+json"


def said(html: str) -> str:
    """What stands on a page of a problem beside its frame."""
    return html.partition('class="narrow"')[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/nothing", "not-found"),
        ("/clusters/c0000000000000000", "no-cluster"),
        ("/clusters?cursor=x", "cursor-invalid"),
        ("/outlets?cursor=x", "cursor-invalid"),
        ("/outlets/nobody", "no-outlet"),
        ("/articles/none", "no-article"),
        ("/articles/none/explain", "no-article"),
        ("/articles/none/revisions", "no-revision"),
        ("/compare?left=none&right=nobody", "no-article"),
        ("/articles/%20", "id-not-in-path"),
    ],
)
def test_pages_say_what_is_wrong_in_their_own_language(
    browser: FlaskClient, path: str, key: str
) -> None:
    for language in LANGUAGES:
        words = load_messages(language)["problem"]
        text = said(browser.get(path, headers={"Accept-Language": language}).text)
        assert words["said"][key] in text
        if language == "ar":
            assert not re.search("[a-z]{3}", re.sub(r"<code>.*?</code>|<[^>]+>", "", text))
    program = browser.get(path, headers={"Accept": "application/json"})
    assert program.get_json()["detail"] not in load_messages("ar")["problem"]["said"].values()


def test_every_problem_has_words_in_every_language(checkout: Path) -> None:
    used = {
        key
        for path in (checkout / "service").rglob("*.py")
        for key in re.findall(r'said="([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert {"no-cluster", "form-old", "local-only"} <= used
    for language in LANGUAGES:
        assert used | PROBLEMS.keys() <= load_messages(language)["problem"]["said"].keys()


def test_the_check_says_what_is_wrong_in_the_language_of_the_page(browser: FlaskClient) -> None:
    words = load_messages("ar")["problem"]["said"]
    sent = {"csrf": token(browser, "/check?hl=ar")}
    for text, key in (("", "body-empty"), ("a\x00b", "nul")):
        answer = browser.post("/check", data={**sent, "text": text})
        assert answer.status_code in (400, 422)
        assert words[key] in answer.text


def test_a_form_that_is_too_old_is_not_told_to_sign_in(browser: FlaskClient) -> None:
    words = load_messages("en")["problem"]
    answer = browser.post("/judgements", data={"csrf": "old"})
    assert answer.status_code == 403
    for key in ("heading_form-old", "remedy_form-old"):
        assert words[key] in answer.text
    assert words["said"]["form-old"] in answer.text
    assert words["remedy_403"] not in answer.text


def test_a_browser_signs_in_with_a_key_and_out_again(
    browser: FlaskClient, keyring: Keyring
) -> None:
    _, text = keyring.create("desk", ["read"])
    answer = browser.get("/?a=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=%2F%3Fa%3D1")
    sent = {"csrf": token(browser), "key": text, "next": "/?a=1"}
    assert browser.post("/login", data={**sent, "key": "isnad_x"}).status_code == 403
    answer = browser.post("/login", data=sent)
    assert (answer.status_code, answer.location) == (303, "/?a=1")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert text not in cookie
    assert "desk" in browser.get("/").text
    assert browser.get("/v1/outlets").status_code == 200, "reading goes with a session"
    assert browser.post("/v1/articles", json={"body": "x"}).status_code == 401, "writing does not"
    browser.post("/logout", data={"csrf": token(browser)})
    assert browser.get("/").status_code == 303


def test_a_session_ends_with_its_key(browser: FlaskClient, keyring: Keyring) -> None:
    key, text = keyring.create("desk", ["read"])
    keyring.create("other", ["read"])
    browser.post("/login", data={"csrf": token(browser), "key": text})
    assert browser.get("/").status_code == 200
    keyring.revoke(key.id)
    assert browser.get("/").status_code == 303


def test_a_key_that_may_not_read_opens_no_session(browser: FlaskClient, keyring: Keyring) -> None:
    _, text = keyring.create("feed", ["write"])
    answer = browser.post("/login", data={"csrf": token(browser), "key": text})
    assert answer.status_code == 403
    assert load_messages("en")["login"]["refused"] in answer.text


def test_a_form_needs_the_token_of_its_browser(browser: FlaskClient, seeded: Flask) -> None:
    assert browser.post("/theme", data={"theme": "dark"}).status_code == 403
    sent = {"theme": "dark", "csrf": token(browser, "/")}
    other = seeded.test_client()
    other.environ_base |= browser.environ_base
    assert other.post("/theme", data=sent).status_code == 403
    assert browser.post("/theme", data=sent).status_code == 303
    crossed = browser.post("/theme", data=sent, headers={"Sec-Fetch-Site": "same-site"})
    assert crossed.status_code == 403
    assert browser.post("/theme", data={**sent, "x": "y" * 20_000}).status_code == 413


def test_the_secret_of_sessions_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    apps: list[Any] = [Flask("a"), Flask("b")]
    for app in apps:
        keep_secret(tmp_path / "session.secret")(app)
    assert apps[0].secret_key == apps[1].secret_key
    assert len(apps[0].secret_key) == 32
    assert [path.name for path in tmp_path.iterdir()] == ["session.secret"]
    assert (tmp_path / "session.secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "asked", [None, "", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"]
)
def test_a_form_never_leads_to_another_site(asked: str | None) -> None:
    assert local_path(asked) == "/"


@given(st.text())
def test_what_is_led_to_is_a_path_of_this_site(asked: str) -> None:
    path = local_path(asked)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
