"""A problem -> a page that says what to do, for those who asked for a page; else nothing."""

from __future__ import annotations

from flask import Response, request

from dedupe.report.wording import load_messages
from service.errors import PROBLEM_JSON, Problem
from service.web.addresses import with_query
from service.web.frame import lead_to, page_language, show

__all__ = ["say_problem", "show_problem"]

_OTHERS = {401: 403, 405: 400, 406: 400, 409: 400, 415: 400, 422: 400}


def show_problem(problem: Problem) -> Response | None:
    """Show a problem to a browser; None for the API and whoever takes JSON first."""
    if not _wants_page():
        return None
    if problem.name == "unauthorised":
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return lead_to(with_query("/login", next=back))
    status = _OTHERS.get(problem.status, problem.status)
    own = load_messages(page_language())["problem"]
    kind = next(k for k in (problem.said, str(status), "500") if f"heading_{k}" in own)
    values = {"problem": problem, "kind": kind, "said": say_problem(problem)}
    response = show("problem.html.j2", problem.status, **values)
    response.headers.update({**problem.headers, "Cache-Control": "no-store"})
    return response


def say_problem(problem: Problem) -> str:
    """Say what is wrong in the language of the page; the detail is for programs, and English."""
    said: dict[str, str] = load_messages(page_language())["problem"]["said"]
    return said.get(problem.said) or said[problem.name]


def _wants_page() -> bool:
    if request.path.startswith("/v1/") or "text/html" not in request.headers.get("Accept", ""):
        return False
    offered = [PROBLEM_JSON, "application/json", "text/html"]
    return request.accept_mimetypes.best_match(offered) == "text/html"
