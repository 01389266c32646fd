"""An HTML file -> one article: see `page` for what is taken from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dedupe.models import Article, Reject
from dedupe.readers.page import decode_page
from dedupe.readers.page_pool import read_apart
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream, read_bounded

__all__ = ["HtmlPage"]

_OPENING = re.compile(rb"<(?:!doctype\s+html|html|head|body|article)[\s>]")


class HtmlPage:
    """A saved page; the id is the file's name, the address `og:url` or the canonical one."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """By an opening tag that only HTML has."""
        return _OPENING.search(head[:4096].lower()) is not None

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One page is one part; the plan joins small ones."""
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The one article of the page."""
        try:
            with open_stream(source.path) as stream:
                data = read_bounded(stream, options.max_body_bytes)
            page = read_apart(decode_page(data), None, options.page_timeout_s)
            record = {"id": source.name or None, **page}
            yield ArticleBuilder(replace(options, fields={})).build(record)
        except Refusal as refusal:
            yield Reject(source.shown, None, refusal.reason, refusal.detail)
        except StreamBroken as broken:
            yield Reject(source.shown, None, "compression_truncated", str(broken))
