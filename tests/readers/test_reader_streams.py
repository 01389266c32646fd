from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib
from pathlib import Path

import pytest

from dedupe.errors import InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, plan, read
from dedupe.readers.streams import StreamBroken, open_stream, read_head

zstandard = pytest.importorskip("zstandard")

ROWS = [json.dumps({"id": str(n), "body": f"text {n} " * 40}).encode() + b"\n" for n in range(400)]


def read_file(path: Path, options: ReadOptions | None = None) -> list[Article | Reject]:
    return [item for part in plan([str(path)], options) for item in read(part, options)]


def pack(name: str, data: bytes) -> bytes:
    return gzip.compress(data) if name == "gzip" else zstandard.ZstdCompressor().compress(data)


@pytest.fixture(params=["gzip", "zstd"])
def packer(request: pytest.FixtureRequest) -> str:
    return request.param


def test_several_members_are_one_stream(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"".join(pack(packer, row) for row in ROWS))
    assert len(read_file(path)) == len(ROWS)


def test_what_stands_before_the_end_of_a_cut_file_is_delivered(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    packed = b"".join(pack(packer, b"".join(ROWS[at : at + 100])) for at in range(0, 400, 100))
    path.write_bytes(packed[: len(packed) * 3 // 4 + 5])
    items = read_file(path)
    assert [item.id for item in items[:300]] == [str(n) for n in range(300)]  # type: ignore[union-attr]
    last = items[-1]
    assert isinstance(last, Reject)
    assert last.reason == "compression_truncated"
    assert last.record == len(items)
    assert all(isinstance(item, Article) for item in items[:-1])


def test_what_stands_before_damage_is_delivered(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    first, second = (pack(packer, b"".join(rows)) for rows in (ROWS[:200], ROWS[200:]))
    path.write_bytes(first + second[:4] + b"\xff" * 40 + second[44:])
    items = read_file(path)
    articles = [item for item in items if isinstance(item, Article)]
    assert [item.id for item in articles[:200]] == [str(n) for n in range(200)]
    assert isinstance(items[-1], Reject)
    assert items[-1].reason == "compression_truncated"


def test_output_before_damage_inside_one_gzip_member_is_saved(tmp_path: Path) -> None:
    noise = b"".join(zlib.crc32(str(n).encode()).to_bytes(4, "big") for n in range(9000))
    lines = b"".join(
        json.dumps({"id": str(n), "body": noise[n * 90 : n * 90 + 90].hex()}).encode() + b"\n"
        for n in range(400)
    )
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(lines) + packer.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "x.jsonl"
    path.write_bytes(packed + b"\x07" * 50)  # a block of the reserved type
    items = read_file(path)
    assert len(items) == 401
    assert items[-1] == Reject(str(path), 401, "compression_truncated", "the gzip data are damaged")


def test_zero_padding_is_accepted_and_other_bytes_after_gzip_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(gzip.compress(ROWS[0]) + b"\0" * 512)
    assert [type(item) for item in read_file(path)] == [Article]
    path.write_bytes(gzip.compress(ROWS[0]) + b"garbage")
    assert [type(item) for item in read_file(path)] == [Article, Reject]


@pytest.mark.parametrize("fill", [b"\0", b"[", b'{"body": "'])
def test_a_bomb_is_read_in_bounded_memory(packer: str, fill: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    whole = io.BytesIO()
    fill *= (1 << 20) // len(fill)
    if packer == "gzip":
        with gzip.GzipFile(fileobj=whole, mode="wb", compresslevel=1) as out:
            for _ in range(60):
                out.write(fill)
    else:
        out = zstandard.ZstdCompressor().compressobj()
        for _ in range(60):
            whole.write(out.compress(fill))
        whole.write(out.flush())
    path.write_bytes(whole.getvalue())
    options = ReadOptions(max_body_bytes=100_000)
    tracemalloc.start()
    try:
        items = read_file(path, options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [item.reason for item in items] == ["record_too_large"]  # type: ignore[union-attr]
    assert peak < 80 << 20


def test_documents_larger_than_allowed_are_not_held(packer: str, tmp_path: Path) -> None:
    for name in ("x.txt", "x.html"):
        path = tmp_path / name
        path.write_bytes(pack(packer, b"a " * 5_000_000))
        (item,) = read_file(path, ReadOptions(max_body_bytes=100_000))
        assert isinstance(item, Reject)
        assert item.reason == "body_too_large"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x.json", "compression_truncated"), ("x.txt", "compression_truncated")],
)
def test_half_a_document_is_no_document(
    packer: str, name: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    data = b'[{"body": "first"}, {"body": "second ' + bytes(range(97, 123)) * 3 + b'"}]'
    path.write_bytes(pack(packer, data)[:-12])
    items = read_file(path)
    assert isinstance(items[-1], Reject)
    assert items[-1].reason == reason


def test_cut_csv_gives_the_rows_before_the_cut(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = b"id,body\n" + b"".join(b"%d,text %d\n" % (n, n * n) for n in range(20000))
    path.write_bytes(pack(packer, rows)[:-2000])
    items = read_file(path)
    assert len(items) > 1000
    assert [item.id for item in items[:-1]] == [str(n) for n in range(len(items) - 1)]  # type: ignore[union-attr]
    assert isinstance(items[-1], Reject)
    assert (items[-1].reason, items[-1].record) == ("compression_truncated", len(items))


def test_the_head_of_a_broken_stream_is_what_stands_before_the_break(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(b"hello" * 100)[:-8])
    assert read_head(str(path)) == b"hello" * 100
    with open_stream(str(path)) as stream, pytest.raises(StreamBroken):
        stream.read()
    with open_stream(str(path)) as stream:
        assert not stream.seekable()


def test_a_table_whose_header_is_broken_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(gzip.compress(b"id,body\n" * 3)[:12])
    with pytest.raises(InputUnreadable, match="no header line"):
        plan([str(path)])
