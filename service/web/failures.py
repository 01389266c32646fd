"""A problem -> a page that says what to do, for those who asked for a page; else nothing."""

from __future__ import annotations

from flask import Response, request

from dedupe.report.wording import load_messages
from service.errors import PROBLEM_JSON, Problem
from service.web.addresses import with_query
from service.web.frame import lead_to, page_language, show

__all__ = ["show_problem"]

_OTHERS = {401: 403, 405: 400, 406: 400, 409: 400, 415: 400, 422: 400}


def show_problem(problem: Problem) -> Response | None:
    """Show a problem to a browser; None for the API and whoever takes JSON first."""
    if not _wants_page():
        return None
    if problem.name == "unauthorised":
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return lead_to(with_query("/login", next=back))
    status = _OTHERS.get(problem.status, problem.status)
    shown = status if f"heading_{status}" in load_messages(page_language())["problem"] else 500
    response = show("problem.html.j2", problem.status, problem=problem, kind=shown)
    response.headers.update({**problem.headers, "Cache-Control": "no-store"})
    return response


def _wants_page() -> bool:
    if request.path.startswith("/v1/") or "text/html" not in request.headers.get("Accept", ""):
        return False
    offered = [PROBLEM_JSON, "application/json", "text/html"]
    return request.accept_mimetypes.best_match(offered) == "text/html"
