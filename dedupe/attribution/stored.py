"""Compiled languages <-> a file beside the bytecode, so that a start does not compile them again.

Reading 21 rule files and compiling 2,000 patterns takes a second. What comes out is plain data; it
is kept as JSON under a name that holds the hash of the rule files and of the modules that compile
them, so a changed rule is never missed. Where nothing can be written it is compiled every time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

__all__ = ["find_store", "read_store", "write_store"]

_FORMAT = 1
_COMPILERS = ("addresses", "agencies", "anchors", "folding", "nodes", "rules", "syntax")
_KEPT = 2
"""Files of other rules that are left lying: a checkout that is switched back and forth."""


def find_store(sources: Sequence[Path]) -> Path | None:
    """Where the compiled form of these files belongs; None where one of them cannot be read."""
    digest = hashlib.sha256(f"{_FORMAT} {unicodedata.unidata_version}".encode())
    folder = Path(__file__).parent
    compilers = [folder / f"{name}.py" for name in _COMPILERS]
    try:
        for path in [*compilers, folder.parent / "data" / "fold.npz", *sources]:
            data = path.read_bytes()
            digest.update(f"{path.name}\x00{len(data)}\x00".encode() + data)
    except OSError:
        return None
    beside = Path(importlib.util.cache_from_source(__file__))
    return beside.with_name(f"rules-{digest.hexdigest()[:20]}.json")


def read_store(path: Path) -> Any | None:  # noqa: ANN401 - JSON
    """What was kept, None if there is nothing or it is damaged."""
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None


def write_store(path: Path, languages: Sequence[Any]) -> None:
    """Keep compiled languages; where that cannot be done, say nothing."""
    data = orjson.dumps(languages, default=sorted)  # sets of places as lists
    try:
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="rules-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)  # an image is built by one user and run by another
        Path(name).replace(path)
        others = sorted(path.parent.glob("rules-*.json"), key=lambda p: p.stat().st_mtime)
        for old in others[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return
