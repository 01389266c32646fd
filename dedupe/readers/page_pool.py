"""HTML pages -> the fields of their articles, each read in a process that can be killed.

The extractor is not thread-safe (a double free was seen), and some page will keep it busy for ever
or eat all memory. So each page goes to one of a few processes of its own; one that takes too long,
dies or has read many pages is replaced, and its page is refused. Started anew, not forked: a
process with threads cannot be forked safely. Values travel as JSON, nothing is unpickled.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import BinaryIO, NamedTuple, cast

import orjson

from dedupe.errors import DependencyMissing, IsnadError
from dedupe.readers.page_worker import MAX_FRAME_BYTES, read_frame, write_frame
from dedupe.readers.parts import Refusal

__all__ = ["PagePool", "PagesBusy", "read_apart"]

_START_S = 60.0  # importing the extractor takes about a second, more on a busy machine
_WAIT_S = 60.0
_PAGES = 1000  # then a fresh process: the extractor keeps things that it does not need
_MAX_MARKUP = MAX_FRAME_BYTES // 8
_COMMAND = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from dedupe.readers.page_worker import main; main(float(sys.argv[2]), int(sys.argv[3]))"
)


class PagesBusy(IsnadError):
    """All processes that read pages have been busy for long, or they are closed."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the processes that read pages are busy: try again later")


class PagePool:
    """`workers` processes, started when they are needed; safe for many threads.

    A page has `timeout_s` seconds and may make its process grow by `memory_bytes`.
    """

    def __init__(
        self, workers: int = 2, timeout_s: float = 10.0, memory_bytes: int = 1 << 30
    ) -> None:
        self._workers, self._timeout_s, self._memory_bytes = workers, timeout_s, memory_bytes
        self._free: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(workers):
            self._free.put(None)
        self._closed = False

    def read(self, markup: str, url: str | None = None) -> Mapping[str, object]:
        """Give the fields of the article on a page, as `page.read_page` does.

        Raises Refusal for a page that holds none, takes too long or ends its process; PagesBusy;
        DependencyMissing where the extra `html` is not installed.
        """
        if len(markup) > _MAX_MARKUP:
            raise Refusal("body_too_large", f"the page is longer than {_MAX_MARKUP:,} characters")
        process = self._take()
        kept: _Process | None = None
        try:
            process = process or _Process(self._timeout_s, self._memory_bytes)
            answer = process.ask(markup, url, self._timeout_s)
            if process.count < _PAGES:
                kept = process
        finally:
            if process is not None and kept is None:
                process.kill()
            self._free.put(kept)
        return _open(answer)

    def _take(self) -> _Process | None:
        try:
            if self._closed:
                raise PagesBusy
            return self._free.get(timeout=_WAIT_S)
        except Empty:
            raise PagesBusy from None

    def close(self) -> None:
        """End all processes, after the page that each may be reading."""
        self._closed = True
        for _ in range(self._workers):
            process = self._free.get()
            if process is not None:
                process.kill()
        for _ in range(self._workers):
            self._free.put(None)


class _Own(NamedTuple):
    """The pool of one process that reads files."""

    owner: int
    timeout_s: float
    pool: PagePool


_own: _Own | None = None


def read_apart(markup: str, url: str | None, timeout_s: float) -> Mapping[str, object]:
    """`PagePool.read` for readers of files: one page process for each process that asks.

    For one thread. The page process ends with the one that asked: its input ends.
    """
    global _own  # noqa: PLW0603 - an interpreter's start a page would cost twenty times the page
    if _own is None or (_own.owner, _own.timeout_s) != (os.getpid(), timeout_s):
        if _own is not None and _own.owner == os.getpid():
            _own.pool.close()
        _own = _Own(os.getpid(), timeout_s, PagePool(1, timeout_s))
        atexit.register(_close, _own)
    return _own.pool.read(markup, url)


def _close(own: _Own) -> None:
    """Only the process that started a page process ends it, not one forked from it."""
    if own.owner == os.getpid():
        own.pool.close()


class _Process:
    """One process; `count` pages were read in it."""

    def __init__(self, timeout_s: float, memory_bytes: int) -> None:
        self.count = 0
        path = orjson.dumps([entry for entry in sys.path if entry]).decode()
        words = [sys.executable, "-I", "-X", "utf8", "-c", _COMMAND]
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [*words, path, str(timeout_s), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        self._in = cast(BinaryIO, self._child.stdin)
        self._out = cast(BinaryIO, self._child.stdout)
        try:
            self._within(_START_S, None)
        except BaseException:
            self.kill()
            raise

    def ask(self, markup: str, url: str | None, timeout_s: float) -> object:
        """Let one page be read; raises Refusal where that ends the process."""
        self.count += 1
        plain = markup.encode("utf-8", "replace").decode()
        shown = url and url.encode("utf-8", "replace").decode()
        return self._within(timeout_s, {"markup": plain, "url": shown})

    def _within(self, timeout_s: float, value: object | None) -> object:
        """Send a value and wait for the answer; the process is killed when time is over."""
        late = threading.Event()

        def end() -> None:
            late.set()
            self._child.kill()

        clock = threading.Timer(timeout_s, end)
        clock.daemon = True
        clock.start()
        try:
            if value is not None:
                write_frame(self._in, value)
            return read_frame(self._out)
        except (EOFError, OSError):
            why = f"took longer than {timeout_s:g} s" if late.is_set() else "ended its process"
            raise Refusal("html_invalid", f"reading the page {why}") from None
        finally:
            clock.cancel()

    def kill(self) -> None:
        """End it now."""
        self._child.kill()
        self._child.wait()
        self._out.close()
        with suppress(OSError):  # what was not written is of no use any more
            self._in.close()


def _open(answer: object) -> Mapping[str, object]:
    """Turn an answer into what it says; a strange one is what a broken process says."""
    if isinstance(answer, dict):
        if isinstance(page := answer.get("page"), dict):
            return page
        if isinstance(refusal := answer.get("refusal"), list):
            raise Refusal(*map(str, refusal[:2]))
        if isinstance(missing := answer.get("missing"), list):
            raise DependencyMissing(*map(str, missing[:2]))
    raise Refusal("html_invalid", "reading the page ended its process")
