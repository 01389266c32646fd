"""JSON Lines -> blocks of articles whose bodies are code points, never Python texts.

For the batch engine: nine articles of ten are only fingerprinted. A line that is not flat or holds
anything unusual (`flat`) is read as `jsonl` reads it, in its place, so that both give the same
articles and the same rejects. Apart from the other readers because it needs Numba, which takes
longer to load than most of them to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from dedupe.models import Article, Reject
from dedupe.normalize import TextBatch, encode_texts
from dedupe.readers import Part, ReadOptions, Source, read, read_with
from dedupe.readers.flat import LINE, MOST_FIELDS, PLAIN, RAW, decode_strings, find_fields
from dedupe.readers.jsonl import JsonLines, read_line, reject_line
from dedupe.readers.parts import ARTICLE_FIELDS, Refusal
from dedupe.readers.records import ArticleBuilder
from dedupe.readers.streams import compression_of, open_stream, whole_lines

__all__ = ["Block", "read_blocks"]

_LINES = 32
"""Lines of a block: their code points stay in the second-level cache."""
_PIECE = 1 << 18
_MOST_KEPT = 1024
_ID, _BODY, _HTML = (ARTICLE_FIELDS.index(name) for name in ("id", "body", "html"))
_Row = list[int]
"""A line or a field as `flat.find_fields` gives it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Articles that were read together, their bodies as code points in `texts`.

    The articles have empty bodies, but for those that were read another way.
    """

    articles: list[Article]
    texts: TextBatch


def read_blocks(part: Part, options: ReadOptions) -> Iterator[Block | Article | Reject]:
    """As `readers.read`, but plain JSON Lines come in blocks of at most 32 articles."""
    if part.reader != JsonLines.name or any("." in path for path in options.fields.values()):
        return read(part, options)

    def read_source(source: Source) -> Iterator[Block | Article | Reject]:
        if compression_of(source.path):
            return JsonLines().read(source, part, options)
        return _Reading(source, part, options).blocks()

    return read_with(part, read_source)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which fields of a line with certain keys are what, by their place in it.

    `wanted` are pairs of (index in `ARTICLE_FIELDS`, place) without the body; `others` must only be
    valid; `spares` are indices in `ARTICLE_FIELDS` of fields that another key may hold too.
    """

    body: int
    wanted: tuple[tuple[int, int], ...]
    others: tuple[int, ...]
    spares: tuple[int, ...]


class _Reading:
    """One source of a part, being read."""

    def __init__(self, source: Source, part: Part, options: ReadOptions) -> None:
        self._source, self._part, self._options = source, part, options
        self._builder = ArticleBuilder(options)
        self._layouts: dict[tuple[bytes, ...], _Layout | None] = {}
        self._most_codes = options.max_body_bytes // 4  # nothing longer is surely small enough

    def blocks(self) -> Iterator[Block | Article | Reject]:
        """Blocks and rejects in the order of the lines."""
        part, limit = self._part, self._options.max_record_bytes
        lines = np.empty((_LINES, LINE), np.int64)
        fields = np.empty((_LINES * MOST_FIELDS, 5), np.int64)
        number = 0
        with open_stream(self._source.path) as stream:
            for piece in whole_lines(stream, limit, part.start, part.end, _PIECE):
                if piece is None:
                    number += 1
                    refusal = read_line(None, self._builder.build, limit)
                    if isinstance(refusal, Refusal):
                        yield reject_line(self._source, part, number, refusal)
                    continue
                at = 0
                while at < len(piece):
                    data = np.frombuffer(piece, np.uint8)
                    found, used, at = find_fields(data, at, lines, fields)
                    yield from self._read(
                        piece, lines[:found].tolist(), fields[:used].tolist(), number
                    )
                    number += found

    def _read(
        self, piece: bytes, lines: Sequence[_Row], fields: Sequence[_Row], number: int
    ) -> Iterator[Block | Reject]:
        """The block that some lines of a piece are; `number` lines stand before them."""
        layouts = self._find_layouts(piece, lines, fields)
        bodies = [
            fields[line[2] + layout.body]
            for line, layout in zip(lines, layouts, strict=True)
            if layout is not None
        ]
        codes, bounds, usual = _decode_bodies(piece, bodies)
        articles: list[Article] = []
        texts: list[tuple[int, int] | str] = []
        taken = 0
        for at, (line, layout) in enumerate(zip(lines, layouts, strict=True), number + 1):
            item: Article | Refusal | None = None
            if layout is not None:
                first, last = bounds[taken : taken + 2]
                if usual[taken] and last - first <= self._most_codes:
                    item = self._assemble(piece, fields, line[2], layout, codes[first:last])
                    if isinstance(item, Article):
                        articles.append(item)
                        texts.append((first, last))
                taken += 1
            if item is None:
                item = read_line(
                    piece[line[0] : line[1]], self._builder.build, self._options.max_record_bytes
                )
                if isinstance(item, Article):
                    articles.append(item)
                    texts.append(item.body)
            if isinstance(item, Refusal):
                yield reject_line(self._source, self._part, at, item)
        if articles:
            whole = len(texts) == len(bodies) and all(usual) and str not in map(type, texts)
            yield Block(
                articles,
                TextBatch.uncut(codes, np.array(bounds, np.int64))
                if whole
                else _join_texts(codes, texts),
            )

    def _find_layouts(
        self, piece: bytes, lines: Sequence[_Row], fields: Sequence[_Row]
    ) -> list[_Layout | None]:
        """The layout of each line whose body is a text; None of one to be read as any other."""
        layouts: list[_Layout | None] = []
        layout = None
        for _, _, first, count, same in lines:
            if count < 0:
                layouts.append(None)
                continue
            if not same:
                keys = tuple(piece[key:end] for key, end, *_ in fields[first : first + count])
                if keys not in self._layouts:
                    if len(self._layouts) >= _MOST_KEPT:
                        self._layouts.clear()
                    self._layouts[keys] = _lay_out(self._builder, keys)
                layout = self._layouts[keys]
            told = layout is not None and fields[first + layout.body][4] != RAW
            layouts.append(layout if told else None)
        return layouts

    def _assemble(
        self,
        piece: bytes,
        fields: Sequence[_Row],
        first: int,
        layout: _Layout,
        body: NDArray[np.uint16],
    ) -> Article | Refusal | None:
        """The article of a flat line, or why there is none; None where orjson has to say it."""
        values: list[object] = [None] * len(ARTICLE_FIELDS)
        try:
            for at, place in layout.wanted:
                _, _, start, end, kind = field = fields[first + place]
                values[at] = piece[start:end].decode() if kind == PLAIN else _load(piece, field)
            for place in layout.others:
                if fields[first + place][4] == RAW:
                    _load(piece, fields[first + place])
        except orjson.JSONDecodeError:
            return None
        if layout.spares and any(values[at] is None for at in layout.spares):
            return None
        text = "" if values[_ID] is not None else body.tobytes().decode("utf-16-le")
        try:
            return self._builder.assemble(values, text)
        except Refusal as refused:
            return refused


