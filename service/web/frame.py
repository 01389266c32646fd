"""Template and values -> the page as the browser gets it: language, colours, menu, headers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast
from urllib.parse import urlencode

from flask import Response, g, request
from jinja2 import Environment
from werkzeug.datastructures import MultiDict

from dedupe.attribution.outlets import load_outlets
from dedupe.report.reportable import UiLanguage
from dedupe.report.templating import make_environment
from dedupe.report.wording import LANGUAGES
from service.answering import answer_bytes
from service.web import addresses
from service.web.assets import asset_address
from service.web.sessions import form_token

__all__ = [
    "HTML",
    "THEMES",
    "keep_choice",
    "lead_to",
    "name_outlet",
    "page_language",
    "show",
    "words",
]

HTML = "text/html; charset=utf-8"
THEMES = ("auto", "light", "dark")
_YEAR_S = 365 * 86400
_MENU = (
    ("overview", "/"),
    ("clusters", "/clusters"),
    ("outlets", "/outlets"),
    ("check", "/check"),
    ("api", "/docs"),
)


def show(template: str, status: int = 200, /, **values: Any) -> Response:  # noqa: ANN401
    """Answer with a page. `values` are what its template asks for, beside those of the frame."""
    language = page_language()
    text = _environment(language).get_template(template).render(**_frame(language), **values)
    response = answer_bytes(text.encode("utf-8", "replace"), HTML, status)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Content-Language"] = language
    if request.args.get("hl") == language:
        keep_choice(response, "hl", language)
    return response


def lead_to(path: str) -> Response:
    """Answer a form by leading the browser to a page, which it asks for by GET."""
    return Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def page_language() -> UiLanguage:
    """Choose the language: as asked now, as chosen before, as the browser prefers, English."""
    for asked in (request.args.get("hl"), request.cookies.get("hl")):
        if asked in LANGUAGES:
            return asked
    preferred = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((tag for tag in preferred if tag in LANGUAGES), "en")


def words() -> dict[str, Any]:
    """Give the messages in the language of this page."""
    return cast(dict[str, Any], _environment(page_language()).globals["t"])


def keep_choice(response: Response, name: str, value: str) -> None:
    """Remember what somebody chose for a year."""
    response.set_cookie(
        name, value, max_age=_YEAR_S, secure=request.is_secure, httponly=True, samesite="Lax"
    )


def name_outlet(language: UiLanguage) -> Callable[[str], str]:
    """Give the function that names an outlet's key in a language; other names stay as they are."""
    return lambda key: load_outlets().name_of(key, language)


@cache
def _environment(language: UiLanguage) -> Environment:
    environment = make_environment(language, name_outlet(language))
    environment.globals |= {
        "asset": asset_address,
        "article_page": addresses.article,
        "cluster_page": addresses.cluster,
        "compare_page": addresses.compare,
        "outlet_page": addresses.outlet,
        "with_query": addresses.with_query,
    }
    return environment


def _frame(language: UiLanguage) -> dict[str, Any]:
    key = g.get("key")
    theme = request.cookies.get("theme", "")
    theme = theme if theme in THEMES else THEMES[0]
    return {
        "menu": _MENU,
        "here": request.path,
        "return_to": _here(),
        "other_language": _here(hl="en" if language == "ar" else "ar"),
        "theme": theme,
        "next_theme": THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
        "key_name": None if key is None else key.name,
        "may_judge": key.may("admin") if key is not None else not g.get("keys_asked", False),
        "form_token": form_token,
    }


def _here(**changed: str) -> str:
    """Give the address of this page, for coming back to it by GET."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    query = MultiDict(request.args)
    query.pop("hl", None)
    query.update(changed)
    path = request.full_path.partition("?")[0]
    return f"{path}?{urlencode(list(query.items(multi=True)))}" if query else path
