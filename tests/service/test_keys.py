"""Keys: hashed at rest, in force or not, and read again when their file changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.keys import Keyring, KeysUnreadable, KeyUnknown


def test_a_key_is_found_by_another_keyring_on_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    here, there = Keyring(path), Keyring(path)
    assert not there.active()
    key, text = here.create("ingest", ["write", "read"])
    assert there.find(text) == key
    assert key.scopes == ("read", "write")
    assert there.active()


def test_the_file_holds_no_key_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    _, text = Keyring(path).create("a", ["read"])
    secret = text.split("_", 2)[2]
    assert text not in path.read_text()
    assert secret not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_revoked_key_opens_nothing(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys.json")
    key, text = ring.create("a", ["admin"])
    assert ring.revoke(key.id).revoked
    assert ring.find(text) is None
    assert not ring.active()
    with pytest.raises(KeyUnknown):
        ring.revoke("nobody")


def test_revoking_where_there_are_no_keys_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyUnknown):
        Keyring(tmp_path / "none" / "keys.json").revoke("nobody")
    assert list(tmp_path.iterdir()) == []


def test_admin_may_everything_and_write_may_not_read(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys.json")
    admin, _ = ring.create("a", ["admin"])
    writer, _ = ring.create("w", ["write"])
    assert all(admin.may(scope) for scope in ("read", "write", "admin"))
    assert [writer.may(scope) for scope in ("read", "write", "admin")] == [False, True, False]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"keys": [{}]}', b'{"keys": 1}', b"\xff"])
def test_a_damaged_file_is_an_error_and_not_no_keys(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(data)
    with pytest.raises(KeysUnreadable):
        Keyring(path).active()


@given(st.text())
def test_nothing_else_is_a_key(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    ring = Keyring(tmp_path_factory.mktemp("keys") / "keys.json")
    key, real = ring.create("a", ["read"])
    assert ring.find(text) is None
    assert ring.find(real + "x") is None
    assert ring.find(f"isnad_{key.id}_{text}") is None
