"""Texts whose process ended before it had matched them -> their places, as if they came again."""

from __future__ import annotations

from datetime import datetime, timedelta

from dedupe.archive.arrivals import identify
from dedupe.archive.browsing import article_of
from dedupe.archive.engine import Core
from dedupe.archive.phases import Batch, GoneError, take
from dedupe.archive.preparing import Awaited
from dedupe.catalog.blobs import micros
from dedupe.catalog.postgres import ServerCatalog

__all__ = ["place_pending"]

_FOUND_AT_ONCE = 256


def place_pending(
    core: Core, catalog: ServerCatalog, before: datetime, pause: timedelta = timedelta(0)
) -> int:
    """Match the texts that are pending since before a time; returns how many there were.

    Each is claimed first, and taken by itself: one that ends its process is left alone by the next
    one for as long as by this one, and for `pause` more. An article that is deleted meanwhile
    stays deleted.
    """
    placed, since = 0, micros(before) or 0
    while True:
        with catalog.reading() as reader:
            numbers = reader.pending(since, _FOUND_AT_ONCE)
        if not numbers:
            return placed
        for number in numbers:
            batch = _claim(core, catalog, number, since, pause)
            try:
                if batch is not None:
                    take(core, catalog, batch, lambda _: None)
                    placed += 1
            except GoneError:
                continue


def _claim(
    core: Core, catalog: ServerCatalog, number: int, since: int, pause: timedelta
) -> Batch | None:
    """A text as a batch of its own; None where nobody needs to place it any more."""
    now = core.clock()
    with catalog.storing() as writer:
        if not writer.claim_pending(number, since, micros(now + pause) or 0):
            return None
        [row], [content] = writer.texts([number]).values(), writer.contents([number]).values()
    article = article_of(row, content)
    return Batch([Awaited(article)], [identify(article, row.rest)], now, frozenset([number]))
