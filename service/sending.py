"""Parts of a plan -> articles in a running service, with a state file to go on from.

The state names the inputs and the place up to which every article was acknowledged: part of the
plan, articles of it. A run that starts again skips what stands before that place; what was sent but
not acknowledged is sent again, which changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dedupe.errors import InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers import Part, ReadOptions, read
from service.client import Client, write_article

__all__ = ["Place", "State", "name_inputs", "send_parts"]

_LINES = 500
_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """So many parts were acknowledged whole, and so many articles of the next."""

    parts: int = 0
    articles: int = 0


class State:
    """The acknowledged place in a file; without a path it is kept nowhere."""

    def __init__(self, path: Path | None, inputs: str) -> None:
        """Read the file; raises InputUnreadable where it is of other inputs."""
        self._path, self._inputs = path, inputs
        self.place = Place()
        if path is None or not path.exists():
            return
        try:
            told = orjson.loads(path.read_bytes())
            named, place = told["inputs"], Place(int(told["parts"]), int(told["articles"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise InputUnreadable(str(path), "not a state file of isnad ingest") from None
        if named != inputs:
            reason = "a state of other inputs, options or service: remove it to begin anew"
            raise InputUnreadable(str(path), reason)
        self.place = place

    def acknowledge(self, place: Place) -> None:
        """Note a place; the file is replaced at once or not at all."""
        self.place = place
        if self._path is None:
            return
        told = {"inputs": self._inputs, "parts": place.parts, "articles": place.articles}
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("wb") as file:
            file.write(orjson.dumps(told) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def name_inputs(parts: Sequence[Part], options: ReadOptions, url: str) -> str:
    """Give a digest of what is read, how, and where it goes."""
    told: list[object] = [url, options.format, sorted(options.fields.items()), options.outlet]
    for part in parts:
        told.append([part.reader, part.start, part.end, part.size_bytes])
        told += [source.shown for source in part.sources]
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()


def send_parts(
    client: Client,
    parts: Sequence[Part],
    options: ReadOptions,
    state: State,
    *,
    path: str = "/v1/articles",
    reject: Callable[[Reject], None],
    wait_s: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Send all articles behind the state's place; give the answers as they come, then note them.

    Raises ServiceUnreachable and ServiceRefused, with the state at the last place acknowledged.
    """
    lines: list[bytes] = []
    size = 0
    for place, article in _walk(parts, options, state.place, reject):
        if article is not None:
            lines.append(write_article(article))
            size += len(lines[-1])
        last = place.parts == len(parts)
        if len(lines) >= _LINES or size >= _BYTES or (last and lines):
            yield from client.send(path, lines, wait_s)
            state.acknowledge(place)
            lines, size = [], 0


def _walk(
    parts: Sequence[Part], options: ReadOptions, begin: Place, reject: Callable[[Reject], None]
) -> Iterator[tuple[Place, Article | None]]:
    """Every article with the place behind it; after each part the place, with no article."""
    for number in range(begin.parts, len(parts)):
        count = 0
        skip = begin.articles if number == begin.parts else 0
        for item in read(parts[number], options):
            if isinstance(item, Reject):
                if count >= skip:
                    reject(item)
                continue
            count += 1
            if count > skip:
                yield Place(number, count), item
        yield Place(number + 1), None
