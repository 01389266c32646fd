"""The formats there are. A new one is a file beside this one and a line in `READERS`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dedupe.errors import FormatUnknown
from dedupe.models import Article, Reject
from dedupe.readers.delimited import DelimitedText
from dedupe.readers.feed import Feed
from dedupe.readers.html import HtmlPage
from dedupe.readers.json_document import JsonDocument
from dedupe.readers.jsonl import JsonLines
from dedupe.readers.parquet import Parquet
from dedupe.readers.parts import Part, ReadOptions, Source
from dedupe.readers.text import PlainText
from dedupe.readers.warc import Warc

__all__ = ["READERS", "Reader", "reader_named"]


class Reader(Protocol):
    """One input format. Instances hold no state; a reader serves many files and processes."""

    @property
    def name(self) -> str:
        """The word for `--input-format`."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower-case file suffixes with their dot; a suffix may belong to several readers."""

    @property
    def seeks(self) -> bool:
        """Whether the file must be seekable: the plan then unpacks a compressed one first."""

    def recognises(self, head: bytes) -> bool:
        """Whether the first 64 KiB (uncompressed) look like this format."""

    def split(self, source: Source, options: ReadOptions, part_bytes: int) -> list[Part]:
        """The parts of one file, in order, each readable on its own.

        Raises:
            InputUnreadable, FieldUnknown, DependencyMissing: it cannot be read with these options.
        """

    def read(self, source: Source, part: Part, options: ReadOptions) -> Iterator[Article | Reject]:
        """The articles of one source of a part, in order, streaming.

        A bad record is a `Reject` and the rest goes on. An `OSError` may pass: the package's
        `read` turns it into a `Reject`.
        """


READERS: tuple[Reader, ...] = (
    Parquet(),
    Warc(),
    JsonLines(),
    JsonDocument(),
    Feed(),
    HtmlPage(),
    DelimitedText("csv", (".csv",), ",;|\t"),
    DelimitedText("tsv", (".tsv", ".tab"), "\t"),
    PlainText(),
)
"""In the order in which they are asked whether they recognise a file; plain text takes the rest."""


def reader_named(name: str, path: str = "-") -> Reader:
    """The reader of a format.

    Raises:
        FormatUnknown: there is none of that name.
    """
    for reader in READERS:
        if reader.name == name:
            return reader
    raise FormatUnknown(path, tuple(reader.name for reader in READERS), name)
