"""A request in two halves: up to the question to the archive, and the answer made of its verdict.

Twenty requests that each hold a thread ask the archive in small batches, and spend as much on
taking turns as on the work. A server that gathers requests has the first halves of all run in one
thread, asks once for all of them, and has the second halves run (`service/clerks.py`). Each half
runs in the context of its request, so `request` and `g` of flask are its own. Under any other
server a view gets its verdict at once, and the same functions run in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, request

from dedupe.answers import Verdict
from dedupe.archive.preparing import Offered
from dedupe.models import Article
from service.answering import Reply
from service.heads import Known, learn_head

__all__ = ["Ask", "Half", "Question", "Rest", "answer_together", "is_gathered", "split"]

_HALF = "isnad.half"
Start = Callable[..., Any]
Environ = dict[str, Any]


@dataclass(slots=True)
class Question:
    """What a view wants to know of the archive, and how it answers then.

    `again` asks the same with the body of another request, or gives None where that body is none to
    ask about; there is none where what the view does depends on more than the head and the body.
    """

    article: Offered
    evidence: bool
    answer: Callable[[Verdict], Reply]
    again: Callable[[bytes], Question | None] | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a view, where it may take long: others must not wait for it."""

    answer: Callable[[], Response]


Prepare = Callable[..., Sequence[Offered]]
"""Begins to read articles that will be asked about, with `here` reads them; `Archive.prepare`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Answers questions that came together, each with its own verdict or error."""

    judge: Callable[..., Sequence[Verdict]]
    prepare: Prepare

    def begin(self, questions: Sequence[Question], *, here: bool = False) -> None:
        """Have the articles of questions read while others come; `here`: read them, at once."""
        articles = [one.article for one in questions if isinstance(one.article, Article)]
        if len(articles) == len(questions):
            for question, offered in zip(questions, self.prepare(articles, here=here), strict=True):
                question.article = offered

    def __call__(self, questions: Sequence[Question]) -> Sequence[Verdict | Exception]:
        """Answer."""
        return answer_together(self.judge, questions)


class Half:
    """One request; `left` is what its first half left to do, None where it is answered.

    `known` is its head, where another one like it need not be read again.
    """

    def __init__(self) -> None:
        self.left: Question | Rest | None = None
        self.known: Known | None = None
        self._context = copy_context()
        self._end: Callable[[Callable[[], Response | Reply]], Iterable[bytes]] | None = None

    def begin(self, app: Callable[..., Any], environ: Environ, start: Start) -> Iterable[bytes]:
        """Run the first half; the body of the answer if that is all."""
        environ[_HALF] = self
        body: Iterable[bytes] = self._context.run(app, environ, start)
        return body

    def end(self, make: Callable[[], Response | Reply]) -> Iterable[bytes]:
        """Run the second half with the answer that `make` gives, or the error it raises."""
        assert self._end is not None
        return self._context.run(self._end, make)

    def split(self, app: Flask, environ: Environ, start: Start) -> Iterable[bytes]:
        """As `Flask.wsgi_app`, but for a pause where the view has a question."""
        context = app.request_context(environ)
        context.push()

        def finish(make: Callable[[], Any]) -> Iterable[bytes]:
            error: BaseException | None = None
            try:
                try:
                    response = _finalize(app, make)
                except Exception as failed:
                    error = failed
                    response = app.handle_exception(failed)
                return response(environ, start)
            finally:
                context.pop(error)

        try:
            found: object = app.preprocess_request()
            if found is None:
                found = app.dispatch_request()
        except Exception as error:
            return finish(partial(_raise, error))
        if isinstance(found, (Question, Rest)):
            self.left, self._end = found, finish
            if isinstance(found, Question) and found.again is not None:
                self.known = learn_head(app, found.again, request.blueprints)
            return ()
        return finish(lambda: found)


def _finalize(app: Flask, make: Callable[[], Any]) -> Response:
    try:
        made = make()
    except Exception as error:
        made = app.handle_user_exception(error)
    return app.finalize_request(made.respond() if isinstance(made, Reply) else made)


def _raise(error: Exception) -> Response:
    raise error


def split(app: Flask, asks: Mapping[str, Ask]) -> None:
    """Let servers gather requests to an app; `asks` are the paths whose articles go together."""
    app.extensions["isnad-asks"] = asks
    whole = app.wsgi_app

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        half: Half | None = environ.get(_HALF)
        return whole(environ, start) if half is None else half.split(app, environ, start)

    app.wsgi_app = serve  # type: ignore[method-assign, assignment]


def is_gathered() -> bool:
    """Whether the view that runs may answer with a Question or a Rest."""
    return _HALF in request.environ


def answer_together(
    judge: Callable[..., Sequence[Verdict]], questions: Sequence[Question]
) -> Sequence[Verdict | Exception]:
    """Ask `judge`, `Archive.ingest` or its like; what one does must not cost the others."""
    found: dict[int, Verdict | Exception] = {}
    for evidence in (True, False):
        places = [place for place, one in enumerate(questions) if one.evidence == evidence]
        if places:
            articles = [questions[place].article for place in places]
            found.update(zip(places, _judge(judge, articles, evidence), strict=True))
    return [found[place] for place in range(len(questions))]


def _judge(
    judge: Callable[..., Sequence[Verdict]], articles: Sequence[Offered], evidence: bool
) -> Sequence[Verdict | Exception]:
    try:
        return judge(articles, evidence=evidence)
    except Exception as error:
        if len(articles) == 1:
            return [error]
    return [_judge(judge, [article], evidence)[0] for article in articles]
