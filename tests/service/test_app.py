"""The app by itself: a fresh one for every call, and problem objects for whatever goes wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from service.app import create_app
from service.errors import PROBLEMS, Problem
from service.limits import Limits


def make_app(**more: Any) -> Flask:
    settings: Any = SimpleNamespace(limits=Limits())
    archive: Any = SimpleNamespace(summary=dict, check=list, prepare=list)
    return create_app(settings, archive, **more)


def test_apps_share_nothing() -> None:
    first, second = make_app(), make_app()
    assert first.extensions["isnad"] is not second.extensions["isnad"]


def test_extensions_see_the_app() -> None:
    seen: list[Flask] = []
    app = make_app(extensions=[seen.append])
    assert seen == [app]


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_is_an_object_with_a_stable_type(name: str) -> None:
    def fail(app: Flask) -> None:
        @app.get("/fails")
        def fails() -> str:
            raise Problem(name, "for a test", place="here")

    answer = make_app(extensions=[fail]).test_client().get("/fails")
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == PROBLEMS[name][0]
    assert answer.get_json(force=True) == {
        "type": f"urn:isnad:problem:{name}",
        "title": PROBLEMS[name][1],
        "status": PROBLEMS[name][0],
        "detail": "for a test",
        "place": "here",
    }


def test_what_nobody_foresaw_tells_nothing_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    def fail(app: Flask) -> None:
        @app.get("/fails")
        def fails() -> str:
            raise RuntimeError("secret")

    answer = make_app(extensions=[fail]).test_client().get("/fails")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "RuntimeError" in caplog.text


def test_an_unknown_path_and_a_method_not_offered_are_problems() -> None:
    client = make_app(extensions=[lambda app: app.add_url_rule("/here", "here", lambda: "")])
    assert client.test_client().get("/nothing").get_json(force=True)["status"] == 404
    refused = client.test_client().delete("/here")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]
