"""Articles -> their readings, made in a process of its own: the outside of `text_worker`.

The process is started anew, not forked (this one has threads), and in the background: until it is
there, and whenever it is gone, articles are read where they are needed. When it ends over a frame,
that frame is read again in a fresh one, article by article; an article that ends it twice is an
error of that article alone. What waited behind the frame is read here at once.
"""

from __future__ import annotations

import fcntl
import logging
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import BinaryIO, cast

import orjson

from dedupe.archive.preparing import Fetch, Reading, hash_revision, read_articles
from dedupe.archive.text_worker import (
    decode_readings,
    describe_config,
    encode_articles,
    read_frame,
    write_frame,
)
from dedupe.attribution import Extractor
from dedupe.config import Config
from dedupe.errors import TextLost
from dedupe.models import Article

__all__ = ["TextProcess"]

_FRAME = 64
"""Articles of a frame: the process reads one while the next is written."""
_FRAME_LETTERS = 1 << 20
_LEAST = 4
"""Articles that are worth a frame (docs/decisions/0060)."""
_CROWD = 64
"""A few articles are not sent behind more than this: their caller would wait for all of them."""
_PATIENCE_S = 60.0
_PAUSE_S = (0.0, 1.0, 10.0, 60.0)
"""Waited for before the next start, by how many ended since the last reading."""
_LOSSES = 2
"""How often an article may end its process."""
_STARTS = 3
"""Processes in a row that may end without a reading while articles wait to be read again."""
_REMEMBERED = 1000
_PIPE_BYTES = 1 << 20
_COMMAND = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from dedupe.archive.text_worker import main; main()"
)

_log = logging.getLogger("isnad.texts")


class _Frame:
    """Articles on their way: answered, or to be read elsewhere."""

    def __init__(self, articles: Sequence[Article], *, packed: bool, losses: int = 0) -> None:
        self.articles, self.packed, self.losses = articles, packed, losses
        self.head = encode_articles(articles, packed=packed)
        self.done = threading.Event()
        self.answer: memoryview | None = None
        self.readings: list[Reading] | None = None
        self.alone: list[_Frame] | None = None
        self.lost = False

    def divide(self) -> list[_Frame]:
        """The same articles, each in a frame of its own."""
        losses, packed = self.losses, self.packed
        self.alone = [_Frame([each], packed=packed, losses=losses) for each in self.articles]
        return self.alone


