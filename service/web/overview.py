"""The first page: how much there is, how much of it is copied, what is new."""

from __future__ import annotations

from flask import Blueprint, Response

from service.context import services
from service.web.frame import show

__all__ = ["make_blueprint"]


def make_blueprint() -> Blueprint:
    """Make `/`."""
    area = Blueprint("overview", __name__)
    area.get("/")(overview)
    return area


def overview() -> Response:
    """Show what the archive holds."""
    return show("overview.html.j2", counts=services().archive.summary())
