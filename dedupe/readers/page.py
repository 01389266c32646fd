"""An HTML page -> the record of its article: main text, title, times, authors, metadata.

trafilatura finds the main text; with precision favoured it drops the lines around it where notices
of origin stand ("first appeared on", agency bylines, `category / source` lines, disclaimers).
`edges.recover_edges` brings those back, bounded. Measured on 317 real pages, of which 25 agency
credits stand in the text (10 of them for pictures or other stories): plain trafilatura keeps 8,
this 13, and 15 with authors and metadata.
"""

from __future__ import annotations

import codecs
import logging
import re
import warnings
from typing import Any

from dedupe.errors import DependencyMissing
from dedupe.readers.blocks import Node, page_blocks, squash_text, visible_text
from dedupe.readers.edges import recover_edges
from dedupe.readers.page_head import read_head_facts
from dedupe.readers.parts import Refusal

__all__ = ["decode_page", "fragment_text", "read_page", "unpack_page"]

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?([\w-]{1,40})"
)
_DECLARED_WITHIN = 4096
_TAG = re.compile(r"<[A-Za-z][^<>]{0,200}>")
_CHARSET = re.compile(
    r"(?i)(?:utf-?(?:8|16|32)|iso-?8859|iso-?2022|windows-|cp|koi8|gb|big5|euc|shift|sjis|tis|mac|"
    r"latin|ascii|us-ascii|hz)[\w-]*"
)
"""Character sets of pages; Python's codecs hold others, two of which take quadratic time."""


def read_page(markup: str, url: str | None = None) -> dict[str, Any]:
    """The fields of the article on a page, as the names of `parts.ARTICLE_FIELDS`.

    `body` is one paragraph a line. Runs trafilatura, which is not thread-safe: one thread only.

    Raises:
        Refusal: `body_missing` where no article is found, `html_invalid` where the parser fails.
        DependencyMissing: the extra `html` is not installed.
    """
    try:
        tree = _parse(markup)
        found = None if tree is None else _extract(tree, url)
    except (DependencyMissing, Refusal):
        raise
    except Exception as error:
        # Hostile markup was seen to raise errors of many kinds from the depth of the extractor.
        raise Refusal("html_invalid", f"no page: {type(error).__name__}") from None
    if found is None or tree is None or not found.text:
        why = "no article text is found in the page" if _TAG.search(markup) else "it has no markup"
        raise Refusal("body_missing", why)
    record = read_head_facts(tree)
    record["title"] = title = record.get("title") or found.title or ""
    blocks = list(page_blocks(tree))
    record["body"] = recover_edges(_without_title(found.text, title), blocks, title)
    record["url"] = url or record.get("url") or found.url
    record["authors"] = record.get("authors") or (found.author or "").split("; ")
    record["published"] = record.get("published") or found.date
    return {name: value for name, value in record.items() if value}


def _without_title(text: str, title: str) -> str:
    """Text without a first line that only repeats the title."""
    first, _, rest = text.partition("\n")
    return rest if rest and squash_text(first) == squash_text(title) else text


def fragment_text(markup: str) -> str:
    """The text of a piece of HTML (a feed entry): all of it, one block a line."""
    if "<" not in markup and "&" not in markup:
        return markup
    tree = _parse(f"<html><body><div>{markup}</div></body></html>")
    return "" if tree is None else visible_text(tree)


def decode_page(data: bytes, charset: str | None = None) -> str:
    """Bytes of a page -> text: by mark, as UTF-8, as declared (HTTP, the page), else guessed."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _DECLARED.search(data[:_DECLARED_WITHIN].lower())
    for name in ("utf-8-sig", charset, declared and declared[1].decode("ascii", "replace")):
        try:
            if name and _CHARSET.fullmatch(name):
                return data.decode(name)
        except (LookupError, ValueError):
            continue
    decoded: str = _trafilatura().utils.decode_file(data)
    return decoded


def unpack_page(data: bytes, limit: int) -> bytes:
    """A page without its transfer compression, by what its bytes are, bounded.

    Raises:
        Refusal: `compression_truncated` where it cannot be undone within `limit` bytes.
    """
    plain: bytes = _trafilatura().utils.handle_compressed_file(data, limit)
    if plain is data:
        raise Refusal("compression_truncated", "the page cannot be unpacked within its bound")
    return plain


def _parse(markup: str) -> Node:
    """With lxml's HTML parser: no entities of the document's own, no network, depth limited.

    The loader takes one block alone (`<p>…</p>`) for no page, unless something is around it.
    """
    markup = markup.replace("\0", "")
    tree = _trafilatura().utils.load_html(markup)
    if tree is None and _TAG.search(markup):
        tree = _trafilatura().utils.load_html(f"<html><body><div>{markup}</div></body></html>")
    return tree


def _extract(tree: Node, url: str | None) -> Any:  # noqa: ANN401 - a trafilatura document
    with warnings.catch_warnings():
        # dateutil warns about the zone names of other people's pages.
        warnings.simplefilter("ignore")
        return _trafilatura().bare_extraction(
            tree, url=url, favor_precision=True, include_comments=False, with_metadata=True
        )


def _trafilatura() -> Any:  # noqa: ANN401 - trafilatura is not typed
    try:
        import trafilatura
        import trafilatura.utils
    except ImportError:
        raise DependencyMissing("reading HTML", "html") from None
    for name in ("trafilatura", "htmldate", "courlan", "readability"):
        # Without a handler Python prints their remarks on single pages to the terminal.
        if not (logger := logging.getLogger(name)).handlers:
            logger.addHandler(logging.NullHandler())
    return trafilatura
