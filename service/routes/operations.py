"""Is it alive, is it ready, what has it done: for those who run the service."""

from __future__ import annotations

import logging
import time

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from prometheus_client import CONTENT_TYPE_LATEST

from service.answering import answer
from service.context import Check, services
from service.schemas import HealthAnswer, ReadinessAnswer, Responses, answers, open_area

__all__ = ["make_blueprint"]

_log = logging.getLogger("isnad.health")
_NEVER_KEPT = {"Cache-Control": "no-store"}


def make_blueprint() -> APIBlueprint:
    """Make `/healthz`, `/readyz` and `/metrics`."""
    area = open_area("operations", "operations")
    ready: Responses = {200: answers(ReadinessAnswer), 503: answers(ReadinessAnswer, "Not ready.")}
    area.get("/healthz", responses={200: answers(HealthAnswer)})(health)
    area.get("/readyz", responses=ready)(readiness)
    text = {"text/plain": {"schema": {"type": "string"}}}
    area.get("/metrics", responses={200: {"description": "Metrics.", "content": text}})(metrics)
    return area


def health() -> Response:
    """Say that the process answers."""
    return answer({"status": "ok"}, headers=_NEVER_KEPT)


def readiness() -> Response:
    """Say whether requests can be served, with each dependency by name."""
    found = services()
    asked = {name: _ask(name, check) for name, check in found.checks.items()}
    ready = all(state["ready"] for state in asked.values()) and not found.bell.stopping
    body = {"ready": ready, "stopping": found.bell.stopping, "dependencies": asked}
    return answer(body, 200 if ready else 503, _NEVER_KEPT)


def _ask(name: str, check: Check) -> dict[str, object]:
    begun = time.perf_counter()
    try:
        check()
    except Exception as error:
        _log.warning("%s is not ready: %s", name, type(error).__name__, exc_info=error)
        return {"ready": False, "error": type(error).__name__}
    return {"ready": True, "seconds": round(time.perf_counter() - begun, 6)}


def metrics() -> Response:
    """Give the metrics in the text format of Prometheus."""
    return Response(services().meters.write(), content_type=CONTENT_TYPE_LATEST)
