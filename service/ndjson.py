"""A stream of articles, one a line -> one answer line for every line, in order, and the counts.

In distributed mode a line is answered with its job, or with the verdict where that was waited for.

The body is read in bounded pieces and goes to the archive batch by batch, one batch being stored
while the next is read; answers wait in a bounded temporary file until all was read, so that a
client which writes everything before it reads cannot lock itself out. A line that is no article
gets a problem of its own and the rest goes on. What breaks the stream as a whole ends it: with a
4xx while nothing was stored, else with a problem line, and the counts say `complete: false`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from flask import Response

from dedupe.answers import Verdict
from dedupe.models import Article
from dedupe.readers.json_values import explain_invalid
from dedupe.readers.parts import Refusal
from dedupe.report.encode import encode_line
from service.answering import answer_spool
from service.bodies import split_lines
from service.errors import Problem, explain
from service.halves import Prepare
from service.intake import Intake
from service.jobs import QueuedJob, job_object
from service.limits import Limits
from service.shapes import verdict_object

__all__ = [
    "NDJSON",
    "LineAnswer",
    "Take",
    "answer_stream",
    "tell_job",
    "tell_problem",
    "tell_verdict",
]

NDJSON = "application/x-ndjson"
_OUTCOMES = ("created", "repeated", "revised", "superseded", "refused")
_JOB_STATES = ("queued", "failed")


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What a line is answered with: `name` is `verdict` or `job`, `counted` what it counts as."""

    name: str
    value: Mapping[str, Any]
    counted: str


Take = Callable[[Sequence[Any]], list[LineAnswer]]
Batch = list[tuple[int, Article | Problem]]
"""Line numbers with what each line turned out to be."""


class _Answers:
    """The answers of one stream so far, in memory while they are few, else on disk."""

    def __init__(self, limits: Limits) -> None:
        self._limit = limits.spool_bytes
        self._spool: IO[bytes] = SpooledTemporaryFile(limits.spool_memory_bytes)  # noqa: SIM115
        self._size = 0
        self.begun = False
        self._counts: Counter[str] = Counter()
        self._blank = 0

    def pass_over(self) -> None:
        """Count a blank line, which gets no answer."""
        self._blank += 1

    def add(self, batch: Batch, answers: Sequence[LineAnswer]) -> None:
        """Write the answers of a batch in the order of its lines; raises Problem when full."""
        self.begun = True
        given = iter(answers)
        lines = []
        for number, found in batch:
            if isinstance(found, Problem):
                self._counts["refused"] += 1
                lines.append(encode_line({"line": number, "problem": found.describe()}))
                continue
            told = next(given)
            self._counts[told.counted] += 1
            lines.append(encode_line({"line": number, told.name: told.value}))
        self._write(b"".join(lines))
        if self._size > self._limit:
            raise Problem(
                "too-large", "the answers are too many for one stream: send the rest anew"
            )

    def end(self, number: int, problem: Problem | None) -> None:
        """Write the problem that ended the stream, if any, and the counts."""
        if problem is not None:
            self._write(encode_line({"line": number, "problem": problem.describe()}))
        names = _OUTCOMES + (_JOB_STATES if any(self._counts[n] for n in _JOB_STATES) else ())
        counts = {"lines": self._counts.total() + self._blank}
        counts |= {name: self._counts[name] for name in names} | {"blank": self._blank}
        self._write(encode_line({"counts": counts, "complete": problem is None}))

    def _write(self, data: bytes) -> None:
        self._spool.write(data)
        self._size += len(data)

    def respond(self) -> Response:
        """Send them all; the file goes when it was sent or the client went away."""
        response = answer_spool(self._spool, NDJSON, 202 if self._counts["queued"] else 200)
        response.headers["Cache-Control"] = "no-store"
        return response

    def close(self) -> None:
        """Drop them."""
        self._spool.close()


def tell_verdict(verdict: Verdict) -> LineAnswer:
    """Answer a line with a verdict."""
    return LineAnswer("verdict", verdict_object(verdict), verdict.outcome.value)


def tell_problem(error: Exception) -> LineAnswer:
    """Answer a line with the problem that its article is."""
    return LineAnswer("problem", explain(error).describe(), "refused")


def tell_job(job: QueuedJob) -> LineAnswer:
    """Answer a line with the verdict of its job, or with the job where there is none."""
    verdict = job.state.answer
    if verdict is not None:
        return LineAnswer("verdict", verdict, str(verdict["outcome"]))
    return LineAnswer("job", job_object(job), job.state.state)


def answer_stream(
    pieces: Iterator[bytes], intake: Intake, take: Take, limits: Limits, prepare: Prepare = list
) -> Response:
    """Take every article of a stream and answer; raises Problem while nothing was stored.

    `prepare` has the articles of a batch read while the batch before is stored.
    """
    answers = _Answers(limits)
    try:
        with ThreadPoolExecutor(1, "stream") as worker:
            batches = read_batches(
                split_lines(pieces, limits.line_bytes), intake, limits, answers.pass_over
            )
            number, problem = _run(batches, take, prepare, answers, worker)
    except BaseException:
        answers.close()
        raise
    if problem is not None and not answers.begun:
        answers.close()
        raise problem
    answers.end(number + 1, problem)
    return answers.respond()


def _run(
    batches: Iterator[Batch],
    take: Take,
    prepare: Prepare,
    answers: _Answers,
    worker: ThreadPoolExecutor,
) -> tuple[int, Problem | None]:
    """Read to the end or to what breaks it: lines answered, and the problem."""
    number, problem = 0, None
    waiting: tuple[Batch, Future[list[LineAnswer]]] | None = None
    try:
        for batch in batches:
            offered = prepare([found for _, found in batch if isinstance(found, Article)])
            future = worker.submit(take, offered)
            before, waiting = waiting, (batch, future)
            if before is not None:
                number = _settle(before, answers)
    except Exception as error:
        problem = explain(error)
    if waiting is not None:
        try:
            number = max(number, _settle(waiting, answers))
        except Exception as error:
            problem = problem or explain(error)
    return number, problem


def _settle(waiting: tuple[Batch, Future[list[LineAnswer]]], answers: _Answers) -> int:
    """Wait for a batch and write its answers; gives the number of its last line."""
    batch, future = waiting
    answers.add(batch, future.result())
    return batch[-1][0]


def read_batches(
    lines: Iterator[bytes | None], intake: Intake, limits: Limits, pass_over: Callable[[], None]
) -> Iterator[Batch]:
    """Parse lines into batches of bounded size; `pass_over` is called for each blank line."""
    batch: Batch = []
    size = 0
    try:
        for number, line in enumerate(lines, 1):
            if number > limits.stream_lines:
                raise Problem("too-large", f"more than {limits.stream_lines:,} lines")
            if line is not None and not line.strip():
                pass_over()
                continue
            batch.append((number, read_line(line, intake, limits)))
            size += len(line or b"")
            if len(batch) >= limits.batch_lines or size >= limits.batch_bytes:
                yield batch
                batch, size = [], 0
    except Problem:
        if batch:
            yield batch  # what stood before the break is taken
        raise
    if batch:
        yield batch


def read_line(line: bytes | None, intake: Intake, limits: Limits) -> Article | Problem:
    """Read one line: an article, or why it is none."""
    if line is None:
        limit = limits.line_bytes
        return Problem("too-large", f"the line is longer than {limit:,} bytes", limit_bytes=limit)
    try:
        return intake.read(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        return explain(explain_invalid(line, error))
    except (Problem, Refusal) as refused:
        return explain(refused)
