"""Any input there is -> articles, and a counted reason for every record that is none.

`plan` looks at the inputs and names every error that can be known beforehand; `read` streams one
part of the plan and can run in any process. Nothing heavy is imported before a format needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from dedupe.errors import FieldUnknown, InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers.fields import ALIASES
from dedupe.readers.parts import ARTICLE_FIELDS, Part, ReadOptions, Source, parse_fields
from dedupe.readers.planning import PART_BYTES, plan
from dedupe.readers.registry import READERS, Reader, reader_named

__all__ = [
    "ALIASES",
    "ARTICLE_FIELDS",
    "PART_BYTES",
    "READERS",
    "Part",
    "ReadOptions",
    "Reader",
    "Source",
    "parse_fields",
    "plan",
    "read",
    "read_with",
    "reader_named",
]

_Item = TypeVar("_Item")


def read(part: Part, options: ReadOptions | None = None) -> Iterator[Article | Reject]:
    """The articles and rejects of one part, in order; memory is bounded by the largest record.

    Raises:
        DependencyMissing: the part holds what only an optional extra can read.
    """
    chosen = options or ReadOptions()
    return read_with(part, lambda source: reader_named(part.reader).read(source, part, chosen))


def read_with(
    part: Part, read_source: Callable[[Source], Iterator[_Item]]
) -> Iterator[_Item | Reject]:
    """What `read_source` gives of each source of a part; one that cannot be read is a reject."""
    for source in part.sources:
        if part.problem:
            yield Reject(source.shown, None, *part.problem)
            continue
        try:
            yield from read_source(source)
        except OSError as error:
            detail = (error.strerror or str(error)).lower()
            yield Reject(source.shown, None, "input_unreadable", detail)
        except (InputUnreadable, FieldUnknown) as error:  # no longer what the plan saw
            yield Reject(source.shown, None, "input_unreadable", str(error))
