from __future__ import annotations

import io
import os
import pickle
import sys
import threading
from pathlib import Path

import pytest

from dedupe.errors import FieldUnknown, FormatUnknown, InputMissing, InputUnreadable
from dedupe.models import Article, Reject
from dedupe.readers import ReadOptions, plan, read

ROW = b'{"id": "1", "body": "x"}\n'


def read_all(*inputs: Path | str, options: ReadOptions | None = None) -> list[Article | Reject]:
    parts = plan([str(name) for name in inputs], options)
    return [item for part in parts for item in read(part, options)]


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="nowhere"):
        plan([str(tmp_path / "nowhere.jsonl")])
    (tmp_path / "file").write_bytes(ROW)
    with pytest.raises(InputMissing):
        plan([str(tmp_path / "file" / "below")])
    with pytest.raises(InputUnreadable):
        plan(["a\0b"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_input_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(ROW)
    path.chmod(0)
    with pytest.raises(InputUnreadable, match="permission denied"):
        plan([str(path)])


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"\xff\xd8\xff\0\0\0")
    with pytest.raises(FormatUnknown, match=r"picture\.jpg.*jsonl"):
        plan([str(path)])
    with pytest.raises(FormatUnknown, match="'docx'"):
        plan([str(path)], ReadOptions(format="docx"))


def test_every_error_comes_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ROW)
    with pytest.raises(InputMissing):
        plan([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")])


def test_a_folder_is_read_recursively_and_sorted(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c.TXT", ".hidden.txt", ".git/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    items = read_all(tmp_path)
    assert [item.id for item in items if isinstance(item, Article)] == ["a", "c", "b/1", "b/2"]


def test_unknown_files_in_a_folder_are_counted_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ROW)
    (tmp_path / "b.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "c.jsonl").write_bytes(ROW)
    items = read_all(tmp_path)
    assert [type(item) for item in items] == [Article, Reject, Article]
    assert items[1] == Reject(
        str(tmp_path / "b.png"), None, "format_unknown", "no reader recognises the file"
    )


def test_a_named_file_that_is_broken_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 but not for long")
    (tmp_path / "b.csv").write_bytes(b"1,2,3\n4,5,6\n")
    (tmp_path / "c.jsonl").write_bytes(ROW)
    items = read_all(*(tmp_path / name for name in ("a.parquet", "b.csv", "c.jsonl")))
    assert [getattr(item, "reason", "read") for item in items] == [
        "input_unreadable",
        "input_unreadable",
        "read",
    ]
    with pytest.raises(InputUnreadable, match=r"a\.parquet"):
        plan([str(tmp_path / "a.parquet")])
    with pytest.raises(FieldUnknown):
        plan([str(tmp_path / "b.csv")])


def test_a_folder_without_any_known_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadable, match="no file of a known format"):
        plan([str(tmp_path)])
    (tmp_path / "b.png").write_bytes(b"\x89PNG\0\0")
    with pytest.raises(InputUnreadable, match="no file of a known format"):
        plan([str(tmp_path)])


def test_a_bad_file_in_a_folder_is_a_reject_and_a_named_one_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(b"city,price\nx,1\n")
    (tmp_path / "c.csv").write_bytes(b"id,body\n1,x\n")
    items = read_all(tmp_path)
    assert [type(item) for item in items] == [Reject, Reject, Article]
    assert [item.reason for item in items[:2]] == ["input_unreadable"] * 2  # type: ignore[union-attr]
    with pytest.raises(InputUnreadable):
        plan([str(tmp_path / "a.csv")])
    with pytest.raises(FieldUnknown):
        plan([str(tmp_path / "b.csv")])
    with pytest.raises(FieldUnknown):
        plan([str(tmp_path)], ReadOptions(fields={"title": "city"}))


def test_a_table_that_changed_after_the_plan_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,body\n1,x\n")
    parts = plan([str(path)])
    path.write_bytes(b"")
    (item,) = (item for part in parts for item in read(part))
    assert isinstance(item, Reject)


def test_small_files_of_one_format_are_joined_and_keep_their_order(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number:03}.txt").write_text("x" * 100)
    (tmp_path / "300.jsonl").write_bytes(ROW)
    parts = plan([str(tmp_path)])
    assert [len(part.sources) for part in parts] == [256, 44, 1, 256, 44]
    assert len(plan([str(tmp_path)], part_bytes=1000)) == 61
    assert pickle.loads(pickle.dumps(parts)) == parts
    shown = [source.shown for part in parts for source in part.sources]
    assert shown == sorted(shown)


def test_files_of_one_name_are_not_revisions_of_one_article(tmp_path: Path) -> None:
    for day in ("mon", "tue"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "index.txt").write_text(day)
    names = [str(tmp_path / day / "index") for day in ("mon", "tue")]
    items = read_all(*(f"{name}.txt" for name in names))
    assert [item.id for item in items if isinstance(item, Article)] == names
    (item,) = read_all(names[0] + ".txt")
    assert isinstance(item, Article)
    assert item.id == "index"


def test_file_names_that_are_no_unicode_are_shown_and_read(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(name)).write_text("x")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (item,) = read_all(tmp_path)
    assert isinstance(item, Article)
    assert item.id == "caf\ufffd"


def test_standard_input_is_read_in_any_format(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, name in ((ROW, "jsonl"), (b"id,body\n1,x\n", "csv"), (b"plain text", "text")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        (part,) = plan(["-"])
        assert part.reader == name
        assert part.sources[0].shown == "-"
        items = list(read(part))
        assert items == list(read(part))
        assert isinstance(items[0], Article)
        assert items[0].id == "1" or len(items[0].id) == 32
        Path(part.sources[0].path).unlink()


def test_a_format_that_is_asked_for_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bad\n" + ROW)))
    options = ReadOptions(format="jsonl")
    items = read_all("-", options=options)
    assert [type(item) for item in items] == [Reject, Article]
    assert isinstance(items[0], Reject)
    assert (items[0].file, items[0].record) == ("-", 1)


def test_empty_standard_input_is_no_article_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert read_all("-") == []


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jsonl"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(ROW * 3,))
    writer.start()
    items = read_all(path)
    writer.join()
    assert len(items) == 3


def test_a_file_that_vanishes_is_a_reject_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x")
    (part,) = plan([str(tmp_path)])
    (tmp_path / "a.txt").unlink()
    first, second = read(part)
    assert isinstance(first, Reject)
    assert first.reason == "input_unreadable"
    assert isinstance(second, Article)


def test_links_to_folders_are_not_followed_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(read_all(tmp_path)) == 1


def test_one_object_over_several_lines_is_not_taken_for_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text('{\n "id": "1",\n "body": "x"\n}\n{"id": "2", "body": "y"}')
    assert plan([str(path)])[0].reader == "json"
    assert [item.id for item in read_all(path) if isinstance(item, Article)] == ["1", "2"]
    path.write_bytes(ROW + ROW)
    assert plan([str(path)])[0].reader == "jsonl"
