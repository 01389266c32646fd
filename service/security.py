"""An app -> the same app behind keys, rate limits and headers that tell browsers what it is not.

Without keys the service answers this machine only, under a name of this machine: a page in a
browser that had its own name resolved to 127.0.0.1 is refused, and so is a proxy.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import files
from typing import Protocol

from flask import Flask, Response, g, request
from flask_openapi.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from dedupe.errors import IsnadError
from dedupe.report.as_html import inlined_script, inlined_style
from service.bodies import discard
from service.errors import Problem
from service.heads import Moment, Step, add_step
from service.keys import Keyring
from service.rates import limit_rate
from service.web.sessions import session_key

__all__ = ["HEADERS", "KeysMissing", "check_address", "scope_of", "secure"]

_PROBES = frozenset({"operations.health", "operations.readiness", "document.show", "document.page"})
_LOGIN = frozenset(f"pages.login.{name}" for name in ("ask", "enter", "leave", "choose_theme"))
OPEN = _PROBES | _LOGIN | {"pages.assets.show"}
"""Endpoints that need no key: they tell nothing of what is stored."""

_ADMIN = frozenset({"articles.delete"})
_READING_POSTS = frozenset({"articles.check", "pages.check.check"})  # they store nothing

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # `no-referrer` would take the Origin off our own forms
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_PAGES = "pages."
_PAGE_POLICY = (
    f"{_POLICY}; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'"
)
"""Pages take styles and scripts from here only, and no script can make markup of text."""
_INLINED = {"style": re.compile(r"<style>(.*?)</style>", re.DOTALL)}


class Guarded(Protocol):
    """What is asked of the settings."""

    @property
    def host(self) -> str:
        """Address that is listened on."""

    @property
    def is_local(self) -> bool:
        """Whether that is this machine only."""

    @property
    def rate_limit(self) -> str:
        """Requests of one caller, in the words of `limits`; empty for none."""

    @property
    def trusted_proxies(self) -> int:
        """How many proxies stand before us."""


class KeysMissing(IsnadError):
    """The service was to be opened to others without a key."""

    def __init__(self, host: str, remedy: str = "listen on 127.0.0.1") -> None:
        """Keep the address."""
        self.host = host
        super().__init__(
            f"{host} can be reached from other machines, and there is no API key: make one with "
            f"isnad key create, or {remedy}"
        )


def check_address(settings: Guarded, keyring: Keyring) -> None:
    """Refuse to listen where others can connect while no key is in force; raises KeysMissing."""
    if keyring.active():
        return
    if not settings.is_local:
        raise KeysMissing(settings.host)
    if settings.trusted_proxies:
        raise KeysMissing(f"{settings.host} behind a proxy", "unset ISNAD_TRUSTED_PROXIES")


def scope_of(endpoint: str, method: str) -> str | None:
    """Give the scope that an endpoint needs, None for an open one."""
    if endpoint in OPEN:
        return None
    judging = endpoint.removeprefix(_PAGES).startswith("judgements.") and method not in _SAFE
    if endpoint in _ADMIN or judging:
        return "admin"
    return "read" if method in _SAFE or endpoint in _READING_POSTS else "write"


_SAFE = ("GET", "HEAD", "OPTIONS")


def secure(settings: Guarded, keyring: Keyring) -> Callable[[Flask], None]:
    """Give the extension of `create_app` that guards an app."""

    def extend(app: Flask) -> None:
        app.extensions["isnad-keyring"] = keyring
        if settings.trusted_proxies:
            count = settings.trusted_proxies
            app.wsgi_app = ProxyFix(app.wsgi_app, count, count, 0, 0, 0)  # type: ignore[method-assign]
        policy = _write_policies()
        add_step(
            app,
            partial(_learn, settings, keyring, policy),
            partial(_admit, settings, keyring),
            partial(_add_headers, policy),
        )
        if settings.rate_limit:  # probes are not counted
            limit_rate(app, settings.rate_limit, _caller, OPEN - _LOGIN)
        _describe(app)

    return extend


def _admit(settings: Guarded, keyring: Keyring) -> None:
    try:
        _authorise(settings, keyring)
    except Problem:
        discard(request)  # or a client that is still sending does not hear why
        raise


def _authorise(settings: Guarded, keyring: Keyring) -> None:
    """Let a request pass or raise Problem; `g.key` and `g.key_id` tell who it is."""
    g.key = g.key_id = None
    scope = _scope()
    g.keys_asked = _asks_for_keys(settings, keyring)
    if not g.keys_asked:
        _check_name(scope)
        return
    shown = _shown_key()
    key = session_key(keyring) if shown is None and _takes_session() else None
    if shown:
        key = keyring.find(shown)
    if key is not None:
        g.key, g.key_id = key, key.id
    if scope is None:  # nothing to guard
        return
    if key is None:
        told = 'Bearer realm="isnad"' + (', error="invalid_token"' if shown else "")
        raise Problem(
            "unauthorised",
            "send a key that is in force: Authorization: Bearer KEY",
            headers={"WWW-Authenticate": told},
        )
    if not key.may(scope):
        told = f'Bearer realm="isnad", error="insufficient_scope", scope="{scope}"'
        raise Problem(
            "forbidden", f"this needs the scope {scope}", headers={"WWW-Authenticate": told}
        )


def _scope() -> str | None:
    return None if request.endpoint is None else scope_of(request.endpoint, request.method)


def _asks_for_keys(settings: Guarded, keyring: Keyring) -> bool:
    return not settings.is_local or keyring.active()


@dataclass(frozen=True, slots=True)
class _Admitting(Step):
    """Those of a head; `shown` is the digest of its key, never the key."""

    settings: Guarded
    keyring: Keyring
    scope: str | None
    key_id: str | None
    shown: str
    headers: bytes

    def enter(self, moment: Moment) -> bool:
        """Whether the key opens what it opened before; without one, whether none is asked for."""
        if self.key_id is None:
            return not _asks_for_keys(self.settings, self.keyring)
        moment.key_id = self.key_id
        key = self.keyring.in_force(self.key_id)
        return (
            key is not None
            and key.digest == self.shown
            and (self.scope is None or key.may(self.scope))
        )

    def leave(self, _moment: Moment, _status: int) -> bytes:
        """Give the headers of what is no page."""
        return self.headers


def _learn(settings: Guarded, keyring: Keyring, policies: dict[str, str]) -> Step:
    policy = policies.get(request.endpoint or "", _POLICY)
    lines = {**HEADERS, "Content-Security-Policy": policy}.items()
    headers = "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
    shown = g.key.digest if g.key is not None else ""
    return _Admitting(settings, keyring, _scope(), g.key_id, shown, headers)


def _shown_key() -> str | None:
    """Give the key in the header, empty for anything else there, None without a header."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    kind, _, text = header.partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def _takes_session() -> bool:
    """Whether a browser's session is enough: on pages, whose forms are checked, and for reading."""
    return request.method in _SAFE or (request.endpoint or "").startswith(_PAGES)


