"""What people decide about articles: taken, listed, taken back."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response, g, request
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dedupe.answers import Judgement, JudgementKind
from service.answering import JSON, answer
from service.bodies import accept_type, drain, read_json
from service.context import services
from service.errors import Problem, answer_invalid
from service.parameters import Id, JudgementPath, JudgementsQuery, NoQuery
from service.routes.clusters import lead_on
from service.schemas import LINK, JudgementAnswer, JudgementPage, answers, open_area, takes
from service.shapes import judgement_object

__all__ = ["JUDGEMENT", "make_blueprint"]

_Note = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
_Who = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
_LIMIT = 1 << 16
_ONE = answers(JudgementAnswer)


class _Said(BaseModel):
    """What every judgement has: who made it and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    who: _Who = ""
    note: _Note = ""


class LinkJudgement(_Said):
    """Two articles belong together, or do not."""

    kind: Literal["must_link", "cannot_link"]
    left: Id
    right: Id


class PinJudgement(_Said):
    """An article is the original of its cluster."""

    kind: Literal["pin_original"]
    left: Id


JUDGEMENT: TypeAdapter[LinkJudgement | PinJudgement] = TypeAdapter(
    Annotated[LinkJudgement | PinJudgement, Field(discriminator="kind")]
)
"""What `PUT /v1/judgements` takes."""


def make_blueprint() -> APIBlueprint:
    """Make the paths under `/v1/judgements`."""
    area = open_area("judgements", "judgements", "/v1")
    area.put("/judgements", request_body=takes("JudgementIn"), responses={200: _ONE})(judge)
    area.get("/judgements", responses={200: answers(JudgementPage, headers=LINK)})(list_all)
    area.delete("/judgements/<int:number>", responses={200: _ONE})(withdraw)
    return area


def judge(query: NoQuery) -> Response:
    """Record what a person decided; clusters follow at once, and whenever they are made anew.

    `must_link` and `cannot_link` speak of two articles, `pin_original` of one (`left`). With keys
    in use, `who` is the id of the key.
    """
    accept_type(request, JSON)
    with drain(request):
        said = read_json(request, services().limits, _LIMIT)
    try:
        judged = JUDGEMENT.validate_python(said)
    except ValidationError as error:
        return answer_invalid(error, "kind")
    right = judged.right if isinstance(judged, LinkJudgement) else None
    who = g.get("key_id") or judged.who
    found = services()
    record = found.archive.judge(
        Judgement(JudgementKind(judged.kind), judged.left, right, who, judged.note)
    )
    found.bell.ring()
    return answer(judgement_object(record))


def list_all(query: JudgementsQuery) -> Response:
    """List judgements, the newest first; those taken back too, unless `withdrawn` is false."""
    page = services().archive.judgements(
        cursor=query.cursor, limit=query.limit, withdrawn=query.withdrawn
    )
    rows = [judgement_object(record) for record in page.rows]
    return answer({"judgements": rows, "next": page.next}, headers=lead_on(page.next))


def withdraw(path: JudgementPath, query: NoQuery) -> Response:
    """Take a judgement back; it stays in the list, with the time."""
    found = services()
    record = found.archive.withdraw(path.number, who=g.get("key_id") or "")
    if record is None:
        raise Problem("not-found", "there is no judgement with this number")
    found.bell.ring()
    return answer(judgement_object(record))
