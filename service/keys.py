"""API keys: a file of hashes -> who may do what.

A key is `isnad_` + a public id + 256 random bits. Only SHA-256 of the whole is kept: with that much
entropy a slow hash adds nothing against guessing, and would give everyone who sends wrong keys
50 ms of our processor a request. The file stands beside the archive and not in it, so that
`isnad key` works while the service owns the archive; the service reads it again when it changed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import orjson

from dedupe.errors import IsnadError

__all__ = ["SCOPES", "Key", "KeyUnknown", "Keyring", "KeysUnreadable"]

SCOPES = ("read", "write", "admin")
"""read: ask and check. write: send articles. admin: everything, also delete and judge."""

_MARK = "isnad_"
_ID_BYTES = 6
_MAX_KEY = 200


class KeysUnreadable(IsnadError):
    """The file of keys is not one."""

    def __init__(self, path: Path) -> None:
        """Keep the path."""
        self.path = path
        super().__init__(f"{path}: not a file of API keys; restore it, or remove it and make keys")


class KeyUnknown(IsnadError):
    """There is no key with this id."""

    def __init__(self, id_: str) -> None:
        """Keep the id."""
        self.id = id_
        super().__init__(f"no key has the id {id_!r}: see isnad key list")


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: never the key itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    created: str
    revoked: str | None = None

    def may(self, scope: str) -> bool:
        """Whether it opens what needs this scope."""
        return scope in self.scopes or "admin" in self.scopes


class Keyring:
    """The keys in a file; safe for many threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._keys: dict[str, Key] = {}

    def list(self) -> list[Key]:
        """Give all keys, the oldest first."""
        return list(self._current().values())

    def active(self) -> bool:
        """Whether any key is in force."""
        return any(key.revoked is None for key in self._current().values())

    def find(self, text: str) -> Key | None:
        """Give the key that was shown, if it is in force.

        An id that is not known is compared with a digest too, so that time tells nothing.
        """
        id_ = text.removeprefix(_MARK).partition("_")[0] if len(text) <= _MAX_KEY else ""
        key = self._current().get(id_)
        same = hmac.compare_digest(_digest(text[:_MAX_KEY]), key.digest if key else "0" * 64)
        return key if same and key is not None and key.revoked is None else None

    def in_force(self, id_: str) -> Key | None:
        """Give the key with this id, if it is in force: whoever asks has shown it before."""
        key = self._current().get(id_)
        return key if key is not None and key.revoked is None else None

    def create(self, name: str, scopes: Iterable[str]) -> tuple[Key, str]:
        """Make a key; the text is shown once and kept nowhere."""
        id_ = secrets.token_hex(_ID_BYTES)
        text = f"{_MARK}{id_}_{secrets.token_urlsafe(32)}"
        wanted = set(scopes)
        chosen = tuple(scope for scope in SCOPES if scope in wanted)
        key = Key(id_, name, chosen, _digest(text), _now())
        with self._changing() as keys:
            keys[id_] = key
        return key, text

    def revoke(self, id_: str) -> Key:
        """Put a key out of force, for good; raises KeyUnknown."""
        if id_ not in self._current():  # nor make a folder for nothing
            raise KeyUnknown(id_)
        with self._changing() as keys:
            if keys[id_].revoked is None:
                keys[id_] = replace(keys[id_], revoked=_now())
            return keys[id_]

    def _current(self) -> dict[str, Key]:
        with self._turn:
            seen = _look(self._path)
            if seen != self._seen:
                self._keys, self._seen = _read(self._path), seen
            return self._keys

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """Let one process at a time change the keys; they are replaced at once, or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            flock(lock, LOCK_EX)
            keys = _read(self._path)
            yield keys
            _write(self._path, keys.values())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _look(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> dict[str, Key]:
    try:
        rows = orjson.loads(path.read_bytes())["keys"]
        keys = [Key(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]
        if not all(isinstance(key.digest, str) and key.digest.isascii() for key in keys):
            raise TypeError
    except FileNotFoundError:
        return {}
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise KeysUnreadable(path) from None
    return {key.id: key for key in keys}


def _write(path: Path, keys: Iterable[Key]) -> None:
    data = orjson.dumps({"keys": [asdict(key) for key in keys]}, option=orjson.OPT_INDENT_2)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # readable by us only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
