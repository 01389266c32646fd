"""A plain text file -> one article, its body the verbatim text.

Nothing is guessed: the title stays empty and the outlet unknown unless the file begins with a front
matter that says them. A guess would end up in titles, ids and reports with nothing to show for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dedupe.models import Article, Reject
from dedupe.readers.fields import ALIASES, squash
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import StreamBroken, open_stream, read_bounded

__all__ = ["PlainText", "read_text"]

_FENCE = "---"
_MAX_LINES = 40
_KEYS = frozenset(alias for aliases in ALIASES.values() for alias in aliases)


class PlainText:
    """UTF-8 (a byte order mark is left out) or UTF-16 with its mark; the id is the file's name."""

    name = "text"
    suffixes = (".txt", ".text", ".md")
    seeks = False

    def recognises(self, head: bytes) -> bool:
        """Whether it is text at all; asked last. A character cut at the end is no fault."""
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return True
        try:
            head.decode()
        except UnicodeDecodeError as bad:
            return bad.start >= len(head) - 3 and b"\0" not in head
        return bool(head) and b"\0" not in head

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """One article is one part; the plan joins small ones."""
        return [Part(self.name, (source,), size_bytes=Path(source.path).stat().st_size)]

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The one article of the file."""
        try:
            with open_stream(source.path) as stream:
                data = read_bounded(stream, options.max_body_bytes)
            record = {"id": source.name or None, **read_text(data)}
            yield ArticleBuilder(options).build(record)
        except Refusal as refusal:
            yield Reject(source.shown, None, refusal.reason, refusal.detail)
        except StreamBroken as broken:
            yield Reject(source.shown, None, "compression_truncated", str(broken))


def read_text(data: bytes) -> dict[str, object]:
    """The record of a text file: its front matter's fields and the `body` after it, verbatim.

    Front matter is a first line `---`, up to 40 lines `field: value` with known fields and a line
    `---`; anything else is body.

    Raises:
        Refusal: `encoding_invalid`.
    """
    text = _decode(data)
    first, _, rest = text.partition("\n")
    record: dict[str, object] = {}
    if first.rstrip() == _FENCE:
        for _ in range(_MAX_LINES):
            line, _, rest = rest.partition("\n")
            if line.rstrip() == _FENCE:
                return {**record, "body": rest}
            key, colon, value = line.partition(":")
            if not colon or squash(key) not in _KEYS:
                break
            if value.strip():
                record[key.strip()] = value.strip()
    return {"body": text}


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as bad:
        detail = f"byte {bad.start + 1} is not {bad.encoding.upper()}: convert the file to UTF-8"
        raise Refusal("encoding_invalid", detail) from None
