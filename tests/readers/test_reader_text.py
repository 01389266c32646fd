from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.models import Article, Reject
from dedupe.readers import plan, read
from dedupe.readers.parts import Refusal
from dedupe.readers.text import read_text

SEED = Path(__file__).parents[2] / "seeds" / "000_12631ab96fb70234.txt"


def read_file(path: Path) -> Article | Reject:
    (item,) = (item for part in plan([str(path)]) for item in read(part))
    return item


def test_the_seed_is_one_article_word_for_word() -> None:
    item = read_file(SEED)
    assert isinstance(item, Article)
    assert item.body == SEED.read_bytes().decode()
    assert item.id == "000_12631ab96fb70234"
    assert (item.title, item.outlet, item.url, item.lang) == ("", None, None, None)
    assert item.warnings == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_text_without_front_matter_is_the_body_unchanged(text: str) -> None:
    if not text.startswith(("---", "\ufeff")):
        assert read_text(text.encode()) == {"body": text}


def test_front_matter_gives_fields_and_the_rest_is_the_body() -> None:
    text = "---\nTitle: A: b\noutlet:  Wire \nid:\ndate: 2024-01-01\n---\n\n body \n"
    record = read_text(text.encode())
    assert record == {"Title": "A: b", "outlet": "Wire", "date": "2024-01-01", "body": "\n body \n"}


@pytest.mark.parametrize(
    "text",
    [
        "---\nnot a field: x\n---\nb",
        "---\nno colon\n---\nb",
        "---\ntitle: x\nnever closed",
        "---",
        "--- \n",
        "---\n" + "title: x\n" * 50 + "---\nb",
        "title: x\nb",
    ],
)
def test_what_only_looks_like_front_matter_is_body(text: str) -> None:
    assert read_text(text.encode()) == {"body": text}


def test_marks_of_encoding_are_left_out_and_other_encodings_refused() -> None:
    assert read_text("\ufeffنص".encode()) == {"body": "نص"}
    for name in ("utf-16", "utf-8-sig"):
        assert read_text("نص".encode(name)) == {"body": "نص"}
    with pytest.raises(Refusal, match="byte 1 is not UTF-8"):
        read_text("نص".encode("windows-1256"))
    with pytest.raises(Refusal, match="encoding_invalid"):
        read_text(b"\xff\xfea")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "body_empty"), (b" \n", "body_empty"), (b"a\0b", "nul"), (b"\xe9", "encoding_invalid")],
)
def test_bad_files_are_rejected(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    item = read_file(path)
    assert isinstance(item, Reject)
    assert (item.file, item.record, item.reason) == (str(path), None, reason)
