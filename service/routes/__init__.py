"""The paths of the service, one module an area; each makes a fresh blueprint."""

from __future__ import annotations

from flask_openapi.blueprint import APIBlueprint

from service.routes import (
    articles,
    changes,
    clusters,
    jobs,
    judgements,
    operations,
    outlets,
    reports,
)

__all__ = ["make_blueprints"]

_AREAS = (articles, jobs, clusters, outlets, changes, reports, judgements, operations)


def make_blueprints() -> list[APIBlueprint]:
    """Make one blueprint an area."""
    return [area.make_blueprint() for area in _AREAS]
