from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.models import Article, Reject
from dedupe.readers import Part, ReadOptions, Source, read
from dedupe.readers.json_document import _Values


def read_text(folder: Path, text: str | bytes, **options: int) -> list[str]:
    path = folder / "in.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    part = Part("json", (Source(str(path), "in.json", "in"),))
    items = read(part, ReadOptions(**options))  # type: ignore[arg-type]
    return [
        item.body if isinstance(item, Article) else f"{item.record}:{item.reason}"
        for item in items
        if isinstance(item, (Article, Reject))
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", []),
        ("", []),
        ("  \n ", []),
        ('[{"body": "a"}, {"body": "b"}]', ["a", "b"]),
        ('\ufeff [ {"body": "a]}[{,"} ,\n\n{"body": "\\"}\\\\"}]\n', ["a]}[{,", '"}\\']),
        ('{"body": "a"} {"body": "b"}\n{"body": "c"}', ["a", "b", "c"]),
        ('[{"body": "a"}]{"body": "b"}', ["a", "b"]),
        ('[{"body": "a"}, {bad}, {"body": "b"}]', ["a", "2:json_invalid", "b"]),
        ('[{"body": "a"}, 5, {"body": "b"}]', ["a", "2:not_an_object", "b"]),
        ('[{"body": "a"}, [1, {"x": 2}], {"body": "b"}]', ["a", "2:not_an_object", "b"]),
        ('[{"body": "a"}, {"body": "b"', ["a", "2:json_invalid"]),
        ('[{"body": "a"},', ["a", "2:json_invalid"]),
        ('[{"body": "a"}]]', ["a", "2:json_invalid"]),
        ('{"body": "a"}} {"body": "b"}', ["a", "2:json_invalid", "b"]),
        ('[{"body": "a \\ud800"}, {"body": "b"}]', ["1:surrogate", "b"]),
        (b'[{"body": "\xff"}, {"body": "b"}]', ["1:encoding_invalid", "b"]),
        ("[" * 10_000, ["1:json_invalid"]),
    ],
)
def test_values_are_found_and_bad_ones_counted(
    text: str | bytes, told: list[str], tmp_path: Path
) -> None:
    assert read_text(tmp_path, text) == told


def test_a_value_over_the_limit_is_one_reject(tmp_path: Path) -> None:
    text = json.dumps([{"body": "a"}, {"body": 'x"[{' * 800_000}, {"body": "b"}])
    assert read_text(tmp_path, text, max_body_bytes=1000) == ["a", "2:record_too_large", "b"]


class _Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._left, self._step = data, step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        step = min(self._step, len(buffer))
        piece, self._left = self._left[:step], self._left[step:]
        buffer[: len(piece)] = piece
        return len(piece)


@given(
    values=st.lists(st.dictionaries(st.text(), st.text() | st.lists(st.text())), max_size=5),
    step=st.integers(1, 40),
    indent=st.none() | st.integers(0, 3),
    array=st.booleans(),
)
def test_values_are_the_same_however_the_bytes_arrive(
    values: list[dict[str, object]], step: int, indent: int | None, array: bool
) -> None:
    texts = [json.dumps(value, indent=indent) for value in values]
    data = f"[{','.join(texts)}]" if array else "\n".join(texts)
    stream = io.BufferedReader(_Dripping(data.encode(), step), 8)
    found = list(_Values(1 << 20).cut(stream))
    assert [json.loads(value) for value in found if value is not None] == values
