"""Pages on standard input -> their fields on standard output: the inside of one killable process.

Frames are eight bytes of length and JSON. Started by `page_pool`, with no environment, so that a
page that breaks the parser finds no secret there.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import BinaryIO

import orjson

from dedupe.errors import DependencyMissing
from dedupe.readers.page import read_page
from dedupe.readers.parts import Refusal

__all__ = ["LENGTH_BYTES", "MAX_FRAME_BYTES", "main", "read_frame", "write_frame"]

LENGTH_BYTES = 8
MAX_FRAME_BYTES = 256 << 20
_OVERTIME_S = 5.0  # the pool kills on time; this is for a process whose pool is gone
_WARM_UP = "<html><body><article><h1>One</h1><p>Two three four.</p></article></body></html>"


def read_frame(stream: BinaryIO) -> object:
    """Read one value; raises EOFError where the other side is gone or sends no frame."""
    head = stream.read(LENGTH_BYTES)
    size = int.from_bytes(head, "big")
    if len(head) < LENGTH_BYTES or size > MAX_FRAME_BYTES:
        raise EOFError
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise EOFError from None


def write_frame(stream: BinaryIO, value: object) -> None:
    """Write one value."""
    data = orjson.dumps(value)
    stream.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
    stream.flush()


def main(timeout_s: float, memory_bytes: int) -> None:
    """Answer pages until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the pool decides
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    _answer(_WARM_UP, None)
    _bound(memory_bytes)
    write_frame(answers, {})
    while True:
        try:
            asked = read_frame(source)
        except EOFError:
            return
        if not isinstance(asked, dict):
            return
        # No handler: a handler waits for the interpreter, and a parser may never come back to it.
        signal.setitimer(signal.ITIMER_REAL, timeout_s + _OVERTIME_S)
        answer = _answer(asked["markup"], asked["url"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        write_frame(answers, answer)


def _answer(markup: str, url: str | None) -> dict[str, object]:
    try:
        return {"page": read_page(markup, url)}
    except Refusal as refusal:
        return {"refusal": [refusal.reason, refusal.detail]}
    except DependencyMissing as missing:
        return {"missing": [missing.what, missing.extra]}


def _bound(memory_bytes: int) -> None:
    """Let this process grow by so much, write no files and leave no core."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - a file of the kernel
        pages = int(file.read().split()[0])
    grown = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (grown, grown))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
