"""Settings and an archive -> the Flask application.

A fresh one for every call: nothing is kept in modules, so tests start clean. Whoever adds to it
(keys, rate limits, logging, pages) hands in a function that takes the app, in `extensions`;
`service/wiring` puts all together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import BoundedSemaphore
from typing import Protocol

from flask import Flask
from flask_openapi.openapi import OpenAPI

from dedupe import __version__
from dedupe.archive import Archive
from service.context import Bell, Check, Services
from service.document import add_document
from service.errors import answer_invalid, handle_errors
from service.halves import split
from service.intake import Intake, PageReader
from service.jobs import Jobs
from service.limits import Limits
from service.metrics import Meters
from service.queue_metrics import QueueGauges
from service.routes import articles, make_blueprints
from service.schemas import PROBLEMS_ANSWERED
from service.web.failures import show_problem
from service.web.site import add_pages

__all__ = ["AppSettings", "Check", "PageReader", "create_app"]

_ABOUT = """Find republished articles and say where they come from.

Every article that is sent is compared with all that came before; the answer says what it is a copy
of, with the evidence. Errors are problem objects (RFC 9457) with a stable `type`."""


class AppSettings(Protocol):
    """What the app itself needs of the settings."""

    @property
    def limits(self) -> Limits:
        """Bounds of one request."""


def create_app(
    settings: AppSettings,
    archive: Archive,
    *,
    pages: PageReader | None = None,
    checks: Mapping[str, Check] | None = None,
    jobs: Jobs | None = None,
    extensions: Sequence[Callable[[Flask], None]] = (),
) -> Flask:
    """Make an app.

    `checks` names the dependencies that `/readyz` asks, beside the catalogue. With `jobs` articles
    go to the workers, else to the archive. `extensions` run before the first request, after all
    routes are known; endpoints are named `area.verb`.
    """
    app = OpenAPI(
        "service",
        info={"title": "Isnad", "version": __version__, "description": _ABOUT},
        responses=PROBLEMS_ANSWERED,
        validation_error_status=400,
        validation_error_callback=answer_invalid,
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = "3.1.1"
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    asked: dict[str, Check] = {"catalogue": lambda: archive.changes(0, 1), **(checks or {})}
    limits, meters = settings.limits, Meters(archive.summary)
    if jobs is not None:
        asked["queue"] = jobs.queue.status
        meters.registry.register(QueueGauges(jobs.queue.status))
    intake = Intake(limits, pages)
    feeds = BoundedSemaphore(limits.feeds)
    app.extensions["isnad"] = Services(archive, limits, intake, meters, asked, Bell(), feeds, jobs)
    handle_errors(app, show_problem)
    meters.watch(app)
    for blueprint in make_blueprints():
        app.register_api(blueprint)
    add_document(app)
    add_pages(app)
    if jobs is None:
        split(app, articles.asks_of(app))
    for extend in extensions:
        extend(app)
    return app
