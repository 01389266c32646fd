"""Settings: typed, from the environment, and an error names the variable but not its value."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.limits import Limits
from service.settings import SettingInvalid, Settings, find_unknown, load_settings, write_table


def test_the_defaults_are_local_and_the_limits_are_those_of_the_app() -> None:
    settings = load_settings()
    assert settings.is_local
    assert settings.limits == Limits()


def test_a_variable_sets_and_a_given_value_stands_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ISNAD_PORT", "9000")
    monkeypatch.setenv("ISNAD_BODY_BYTES", "2048")
    assert load_settings().port == 9000
    assert load_settings().limits.body_bytes == 2048
    assert load_settings({"port": 9001, "host": None}).port == 9001


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in find_unknown():  # what tests themselves are told
        monkeypatch.delenv(name)
    monkeypatch.setenv("ISNAD_PORT", "9000")
    monkeypatch.setenv("ISNAD_PROT", "9000")
    assert find_unknown() == ["ISNAD_PROT"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "secret"), ("RATE_LIMIT", "secret"), ("LOG_LEVEL", "secret"), ("RATIO", "0")],
)
def test_what_cannot_be_read_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ISNAD_{name}", value)
    with pytest.raises(SettingInvalid, match=f"ISNAD_{name}: ") as caught:
        load_settings()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *[("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True)],
        *[("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("example.org", False)],
    ],
)
def test_only_loopback_is_local(host: str, local: bool) -> None:
    assert load_settings({"host": host}).is_local is local


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISNAD_DATABASE_URL", "postgresql+psycopg://u:hidden@h/d")
    monkeypatch.setenv("ISNAD_API_KEY", "hidden")
    assert "hidden" not in repr(load_settings())


def test_the_client_looks_where_the_service_of_this_machine_listens() -> None:
    assert load_settings({"port": 9000}).service_url == "http://127.0.0.1:9000"
    assert load_settings({"port": 9000, "url": "http://x:1"}).service_url == "http://x:1"


def test_the_table_names_every_setting() -> None:
    table = write_table()
    for name in Settings.model_fields:
        assert f"`ISNAD_{name.upper()}`" in table


@pytest.mark.parametrize(("told", "hours"), [("90d", 2160), ("12h", 12), ("", None)])
def test_a_window_is_days_or_hours(told: str, hours: int | None) -> None:
    window = load_settings({"window": told}).window
    assert window == (None if hours is None else timedelta(hours=hours))
    with pytest.raises(SettingInvalid, match=r"^ISNAD_WINDOW: a number of days .*90d"):
        load_settings({"window": "soon"})


def test_operations_shows_the_table_as_it_is(checkout: Path) -> None:
    assert write_table() in (checkout / "docs/operations.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["database_url", "redis_url"])
def test_an_address_that_is_empty_is_told_and_is_no_embedded_mode(name: str) -> None:
    with pytest.raises(SettingInvalid, match=f"ISNAD_{name.upper()}: is empty"):
        assert load_settings({name: ""}).is_distributed