def _load(piece: bytes, field: _Row) -> object:
    """The value of a field that orjson has to read."""
    _, _, first, last, kind = field
    quotes = 0 if kind == RAW else 1
    return orjson.loads(piece[first - quotes : last + quotes])


def _lay_out(builder: ArticleBuilder, keys: tuple[bytes, ...]) -> _Layout | None:
    """Where the fields of articles stand among these keys; None where orjson has to read them."""
    names = tuple(key.decode() for key in keys)
    places = {name: place for place, name in enumerate(names)}
    shape = builder.shape_of(names)
    body = places.get(str(shape.firsts[_BODY]))
    if body is None or len(places) < len(names):
        return None
    wanted = tuple(
        (at, places[str(key)])
        for at, key in enumerate(shape.firsts)
        if key in places and at not in (_BODY, _HTML)
    )
    read_too = {place for _, place in wanted}
    if body in read_too:
        return None
    others = tuple(place for place in range(len(names)) if place != body and place not in read_too)
    return _Layout(
        body, wanted, others, tuple(at for at, _ in shape.spares if at not in (_BODY, _HTML))
    )


def _decode_bodies(
    piece: bytes, bodies: Sequence[_Row]
) -> tuple[NDArray[np.uint16], list[int], list[bool]]:
    """(code points, where each body begins and ends in them, whether it could be read)."""
    spans = np.array([body[2:4] for body in bodies], np.int64).reshape(-1, 2)
    firsts, lasts = spans[:, 0].copy(), spans[:, 1].copy()
    codes = np.empty(int((lasts - firsts).sum()), np.uint16)
    bounds, unusual = np.empty(len(bodies) + 1, np.int64), np.empty(len(bodies), np.bool_)
    decode_strings(np.frombuffer(piece, np.uint8), firsts, lasts, codes, bounds, unusual)
    codes = codes[: bounds[-1]]
    codes.flags.writeable = False  # as those of `encode_texts` are: for kernels another type
    return codes, bounds.tolist(), (~unusual).tolist()


def _join_texts(codes: NDArray[np.uint16], texts: Sequence[tuple[int, int] | str]) -> TextBatch:
    """Texts that are spans of `codes` and texts that are none, one behind the other."""
    parts = [
        encode_texts([text]).codes if isinstance(text, str) else codes[text[0] : text[1]]
        for text in texts
    ]
    bounds = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=bounds[1:])
    joined: Any = np.concatenate(parts)
    joined.flags.writeable = False
    return TextBatch.uncut(joined, bounds)
