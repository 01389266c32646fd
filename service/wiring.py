"""Paths and settings -> stores, archive, app, server: the one place of the service that knows all.

Everything is opened in the worker process, after gunicorn's fork. What is slow the first time
(kernels are compiled or loaded, rules are read) runs once before the app is there, so that a
service which answers `/readyz` is ready.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
from flask import Flask
from pydantic import SecretStr

from dedupe.archive import Archive, open_archive
from dedupe.archive.engine import Core
from dedupe.archive.preparing import PreparedHere, Preparer
from dedupe.archive.shared import SharedArchive, Step
from dedupe.archive.text_process import TextProcess
from dedupe.attribution import load_extractor
from dedupe.batch.workers import usable_processors
from dedupe.catalog.postgres import ServerCatalog, open_server, upgrade_server
from dedupe.clustering import find_clusters
from dedupe.config import Config, default_config
from dedupe.index.entries import find_entries
from dedupe.models import Article, article_id
from service.app import AppSettings, PageReader, create_app
from service.limits import Limits
from service.redis_client import open_redis, reach_redis
from service.redis_index import IndexShape, RedisIndex
from service.server import serve
from service.settings import PREFIX, SettingInvalid, Settings

__all__ = [
    "PlainSettings",
    "check_disk",
    "collect_rarely",
    "open_preparer",
    "open_redis_index",
    "open_shared_archive",
    "open_shared_catalog",
    "open_shared_core",
    "ripen",
    "serve_embedded",
    "upgrade_shared_catalog",
    "warm_up",
]

_LEAST_FREE = 64 << 20
_RIPE_S = 10.0
_BUSY, _BUSY_RESTS = 0.2, 50
"""Share of a rest in which others computed, and how many more rests follow then."""
_COLLECTED = (20_000, 20, 20)
"""Objects made before the youngest are looked at, and how often before the older ones."""
_WARM = (
    "A text that is read once before the first request, so that nobody waits for it. ",
    "Ein Text mit Umlauten: für Wörter über 127, die länger gelesen werden müssen. ",
    "نص يقرأ مرة واحدة قبل أول طلب كي لا ينتظر أحد، وفيه أرقام ١٢٣ وتَشكيل. ",
    "在第一个请求之前读一次的文本，以免有人等待。",
    "Half of it is \U0001f4f0 beyond the first plane: \u200f\u00e0\u0094. ",
)
"""Each kind of text takes its own way through the kernels."""


@dataclass(frozen=True, slots=True)
class PlainSettings:
    """Settings as they are when nobody sets anything."""

    limits: Limits = field(default_factory=Limits)


def warm_up(config: Config | None = None) -> None:
    """Run every stage once on an archive that is thrown away: kernels are compiled or loaded.

    Looking at the real one would not do: only a pair that matches goes through all of them.
    """
    twins = [
        [
            Article(article_id(outlet, None, None, text * 8), outlet, None, "", text * 8)
            for outlet in "abc"
        ]
        for text in (*_WARM, "".join(_WARM))
    ]
    nothing = np.zeros(1, np.int64)
    find_entries(np.frombuffer(b"", np.uint8), nothing, nothing, np.zeros(2, np.int64))
    pair = np.zeros(1, np.uint32), np.ones(1, np.uint32)
    find_clusters(2, *pair, np.zeros(1, np.float32))  # the rare case that a link is weak
    with tempfile.TemporaryDirectory(prefix="isnad-warm-") as folder:
        archive = open_archive(Path(folder) / "warm.sqlite", _now, config)
        try:
            for batch in twins:  # one wide letter makes all texts of a batch wide
                archive.ingest(batch)
                archive.check(batch)
        finally:
            archive.close()


def ripen(
    compile_all: Callable[[], Iterable[object]] | None = None, wait_s: float = _RIPE_S
) -> Timer:
    """Begin, in the background, what makes later requests quick; for processes that answer them.

    All patterns of the rules take some seconds: not before the first request, nor in the first
    seconds, which are all that a short life has, and then in small steps between requests. A worker
    compiles what its articles need.
    """
    timer = Timer(wait_s, _make_between, [compile_all or load_extractor().compile_patterns])
    timer.daemon = True
    timer.start()
    return timer


def _make_between(make: Callable[[], Iterable[object]]) -> None:
    """Take the steps of `make` where nobody computes, else with long rests.

    A step holds the lock of the interpreter from everybody: twenty callers waited twice as long
    while all were taken at once (docs/decisions/0130).
    """
    begun = time.perf_counter()
    for _ in make():
        took = time.perf_counter() - begun
        used = time.process_time()
        time.sleep(took)
        if time.process_time() - used > took * _BUSY:
            time.sleep(took * _BUSY_RESTS)
        begun = time.perf_counter()


def open_preparer(processes: int | None, config: Config | None = None) -> Preparer:
    """Whoever reads articles ahead of time: a process of its own, or nobody where that is 0.

    None: a process where there are two processors. It is started in the background, and used when
    it is there; the patterns of the rules it compiles while it is idle.
    """
    if processes is None:
        processes = min(1, usable_processors() - 1)
    if processes == 0:
        return PreparedHere()
    return TextProcess(config or default_config(), load_extractor())


def collect_rarely() -> None:
    """Look for circles of dead objects seldom, and never in what a start has made.

    A batch makes some hundred thousand objects, and nearly none of them is part of a circle: with
    the interpreter's own thresholds looking took a tenth of a worker (docs/decisions/0042).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED)


