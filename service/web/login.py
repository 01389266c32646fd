"""Signing in with a key, signing out; the colours somebody likes."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, request

from service.keys import Keyring
from service.web.addresses import local_path
from service.web.frame import THEMES, keep_choice, lead_to, show
from service.web.sessions import begin_session, end_session

__all__ = ["make_blueprint"]


def make_blueprint() -> Blueprint:
    """Make `/login`, `/logout` and `/theme`."""
    area = Blueprint("login", __name__)
    area.get("/login")(ask)
    area.post("/login")(enter)
    area.post("/logout")(leave)
    area.post("/theme")(choose_theme)
    return area


def ask() -> Response:
    """Ask for a key, unless there is nobody to ask for one."""
    back = local_path(request.args.get("next"))
    if not g.get("keys_asked", False):
        return lead_to(back)
    return show("login.html.j2", back=back, refused=False)


def enter() -> Response:
    """Begin a session with a key that may read."""
    keyring: Keyring | None = current_app.extensions.get("isnad-keyring")
    back = local_path(request.form.get("next"))
    key = keyring.find(request.form.get("key", "").strip()) if keyring else None
    if key is None or not key.may("read"):
        return show("login.html.j2", 403, back=back, refused=True)
    begin_session(key)
    return lead_to(back)


def leave() -> Response:
    """End the session."""
    end_session()
    return lead_to("/login")


def choose_theme() -> Response:
    """Remember which colours are liked."""
    response = lead_to(local_path(request.form.get("next")))
    chosen = request.form.get("theme")
    if chosen in THEMES:
        keep_choice(response, "theme", chosen)
    return response
