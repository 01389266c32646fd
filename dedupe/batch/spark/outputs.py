"""Finished stages -> the datasets of the output folder: matches and attributions with their ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import from_arrow_schema

from dedupe.members import PairRow
from dedupe.models import AttributionKind
from dedupe.records import Record, decode_record
from dedupe.report.as_parquet import make_schema

__all__ = ["name_attributions", "name_matches"]

Arrow: TypeAlias = Any
_TEXT, _SHARE = pa.string(), pa.float64()
_MATCH_SCHEMA = pa.schema(
    {
        **dict.fromkeys(("left", "right", "relation", "container", "earlier"), _TEXT),
        **dict.fromkeys(
            ("similarity", "containment_left", "containment_right", "probability"), _SHARE
        ),
        "slot_places": pa.int64(),
    }
)
_MATCH_NAMES = _MATCH_SCHEMA.names[:-1]
_ATTRIBUTION_SCHEMA = pa.schema(
    {
        **dict.fromkeys(("id", "outlet", "kind", "original_source", "source_url"), _TEXT),
        "republisher": _TEXT,
        **dict.fromkeys(("via", "authors", "agencies"), pa.list_(_TEXT)),
        "license": _TEXT,
        "self_reference": pa.bool_(),
        "confidence": _SHARE,
        "claims": make_schema(pa).field("attributions").type,
    }
)


def name_matches(matches: DataFrame, articles: DataFrame) -> DataFrame:
    """Matches by ids, left id first, without spans and contributions."""
    named = matches
    for side in ("left", "right"):
        known = articles.select(
            F.col("rank").alias(side),
            F.col("id").alias(f"{side}_id"),
            F.col("age").alias(f"{side}_age"),
        )
        named = named.join(known, side)
    return named.mapInArrow(_name_batches, from_arrow_schema(_MATCH_SCHEMA))


def _name_batches(batches: Iterator[Arrow]) -> Iterator[Arrow]:
    for batch in batches:
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        pairs = zip(*(columns[name] for name in PairRow._fields), strict=True)
        rows = [PairRow(*values) for values in pairs]
        sides = [
            [_record(*own) for own in zip(columns[f"{s}_id"], columns[f"{s}_age"], strict=True)]
            for s in ("left", "right")
        ]
        found = [row.as_match(a, b) for row, a, b in zip(rows, *sides, strict=True)]
        yield pa.RecordBatch.from_pylist(
            [
                {
                    **{name: _plain(getattr(match, name)) for name in _MATCH_NAMES},
                    "slot_places": row.slot_places,
                }
                for match, row in zip(found, rows, strict=True)
            ],
            schema=_MATCH_SCHEMA,
        )


def _record(article: str, age: float) -> Record:
    time = None if age == float("-inf") else datetime.fromtimestamp(age, UTC)
    return Record(article, None, None, "", time, None, None, 0, None)


def _plain(value: object) -> object:
    return str.__str__(value.value) if hasattr(value, "value") else value


def name_attributions(articles: DataFrame) -> DataFrame:
    """What every article that states something about its origin states, as in CONTRACTS 3."""
    return articles.select("record").mapInArrow(
        _list_attributions, from_arrow_schema(_ATTRIBUTION_SCHEMA)
    )


def _list_attributions(batches: Iterator[Arrow]) -> Iterator[Arrow]:
    for batch in batches:
        rows = []
        for data in batch.column("record").to_pylist():
            record = decode_record(data)
            found = record.attribution
            if found is None or found.kind is AttributionKind.NONE:
                continue
            row: dict[str, Any] = {
                name: _plain(getattr(found, name))
                for name in _ATTRIBUTION_SCHEMA.names
                if name not in ("outlet", "claims")
            }
            row["outlet"] = record.outlet
            row["claims"] = [
                {name: _plain(getattr(claim, name)) for name in claim.__slots__}
                for claim in found.claims
            ]
            rows.append(row)
        yield pa.RecordBatch.from_pylist(rows, schema=_ATTRIBUTION_SCHEMA)
