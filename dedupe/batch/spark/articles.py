"""Arrow batches of lines or rows -> Arrow batches of processed articles, and rejects among them.

Runs inside Spark's Python workers. Records become articles through the readers' own
`ArticleBuilder`, so aliases and reasons of rejection are those of every other engine; what Spark
cannot tell is the number of a line in its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import orjson
import pyarrow as pa
from pyspark import TaskContext

from dedupe.attribution.loading import load_extractor
from dedupe.batch.collect import NO_LANGUAGE
from dedupe.config import Config
from dedupe.matching import age_of
from dedupe.models import Article, Reject, text_hash
from dedupe.pipeline import Processed, process_articles
from dedupe.readers import ReadOptions
from dedupe.readers.json_values import explain_invalid
from dedupe.readers.parquet import as_plain_types, moment, row_of
from dedupe.readers.parts import Refusal
from dedupe.readers.records import ArticleBuilder
from dedupe.records import encode_record, hash_address, hash_rest, hash_text

__all__ = ["FRAME", "Collector", "LineParser", "RowParser", "rank_of"]

Arrow: TypeAlias = Any
"""A pyarrow object; pyarrow is not typed."""
Item: TypeAlias = Article | Reject

_COLUMNS: dict[str, tuple[str, Arrow]] = {
    "row": ("long", pa.int64()),  # tells rows apart, decides nothing
    "file": ("string", pa.string()),
    "reason": ("string", pa.string()),
    "detail": ("string", pa.string()),
    "rank": ("long", pa.int64()),
    "id": ("string", pa.string()),
    "language": ("string", pa.string()),
    "address": ("long", pa.int64()),
    "age": ("double", pa.float64()),
    "text_hash": ("binary", pa.binary()),
    "rest": ("binary", pa.binary()),
    "warnings": ("int", pa.int32()),
    "tokens": ("binary", pa.binary()),
    "bands": ("binary", pa.binary()),
    "passages": ("binary", pa.binary()),
    "record": ("binary", pa.binary()),
}
FRAME = ", ".join(f"`{name}` {kind}" for name, (kind, _) in _COLUMNS.items())
"""What the first stage writes: one row an article, or a reject with `reason`. `rank` is the id hash
as a signed number of the same order, `age` the revision's time, `tokens` uint32, `bands` and
`passages` uint64, little-endian."""
_SCHEMA = pa.schema({name: kind for name, (_, kind) in _COLUMNS.items()})
_OWN = [name for name in _COLUMNS if name not in ("row", "file", "reason", "detail")]
_BATCH_ARTICLES = 256
_BATCH_CHARACTERS = 4_000_000
_BOM = b"\xef\xbb\xbf"
_TASK_BITS = 33
"""Rows a task may give; 2^30 tasks are left."""


def rank_of(number: int) -> int:
    """An unsigned 64-bit hash as a signed number of the same order."""
    return number - (1 << 63)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


class LineParser:
    """Columns (line, file) of a text source -> articles and rejects."""

    def __init__(self, read: ReadOptions) -> None:
        self._build = ArticleBuilder(read).build
        self._limit = read.max_record_bytes

    def parse(self, batch: Arrow) -> Iterator[Item]:
        """Every line that is not blank, in order."""
        # the bytes as they are: a line that is not UTF-8 must become a reject, not an error
        lines = batch.column(0).cast(pa.binary()).to_pylist()
        for line, file in zip(lines, batch.column(1).to_pylist(), strict=True):
            try:
                article = self._parse(line)
            except Refusal as refusal:
                yield Reject(file, None, refusal.reason, refusal.detail)
                continue
            if article is not None:
                yield article

    def _parse(self, line: bytes) -> Article | None:
        line = line.removeprefix(_BOM)
        if len(line) >= self._limit:
            detail = f"the line is longer than {self._limit:,} bytes"
            raise Refusal("record_too_large", detail)
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if not line.strip():
                return None
            raise explain_invalid(line, error) from error
        if type(record) is not dict:
            raise Refusal("not_an_object", "the line is JSON but not an object")
        return self._build(record)


class RowParser:
    """Columns of a Parquet source, and the file's name in `file` -> articles and rejects."""

    def __init__(self, read: ReadOptions, file: str) -> None:
        self._build = ArticleBuilder(read).build
        self._file = file

    def parse(self, batch: Arrow) -> Iterator[Item]:
        """Every row, in order."""
        plain, times = as_plain_types(batch)
        try:
            rows: Iterator[Any] = iter(plain.to_pylist())
        except (UnicodeDecodeError, pa.ArrowException, ValueError, OverflowError):
            rows = (row_of(plain, at) for at in range(plain.num_rows))
        for row, file in zip(rows, batch.column(self._file).to_pylist(), strict=True):
            try:
                if isinstance(row, Refusal):
                    raise row
                del row[self._file]
                for name in times:
                    row[name] = moment(row[name])
                yield self._build(row)
            except Refusal as refusal:
                yield Reject(file, None, refusal.reason, refusal.detail)


