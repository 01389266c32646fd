"""The head of a request that was let through before -> what it decides, without reading it again.

A client sends the same head again and again; only the length of the body in it differs. What a head
decides (view, parameters, who asks, whether that may be) gunicorn, flask and the steps around the
app find out the first time, and each keeps what it found. A later request with that head from that
address needs only what may have changed: its body, and what each step asks of the moment (whether
the key is still in force, whether there were too many).

There is one judge: whoever does not say yes here says nothing. The request then goes the long way,
as the first one did, and is refused there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response

__all__ = ["BEGUN", "Heads", "Known", "Learn", "Moment", "Step", "add_step", "learn_head"]

_KEPT = 256
"""Heads kept at most, each of some 2 KiB; the oldest goes first."""
BEGUN = "isnad.begun_s"
"""Where the environment says when a request began that goes the long way after all."""
_STEPS = "isnad-steps"


@dataclass(slots=True)
class Moment:
    """One request whose head is known: what `g` of flask has of another."""

    begun_s: float
    bytes_in: int | None
    request_id: str = ""
    key_id: str | None = None


class Step:
    """What one step around the app has kept of a head."""

    __slots__ = ()

    def enter(self, _moment: Moment, /) -> bool:
        """Whether the request may go on: False sends it the long way."""
        return True

    def leave(self, _moment: Moment, _status: int, /) -> bytes:
        """Give the lines that the step adds to the head of the answer."""
        return b""

    def undo(self) -> None:
        """Take back what `enter` counted, for a request that goes the long way after all."""


Learn = Callable[[], Step]
"""Runs in the context of a request that was let through, before its answer."""


@dataclass(frozen=True, slots=True)
class Known:
    """A head that was let through; `ask` makes of a body what the view made of the first one.

    It gives None for a body that has to go the long way.
    """

    ask: Callable[[bytes], Any]
    steps: Sequence[Step]

    def begin(self, data: bytes) -> tuple[Moment, Any] | None:
        """Ask with another body; None where it has to go the long way."""
        moment = Moment(time.perf_counter(), len(data))
        try:
            asked = self.ask(data)
        except Exception:  # whatever it is, the long way meets it again and says so
            return None
        if asked is None:
            return None
        for place, step in enumerate(self.steps):
            if not _enters(step, moment):
                _undo(self.steps[:place])
                return None
        return moment, asked

    def end(self, moment: Moment, status: int) -> bytes:
        """Give the lines that the steps add to the head of an answer."""
        return b"".join([step.leave(moment, status) for step in reversed(self.steps)])

    def undo(self) -> None:
        """Take back what was counted."""
        _undo(self.steps)


def _enters(step: Step, moment: Moment) -> bool:
    try:
        return step.enter(moment)
    except Exception:  # keys that cannot be read: the long way says so
        return False


def _undo(steps: Sequence[Step]) -> None:
    for step in steps:
        step.undo()


class Heads:
    """Heads by what they are known as; of one thread."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._known: dict[Hashable, Known] = {}

    def find(self, name: Hashable) -> Known | None:
        """Give the head of this name."""
        return self._known.get(name)

    def keep(self, name: Hashable, known: Known) -> None:
        """Keep a head; the one that was kept first goes where there are too many."""
        self._known[name] = known
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]


def add_step(
    app: Flask,
    learn: Learn,
    before: Callable[[], None] | None = None,
    after: Callable[[Response], Response] | None = None,
) -> None:
    """Have an app run `before` each view and `after` it, and `learn` what that is for a head."""
    if before is not None:
        app.before_request(before)
    if after is not None:
        app.after_request(after)
    app.extensions.setdefault(_STEPS, []).append((learn, before, after))


def learn_head(app: Flask, ask: Callable[[bytes], Any], blueprints: Sequence[str]) -> Known | None:
    """Keep what the request that runs was let through with; its view has given `ask`.

    None where anybody looks at requests or answers who did not say what that is for a head.
    """
    steps = app.extensions.get(_STEPS, ())
    for hooks, place in ((app.before_request_funcs, 1), (app.after_request_funcs, 2)):
        said = [step[place] for step in steps if step[place] is not None]
        run = [hook for name in (None, *blueprints) for hook in hooks.get(name, ())]
        if run != said:
            return None
    return Known(ask, tuple(learn() for learn, _, _ in steps))
