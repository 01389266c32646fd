"""Articles -> what can be said of each by itself, here or in a process of its own.

Attribution, fingerprint, the hash of the text and its packed form depend on nothing but the article
and the configuration. So another process may make them (`text_process`) while this one is busy with
what depends on everything else. Whoever knows of articles before it needs their readings says so
(`Preparer.begin`); whatever was not begun is read where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from dedupe.archive.arrivals import Identity, identify, mend
from dedupe.archive.prepared import Prepared, split_prints
from dedupe.attribution import Extractor
from dedupe.catalog.blobs import pack, pack_text
from dedupe.config import Config
from dedupe.models import Article, Attribution, text_hash
from dedupe.pipeline import process_articles
from dedupe.records import hash_address
from dedupe.report.encode import encode_json

__all__ = [
    "Awaited",
    "Fetch",
    "Offered",
    "PreparedHere",
    "Preparer",
    "Reading",
    "await_all",
    "begin_all",
    "hash_revision",
    "identify_all",
    "pack_article",
    "read_all",
    "read_articles",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one article states and its fingerprint; `warning` says why nothing could be read.

    `revision`, the hash of the text, and `packed` (see `pack_article`) are there where they were
    made on the way.
    """

    attribution: Attribution | None
    text: Prepared
    warning: str | None = None
    revision: bytes | None = None
    packed: tuple[bytes, bytes] | None = None


Fetch = Callable[[], Reading]
"""Waits for a reading that was begun; may be called again. Raises TextLost."""


class Awaited(NamedTuple):
    """An article as it can be stored, and its reading if that was begun."""

    article: Article
    fetch: Fetch | None = None


Offered = Article | Awaited
"""What `ingest` and `check` take."""


class Preparer(Protocol):
    """Whoever reads articles ahead of time; for many threads."""

    def begin(self, articles: Sequence[Article], *, packed: bool) -> Sequence[Fetch | None]:
        """Begin to read, `packed` for storing; None where reading it later is as quick."""

    def refuse(self, article: Article) -> Fetch | None:
        """What raises TextLost for an article that ended whoever read it; None for all others."""

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until articles are read as quickly as they will be; whether they are."""

    def close(self) -> None:
        """Begin nothing more and let go of everything."""


class PreparedHere:
    """Reads nothing ahead of time: one process has one interpreter's lock."""

    def begin(self, articles: Sequence[Article], *, packed: bool) -> Sequence[Fetch | None]:
        """See `Preparer.begin`."""
        return [None] * len(articles)

    def refuse(self, article: Article) -> Fetch | None:
        """See `Preparer.refuse`."""
        return None

    def wait_ready(self, timeout_s: float) -> bool:
        """See `Preparer.wait_ready`."""
        return True

    def close(self) -> None:
        """See `Preparer.close`."""


def begin_all(preparer: Preparer, articles: Sequence[Article], *, packed: bool) -> list[Awaited]:
    """Mend articles and begin to read those that are worth it."""
    mended = [mend(article) for article in articles]
    fetches = preparer.begin(mended, packed=packed)
    return [Awaited(*each) for each in zip(mended, fetches, strict=True)]


def read_all(
    preparer: Preparer, articles: Sequence[Article], config: Config, extractor: Extractor
) -> list[Awaited]:
    """Mend articles and read those that may be read."""
    mended = [mend(article) for article in articles]
    refused = [preparer.refuse(article) for article in mended]
    readable = [each for each, fetch in zip(mended, refused, strict=True) if fetch is None]
    readings = iter(read_articles(readable, config, extractor))
    return [
        Awaited(article, fetch or partial(_give, next(readings)))
        for article, fetch in zip(mended, refused, strict=True)
    ]


def _give(reading: Reading) -> Reading:
    return reading


def await_all(preparer: Preparer, offered: Sequence[Offered], *, packed: bool) -> list[Awaited]:
    """The same, with what was not begun begun too."""
    plain = [each for each in offered if isinstance(each, Article)]
    begun = iter(begin_all(preparer, plain, packed=packed)) if plain else iter(())
    return [each if isinstance(each, Awaited) else next(begun) for each in offered]


def identify_all(awaited: Iterable[Awaited]) -> list[Identity]:
    """What tells articles apart; waits for readings that were begun. Raises TextLost."""
    return [
        identify(article, revision=None if fetch is None else fetch().revision)
        for article, fetch in awaited
    ]


def read_articles(
    articles: Sequence[Article], config: Config, extractor: Extractor
) -> list[Reading]:
    """Attribute and fingerprint; a text that cannot be read has a warning and nothing else."""
    if not articles:
        return []
    try:
        return _read_together(articles, config, extractor)
    except Exception:  # one article must not take the others along
        return [_read_alone(article, config, extractor) for article in articles]


def _read_together(
    articles: Sequence[Article], config: Config, extractor: Extractor
) -> list[Reading]:
    addresses = [hash_address(article.outlet, article.url) for article in articles]
    done = process_articles(articles, config, extractor)
    texts = split_prints(done.fingerprints, addresses)
    return [Reading(*read) for read in zip(done.attributions, texts, strict=True)]


def _read_alone(article: Article, config: Config, extractor: Extractor) -> Reading:
    try:
        return _read_together([article], config, extractor)[0]
    except Exception as error:  # kept, with the reason
        return Reading(None, _nothing_read(config), f"processing_failed: {type(error).__name__}")


def _nothing_read(config: Config) -> Prepared:
    none = np.empty(0, np.uint32)
    signature = np.full(config.permutations, 2**32 - 1, np.uint32)
    return Prepared(0, none, none, none, np.empty(0, np.uint64), signature)


def pack_article(article: Article, reading: Reading) -> tuple[bytes, bytes]:
    """The body and the details of a text as the catalogue keeps them."""
    warning = () if reading.warning is None else (reading.warning,)
    details = {
        "attribution": reading.attribution,
        "authors": article.authors,
        "metadata": article.metadata,
        "warnings": (*article.warnings, *warning),
    }
    return pack_text(article.body), pack(encode_json(details))


def hash_revision(article: Article) -> bytes:
    """The hash of its text that tells revisions apart."""
    return bytes.fromhex(text_hash(article.title, article.body))
