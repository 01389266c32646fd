"""Settings -> the distributed mode: an app that enqueues, a worker that stores, a queue to look at.

`service.wiring` opens the archive that all of them share; here it meets the queue.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from types import FrameType
from typing import Any, TypeVar

import structlog
from flask import Flask
from prometheus_client import start_http_server

from dedupe.archive.shared import SharedArchive
from dedupe.config import Config, default_config
from dedupe.errors import CatalogAway, IsnadError
from service.app import PageReader, create_app
from service.errors import STORES_AWAY
from service.jobs import Jobs
from service.queue import Queue
from service.queue_metrics import WorkerMeters
from service.redis_client import RedisAway, open_redis, reach_redis
from service.server import serve
from service.settings import Settings
from service.shapes import verdict_object
from service.wiring import (
    collect_rarely,
    open_preparer,
    open_redis_index,
    open_shared_archive,
    ripen,
    warm_up,
)
from service.worker import Worker, WorkerOptions

__all__ = ["ModeMissing", "await_stores", "open_queue", "serve_distributed", "work"]


_LEFT_ALONE = timedelta(minutes=10)
"""Texts stored later may be in work, or have a job that will be taken over."""
_TRIED_AGAIN = timedelta(days=1)
"""When a text is tried again that failed here, which may have cost a worker its life."""
_LEAST_SILENT_S = 30.0
"""A worker may be busy with one batch for some seconds."""
_FORGOTTEN_S = 3600.0
"""When a worker that was ended the hard way, and whose jobs others took over, is forgotten."""
_AGAIN_S = 3.0
_AWAY: tuple[type[Exception], ...] = (CatalogAway, RedisAway, *STORES_AWAY)
_READY_S = 20.0
_SWITCH_S = 0.001
"""A turn of a thread: the one that asks Redis needs few and short ones."""


Opened = TypeVar("Opened")
_log = structlog.get_logger(__name__)


class ModeMissing(IsnadError):
    """Something of the distributed mode was asked for without its servers."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("set ISNAD_DATABASE_URL and ISNAD_REDIS_URL: this needs the queue")


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_queue(settings: Settings) -> Iterator[Queue]:
    """The queue of the settings; raises ModeMissing, and RedisUnusable when it goes away."""
    if not settings.is_distributed or settings.redis_url is None:
        raise ModeMissing
    with reach_redis(), closing(open_redis(settings.redis_url.get_secret_value())) as client:
        yield Queue(
            client,
            limit=settings.queue_limit,
            answer_ttl_s=settings.answer_s,
            silent_s=max(_LEAST_SILENT_S, settings.worker_idle_s),
        )


def serve_distributed(
    settings: Settings,
    *,
    config: Config | None = None,
    pages: PageReader | None = None,
    extensions: Sequence[Callable[[Flask], None]] = (),
    say: Callable[[str], None] = lambda _: None,
    **options: Any,  # noqa: ANN401 - gunicorn's own
) -> None:
    """Serve until the process is told to end; any number of processes may.

    `say` hears what the start does; `options` are settings of gunicorn. Raises ModeMissing; stores
    that cannot be opened end the server with the sentence of the error.
    """
    opened = ExitStack()
    if not settings.is_distributed:
        raise ModeMissing

    def make() -> Flask:
        queue = opened.enter_context(open_queue(settings))
        archive = opened.enter_context(closing(open_shared_archive(settings, config)))
        index = open_redis_index(settings, config or default_config(), archive.catalog_id)
        opened.callback(index.close)
        with reach_redis():
            queue.open()
        say("Compiling kernels the first time (up to a minute), later loading them.")
        warm_up(config)
        collect_rarely()
        ripen()
        return create_app(
            settings,
            archive,
            pages=pages,
            jobs=Jobs(queue, _now, settings.wait_s, max(1, settings.threads // 2)),
            checks={"index": index.require},
            extensions=extensions,
        )

    serve(make, opened.close, settings.host, settings.port, **options)


def work(
    settings: Settings,
    config: Config | None = None,
    *,
    name: str | None = None,
    tell: Callable[[str], None],
) -> None:
    """Take jobs until SIGTERM or SIGINT, then finish what is in hand; a second signal ends at once.

    Stores that are away are waited for. `tell` hears the name of the worker when it begins. Raises
    ModeMissing and what opening the archive raises where waiting is of no use.
    """
    with ExitStack() as opened:
        with _stopping() as stop:
            stores = await_stores(lambda: _open_stores(settings, config, opened), stop)
        if stores is None or stop.is_set():
            return
        queue, archive = stores
        preparer = open_preparer(settings.text_workers, config)
        archive.prepare_with(preparer)
        warm_up(config)
        preparer.wait_ready(_READY_S)  # both start at a time; what is not there yet comes later
        collect_rarely()
        sys.setswitchinterval(_SWITCH_S)
        meters = WorkerMeters()
        options = WorkerOptions(
            batch=settings.worker_batch,
            idle_s=settings.worker_idle_s,
            deliveries=settings.worker_deliveries,
        )
        tidy = partial(_tidy, queue, archive, settings)
        worker = Worker(
            queue, archive, verdict_object, options, name=name, meters=meters, tidy=tidy
        )
        with _metrics(settings, meters), _stopping() as stop:
            tell(worker.name)
            worker.run(stop)


def _open_stores(
    settings: Settings, config: Config | None, opened: ExitStack
) -> tuple[Queue, SharedArchive]:
    """Open both; `opened` closes them."""
    with ExitStack() as made:
        queue = made.enter_context(open_queue(settings))
        archive = made.enter_context(closing(open_shared_archive(settings, config)))
        opened.push(made.pop_all())
    return queue, archive


def await_stores(open_stores: Callable[[], Opened], stop: Event) -> Opened | None:
    """Open, again and again while a store is away; None where `stop` is set first.

    Raises what else opening raises: an address that is none, another configuration.
    """
    while True:
        try:
            return open_stores()
        except _AWAY as error:
            told = str(error) if isinstance(error, IsnadError) else type(error).__name__
            _log.warning("waiting for the stores", error=told, pause_s=_AGAIN_S)
            if stop.wait(_AGAIN_S):
                return None


def _tidy(queue: Queue, archive: SharedArchive, settings: Settings) -> None:
    """Forget workers that were killed, and match what was stored half and has no job any more."""
    queue.forget_silent(max(_FORGOTTEN_S, settings.worker_idle_s))
    retried_s = settings.worker_idle_s * (settings.worker_deliveries + 1)
    archive.recover(max(_LEFT_ALONE, timedelta(seconds=retried_s)), _TRIED_AGAIN)


@contextmanager
def _metrics(settings: Settings, meters: WorkerMeters) -> Iterator[None]:
    if settings.metrics_port is None:
        yield
        return
    server, thread = start_http_server(settings.metrics_port, settings.host, meters.registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _stopping() -> Iterator[Event]:
    """An event that the first signal to end sets; the next one is handled as before."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def hear(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, hear)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
