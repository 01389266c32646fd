"""Paths -> rows of text lines and of Parquet columns, before they are articles.

A folder is read recursively and its files by their suffix; partition folders (`day=2026-01-01`) add
no columns, as the readers of one machine know nothing of them either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 (what everybody calls it)

from dedupe.batch.spark.articles import FRAME, Collector, LineParser, RowParser
from dedupe.batch.spark.stages import list_files
from dedupe.config import Config
from dedupe.errors import FormatUnknown, InputMissing
from dedupe.readers import ReadOptions
from dedupe.readers.fields import check_columns

__all__ = ["Inputs", "find_inputs", "read_articles"]

_SUFFIXES = {
    "jsonl": (".jsonl", ".ndjson", ".jsonlines", ".json"),
    "parquet": (".parquet", ".pq"),
}
_PACKED = (".gz", ".bz2", ".zst", ".lz4", ".snappy", ".deflate")
_FILE = "isnad file"
"""A name no column has by chance."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files by format, and what tells one state of the inputs from another."""

    files: dict[str, list[str]]
    state: list[tuple[str, int, int]]


def find_inputs(session: SparkSession, inputs: Sequence[str], read: ReadOptions) -> Inputs:
    """List the files; raises InputMissing and FormatUnknown before anything is read."""
    if read.format is not None and read.format not in _SUFFIXES:
        raise FormatUnknown("--engine spark", tuple(_SUFFIXES), read.format)
    files: dict[str, list[str]] = {}
    state: list[tuple[str, int, int]] = []
    for pattern in inputs:
        found = list_files(session, pattern)
        if not found:
            raise InputMissing(pattern)
        named = [(file, read.format or _format_of(file[0])) for file in found]
        known = [(file, form) for file, form in named if form]
        if not known:
            raise FormatUnknown(pattern, tuple(_SUFFIXES))
        for file, form in known:
            files.setdefault(form, []).append(file[0])
            state.append(file)
    return Inputs(files, sorted(set(state)))


def _format_of(path: str) -> str | None:
    name = path.lower()
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    return next((form for form, known in _SUFFIXES.items() if name.endswith(known)), None)


def read_articles(
    session: SparkSession, inputs: Inputs, read: ReadOptions, config: Config
) -> DataFrame:
    """Articles and rejects of all inputs, attributed and fingerprinted: columns of FRAME.

    Raises FieldUnknown where a Parquet file has none of the columns asked for.
    """
    frames = []
    if "jsonl" in inputs.files:
        lines = session.read.text(inputs.files["jsonl"], lineSep="\n")
        lines = lines.select("value", F.col("_metadata.file_path").alias(_FILE))
        frames.append(lines.mapInArrow(Collector(LineParser(read), config), FRAME))
    if "parquet" in inputs.files:
        # a column that some files lack is null there, as a key that a record lacks
        table = session.read.parquet(*inputs.files["parquet"], mergeSchema=True)
        wanted = check_columns(table.columns, read.fields).keys
        tops = {key if key in table.columns else key.partition(".")[0] for key in wanted}
        columns = [F.col(_quoted(name)) for name in table.columns if name in tops]
        rows = table.select(*columns, F.col("_metadata.file_path").alias(_FILE))
        frames.append(rows.mapInArrow(Collector(RowParser(read, _FILE), config), FRAME))
    return reduce(DataFrame.unionAll, frames)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