class TextProcess:
    """A `Preparer`; see `text_process`."""

    def __init__(self, config: Config, extractor: Extractor) -> None:
        """Begin to start the process."""
        self._config, self._extractor = config, extractor
        self._lock = threading.Lock()  # over what waits, and the order of what is written
        self._waiting: deque[_Frame] = deque()
        self._again: list[_Frame] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._answered = 0
        self._lost: set[bytes] = set()
        self._room = self._unwritten = 0
        self._writing: SimpleQueue[tuple[subprocess.Popen[bytes] | None, bytes] | None]
        self._writing = SimpleQueue()
        self._threads = [
            threading.Thread(target=target, name="texts", daemon=True)
            for target in (self._run, self._write_on)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def process(self) -> int | None:
        """The number of the process, where it is ready."""
        child = self._child
        return child.pid if child is not None and self._ready.is_set() else None

    def wait_ready(self, timeout_s: float) -> bool:
        """See `Preparer.wait_ready`."""
        return self._ready.wait(timeout_s)

    def begin(self, articles: Sequence[Article], *, packed: bool) -> Sequence[Fetch | None]:
        """See `Preparer.begin`."""
        known = [self.refuse(article) for article in articles] if self._lost else []
        few = len(articles) < _LEAST or (len(articles) < _FRAME and self._is_crowded())
        if few or any(known) or not self._ready.is_set():
            return known or [None] * len(articles)
        fetches: list[Fetch | None] = []
        for some in _divide(articles):
            frame = self._try_to_send(some, packed=packed)
            fetches += [
                None if frame is None else partial(self._fetch, frame, place)
                for place in range(len(some))
            ]
        return fetches

    def close(self) -> None:
        """See `Preparer.close`."""
        self._closed.set()
        self._kill()
        self._writing.put(None)
        for thread in self._threads:
            thread.join()

    # --- frames: in the threads of the callers ----------------------------------------------------

    def refuse(self, article: Article) -> Fetch | None:
        """See `Preparer.refuse`."""
        if not self._lost or hash_revision(article) not in self._lost:
            return None
        return partial(_refuse, article.id)

    def _remember(self, frame: _Frame) -> None:
        if frame.lost:
            self._lost = {*list(self._lost)[:_REMEMBERED], *map(hash_revision, frame.articles)}

    def _is_crowded(self) -> bool:
        with self._lock:
            return sum(len(waiting.articles) for waiting in self._waiting) > _CROWD

    def _try_to_send(self, articles: Sequence[Article], *, packed: bool) -> _Frame | None:
        """Send a frame; None where its articles are to be read here."""
        try:
            frame = _Frame(articles, packed=packed)
        except (TypeError, ValueError):  # no text or no value of JSON
            return None
        with self._lock:
            if not self._ready.is_set():
                return None
            self._send(frame)
        return frame

    def _send(self, frame: _Frame) -> None:
        """Send a frame, under the lock; nobody waits until the process takes it.

        What cannot be written any more is met by `_settle`.
        """
        child = self._child
        waits = sum(len(waiting.head) for waiting in self._waiting)
        self._waiting.append(frame)
        if child is not None and not self._unwritten and waits + len(frame.head) <= self._room:
            _write(child, frame.head)  # it fits into the pipe
        else:
            self._unwritten += 1
            self._writing.put((child, frame.head))

    def _write_on(self) -> None:
        """Write what did not fit, in a thread of its own."""
        while (waiting := self._writing.get()) is not None:
            child, head = waiting
            if child is not None:
                _write(child, head)
            with self._lock:
                self._unwritten -= 1

    def _fetch(self, frame: _Frame, place: int) -> Reading:
        answered = self._answered
        while not frame.done.wait(_PATIENCE_S):
            if self._answered == answered:
                self._kill()
            answered = self._answered
        if frame.alone is not None:
            return self._fetch(frame.alone[place], 0)
        if frame.lost:
            raise TextLost(frame.articles[place].id)
        if frame.answer is None:
            return read_articles([frame.articles[place]], self._config, self._extractor)[0]
        if frame.readings is None:
            frame.readings = decode_readings(frame.answer, self._config.permutations)
        return frame.readings[place]

    # --- the process: in a thread of its own ------------------------------------------------------

    def _run(self) -> None:
        """Start it, take its answers until it ends, and again."""
        ended = 0
        while not self._closed.is_set():
            answered = self._answered
            with suppress(OSError, EOFError):
                self._start()
                self._take_answers()
            ended = 0 if self._answered > answered else ended + 1
            self._settle(hopeless=ended >= _STARTS)
            self._closed.wait(_PAUSE_S[min(ended, len(_PAUSE_S) - 1)])
        self._settle(hopeless=True)  # nobody waits for what was to be read again

    def _start(self) -> None:
        path = orjson.dumps([entry for entry in sys.path if entry]).decode()
        self._child = child = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-I", "-X", "utf8", "-c", _COMMAND, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        into, out = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
        for pipe in (into, out):
            with suppress(OSError):
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._room = fcntl.fcntl(into.fileno(), fcntl.F_GETPIPE_SZ) // 2
        if self._closed.is_set():
            raise EOFError
        head, rest = describe_config(self._config)
        write_frame(into, head, *rest)
        read_frame(out)
        with self._lock:
            again, self._again = self._again, []
            self._ready.set()
            for frame in again:
                self._send(frame)

    def _take_answers(self) -> None:
        child = self._child
        if child is None:
            return
        while True:
            answer = read_frame(cast(BinaryIO, child.stdout))
            with self._lock:
                frame = self._waiting.popleft()
            self._answered += 1
            frame.answer = answer
            frame.done.set()

    def _settle(self, *, hopeless: bool) -> None:
        """The process is gone: say of each frame what becomes of it."""
        child = self._end()
        with self._lock:
            begun = self._ready.is_set()
            self._ready.clear()
            again, left = self._again, [*self._waiting]
            waits = not begun and not hopeless and not self._closed.is_set()
            self._again = again if waits else []
            self._waiting.clear()
        if not self._closed.is_set():
            when = "ended" if begun else "could not start"
            _log.warning("the process that reads texts %s (%s): starting another", when, child)
        if left:  # it reads one after the other
            left[0].losses += 1
        for frame in (*(() if waits else again), *left):
            again_too = begun and not self._closed.is_set()
            if frame.losses and len(frame.articles) > 1 and again_too:
                self._again += frame.divide()
            elif frame.losses in range(1, _LOSSES) and again_too:
                self._again.append(frame)
                continue
            else:
                frame.lost = frame.losses > 0
                if begun:  # else it was given to nobody a second time
                    self._remember(frame)
            frame.done.set()

    def _end(self) -> int | None:
        """Kill it, if it lives, and let go of its pipes; how it ended."""
        child = self._child
        if child is None:
            return None
        child.kill()
        code = child.wait()
        cast(BinaryIO, child.stdout).close()
        with suppress(OSError):  # what was not written is of no use any more
            cast(BinaryIO, child.stdin).close()
        self._child = None
        return code

    def _kill(self) -> None:
        child = self._child
        if child is not None:
            child.kill()


def _refuse(article: str) -> Reading:
    raise TextLost(article)


def _write(child: subprocess.Popen[bytes], head: bytes) -> None:
    with suppress(OSError, ValueError):
        write_frame(cast(BinaryIO, child.stdin), head)


def _divide(articles: Sequence[Article]) -> list[Sequence[Article]]:
    """Pieces of a frame each."""
    pieces: list[Sequence[Article]] = []
    first = letters = 0
    for place, article in enumerate(articles):
        letters += len(article.body)
        if place - first == _FRAME or (letters > _FRAME_LETTERS and place > first):
            pieces.append(articles[first:place])
            first, letters = place, len(article.body)
    pieces.append(articles[first:])
    return pieces
