"""A batch of articles -> verdicts, in one transaction: where one process owns the catalogue.

What a batch changes is worked out first, in memory, and written at once, so a crash leaves all of
it or nothing. The index of this process is told before the commit and takes it back when that
fails; a text it finds that is not in the catalogue is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from dedupe.answers import Verdict
from dedupe.archive.arrivals import sort_arrivals
from dedupe.archive.engine import Core
from dedupe.archive.preparing import Awaited, identify_all
from dedupe.archive.reading import read_texts
from dedupe.archive.settling import forget_texts, keep_texts, settle, tell
from dedupe.catalog import Writer

__all__ = ["take_at_once"]

_FEW = 4
"""Articles whose answers are made sooner than a thread is woken to commit (docs/decisions/0175)."""


def take_at_once(core: Core, awaited: Sequence[Awaited], evidence: Sequence[bool]) -> list[Verdict]:
    """Store a batch; `evidence` says whose matches are to have it. Raises TextLost.

    The answers of many are made while the disk is waited for; all are given when all is durable.
    """
    articles, identities = [each.article for each in awaited], identify_all(awaited)
    new: list[int] = []
    gone: list[int] = []

    def store(writer: Writer) -> Callable[[], list[Verdict]]:
        heads = writer.heads(article.id for article in articles)
        arrivals = sort_arrivals(articles, heads, core.give_number, core.clock(), identities)
        new.extend(entry.number for entry in arrivals.new)
        gone.extend([*arrivals.retired, *arrivals.dropped])
        work = read_texts(arrivals.new, core.config, core.extractor, awaited, identities)
        keep_texts(core, work)
        texts = work.select(arrivals.current).texts
        compared = core.compare(writer, arrivals.current, texts, gone)
        settled = settle(core, writer, arrivals, work, compared, compared.links, pending=False)
        return partial(tell, core, settled, evidence)

    try:
        told = core.catalog.write(store, quick=len(awaited) <= _FEW)
    except BaseException:
        core.index.remove(new)
        core.recall_judged()
        raise
    forget_texts(core, gone)
    return told()
