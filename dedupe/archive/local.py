"""The archive of one process: a catalogue in a file, the index beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from dedupe.answers import Verdict
from dedupe.archive.engine import Core
from dedupe.archive.filling import publish_stored
from dedupe.archive.preparing import Awaited
from dedupe.archive.stored import StoredArchive
from dedupe.archive.taking import take_at_once
from dedupe.attribution import load_extractor
from dedupe.catalog import Catalog, open_catalog
from dedupe.catalog.blobs import micros
from dedupe.catalog.tables import CURRENT
from dedupe.config import Config, default_config
from dedupe.index.embedded import EmbeddedIndex

__all__ = ["LocalArchive", "open_archive", "open_core"]

_SAVE_EVERY = 50_000
"""Texts after which the index is saved: a restart publishes at most these again (a second)."""


class LocalArchive(StoredArchive):
    """An `Archive`; see `open_archive`."""

    def __init__(self, core: Core, index: EmbeddedIndex) -> None:
        """Take over open stores, and publish what the index does not hold yet."""
        super().__init__(core, self._take)
        self._index = index
        _fill(core, index)

    def _take(self, awaited: Sequence[Awaited], evidence: Sequence[bool]) -> list[Verdict]:
        verdicts = take_at_once(self._core, awaited, evidence)
        if self._core.window is not None:
            self._index.expire(_window_start(self._core))
        if self._index.unsaved >= _SAVE_EVERY:
            self._index.save()
        return verdicts

    def index_bytes(self) -> int:
        """Bytes of the index, in memory or mapped from its files."""
        return self._index.size_bytes()

    def drop_index_files(self) -> None:
        """Forget the index; the next start builds it again from the catalogue."""
        with self._core.catalog.writing():
            self._index.clear()

    def close(self) -> None:
        """See `Archive.close`."""
        self._core.preparer.close()
        with self._core.catalog.writing():  # wait for the writer
            self._index.close()
        self._core.catalog.close()


def open_archive(
    path: Path,
    clock: Callable[[], datetime],
    config: Config | None = None,
    *,
    window: timedelta | None = None,
) -> LocalArchive:
    """Open the catalogue at `path` and the index in the folder `PATH.index`.

    `clock` tells when an article was seen that does not say so; texts seen longer than `window` ago
    leave the index, not the catalogue. Raises CatalogMismatch for a catalogue of another
    configuration, and what `open_catalog` raises.
    """
    config = config or default_config()
    catalog = open_catalog(path)
    try:
        catalog.use_configuration(config.config_id)
        return LocalArchive(*_make_core(catalog, path, config, clock, window))
    except BaseException:
        catalog.close()
        raise


@contextmanager
def open_core(path: Path, clock: Callable[[], datetime], config: Config) -> Iterator[Core]:
    """The stores of an archive whatever its configuration, for `reindex` and `import`."""
    catalog = open_catalog(path)
    try:
        core, index = _make_core(catalog, path, config, clock, None)
        yield core
        index.close()
    finally:
        catalog.close()


def _make_core(
    catalog: Catalog,
    path: Path,
    config: Config,
    clock: Callable[[], datetime],
    window: timedelta | None,
) -> tuple[Core, EmbeddedIndex]:
    index = EmbeddedIndex(config, path.with_name(f"{path.name}.index"), catalog.catalog_id)
    return Core(catalog, index, config, load_extractor(), clock, window), index


def _fill(core: Core, index: EmbeddedIndex) -> None:
    """Publish the current texts that the index does not hold, from their stored keys."""
    before = _window_start(core)
    with core.catalog.reading() as reader:
        missing = index.reconcile(reader.numbers(CURRENT))
        publish_stored(reader, index, missing, core.config, before)
    index.expire(before)


def _window_start(core: Core) -> int:
    if core.window is None:
        return -(1 << 62)
    return micros(core.clock() - core.window) or 0