_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def _check_name(scope: str | None) -> None:
    """Take only what this machine sends itself while no key is asked for.

    Not what a proxy passes on, nor what a page of another site makes a browser send.
    """
    origin = request.headers.get("Origin")
    local = (
        _is_here(request.headers.get("Host", ""))
        and (origin is None or _is_here(origin.partition("://")[2] or "null"))
        and request.headers.get("Sec-Fetch-Site") != "cross-site"
        and not any(name in request.headers for name in _FORWARDED)
    )
    if scope is not None and not local:
        raise Problem(
            "forbidden",
            "without API keys only this machine is served: make a key",
            said="local-only",
        )


@lru_cache(maxsize=256)
def _is_here(host: str) -> bool:
    """Whether a name with or without a port is one of this machine's."""
    named = re.sub(r":\d*\Z", "", host).strip("[]").lower()
    try:
        return named in ("", "localhost") or ipaddress.ip_address(named).is_loopback
    except ValueError:
        return False


def _caller() -> str:
    return getattr(g, "key_id", None) or request.remote_addr or "unknown"


def _write_policies() -> dict[str, str]:
    """Endpoint -> content policy: our pages may use the style they are written with, no more.

    The hashes are of the templates, never of an answer: what got into an answer is not ours. The
    report carries a policy of its own in its head, which allows its style and its script.
    """
    page = (files("service") / "templates/docs.html.j2").read_text("utf-8")
    style, script = inlined_style(), inlined_script()
    own = " ".join(map(_hash, _INLINED["style"].findall(page)))
    return {
        "document.page": f"{_POLICY}; style-src {own}",
        "reports.report": f"{_POLICY}; style-src {_hash(style)}; script-src {_hash(script)}",
    }


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _add_headers(policies: dict[str, str], response: Response) -> Response:
    response.headers.extend(HEADERS)  # which no view sets
    policy = policies.get(request.endpoint or "") or _policy_of(response)
    response.headers.setdefault("Content-Security-Policy", policy)
    return response


def _policy_of(response: Response) -> str:
    """Pages, and problems shown as pages, have what pages need; all else needs nothing."""
    return _PAGE_POLICY if response.mimetype == "text/html" else _POLICY


def _describe(app: Flask) -> None:
    """Tell of the keys in the OpenAPI document."""
    if isinstance(app, OpenAPI):
        told = {"type": "http", "scheme": "bearer", "description": "A key of `isnad key create`."}
        schemes = app.api_doc.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["key"] = told
