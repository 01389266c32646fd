"""Texts that are new -> what each states and its fingerprint, and the rows that keep both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dedupe.archive.arrivals import Entry
from dedupe.archive.origins import outlet_key
from dedupe.archive.prepared import Prepared, split_prints
from dedupe.attribution import Extractor
from dedupe.catalog.blobs import micros, pack, pack_text, signed
from dedupe.catalog.rows import ContentRow, Placement, TextRow
from dedupe.catalog.tables import CURRENT, SUPERSEDED
from dedupe.config import Config
from dedupe.models import Article, Attribution
from dedupe.pipeline import process_articles
from dedupe.records import Record, hash_address, hash_text
from dedupe.report.encode import encode_json

__all__ = ["Work", "content_row", "read_texts", "text_row"]


@dataclass(frozen=True, slots=True)
class Work:
    """A batch of texts that was read: what each states and its fingerprint, by place."""

    entries: Sequence[Entry]
    attributions: Sequence[Attribution | None]
    texts: Sequence[Prepared]
    warnings: Mapping[int, str]
    """By place: why nothing could be read out of a text."""

    def warning(self, place: int) -> tuple[str, ...]:
        """Its warning, if any."""
        return (self.warnings[place],) if place in self.warnings else ()

    def select(self, entries: Sequence[Entry]) -> Work:
        """The same of some of its entries, by number; raises KeyError for one that was not read."""
        place_of = {entry.number: place for place, entry in enumerate(self.entries)}
        places = [place_of[entry.number] for entry in entries]
        warnings = {
            index: self.warnings[place]
            for index, place in enumerate(places)
            if place in self.warnings
        }
        attributions = [self.attributions[place] for place in places]
        return Work(entries, attributions, [self.texts[place] for place in places], warnings)

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
            len(self.texts[place].tokens),
            self.attributions[place],
        )


def read_texts(entries: Sequence[Entry], config: Config, extractor: Extractor) -> Work:
    """Attribute and fingerprint; a text that cannot be read is kept with a warning."""
    articles = [entry.article for entry in entries if entry.article is not None]
    addresses = [hash_address(article.outlet, article.url) for article in articles]
    if not articles:
        return Work(entries, [], [], {})
    try:
        done = process_articles(articles, config, extractor)
    except Exception:  # one article must not take the others along
        return _read_one_by_one(entries, articles, addresses, config, extractor)
    return Work(entries, done.attributions, split_prints(done.fingerprints, addresses), {})


def _read_one_by_one(
    entries: Sequence[Entry],
    articles: Sequence[Article],
    addresses: Sequence[int],
    config: Config,
    extractor: Extractor,
) -> Work:
    attributions: list[Attribution | None] = []
    texts: list[Prepared] = []
    warnings: dict[int, str] = {}
    for place, article in enumerate(articles):
        try:
            done = process_articles([article], config, extractor)
            attributions.append(done.attributions[0])
            texts += split_prints(done.fingerprints, [addresses[place]])
        except Exception as error:  # kept, with the reason
            warnings[place] = f"processing_failed: {type(error).__name__}"
            attributions.append(None)
            texts.append(_nothing_read(config))
    return Work(entries, attributions, texts, warnings)


def content_row(entry: Entry, work: Work, place: int, configuration: int) -> ContentRow:
    """The wide values of a text."""
    article, text = entry.article, work.texts[place]
    if article is None:
        raise ValueError("a text without its article has no content")
    details = {
        "attribution": work.attributions[place],
        "authors": article.authors,
        "metadata": article.metadata,
        "warnings": (*article.warnings, *work.warning(place)),
    }
    return ContentRow(
        entry.number,
        pack_text(article.body),
        pack(encode_json(details)),
        text.signature.astype("<u4").tobytes(),
        text.keys.astype("<u8").tobytes(),
        configuration,
    )


def _nothing_read(config: Config) -> Prepared:
    none = np.empty(0, np.uint32)
    signature = np.full(config.permutations, 2**32 - 1, np.uint32)
    return Prepared(0, none, none, none, np.empty(0, np.uint64), signature)


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
        len(work.texts[place].tokens),
        placed.cluster if placed else None,
        placed.credit if placed else None,
        placed.origin if placed else None,
    )
