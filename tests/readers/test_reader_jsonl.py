from __future__ import annotations

import itertools
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.models import Article, Reject
from dedupe.readers import Part, ReadOptions, Source, plan, read
from dedupe.readers import jsonl as jsonl_module

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
BODIES = TEXTS.filter(lambda text: not text.isspace())


def read_file(path: Path, options: ReadOptions | None = None, **planned: int) -> list:
    return [item for part in plan([str(path)], options, **planned) for item in read(part, options)]


def write(folder: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path = folder / "in.jsonl"
    path.write_bytes(end.join(lines) + end)
    return path


def reasons(items: list) -> list[tuple[int | None, str]]:
    return [(item.record, item.reason) for item in items if isinstance(item, Reject)]


def one(folder: Path, record: dict[str, object], options: ReadOptions | None = None) -> Article:
    (item,) = read_file(write(folder, json.dumps(record).encode()), options)
    assert isinstance(item, Article)
    return item


GOOD = b'{"id": "ok", "body": "text"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"body": "x"', "json_invalid"),
        (b"not json", "json_invalid"),
        (b'{"body": NaN}', "json_invalid"),
        (b'{"body": "raw \x01 control"}', "json_invalid"),
        (b"[" * 5000, "json_invalid"),
        (b'{"body": "\\ud', "json_invalid"),
        (b'["body"]', "not_an_object"),
        (b'"body"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"7", "not_an_object"),
        (b'{"title": "no body"}', "body_missing"),
        (b'{"body": null}', "body_missing"),
        (b'{"body": 5}', "body_missing"),
        (b'{"body": ["a", "b"]}', "body_missing"),
        (b'{"body": {"text": "a"}}', "body_missing"),
        (b'{"html": 5}', "body_missing"),
        (b'{"body": ""}', "body_empty"),
        (b'{"body": " \\n\\t\\u00a0 "}', "body_empty"),
        (b'{"body": "caf\xe9"}', "encoding_invalid"),
        (b'{"body": "\xed\xa0\x80"}', "encoding_invalid"),
        (b'{"body": "x \\ud800 y"}', "surrogate"),
        (b'{"body": "x", "title": "\\uDC00"}', "surrogate"),
        (b'{"body": "a\\u0000b"}', "nul"),
        ('{"body": "مرحبا\\u0000"}'.encode(), "nul"),
        (b'{"id": "a\\u0000", "body": "b"}', "nul"),
        (b'{"id": "", "body": "b"}', "id_invalid"),
        (b'{"id": 1.5, "body": "b"}', "id_invalid"),
        (b'{"id": true, "body": "b"}', "id_invalid"),
        (b'{"id": ["a"], "body": "b"}', "id_invalid"),
        (b'{"id": "' + b"x" * 513 + b'", "body": "b"}', "id_invalid"),
    ],
)
def test_a_bad_line_is_rejected_with_its_number_and_the_rest_goes_on(
    line: bytes, reason: str, tmp_path: Path
) -> None:
    items = read_file(write(tmp_path, GOOD, b"", line, GOOD))
    assert reasons(items) == [(3, reason)]
    assert [type(item) for item in items] == [Article, Reject, Article]
    assert items[1].file == str(tmp_path / "in.jsonl")
    json.dumps(items[1].detail).encode()


def test_ids_of_one_to_512_code_points_and_whole_numbers_are_kept(tmp_path: Path) -> None:
    longest = "ع" * 512
    assert one(tmp_path, {"id": longest, "body": "x"}).id == longest
    assert one(tmp_path, {"id": 17, "body": "x"}).id == "17"
    assert one(tmp_path, {"id": -(2**60), "body": "x"}).id == str(-(2**60))
    assert one(tmp_path, {"id": "a/b\n?é", "body": "x"}).id == "a/b\n?é"
    assert len(one(tmp_path, {"id": None, "body": "x"}).id) == 32


def test_a_body_at_the_limit_is_kept_and_one_byte_more_is_not(tmp_path: Path) -> None:
    options = ReadOptions(max_body_bytes=1000)
    for body, fits in (
        ("x" * 1000, True),
        ("x" * 1001, False),
        ("ع" * 500, True),
        ("ع" * 501, False),
    ):
        (item,) = read_file(write(tmp_path, json.dumps({"body": body}).encode()), options)
        assert isinstance(item, Article) is fits
        assert fits or item.reason == "body_too_large"


