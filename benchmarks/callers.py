"""Requests -> how long each waits, from several connections that one thread serves.

Twenty threads of a client want a core for themselves, and their own lock; this takes 60 us of CPU a
request and says how much it took. What it reads is what our service writes: answers with a length.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

__all__ = ["Calls", "call"]

_PIECE = 1 << 18
_END = b"\r\n\r\n"


@dataclass
class Calls:
    """What came of them: seconds that each waited, statuses, seconds in all, CPU of the client."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu_s: float = 0.0


@dataclass
class _Line:
    """A connection and the request it waits for, due at a time."""

    sock: socket.socket
    due: float = 0.0
    held: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, due: float) -> None:
        self.due, self.held = due, bytearray()
        self.sock.sendall(request)

    def receive(self) -> str | None:
        """The status when the answer is whole."""
        data = self.sock.recv(_PIECE)
        if not data:
            raise SystemExit("the service has closed a connection")
        self.held += data
        end = self.held.find(_END)
        if end < 0:
            return None
        head = bytes(self.held[:end]).lower() + b"\r\n"
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        return head[9:12].decode() if len(self.held) >= end + len(_END) + length else None


def call(port: int, path: str, bodies: Sequence[bytes], clients: int, per_s: float | None) -> Calls:
    """Post bodies as JSON, without a pause or so many a second in all.

    A paced request waits from the moment it was due, so that a stall counts for all it delays.
    """
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    requests = [
        f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies
    ]  # fmt: skip
    calls = Calls()
    with ExitStack() as stack:
        poller = stack.enter_context(selectors.DefaultSelector())
        idle: list[_Line] = []
        for _ in range(clients):
            sock = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            idle.append(_Line(sock))
            poller.register(sock, selectors.EVENT_READ, idle[-1])
        cpu, begun = time.process_time(), time.perf_counter()
        following = 0
        while len(calls.waits) < len(requests):
            following, wait_s = _send(requests, following, idle, begun, per_s)
            for key, _ in poller.select(wait_s):
                status = key.data.receive()
                if status is not None:
                    calls.waits.append(time.perf_counter() - key.data.due)
                    calls.statuses[status] += 1
                    idle.append(key.data)
        calls.seconds = time.perf_counter() - begun
        calls.cpu_s = time.process_time() - cpu
    return calls


def _send(
    requests: Sequence[bytes], following: int, idle: list[_Line], begun: float, per_s: float | None
) -> tuple[int, float | None]:
    """Send what is due on idle connections; (the next request, seconds until it is due)."""
    while idle and following < len(requests):
        now = time.perf_counter()
        due = now if per_s is None else begun + following / per_s
        if due > now:
            return following, due - now
        idle.pop(0).send(requests[following], due)
        following += 1
    return following, None
