"""Parts -> what each gave, in order, over the processes of one machine.

Processes, not threads: reading and attributing are Python. They are forked after the kernels and
rules are loaded, so that nothing is imported or compiled twice.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext

from dedupe.attribution import Extractor
from dedupe.batch.collect import Collected, collect_part
from dedupe.batch.spool import Spool
from dedupe.config import Config
from dedupe.errors import WorkerLost
from dedupe.models import Article
from dedupe.pipeline import process_articles
from dedupe.readers import Part, ReadOptions
from dedupe.readers.blocks_of_lines import Block, read_blocks

__all__ = ["collect_parts", "process_context", "usable_processors"]

_WARM_UP = Article(
    id="0", outlet=None, url=None, title="", body="one two three four five six seven"
)
_ENTERED_ANYWHERE = "jsonl"
_SAMPLED_PARTS, _SAMPLED_BLOCKS = 12, 2


def usable_processors() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0))


def process_context() -> BaseContext:
    """Forked processes, which share what is loaded already."""
    return multiprocessing.get_context("fork")


class _Job:
    """What every part needs; inherited by the workers, never pickled."""

    def __init__(
        self,
        options: ReadOptions,
        config: Config,
        extractor: Extractor,
        spool: Spool,
        *,
        spans: bool,
    ) -> None:
        self.options, self.config, self.extractor = options, config, extractor
        self.spool, self.spans = spool, spans

    def collect(self, part: Part) -> Collected:
        return collect_part(
            part, self.options, self.config, self.extractor, self.spool, spans=self.spans
        )


_job: _Job | None = None


def _start_worker() -> None:
    gc.freeze()  # rules and kernels stay: nothing to be found there, and no page to be copied
    # Ctrl-C reaches the whole group; the parent decides what to do about it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work, and hold the work folder, for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(part: Part) -> Collected:
    if _job is None:
        raise RuntimeError("a worker was started without its job")
    return _job.collect(part)


def collect_parts(
    parts: Sequence[Part],
    options: ReadOptions,
    config: Config,
    extractor: Extractor,
    spool: Spool,
    jobs: int,
    *,
    spans: bool,
) -> Iterator[Collected]:
    """Collect every part, in the order of the plan, with `jobs` processes.

    Raises WorkerLost where the system ended one of them.
    """
    global _job  # noqa: PLW0603 - forked workers find it here; a pickled one would copy the rules
    process_articles([_WARM_UP], config, extractor)
    if min(jobs, len(parts)) > 1:
        sampled = list(_sample(parts, options))
        extractor.extract_texts(
            [article for block in sampled for article in block.articles],
            [block.texts for block in sampled],
        )
    _job = _Job(options, config, extractor, spool, spans=spans)
    try:
        if min(jobs, len(parts)) <= 1:
            yield from map(_work, parts)
            return
        with _forked_pool(min(jobs, len(parts))) as pool:
            pending: deque[Future[Collected]] = deque()
            try:
                for part in parts:
                    pending.append(pool.submit(_work, part))
                    if len(pending) > 2 * jobs:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            except BrokenProcessPool as error:
                raise WorkerLost(jobs) from error
            finally:
                for future in pending:
                    future.cancel()
    finally:
        _job = None


def _sample(parts: Sequence[Part], options: ReadOptions) -> Iterator[Block]:
    """Articles from all over an input whose parts can be entered anywhere at no cost.

    Reading them once here loads and compiles what every worker would load and compile for itself.
    """
    ranges = [part for part in parts if part.reader == _ENTERED_ANYWHERE]
    for part in ranges[:: max(1, len(ranges) // _SAMPLED_PARTS)]:
        for item in islice(read_blocks(part, options), _SAMPLED_BLOCKS):
            if isinstance(item, Block):
                yield item


def _forked_pool(jobs: int) -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(jobs, process_context(), _start_worker)
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; numerical libraries keep idle ones, and the
        # workers never touch them
        warnings.simplefilter("ignore", DeprecationWarning)
        pool.submit(int).result()
    return pool