def _now() -> datetime:
    return datetime.now(UTC)


def open_shared_archive(
    settings: Settings,
    config: Config | None = None,
    *,
    watch: Callable[[Step], None] | None = None,
) -> SharedArchive:
    """Open the archive of many processes that `database_url` and `redis_url` name.

    An empty database gets its tables and an index of its own. `watch` is told behind every step of
    a batch. Raises SettingInvalid, CatalogUnreachable, CatalogVersion, CatalogMismatch,
    IndexUnready and RedisUnusable.
    """
    config = config or default_config()
    catalog = open_server(_address("DATABASE_URL", settings.database_url))
    try:
        index = open_redis_index(settings, config, catalog.catalog_id)
        archive = SharedArchive(catalog, index, config, _now, watch=watch)
        with catalog.reading() as reader:
            empty = reader.is_empty()
        with reach_redis():
            if empty and not index.is_declared():
                index.declare()
            index.require()
        return archive
    except BaseException:
        catalog.close()
        raise


@contextmanager
def open_shared_core(
    settings: Settings, config: Config, *, create: bool = True
) -> Iterator[tuple[Core, RedisIndex]]:
    """The stores of the shared archive whatever its configuration, and whether or not it is whole.

    For `reindex` and `import`. Raises as `open_shared_archive`.
    """
    with open_shared_catalog(settings, create=create) as catalog:
        index = open_redis_index(settings, config, catalog.catalog_id, guarded=False)
        with reach_redis(), closing(index):
            index.is_declared()  # before anything is begun that cannot be ended without it
            yield Core(catalog, index, config, load_extractor(), _now), index


@contextmanager
def open_shared_catalog(settings: Settings, *, create: bool = False) -> Iterator[ServerCatalog]:
    """The catalogue of the shared archive alone."""
    url = _address("DATABASE_URL", settings.database_url)
    with closing(open_server(url, create=create)) as catalog:
        yield catalog


def upgrade_shared_catalog(settings: Settings) -> tuple[str, str]:
    """Bring its tables to this version; (version before, version now)."""
    return upgrade_server(_address("DATABASE_URL", settings.database_url))


def open_redis_index(
    settings: Settings, config: Config, catalog_id: str, *, guarded: bool = True
) -> RedisIndex:
    """The index of a catalogue in Redis; nothing is sent yet. Raises SettingInvalid."""
    client = open_redis(_address("REDIS_URL", settings.redis_url))
    window_s = round(settings.window.total_seconds()) if settings.window else None
    shape = IndexShape(settings.index_capacity, window_s=window_s)
    return RedisIndex(client, config, shape, catalog_id=catalog_id, guarded=guarded)


def _address(name: str, given: SecretStr | None) -> str:
    if given is None or not given.get_secret_value().strip():
        raise SettingInvalid(
            f"{PREFIX}{name}", "is needed where several processes share an archive"
        )
    return given.get_secret_value()


def check_disk(database: Path) -> None:
    """Raise OSError where there is hardly any room to write."""
    free = shutil.disk_usage(database.parent).free
    if free < _LEAST_FREE:
        raise OSError(f"{free >> 20} MiB are free")


def serve_embedded(
    database: Path,
    host: str,
    port: int,
    *,
    settings: AppSettings | None = None,
    config: Config | None = None,
    pages: PageReader | None = None,
    extensions: Sequence[Callable[[Flask], None]] = (),
    window: timedelta | None = None,
    text_workers: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    **options: Any,  # noqa: ANN401 - gunicorn's own
) -> None:
    """Serve an archive in one SQLite file until the process is told to end.

    What was seen longer than `window` ago is compared no more; `text_workers` are processes that
    read articles (see `open_preparer`); `say` hears what the start does.
    `options` are `pause_s` (see `serve`) and settings of gunicorn. Raises AddressUnusable, and
    ServiceFailed with the sentence of whatever kept the archive from being opened.
    """
    opened: list[Archive] = []

    def make() -> Flask:
        archive = open_archive(database, _now, config, window=window)
        opened.append(archive)
        say("Compiling kernels the first time (up to a minute), later loading them.")
        warm_up(config)
        collect_rarely()
        ripen()
        archive.prepare_with(open_preparer(text_workers, config))
        found = settings or PlainSettings()
        checks = {"index": archive.index_bytes, "disk": lambda: check_disk(database)}
        return create_app(found, archive, pages=pages, checks=checks, extensions=extensions)

    def close() -> None:
        while opened:
            opened.pop().close()

    serve(make, close, host, port, **options)
