"""Settings and an archive -> the Flask application.

A fresh one for every call: nothing is kept in modules, so tests start clean. Whoever adds to it
(keys, rate limits, logging, pages) hands in a function that takes the app, in `extensions`;
`service/wiring` puts all together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask, current_app
from flask_openapi.openapi import OpenAPI

from dedupe import __version__
from dedupe.archive import Archive
from service.errors import answer_invalid, handle_errors
from service.limits import Limits

__all__ = ["AppSettings", "Check", "PageReader", "Services", "create_app", "services"]

Check = Callable[[], object]
"""Asks a dependency for a sign of life; raises when there is none."""


class AppSettings(Protocol):
    """What the app itself needs of the settings."""

    @property
    def limits(self) -> Limits:
        """Bounds of one request."""


class PageReader(Protocol):
    """Raw HTML -> the fields of an article; in processes that can be killed."""

    def read(self, markup: str, url: str | None) -> Mapping[str, object]:
        """Give the fields of `Article in` that the page tells; raises Refusal or Problem."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes of one app work with.

    `stopping` is set when the process was asked to end: feeds close, streams go on.
    """

    archive: Archive
    limits: Limits
    pages: PageReader | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)


def services() -> Services:
    """Give those of the app that answers now."""
    found: Services = current_app.extensions["isnad"]
    return found


def create_app(
    settings: AppSettings,
    archive: Archive,
    *,
    pages: PageReader | None = None,
    checks: Mapping[str, Check] | None = None,
    extensions: Sequence[Callable[[Flask], None]] = (),
) -> Flask:
    """Make an app.

    `checks` names the dependencies that `/readyz` asks, beside the archive. `extensions` run
    before the first request, after all routes are known; endpoints are named `area.verb`.
    """
    app = OpenAPI(
        "service",
        info={"title": "Isnad", "version": __version__},
        validation_error_status=400,
        validation_error_callback=answer_invalid,
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = "3.1.1"
    asked = {"archive": archive.summary, **(checks or {})}
    app.extensions["isnad"] = Services(archive, settings.limits, pages, asked)
    handle_errors(app)
    for extend in extensions:
        extend(app)
    return app