def test_an_endless_line_is_one_reject_in_bounded_memory(tmp_path: Path) -> None:
    options = ReadOptions(max_body_bytes=1000)
    path = write(tmp_path, GOOD, b'{"body": "' + b"x" * (3 << 20) + b'"}', GOOD)
    assert reasons(read_file(path, options)) == [(2, "record_too_large")]
    # Parts that lie wholly inside the line hold nothing; the number stays right.
    assert reasons(read_file(path, options, part_bytes=100_000)) == [(2, "record_too_large")]
    assert len(read_file(path, options, part_bytes=100_000)) == 3


def test_line_ends_of_windows_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + GOOD, b"", GOOD, b"oops", end=b"\r\n")
    items = read_file(path)
    assert [type(item) for item in items] == [Article, Article, Reject]
    assert items[2].record == 4


def test_a_last_line_without_line_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(GOOD + b"\n" + GOOD)
    assert len(read_file(path)) == 2
    path.write_bytes(b"")
    assert read_file(path) == []


@given(bodies=st.lists(BODIES, min_size=1, max_size=5), ascii_only=st.booleans())
@settings(max_examples=60)
def test_any_text_comes_back_unchanged(
    bodies: list[str], ascii_only: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("round")
    lines = [json.dumps({"body": body, "title": body}, ensure_ascii=ascii_only) for body in bodies]
    items = read_file(write(folder, *(line.encode() for line in lines)))
    assert [item.body for item in items] == bodies
    assert [item.title for item in items] == [body[:10_000] for body in bodies]


LINES = st.sampled_from(
    [GOOD, b"", b"bad", b'{"body": ""}', b'{"body": "' + b"y" * 40 + b'"}', b"\r", b"[1]"]
)


@given(lines=st.lists(LINES, max_size=12), cuts=st.sets(st.integers(1, 400)), last=st.booleans())
@settings(max_examples=150)
def test_cuts_at_any_bytes_give_the_same_records_and_line_numbers(
    lines: list[bytes], cuts: set[int], last: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cuts") / "in.jsonl"
    data = b"\n".join(lines) + (b"\n" if last else b"")
    path.write_bytes(data)
    source = Source(str(path), str(path), "in")
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    parts = [Part("jsonl", (source,), start, end) for start, end in itertools.pairwise(edges)]
    whole = list(read(Part("jsonl", (source,))))
    assert [item for part in parts for item in read(part)] == whole
    # In any order of parts, too: what was counted before must not mislead.
    jsonl_module._counted.clear()
    backwards = [list(read(part)) for part in reversed(parts)]
    assert [item for items in reversed(backwards) for item in items] == whole
    bad = [
        number
        for number, line in enumerate(data.split(b"\n"), 1)
        if line.strip() and (line[:1] != b"{" or b'""' in line)
    ]
    assert [item.record for item in whole if isinstance(item, Reject)] == bad


def test_large_files_are_cut_and_small_ones_are_not(tmp_path: Path) -> None:
    path = write(tmp_path, *[GOOD] * 1000)
    size = path.stat().st_size
    parts = plan([str(path)], part_bytes=10_000)
    assert len(parts) == -(-size // 10_000)
    assert sum(part.size_bytes for part in parts) == size
    assert len(plan([str(path)])) == 1


def test_articles_are_built_as_the_dataclass_builds_them(tmp_path: Path) -> None:
    record = {
        **{"id": "1", "outlet": "o", "url": "https://x.example/1", "title": "t", "body": "b"},
        **{"lang": "ar", "authors": ["a"], "published": "2024-01-01T00:00:00Z"},
        **{"modified": "2024-01-02T00:00:00Z", "seen": "?", "metadata": {"k": [1, {"x": None}]}},
    }
    made = one(tmp_path, record)
    names = Article.__slots__
    assert made == Article(*(getattr(made, name) for name in names))
    assert made.warnings == ("seen: not a time that can be true: '?'",)
    assert made.metadata == {"k": [1, {"x": None}]}
    assert hasattr(made, "__slots__")
    with pytest.raises(AttributeError):
        made.id = "2"  # type: ignore[misc]


def test_reading_stops_in_order_when_the_consumer_stops(tmp_path: Path) -> None:
    path = write(tmp_path, *(orjson.dumps({"id": str(n), "body": "x"}) for n in range(100)))
    items = read(plan([str(path)])[0])
    assert [next(items).id for _ in range(3)] == ["0", "1", "2"]  # type: ignore[union-attr]
    items.close()  # type: ignore[attr-defined]
