"""What became of an article that was enqueued."""

from __future__ import annotations

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from service.answering import answer
from service.context import services
from service.errors import Problem
from service.jobs import job_object
from service.parameters import JobPath
from service.schemas import JobAnswer, answers, open_area

__all__ = ["make_blueprint"]


def make_blueprint() -> APIBlueprint:
    """Make `/v1/jobs`."""
    area = open_area("jobs", "jobs", "/v1")
    area.get("/jobs/<id>", responses={200: answers(JobAnswer)})(show)
    return area


def show(path: JobPath) -> Response:
    """Say where a job stands: `queued`, `done` with its verdict, or `failed` with the reason.

    Answers are kept for an hour (`ISNAD_ANSWER_S`); the article stays. A service that answers
    articles at once, the embedded one, has no jobs.
    """
    jobs = services().jobs
    found = jobs.find(path.id) if jobs is not None else None
    if found is None:
        raise Problem("not-found", "there is no job with this id, or its answer has expired")
    return answer(job_object(found))
