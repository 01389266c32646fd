"""Settings -> a service that runs: guarded, logged, with pages and, when asked, seeds.

`service.wiring` and `service.distributed` open the stores; here stands what is around them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from dedupe.config import Config, load_config
from dedupe.errors import InputMissing, OutputUnwritable
from dedupe.models import Article
from dedupe.readers import plan, read
from service.context import Services
from service.distributed import serve_distributed, work
from service.extraction import open_pages
from service.keys import Keyring
from service.logs import log_requests, start_log
from service.security import check_address, secure
from service.settings import Settings, find_unknown
from service.web.sessions import keep_secret
from service.wiring import serve_embedded

__all__ = ["DATABASE", "load_seeds", "run_service", "run_worker"]

DATABASE = "isnad.sqlite"
_BATCH = 256
_BEGIN_S = 900  # the first start compiles kernels (50 s on a busy machine) and loads the seeds
_TOLD = ((Arbiter.APP_LOAD_ERROR,), ("App failed to load.",))
_log = logging.getLogger("isnad.service")


class _ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's log as part of ours."""

    def setup(self, _cfg: object) -> None:
        """Let records go up to the root; requests are logged by the app."""
        self.error_log.propagate = True
        self.error_log.handlers = []
        self.error_log.setLevel(logging.NOTSET)

    def access(self, *_: object) -> None:
        """Say nothing."""

    def info(self, msg: object, *args: object, **_: object) -> None:
        """What gunicorn is about interests those who look for a fault in it."""
        self.error_log.debug(msg, *args)

    def error(self, msg: object, *args: object, **named: Any) -> None:  # noqa: ANN401 - logging's own
        """Errors but for the end of a worker that said itself why it did not begin."""
        if args[-1:] not in _TOLD and msg != "Shutting down: %s":
            self.error_log.error(msg, *args, **named)


def run_service(
    settings: Settings, tell: Callable[[str], None], say: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or SIGINT; `tell` hears the address when requests are answered.

    `say` hears what the start is busy with.
    Raises KeysMissing, KeysUnreadable, InputMissing, ConfigInvalid and OutputUnwritable before
    anything is served.
    """
    keyring = Keyring(settings.keys_file)
    check_address(settings, keyring)
    config = _read_config(settings)
    if settings.seeds is not None and not settings.seeds.exists():
        raise InputMissing(str(settings.seeds))
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(str(settings.data), error.strerror or str(error)) from None
    start_log(settings.log_level)
    _warn_of_unknown()
    serve_mode = serve_distributed if settings.is_distributed else _serve_embedded
    serve_mode(
        settings,
        config=config,
        pages=open_pages(settings),
        extensions=[
            log_requests,
            secure(settings, keyring),
            keep_secret(settings.session_file),
            lambda app: _begin(app, settings, say),
        ],
        say=say,
        pause_s=settings.patience_s,
        proxies=settings.trusted_proxies,
        threads=settings.threads,
        graceful_timeout=settings.grace_s,
        timeout=_BEGIN_S,
        logger_class=_ServerLog,
        post_worker_init=lambda worker: tell(_address(worker)),
    )


def run_worker(settings: Settings, name: str | None, tell: Callable[[str], None]) -> None:
    """Work until SIGTERM or SIGINT; `tell` hears the worker's name when it begins.

    Raises InputMissing, ConfigInvalid, ModeMissing, RedisUnusable and what opening the archive
    raises.
    """
    config = _read_config(settings)
    start_log(settings.log_level)
    _warn_of_unknown()
    work(settings, config, name=name, tell=tell)


def _warn_of_unknown() -> None:
    for name in find_unknown():
        _log.warning("%s: no such setting, ignored", name)


def _serve_embedded(settings: Settings, **options: Any) -> None:  # noqa: ANN401 - passed on
    database = settings.data / DATABASE
    address = (settings.host, settings.port)
    serve_embedded(
        database,
        *address,
        settings=settings,
        window=settings.window,
        text_workers=settings.text_workers,
        **options,
    )


def _read_config(settings: Settings) -> Config | None:
    if settings.config is None:
        return None
    if not settings.config.exists():
        raise InputMissing(str(settings.config))
    return load_config(settings.config)


def _address(worker: object) -> str:
    """Give the address that is listened on, with the port that was taken for 0."""
    host, port = worker.sockets[0].getsockname()[:2]  # type: ignore[attr-defined]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _begin(app: Flask, settings: Settings, say: Callable[[str], None]) -> None:
    """Load the seeds where the archive is new; through the queue where there is one."""
    found: Services = app.extensions["isnad"]
    waiting = found.jobs is not None and found.jobs.queue.status().length
    if settings.seeds is not None and not waiting and not found.archive.changes(0, 1):
        say(f"Loading the articles of {settings.seeds} into the new archive.")
        count = load_seeds(found, settings.seeds)
        _log.info("loaded %d articles of %s", count, settings.seeds.name)


def load_seeds(found: Services, folder: Path) -> int:
    """Put the articles of a folder into the archive; those that cannot be read are passed over."""
    articles = _read_folder(folder)
    count = 0
    while batch := list(islice(articles, _BATCH)):
        if found.jobs is not None:
            found.jobs.take(batch)
        else:
            found.archive.ingest(batch, evidence=False)
        count += len(batch)
    return count


def _read_folder(folder: Path) -> Iterator[Article]:
    """Articles of the texts and records right in a folder; what lies deeper explains them."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".txt", ".jsonl"))
    for part in plan([str(path) for path in paths]) if paths else ():
        for item in read(part):
            if isinstance(item, Article):
                yield item
