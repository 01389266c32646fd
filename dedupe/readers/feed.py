"""An RSS or Atom feed -> one article an entry.

feedparser reads broken feeds as readers do; it is handed decoded text of bounded length without a
document type of its own, so that no entity can expand and no address is ever opened.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from dedupe.errors import DependencyMissing
from dedupe.models import Article, Reject
from dedupe.readers.page import decode_page, fragment_text
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream, read_bounded

__all__ = ["Feed"]

Parsed: TypeAlias = Any
"""What feedparser returns; it is not typed."""

_OPENING = re.compile(rb"<(?:rss|feed|rdf:rdf)[\s>]")
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:>|(\[)))", re.DOTALL)
_CHARACTER = re.compile(r"&#(x[0-9a-f]{1,9}|[0-9]{1,9});?", re.IGNORECASE)
_MAX_FEED = 32 << 20
"""A feed is parsed whole, at about 20 times its size in memory; the largest seen have 5 MB."""


class Feed:
    """RSS 0.9 to 2.0, RDF and Atom; `content:encoded`, else the description, as text."""

    name = "feed"
    suffixes = (".rss", ".atom", ".rdf", ".xml")
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """By the root element."""
        return _OPENING.search(head[:4096].lower()) is not None

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One feed is one part; the plan joins small ones."""
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of the feed; `record` counts entries from 1."""
        try:
            with open_stream(source.path) as stream:
                parsed = _parse(read_bounded(stream, _MAX_FEED))
        except Refusal as refusal:
            yield Reject(source.shown, None, refusal.reason, refusal.detail)
            return
        except StreamBroken as broken:
            yield Reject(source.shown, None, "compression_truncated", str(broken))
            return
        build = ArticleBuilder(replace(options, fields={})).build
        for number, entry in enumerate(parsed.entries, 1):
            try:
                yield build(_record(entry, parsed.feed))
            except Refusal as refusal:
                yield Reject(source.shown, number, refusal.reason, refusal.detail)


def _parse(data: bytes) -> Parsed:
    try:
        import feedparser
    except ImportError:
        raise DependencyMissing("reading feeds", "html") from None
    text = _CHARACTER.sub(_sane_character, _without_prologue(decode_page(data)))
    try:
        parsed = feedparser.parse(io.BytesIO(b"\xef\xbb\xbf" + text.encode("utf-8", "replace")))
    except Exception as error:
        # Broken feeds were seen to raise errors of many kinds from the depth of the parser.
        detail = f"the feed cannot be parsed: {type(error).__name__}"
        raise Refusal("feed_invalid", detail) from None
    if not parsed.entries and not parsed.version:
        raise Refusal("feed_invalid", "neither RSS nor Atom")
    return parsed


def _without_prologue(text: str) -> str:
    """Drop the declarations before the root: the encoding is no longer the one declared.

    Raises:
        Refusal: `feed_invalid` for a document type with declarations of its own.
    """
    at = 0
    while found := _PROLOGUE.match(text, at):
        if found[1]:
            raise Refusal("feed_invalid", "the feed declares entities of its own: refused")
        at = found.end()
    return text[at:]


def _sane_character(reference: re.Match[str]) -> str:
    """A numeric character reference that is one, else the replacement character."""
    number = reference[1].lower()
    code = int(number[1:], 16) if number.startswith("x") else int(number)
    known = code < 0x110000 and not 0xD800 <= code < 0xE000
    return reference[0] if known else "\ufffd"


def _record(entry: Parsed, feed: Parsed) -> dict[str, object]:
    """The fields of one entry; those that are empty are left out."""
    contents = [content.get("value") for content in entry.get("content", ())]
    texts = (text for text in [*contents, entry.get("summary")] if text)
    origin = entry.get("source") or {}
    feed_source = {"name": origin.get("title"), "url": _find_home(origin)}
    metadata = {
        "feed_source": {key: value for key, value in feed_source.items() if value},
        "dc_source": entry.get("dc_source"),
    }
    record = {
        "id": entry.get("id"),
        "url": entry.get("link"),
        "title": _plain(entry.get("title") or ""),
        "body": fragment_text(next(texts, "")) or None,
        "outlet": _plain(feed.get("title") or ""),
        "lang": feed.get("language"),
        "authors": _authors(entry),
        "published": entry.get("published") or entry.get("created"),
        # Its own `get` gives the time of publication where none of a change is stated.
        "modified": dict.get(entry, "updated"),
        "metadata": {key: value for key, value in metadata.items() if value},
    }
    return {name: value for name, value in record.items() if value}


def _find_home(origin: Parsed) -> str | None:
    """The address of the feed an entry came from: RSS states one, Atom a link or an id."""
    stated = (origin.get("href"), origin.get("link"), origin.get("id"))
    return next((url for url in stated if isinstance(url, str) and "://" in url), None)


def _plain(markup: str) -> str:
    return fragment_text(markup).replace("\n", " ").strip()


def _authors(entry: Parsed) -> list[str]:
    names = [author.get("name") for author in entry.get("authors", ())]
    return [name for name in names if name] or [entry.get("author") or ""]
