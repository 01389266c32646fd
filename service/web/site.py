"""An app -> the same app with all pages: the list of them, and what holds for each.

A page is a module with `make_blueprint`; its endpoints are `pages.MODULE.FUNCTION`.
"""

from __future__ import annotations

from flask import Blueprint, Flask, request

from service.context import services
from service.web import (
    article,
    assets,
    check,
    cluster,
    clusters,
    compare,
    judgements,
    login,
    outlets,
    overview,
)
from service.web.sessions import check_form, start_sessions

__all__ = ["add_pages"]

_PAGES = (assets, login, overview, clusters, cluster, judgements, outlets, article, compare, check)
_SMALL_FORM = 16 << 10


def add_pages(app: Flask) -> None:
    """Add the pages to an app."""
    start_sessions(app)
    pages = Blueprint("pages", __name__)
    for page in _PAGES:
        pages.register_blueprint(page.make_blueprint())
    pages.before_request(_check_form)
    app.register_blueprint(pages)


def _check_form() -> None:
    """Take only forms that one of our pages made, and no larger ones than the service takes."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    most = services().limits.body_bytes
    if (request.endpoint or "").startswith("pages.login."):
        most = _SMALL_FORM  # nobody has shown a key yet
    request.max_content_length = request.max_form_memory_size = most
    check_form()
