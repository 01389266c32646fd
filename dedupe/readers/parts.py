"""What to read -> units of work: the options, the parts of a plan, and why a record is refused.

A part is a frozen value that travels to a worker process by pickle or by fork; it names files and
a range, never an open handle, so that any worker can read any part again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dedupe.errors import FieldUnknown

__all__ = ["ARTICLE_FIELDS", "Part", "ReadOptions", "Refusal", "Source", "parse_fields"]

ARTICLE_FIELDS = (
    "id",
    "outlet",
    "url",
    "title",
    "body",
    "html",
    "lang",
    "authors",
    "published",
    "modified",
    "seen",
    "metadata",
)
"""Every name that may stand left of `=` in `--field`; `html` is read when there is no `body`."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    `format` names a reader (None: found by name and content); `fields` maps an article field to an
    input column or dotted path and then replaces the known aliases of that field; `outlet` and
    `lang` are used where a record declares none. `max_body_bytes` bounds the UTF-8 length of a
    body and of a page; a page that takes longer than `page_timeout_s` seconds is a reject.
    """

    format: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    max_body_bytes: int = 10_000_000
    outlet: str | None = None
    lang: str | None = None
    page_timeout_s: float = 30.0

    @property
    def max_record_bytes(self) -> int:
        """Longest line held in memory.

        A body of one-byte characters in JSON takes six bytes each when all are escaped; 1 MiB is
        left for everything else.
        """
        return 6 * self.max_body_bytes + (1 << 20)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `path` is opened, `shown` stands in reports, `name` is the id of a one-file text.

    `shown` and `name` are valid Unicode whatever the bytes of the file name are; `name` is empty
    where there is no file name (standard input).
    """

    path: str
    shown: str
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """A unit of work for one process: whole files, or one range of one file.

    `start` and `end` are counted in the reader's own unit (bytes for JSON Lines, row groups for
    Parquet); `end` None means to the end. `size_bytes` is the stored size, for scheduling.
    `problem` is the reason and the detail of a file that is nothing but a reject.
    """

    reader: str
    sources: tuple[Source, ...]
    start: int = 0
    end: int | None = None
    size_bytes: int = 0
    problem: tuple[str, str] | None = None

    @property
    def whole(self) -> bool:
        """Whether this part is whole files, so that it may be joined with its neighbour."""
        return self.start == 0 and self.end is None and self.problem is None


class Refusal(Exception):
    """A record cannot become an article; `reason` is a stable code, `detail` one sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep both."""
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


def parse_fields(pairs: Iterable[str]) -> dict[str, str]:
    """`["body=text"]` -> `{"body": "text"}`; a later pair replaces an earlier one.

    Raises:
        FieldUnknown: the left side is no article field, or there is no `=` with something after it.
    """
    fields: dict[str, str] = {}
    for pair in pairs:
        name, _, column = pair.partition("=")
        if not column.strip():
            raise FieldUnknown(pair, tuple(ARTICLE_FIELDS), "--field wants FIELD=COLUMN, not")
        if name.strip() not in ARTICLE_FIELDS:
            raise FieldUnknown(name.strip(), tuple(ARTICLE_FIELDS))
        fields[name.strip()] = column.strip()
    return fields
