"""Compiled languages and tables <-> files beside the bytecode: a start does not make them again.

Reading the rule files and compiling 2,000 patterns takes a second, the tables of `folding` a tenth.
What comes out is plain data; it is kept under a name that holds the hash of the rule files and of
the modules that compile them, so a changed rule is never missed. Where nothing can be written it is
compiled every time.
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

import numpy as np
import orjson
from numpy.typing import NDArray

__all__ = [
    "find_store",
    "find_table_store",
    "read_store",
    "read_table_store",
    "write_store",
    "write_table_store",
]

_FORMAT = 3
_COMPILERS = ("addresses", "agencies", "anchors", "folding", "literals", "name_words", "nodes",
              "rule_files", "rule_values", "rules", "syntax", "vocabulary")  # fmt: skip
_KEPT = 2
"""Files of other sources that are left lying: a checkout that is switched back and forth."""


def find_store(sources: Sequence[Path]) -> Path | None:
    """Where the compiled form of these files belongs; None where one of them cannot be read."""
    folder = Path(__file__).parent
    compilers = [folder / f"{name}.py" for name in _COMPILERS]
    digest = _digest([*compilers, folder.parent / "data" / "fold.npz", *sources])
    return None if digest is None else _beside(f"rules-{digest}.json")


def find_table_store() -> Path | None:
    """Where the tables of `folding` belong, which depend on it and on this Python's Unicode."""
    digest = _digest([Path(__file__).parent / "folding.py"])
    return None if digest is None else _beside(f"tables-{digest}.bin")


def _digest(paths: Sequence[Path]) -> str | None:
    digest = hashlib.sha256(f"{_FORMAT} {unicodedata.unidata_version}".encode())
    try:
        for path in paths:
            data = path.read_bytes()
            digest.update(f"{path.name}\x00{len(data)}\x00".encode() + data)
    except OSError:
        return None
    return digest.hexdigest()[:20]


def _beside(name: str) -> Path:
    return Path(importlib.util.cache_from_source(__file__)).with_name(name)


def read_store(path: Path) -> Any | None:  # noqa: ANN401 - JSON
    """What was kept, None if there is nothing or it is damaged."""
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None


def write_store(path: Path, languages: Sequence[Any]) -> None:
    """Keep compiled languages; where that cannot be done, say nothing."""
    _write(path, orjson.dumps(languages, default=sorted))  # sets of places as lists


def read_table_store(path: Path, rows: int, columns: int) -> NDArray[np.uint32] | None:
    """Tables that were kept: uint32[rows, columns]; None if there are none or part of them."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) != 4 * rows * columns:
        return None
    return np.frombuffer(data, "<u4").reshape(rows, columns)


def write_table_store(path: Path, tables: NDArray[np.uint32]) -> None:
    """Keep tables; where that cannot be done, say nothing."""
    _write(path, tables.astype("<u4").tobytes())


def _write(path: Path, data: bytes) -> None:
    """Put a file in its place whole, and remove those of other sources but a few."""
    kind = path.name.partition("-")[0]
    try:
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{kind}-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)  # an image is built by one user and run by another
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        others = sorted(path.parent.glob(f"{kind}-*{path.suffix}"), key=lambda p: p.stat().st_mtime)
        for old in others[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return
