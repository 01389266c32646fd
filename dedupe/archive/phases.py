"""A batch of articles -> verdicts, in steps that many processes make at a time.

1. Texts and signatures are committed as pending. 2. Their keys are published and earlier holders
looked up in one step, candidates are verified. 3. Pairs, clusters and ledger are committed, under
the lock of whoever changes clusters, and the texts take their place.

Nothing is lost under any interleaving: of two texts at least one finds the other, because both
publish before they look. A pair whose other text is pending waits in a table until that one takes
its place. A worker that dies between two steps leaves pending texts; whoever gets the articles
again goes through all steps with them, as if they were new. What another process changed between
the steps is seen in the third, which decides anew what is current: at worst the batch starts again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import count

from sqlalchemy.exc import IntegrityError

from dedupe.archive.arrivals import Arrivals, Identity, sort_arrivals
from dedupe.archive.engine import Core
from dedupe.archive.preparing import Awaited, identify_all
from dedupe.archive.reading import Work, content_row, read_texts, text_row
from dedupe.archive.settling import Settled, forget_texts, keep_texts, settle
from dedupe.archive.verifying import Compared, Pair, verify
from dedupe.catalog import Writer
from dedupe.catalog.blobs import micros
from dedupe.catalog.postgres import ServerCatalog
from dedupe.catalog.rows import Head, Link, pending_key
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.errors import CatalogBusy, CatalogMismatch
from dedupe.models import Article

__all__ = [
    "Batch",
    "Begun",
    "GoneError",
    "Step",
    "begin",
    "finish",
    "look",
    "make_batch",
    "take",
]

_TRIES = 20
_WHO = "others that store the same articles"


class Step(str, Enum):
    """A step that was just made; a process may die behind any of them."""

    READ = "read"
    STORED = "stored"
    PUBLISHED = "published"
    VERIFIED = "verified"
    SETTLED = "settled"


Watch = Callable[[Step], None]


class _OvertakenError(Exception):
    """Another process stored, replaced or deleted what the batch began with."""


class GoneError(Exception):
    """A claimed text is pending no more: somebody else placed it, or its article was deleted."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles, what tells them apart, and a time.

    `claimed` are numbers of texts that are theirs already; nothing else is stored then.
    """

    awaited: Sequence[Awaited]
    identities: Sequence[Identity]
    at: datetime
    claimed: frozenset[int] = frozenset()

    @property
    def articles(self) -> list[Article]:
        """The articles themselves."""
        return [each.article for each in self.awaited]

    def sort(self, known: Sequence[Head], give_number: Callable[[], int]) -> Arrivals:
        """What is new and what is current beside what is stored."""
        return sort_arrivals(self.articles, known, give_number, self.at, self.identities)


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch that was read: what is new beside what was stored then, and what its texts say.

    `held` are numbers of texts that were stored, pending ones too.
    """

    batch: Batch
    arrivals: Arrivals
    work: Work
    held: frozenset[int]


def make_batch(core: Core, awaited: Sequence[Awaited]) -> Batch:
    """Articles as they can be stored, and what tells them apart. Raises TextLost."""
    return Batch(awaited, identify_all(awaited), core.clock())


def take(core: Core, catalog: ServerCatalog, batch: Batch, watch: Watch) -> Settled:
    """All steps of a batch, as often as others overtake it.

    `watch` is told behind every step. Raises CatalogBusy and GoneError.
    """
    for _ in range(_TRIES):
        begun = begin(core, catalog, batch, watch)
        compared = look(core, catalog, begun, watch)
        settled = finish(core, catalog, begun, compared, watch)
        if settled is not None:
            return settled
    raise CatalogBusy(catalog.path, _WHO)


def finish(
    core: Core, catalog: ServerCatalog, begun: Begun, compared: Compared, watch: Watch
) -> Settled | None:
    """The third step; None where others overtook the batch, which has to begin again."""
    try:
        settled = _settle(core, catalog, begun.batch, begun.work, begun.arrivals, compared)
    except _OvertakenError:
        return None
    watch(Step.SETTLED)
    return settled


def begin(core: Core, catalog: ServerCatalog, batch: Batch, watch: Watch) -> Begun:
    """The first step: read what is new and commit it as pending.

    Other threads may do this and the next step while the batch before is in its later ones: it is
    as if other processes did.
    Raises CatalogBusy and GoneError.
    """
    for _ in range(_TRIES):
        begun = _read(core, catalog, batch)
        watch(Step.READ)
        try:
            _store(core, catalog, begun)
        except _OvertakenError:
            continue
        watch(Step.STORED)
        return begun
    raise CatalogBusy(catalog.path, _WHO)


def _read(core: Core, catalog: ServerCatalog, batch: Batch) -> Begun:
    """Read what is new; texts that are pending already are read again."""
    give = iter(core.reserve_numbers(len(batch.articles))).__next__
    with catalog.storing() as writer:
        _check_configuration(core, catalog, writer)
        heads = writer.heads(article.id for article in batch.articles)
    _check_claimed(core, batch, heads)
    arrivals = batch.sort(heads, give)
    work = read_texts(arrivals.new, core.config, core.extractor, batch.awaited, batch.identities)
    keep_texts(core, work)
    return Begun(batch, arrivals, work, frozenset(head.number for head in heads))


