from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dedupe.errors import DependencyMissing, FieldUnknown, InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, plan, read

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402


def write(folder: Path, columns: dict[str, object], **options: object) -> Path:
    path = folder / "in.parquet"
    parquet.write_table(pa.table(columns), path, **options)
    return path


def read_file(path: Path, options: ReadOptions | None = None) -> list[Article | Reject]:
    return [item for part in plan([str(path)], options) for item in read(part, options)]


def one(folder: Path, **columns: object) -> Article:
    arrays = {
        name: value if isinstance(value, pa.Array) else [value] for name, value in columns.items()
    }
    (item,) = read_file(write(folder, {"body": ["x"], **arrays}))
    assert isinstance(item, Article)
    return item


def test_timestamps_of_every_unit_and_zone_are_one_instant(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "Asia/Riyadh"):
            column = pa.array([1709640000 * 10 ** (3 * ["s", "ms", "us", "ns"].index(unit))])
            assert one(tmp_path, date=column.cast(pa.timestamp(unit, zone))).published == moment
    odd = pa.array([1709640000_000000001]).cast(pa.timestamp("ns"))
    assert one(tmp_path, date=odd).published == moment
    assert one(tmp_path, date=date(2024, 3, 5)).published == moment.replace(hour=0)
    assert one(tmp_path, date="2024-03-05").published == moment.replace(hour=0)


def test_times_beyond_the_calendar_are_a_warning(tmp_path: Path) -> None:
    for micros in (2**62, -(2**62), 10**17):
        far = one(tmp_path, date=pa.array([micros]).cast(pa.timestamp("us")))
        assert far.published is None
        assert len(far.warnings) == 1


def test_nested_columns_are_read(tmp_path: Path) -> None:
    article = one(
        tmp_path,
        source={"id": None, "name": "Wire"},
        authors=["A", "B"],
        metadata=pa.array([[("key", "value")]], pa.map_(pa.string(), pa.string())),
    )
    assert (article.outlet, article.authors) == ("Wire", ("A", "B"))
    assert article.metadata == {"key": "value"}


def test_text_stored_as_bytes_is_text_and_bad_bytes_are_one_reject(tmp_path: Path) -> None:
    for kind in (pa.binary(), pa.large_binary()):
        bodies = pa.array(["مرحبا".encode(), b"\xff", None, b"last"], kind)
        items = read_file(write(tmp_path, {"id": ["1", "2", "3", "4"], "body": bodies}))
        assert [item.body for item in items if isinstance(item, Article)] == ["مرحبا", "last"]
        rejects = [(item.record, item.reason) for item in items if isinstance(item, Reject)]
        assert rejects == [(2, "encoding_invalid"), (3, "body_missing")]


def test_row_numbers_count_through_the_row_groups(tmp_path: Path) -> None:
    bodies = ["x"] * 25
    bodies[17] = " "
    path = write(tmp_path, {"body": bodies}, row_group_size=4)
    parts = plan([str(path)], part_bytes=1)
    assert len(parts) == 7
    assert len(plan([str(path)])) == 1
    items = [item for part in parts for item in read(part)]
    assert len(items) == 25
    assert [item.record for item in items if isinstance(item, Reject)] == [18]


def test_only_columns_with_a_field_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, {"body": ["x"], "junk": [{"a": 1}], "deep": [{"text": "y"}]})
    options = ReadOptions(fields={"body": "deep.text"})
    (item,) = read_file(path, options)
    assert isinstance(item, Article)
    assert item.body == "y"


def test_a_missing_column_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    path = write(tmp_path, {"teaser": ["x"]})
    with pytest.raises(FieldUnknown, match="teaser"):
        plan([str(path)])
    with pytest.raises(FieldUnknown, match="'text'"):
        plan([str(path)], ReadOptions(fields={"body": "text"}))


def test_what_is_no_parquet_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    for data in (b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"text"):
        path.write_bytes(data)
        with pytest.raises(InputUnreadable, match="not a Parquet file"):
            plan([str(path)])


def test_a_damaged_page_ends_its_row_group_only(tmp_path: Path) -> None:
    bodies = [f"text {number} " * 50 for number in range(8)]
    path = write(tmp_path, {"body": bodies}, row_group_size=4, compression="gzip")
    where = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    start = where.dictionary_page_offset or where.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + where.total_compressed_size] = b"\xff" * where.total_compressed_size
    path.write_bytes(bytes(data))
    items = read_file(path)
    assert [item.body for item in items if isinstance(item, Article)][-4:] == bodies[4:]
    (reject,) = [item for item in items if isinstance(item, Reject)]
    assert reject.reason == "input_unreadable"


def test_without_the_extra_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"body": ["x"]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DependencyMissing, match="parquet"):
        plan([str(path)])
