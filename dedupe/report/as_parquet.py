"""Result -> one Parquet file: a member a row, its claims as a list of structs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from dedupe.errors import DependencyMissing
from dedupe.models import Cluster
from dedupe.report.options import ReportOptions
from dedupe.report.reportable import Reportable
from dedupe.report.rows import flatten

__all__ = ["make_rows", "make_schema", "write"]

_BATCH_CLUSTERS = 4_096  # row groups of some ten thousand rows


def write(report: Reportable, out: BinaryIO, options: ReportOptions) -> None:
    """Write the columns of `rows.Row` and `attributions`; Zstandard, a row group a batch.

    Raises `DependencyMissing` without pyarrow.
    """
    arrow, parquet = _import_arrow()
    schema = make_schema(arrow)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        clusters = report.clusters()
        while batch := list(islice(clusters, _BATCH_CLUSTERS)):
            rows = [row for cluster in batch for row in make_rows(cluster, schema.names)]
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))


def _import_arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DependencyMissing("the parquet report", "parquet") from error
    return pyarrow, pyarrow.parquet


def make_rows(cluster: Cluster, columns: list[str]) -> Iterator[dict[str, object]]:
    """A row a member, with the columns asked for."""
    for row, member in zip(flatten(cluster), cluster.members, strict=True):
        cells = {name: getattr(row, name) for name in columns if name != "attributions"}
        cells["attributions"] = [
            {name: _to_value(getattr(claim, name)) for name in claim.__slots__}
            for claim in member.attributions
        ]
        yield {name: _to_value(value) for name, value in cells.items()}


def _to_value(value: object) -> object:
    if isinstance(value, str):  # enums too; lone surrogates have no UTF-8
        return str.encode(value, "utf-8", "replace").decode("utf-8")
    if isinstance(value, tuple):
        return [_to_value(item) for item in value]
    return value


def make_schema(arrow: Any) -> Any:  # noqa: ANN401 (pyarrow ships no types)
    """The Arrow schema of the rows."""
    text, number, moment = arrow.string(), arrow.float64(), arrow.timestamp("us", tz="UTC")
    claim = {
        **dict.fromkeys(("kind", "name", "url", "role"), text),
        **dict.fromkeys(("start", "end"), arrow.int64()),
        **dict.fromkeys(("quote", "rule", "trust"), text),
        "confidence": number,
        "outlet": text,
    }
    return arrow.schema(
        {
            "cluster_id": text,
            "cluster_size": arrow.int64(),
            **dict.fromkeys(("id", "outlet", "title"), text),
            **dict.fromkeys(("published", "seen"), moment),
            **dict.fromkeys(("relation", "via"), text),
            **dict.fromkeys(("similarity", "containment_left", "containment_right"), number),
            "credit": text,
            **dict.fromkeys(("credits", "quotes"), arrow.list_(text)),
            **dict.fromkeys(("original", "origin_outlet"), text),
            "confidence": number,
            "independent_origins": arrow.int64(),
            "linked_clusters": arrow.list_(text),
            "attributions": arrow.list_(arrow.struct(claim)),
        }
    )
