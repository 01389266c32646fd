"""What people decide on a page: taken, and taken back, by forms that lead to where it shows."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from dedupe.answers import Judgement, JudgementKind
from dedupe.errors import ArticleMissing, JudgementInvalid
from service.context import services
from service.errors import Problem, explain
from service.links import MAX_ID
from service.web import addresses
from service.web.addresses import local_path
from service.web.cluster import Refused, show_refused
from service.web.failures import say_problem
from service.web.frame import lead_to

__all__ = ["make_blueprint"]

_NOTE = 2000


def make_blueprint() -> Blueprint:
    """Make the forms under `/judgements`."""
    area = Blueprint("judgements", __name__)
    area.post("/judgements")(judge)
    area.post("/judgements/<int:number>/withdraw")(withdraw)
    return area


def judge() -> Response:
    """Record a judgement; the page says so, and how to take it back."""
    kind, left = request.form.get("kind", ""), _read_id("left")
    if kind not in [each.value for each in JudgementKind]:
        raise Problem(
            "parameters-invalid", "this kind of judgement is not known", said="kind-unknown"
        )
    judged = JudgementKind(kind)
    try:
        return _take(judged, left)
    except (Problem, ArticleMissing, JudgementInvalid) as error:
        if judged is not JudgementKind.MUST_LINK:
            raise
        shown = _show_again(left, explain(error))
        if shown is None:
            raise
        return shown


def _take(judged: JudgementKind, left: str) -> Response:
    right = None if judged is JudgementKind.PIN_ORIGINAL else _read_id("right")
    who = g.get("key_id") or ""
    record = services().archive.judge(Judgement(judged, left, right, who, _read_note()))
    services().bell.ring()
    return lead_to(addresses.with_query(_back(left), judged=record.number))


def _show_again(left: str, problem: Problem) -> Response | None:
    """Show the form for a missing article again, with what was written and why it is wrong."""
    right = request.form.get("right", "").strip().replace("\x00", "")[:MAX_ID]
    refused = Refused(right, _read_note(), say_problem(problem))
    return show_refused(left, refused, problem.status)


def _read_note() -> str:
    return request.form.get("note", "").replace("\x00", "")[:_NOTE]


def withdraw(number: int) -> Response:
    """Take a judgement back."""
    found = services()
    record = found.archive.withdraw(number, who=g.get("key_id") or "")
    if record is None:
        raise Problem("not-found", "there is no judgement with this number", said="no-judgement")
    found.bell.ring()
    return lead_to(addresses.with_query(_back(record.judgement.left), withdrawn=number))


def _read_id(name: str) -> str:
    id_ = request.form.get(name, "").strip()
    if not 0 < len(id_) <= MAX_ID or "\x00" in id_:
        raise Problem(
            "parameters-invalid", f"{name}: the id of an article is wanted", said="id-wanted"
        )
    return id_


def _back(article: str) -> str:
    """Give the page that the form stood on, else the cluster that the article is in now."""
    asked = request.form.get("next")
    if asked:
        return local_path(asked)
    stored = services().archive.article(article)
    return "/clusters" if stored is None else addresses.cluster(stored.cluster_id)
