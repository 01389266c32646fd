"""A key shown once -> a session of one browser; and the token that every form carries back.

The cookie is Flask's: signed, not readable by scripts, sent to this site only. It holds the id of
the key, never the key; whether that key is still in force is asked with every request.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from service.errors import Problem
from service.keys import Key, Keyring

__all__ = [
    "FORM_FIELD",
    "FORM_HEADER",
    "begin_session",
    "check_form",
    "end_session",
    "form_token",
    "keep_secret",
    "session_key",
    "start_sessions",
]

FORM_FIELD, FORM_HEADER = "csrf", "X-Isnad-Csrf"
LIFETIME = timedelta(hours=12)
_SECRET_BYTES = 32


class _Interface(SecureCookieSessionInterface):
    """Flask's sessions, `Secure` wherever the browser came over TLS."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session; of a client without cookies it is empty, whatever signs it."""
        if app.secret_key and "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this request came over TLS, a trusted proxy before us included."""
        return request.is_secure


def start_sessions(app: Flask) -> None:
    """Let an app have sessions, signed by a secret of this process unless it gets another one."""
    app.session_interface = _Interface()
    app.secret_key = secrets.token_bytes(_SECRET_BYTES)
    app.permanent_session_lifetime = LIFETIME
    app.config.update(
        SESSION_COOKIE_NAME="isnad_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def keep_secret(path: Path) -> Callable[[Flask], None]:
    """Give the extension of `create_app` by which sessions outlive the process.

    Processes that answer for each other need the same file, as they need the same keys.
    """

    def extend(app: Flask) -> None:
        app.secret_key = _read_secret(path)

    return extend


def _read_secret(path: Path) -> bytes:
    """Read the secret; whoever comes first makes it, readable by its owner only."""
    made = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
        try:
            os.link(made, path)  # at once or not at all, and never over another's
        except FileExistsError:
            pass
        finally:
            made.unlink()
    secret = path.read_bytes()
    return secret if len(secret) >= _SECRET_BYTES else secrets.token_bytes(_SECRET_BYTES)


def begin_session(key: Key) -> None:
    """Remember a key; what was known of the browser before is forgotten."""
    session.clear()
    session.permanent = True
    session["key"] = key.id


def end_session() -> None:
    """Forget the key."""
    session.clear()


def session_key(keyring: Keyring) -> Key | None:
    """Give the key that the browser signed in with, while it is in force."""
    id_ = session.get("key")
    return keyring.in_force(id_) if isinstance(id_, str) else None


def form_token() -> str:
    """Give the token of this browser's forms; another site can neither read nor guess it."""
    token = session.get(FORM_FIELD)
    if not isinstance(token, str):
        token = session[FORM_FIELD] = secrets.token_urlsafe(24)
    return token


def check_form() -> None:
    """Raise Problem for a form that did not come from one of our pages."""
    sent = request.headers.get(FORM_HEADER) or request.form.get(FORM_FIELD, "")
    known = session.get(FORM_FIELD)
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if (
        not isinstance(known, str)
        or site != "same-origin"
        or not hmac.compare_digest(sent.encode("utf-8", "replace"), known.encode())
    ):
        raise Problem(
            "forbidden",
            "the form is too old or comes from elsewhere: load the page again, then send it",
            said="form-old",
        )