class Collector:
    """Arrow batches -> Arrow batches with the columns of FRAME; travels to the workers."""

    def __init__(self, parser: LineParser | RowParser, config: Config) -> None:
        self._parser, self._config = parser, config

    def __call__(self, batches: Iterator[Arrow]) -> Iterator[Arrow]:
        """Process all batches of one task."""
        context = TaskContext.get()
        number = (context.partitionId() if context else 0) << _TASK_BITS
        for batch in batches:
            for items in _cut(self._parser.parse(batch)):
                columns = self._process(items)
                size = len(columns["rank"])
                columns["row"] = list(range(number, number + size))
                number += size
                yield pa.RecordBatch.from_pydict(columns, schema=_SCHEMA)

    def _process(self, items: Sequence[Item]) -> dict[str, Any]:
        articles = [item for item in items if isinstance(item, Article)]
        rejects = [item for item in items if isinstance(item, Reject)]
        columns: dict[str, Any] = {name: [] for name in _COLUMNS}
        for processed, reject in _survive(articles, self._config):
            if reject is not None:
                rejects.append(reject)
            if processed is not None:
                for name, values in _describe(processed, self._config).items():
                    columns[name] += values
        accepted = len(columns["rank"])
        for name in _OWN:
            columns[name] += [None] * len(rejects)
        for name in ("file", "reason", "detail"):
            values = [getattr(reject, name) for reject in rejects]
            columns[name] = [None] * accepted + values
        return columns


def _cut(items: Iterator[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    characters = 0
    for item in items:
        batch.append(item)
        characters += len(item.body) if isinstance(item, Article) else 0
        if len(batch) >= _BATCH_ARTICLES or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _survive(
    articles: Sequence[Article], config: Config
) -> Iterator[tuple[Processed | None, Reject | None]]:
    """Process all at once; where that fails one by one, so that none takes another along."""
    if not articles:
        return
    try:
        yield process_articles(articles, config, load_extractor()), None
    except Exception as error:  # whatever it is, it must not cost the other articles
        if len(articles) == 1:
            detail = f"article {articles[0].id[:100]}: {type(error).__name__}: {error}"[:300]
            yield None, Reject("-", None, "processing_failed", detail)
            return
        for article in articles:
            yield from _survive([article], config)


def _describe(processed: Processed, config: Config) -> dict[str, list[Any]]:
    """The columns of processed articles."""
    articles, prints = processed.articles, processed.fingerprints
    words = np.diff(prints.token_bounds).tolist()
    firsts = prints.key_bounds[:-1]
    middles = np.minimum(firsts + config.bands, prints.key_bounds[1:])
    return {
        "rank": [rank_of(hash_text(article.id)) for article in articles],
        "id": [article.id for article in articles],
        "language": [article.lang or NO_LANGUAGE for article in articles],
        "address": [_signed(hash_address(a.outlet, a.url)) for a in articles],
        "age": [age_of(a.modified or a.published) for a in articles],
        "text_hash": [bytes.fromhex(text_hash(a.title, a.body)) for a in articles],
        "rest": [hash_rest(article) for article in articles],
        "warnings": [len(article.warnings) for article in articles],
        "tokens": _slices(prints.tokens, prints.token_bounds[:-1], prints.token_bounds[1:]),
        "bands": _slices(prints.keys, firsts, middles),
        "passages": _slices(prints.keys, middles, prints.key_bounds[1:]),
        "record": [
            encode_record(article, count, found)
            for article, count, found in zip(articles, words, processed.attributions, strict=True)
        ],
    }


def _slices(values: Any, firsts: Any, lasts: Any) -> list[bytes]:  # noqa: ANN401 (arrays)
    return [
        values[first:last].tobytes()
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    ]
