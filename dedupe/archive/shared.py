"""The archive of many processes: a catalogue on a server, an index that all of them see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from dedupe.answers import Verdict
from dedupe.archive.engine import Core
from dedupe.archive.phases import Step, begin, finish, look, make_batch, take
from dedupe.archive.preparing import Awaited, Offered, await_all
from dedupe.archive.protocol import Finish
from dedupe.archive.recovering import place_pending
from dedupe.archive.settling import tell
from dedupe.archive.stored import StoredArchive
from dedupe.attribution import load_extractor
from dedupe.catalog.postgres import ServerCatalog
from dedupe.config import Config
from dedupe.index import Index

__all__ = ["SharedArchive", "Step"]


class SharedArchive(StoredArchive):
    """An `Archive`; any number of processes may have it open and take articles."""

    def __init__(
        self,
        catalog: ServerCatalog,
        index: Index,
        config: Config,
        clock: Callable[[], datetime],
        *,
        watch: Callable[[Step], None] | None = None,
    ) -> None:
        """Take over open stores; `watch` is told behind every step of a batch.

        Raises CatalogMismatch for a catalogue of another configuration.
        """
        catalog.use_configuration(config.config_id)
        self._catalog, self._clock = catalog, clock
        self._watch = watch or (lambda _: None)
        core = Core(catalog, index, config, load_extractor(), clock)
        super().__init__(core, self._take)
        self._looking = ThreadPoolExecutor(1, "looking")

    @property
    def catalog_id(self) -> str:
        """The id of its catalogue, which its index names too."""
        return self._catalog.catalog_id

    def _take(self, awaited: Sequence[Awaited], evidence: Sequence[bool]) -> list[Verdict]:
        batch = make_batch(self._core, awaited)
        return tell(self._core, take(self._core, self._catalog, batch, self._watch), evidence)

    def begin(self, articles: Sequence[Offered], *, evidence: bool = True) -> Finish:
        """See `Archive.begin`: all of it is one batch, looked for while others are begun."""
        core, catalog = self._core, self._catalog
        begun = begin(
            core,
            catalog,
            make_batch(core, await_all(core.preparer, articles, packed=True)),
            self._watch,
        )
        compared = self._looking.submit(look, core, catalog, begun, self._watch)

        def end() -> list[Verdict]:
            settled = finish(core, catalog, begun, compared.result(), self._watch)
            if settled is None:
                settled = take(core, catalog, begun.batch, self._watch)
            return tell(core, settled, [evidence] * len(articles))

        return end

    def close(self) -> None:
        """See `Archive.close`."""
        self._looking.shutdown()
        super().close()

    def recover(self, age: timedelta, pause: timedelta = timedelta(0)) -> int:
        """Match texts whose process ended before it did, stored longer than `age` ago.

        Returns how many. Others may go on meanwhile, and may recover too; a text that fails, or
        ends this process, is tried again after `age` and `pause`.
        """
        return place_pending(self._core, self._catalog, self._clock() - age, pause)
