"""`docs/add-a-reader.md` says what is so, and its reader works."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from dedupe.models import Article, Reject
from dedupe.readers import (
    ALIASES,
    READERS,
    Part,
    ReadOptions,
    Source,
    plan,
    planning,
    read,
    registry,
)

GUIDE = (Path(__file__).parents[2] / "docs" / "add-a-reader.md").read_text("utf-8")


def test_the_guide_lists_the_known_names_of_every_field() -> None:
    for field, aliases in ALIASES.items():
        assert f"| `{field}` | {', '.join(aliases)} |" in GUIDE


def test_the_guide_lists_every_format_and_suffix() -> None:
    table = GUIDE.split("## 1.")[0]
    for reader in READERS:
        assert f"`{reader.name}`" in table
        assert all(f"`{suffix}`" in table for suffix in reader.suffixes)


def test_the_guide_lists_every_reason() -> None:
    sources = Path(registry.__file__).parent.glob("*.py")
    code = "\n".join(path.read_text("utf-8") for path in sources)
    reasons = set(re.findall(r'Refusal\(\s*"(\w+)"', code))
    reasons |= set(re.findall(r'Reject\([\w.]+, [\w +]+, "(\w+)"', code))
    assert len(reasons) > 15
    assert not {reason for reason in reasons if f"`{reason}`" not in GUIDE}


def test_the_reader_of_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, type] = {}
    exec(code, names)
    readers = (names["Blocks"](), *READERS)
    monkeypatch.setattr(registry, "READERS", readers)
    monkeypatch.setattr(planning, "READERS", readers)
    path = tmp_path / "in.blocks"
    blocks = b"title: A\nbody: one\n\n\ntitle: B\n\ntitle: C\nbody: caf\xe9\n\ntitle: D\nbody: two"
    path.write_bytes(gzip.compress(blocks))
    items = [item for part in plan([str(path)]) for item in read(part)]
    assert [type(item) for item in items] == [Article, Reject, Reject, Article]
    assert [item.title for item in items if isinstance(item, Article)] == ["A", "D"]
    path.write_bytes(gzip.compress(blocks)[:-9])
    part = Part("blocks", (Source(str(path), "in", "in"),))
    last = list(read(part, ReadOptions()))[-1]
    assert isinstance(last, Reject)
    assert last.reason == "compression_truncated"
