"""The event loop of the server, where descriptors or threads are few."""

from __future__ import annotations

import errno
import resource
import signal
import socket
from collections.abc import Iterator
from selectors import DefaultSelector
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from service.server import Worker, count_connections, count_long


class Full(socket.socket):
    """A listener that cannot take a connection."""

    code = errno.EMFILE

    def accept(self) -> NoReturn:
        raise OSError(self.code, "Too many open files")


@pytest.fixture
def listening() -> Iterator[tuple[Any, Full]]:
    with Full() as listener, DefaultSelector() as poller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        worker = Worker.__new__(Worker)
        worker.sockets, worker.poller = [listener], poller
        worker._accepting, worker._full_until, worker.nr_conns = False, 0.0, 0
        worker.set_accept_enabled(True)
        yield worker, listener


def test_without_a_free_descriptor_no_connection_is_taken_for_a_moment(
    listening: tuple[Any, Full],
) -> None:
    worker, listener = listening
    worker.accept(listener)
    assert (worker.nr_conns, dict(worker.poller.get_map())) == (0, {})
    worker.set_accept_enabled(True)  # as the loop does at once
    assert not worker.poller.get_map()
    worker._full_until = 0.0
    worker.set_accept_enabled(True)
    assert len(worker.poller.get_map()) == 1


def test_a_worker_that_is_told_to_end_while_it_begins_ends_after_that() -> None:
    worker = Worker.__new__(Worker)
    worker.alive, worker.method_queue = True, SimpleNamespace(defer=lambda _: None)
    worker.handle_exit(signal.SIGTERM, None)
    assert not worker.alive


def test_what_else_is_wrong_with_a_listener_is_not_hidden(listening: tuple[Any, Full]) -> None:
    worker, listener = listening
    listener.code = errno.EBADF
    with pytest.raises(OSError, match="Too many"):
        worker.accept(listener)


@pytest.mark.parametrize(("limit", "threads"), [(1024, 32), (256, 8), (64, 4), (1 << 20, 32)])
def test_connections_leave_descriptors_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, limit: int, threads: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    count = count_connections(threads)
    assert threads < count <= 1000
    assert count < limit


@pytest.mark.parametrize(("threads", "long"), [(1, 1), (2, 1), (4, 3), (32, 24)])
def test_a_long_request_is_let_in_by_any_number_of_threads(threads: int, long: int) -> None:
    assert count_long(threads) == long