def _store(core: Core, catalog: ServerCatalog, begun: Begun) -> None:
    """Commit what is new as pending."""
    work = begun.work
    rows, wide = [], []
    for place, entry in enumerate(begun.arrivals.new):
        if entry.number not in begun.held:
            key = pending_key(entry.revision, entry.rest)
            row = text_row(entry, work, place, None)
            rows.append(row._replace(state=PENDING, revision=key))
            wide.append(content_row(entry, work, place, core.configuration))
    if not rows:
        return
    rows.sort(key=lambda row: (row.id, row.revision))  # all wait for each other in one order
    try:
        with catalog.storing() as writer:
            writer.add_texts(rows, wide)
            now = micros(begun.batch.at) or 0
            writer.add_pending([(row.number, now) for row in rows])
    except IntegrityError as error:
        raise _OvertakenError from error


def _check_claimed(core: Core, batch: Batch, heads: Sequence[Head]) -> None:
    """Raise GoneError for a claimed text that is pending no more; keys of a deleted one go."""
    if not batch.claimed <= {head.number for head in heads if head.state == PENDING}:
        forget_texts(core, sorted(batch.claimed - {head.number for head in heads}))
        raise GoneError


def _check_configuration(core: Core, catalog: ServerCatalog, writer: Writer) -> None:
    """Refuse to go on where somebody computes everything again with another one."""
    found = writer.facts().get("config_id", "")
    if found != core.config.config_id:
        raise CatalogMismatch(catalog.path, core.config.config_id, found, catalog.argument)


def look(core: Core, catalog: ServerCatalog, begun: Begun, watch: Watch) -> Compared:
    """The second step: publish and look, then verify pairs with current and pending texts."""
    arrivals, work = begun.arrivals, begun.work
    current = arrivals.current
    texts = work.select(current).texts
    gone = [*arrivals.retired, *arrivals.dropped]
    pairs: list[Pair] = core.seek(current, texts, gone, publish=True)
    watch(Step.PUBLISHED)
    compared = Compared()
    if pairs:
        with catalog.reading() as reader:
            material = core.fetch(reader, pairs, current, texts, (CURRENT, PENDING))
        compared = verify(*material, core.config)
    watch(Step.VERIFIED)
    return compared


def _settle(
    core: Core,
    catalog: ServerCatalog,
    batch: Batch,
    work: Work,
    before: Arrivals,
    compared: Compared,
) -> Settled:
    """Give the texts their place, by what is stored now."""
    own = {entry.number for entry in work.entries}
    looked = {entry.number for entry in before.current}
    strange = count(-1, -1)  # for texts that are not stored: others deleted them, or replaced here
    with catalog.writing() as writer:
        _check_configuration(core, catalog, writer)
        heads = writer.heads(article.id for article in batch.articles)
        arrivals = batch.sort(heads, strange.__next__)
        new = {entry.number for entry in arrivals.new}
        current = {entry.number for entry in arrivals.current}
        if not (new <= own and current <= looked):
            raise _OvertakenError
        pending = {head.number for head in heads if head.state == PENDING}
        needless = (pending & (own | batch.claimed)) - new
        writer.drop_texts(needless)
        placed, waiting = _sort_links(writer, compared.links, arrivals)
        own_work = work.select(arrivals.new)
        settled = settle(core, writer, arrivals, own_work, compared, placed, pending=True)
        writer.drop_waiting((new - current) | {*arrivals.retired})
        writer.add_waiting(waiting)
    forget_texts(core, [*arrivals.retired, *arrivals.dropped, *needless, *(new - current)])
    return settled


def _sort_links(
    writer: Writer, found: Sequence[Link], arrivals: Arrivals
) -> tuple[list[Link], list[Link]]:
    """(pairs of texts that are current from now on, pairs that wait), those left by others too."""
    ids = {entry.number: entry.id for entry in arrivals.current}
    left = writer.waiting(ids)
    if left:
        writer.drop_waiting(ids)
    links = {(link.left, link.right): link for link in (*left, *found)}
    others = {end for pair in links for end in pair} - ids.keys()
    rows = writer.places(others)
    gone = {*arrivals.retired, *arrivals.dropped}
    now: list[Link] = []
    later: list[Link] = []
    for (a, b), link in sorted(links.items()):
        if (a not in ids and b not in ids) or a in gone or b in gone:
            continue
        if (a not in ids and a not in rows) or (b not in ids and b not in rows):
            continue
        if (ids.get(a) or rows[a].id) == (ids.get(b) or rows[b].id):
            continue
        states = {rows[end].state for end in (a, b) if end not in ids}
        if states <= {CURRENT}:
            now.append(link)
        elif states == {PENDING}:
            later.append(link)
    return now, later
