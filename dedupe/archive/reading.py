"""Texts that are new -> what each states and its fingerprint, and the rows that keep both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedupe.archive.arrivals import Entry, Identity
from dedupe.archive.origins import outlet_key
from dedupe.archive.prepared import Prepared
from dedupe.archive.preparing import Awaited, Reading, pack_article, read_articles
from dedupe.attribution import Extractor
from dedupe.catalog.blobs import micros, signed
from dedupe.catalog.rows import ContentRow, Placement, TextRow
from dedupe.catalog.tables import CURRENT, SUPERSEDED
from dedupe.config import Config
from dedupe.records import Record, hash_text

__all__ = ["Work", "content_row", "read_texts", "text_row"]


@dataclass(frozen=True, slots=True)
class Work:
    """A batch of texts that was read: what each states and its fingerprint, by place."""

    entries: Sequence[Entry]
    readings: Sequence[Reading]

    @property
    def texts(self) -> list[Prepared]:
        """The fingerprints, by place."""
        return [reading.text for reading in self.readings]

    def warning(self, place: int) -> tuple[str, ...]:
        """Why nothing could be read out of a text, if so."""
        warning = self.readings[place].warning
        return () if warning is None else (warning,)

    def select(self, entries: Sequence[Entry]) -> Work:
        """The same of some of its entries, by number; raises KeyError for one that was not read."""
        place_of = {entry.number: place for place, entry in enumerate(self.entries)}
        return Work(entries, [self.readings[place_of[entry.number]] for entry in entries])

    def record(self, place: int) -> Record:
        """The record of one text."""
        article = self.entries[place].article
        if article is None:
            raise ValueError("a text without its article has no record")
        return Record(
            article.id,
            article.outlet,
            article.url,
            article.title,
            article.published,
            article.modified,
            article.seen,
            len(self.readings[place].text.tokens),
            self.readings[place].attribution,
        )


def read_texts(
    entries: Sequence[Entry],
    config: Config,
    extractor: Extractor,
    awaited: Sequence[Awaited] = (),
    identities: Sequence[Identity] = (),
) -> Work:
    """Read texts, or wait for those of `awaited`, which have these `identities`, that were begun.

    A text that cannot be read is kept with a warning. Raises TextLost.
    """
    begun = {
        (article.id, *identity): fetch
        for (article, fetch), identity in zip(awaited, identities, strict=True)
        if fetch is not None
    }
    own = [entry for entry in entries if entry.article is not None]
    fetches = [begun.get((entry.id, entry.revision, entry.rest)) for entry in own]
    here = [e.article for e, fetch in zip(own, fetches, strict=True) if e.article and not fetch]
    read = iter(read_articles(here, config, extractor))
    return Work(entries, [next(read) if fetch is None else fetch() for fetch in fetches])


def content_row(entry: Entry, work: Work, place: int, configuration: int) -> ContentRow:
    """The wide values of a text."""
    article, reading = entry.article, work.readings[place]
    if article is None:
        raise ValueError("a text without its article has no content")
    text = reading.text
    return ContentRow(
        entry.number,
        *(reading.packed or pack_article(article, reading)),
        text.signature.astype("<u4").tobytes(),
        text.keys.astype("<u8").tobytes(),
        configuration,
    )


def text_row(entry: Entry, work: Work, place: int, placed: Placement | None) -> TextRow:
    """The row of a text; one without a place was superseded already when it came."""
    article = entry.article
    if article is None:
        raise ValueError("a stored text is not stored again")
    return TextRow(
        entry.number,
        entry.id,
        entry.revision,
        signed(hash_text(entry.id)),
        entry.age,
        entry.rest,
        CURRENT if placed else SUPERSEDED,
        entry.arrived,
        article.outlet,
        outlet_key(article.outlet, article.url),
        article.url,
        article.title,
        article.lang,
        micros(article.published),
        micros(article.modified),
        entry.seen,
        len(work.readings[place].text.tokens),
        placed.cluster if placed else None,
        placed.credit if placed else None,
        placed.origin if placed else None,
    )
