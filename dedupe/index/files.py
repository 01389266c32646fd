"""Runs of the embedded index <-> files beside the catalogue, so that a restart reads nothing again.

Everything is written under new names and named by one small manifest, which is replaced at the end:
a crash leaves the old state. A folder that cannot be used (another configuration, another
catalogue, a file too short) counts as empty: the index is derived.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.index.runs import Run, make_run

__all__ = ["RunFiles"]

_MANIFEST = "manifest.json"
_COLUMNS: dict[str, type[np.generic]] = {
    "number": np.int64,
    "rank": np.uint64,
    "seen": np.int64,
    "count": np.int32,
}


class RunFiles:
    """The folder of one index."""

    def __init__(self, folder: Path, config_id: str, catalog_id: str) -> None:
        self._folder = folder
        self._stamp = {"form": 1, "config_id": config_id, "catalog_id": catalog_id}
        self._names: dict[int, str] = {}  # id of the mapped array -> file
        self._made = 0

    def load(self) -> tuple[tuple[Run, ...], Mapping[str, NDArray[Any]] | None]:
        """(runs, columns of the texts by number); nothing where there is nothing to use."""
        try:
            manifest = json.loads((self._folder / _MANIFEST).read_bytes())
            if {name: manifest.get(name) for name in self._stamp} != self._stamp:
                return (), None
            texts = {
                name: np.fromfile(self._folder / f"{manifest['texts']}.{name}", dtype)
                for name, dtype in _COLUMNS.items()
            }
            if {len(column) for column in texts.values()} != {manifest["count"]}:
                return (), None
            runs = tuple(self._map(name, size) for name, size in manifest["runs"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return (), None
        self._made = int(manifest["made"])
        return runs, texts

    def _map(self, name: str, size: int) -> Run:
        path = self._folder / name
        if path.stat().st_size != 8 * size:
            raise ValueError(name)
        run = make_run(np.memmap(path, np.uint64, "r+"))
        self._names[id(run.entries)] = name
        return run

    def save(self, runs: Sequence[Run], texts: Mapping[str, NDArray[Any]]) -> tuple[Run, ...]:
        """Write what has no file yet and the manifest; returns the runs, all mapped."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before, kept = self._names, []
        self._names = {}
        for run in runs:
            name = before.get(id(run.entries))
            if name is None:
                name = self._next("run")
                _write(self._folder / name, run.entries)
                run = self._map(name, len(run.entries))  # noqa: PLW2901 - the same, from its file
            self._names[id(run.entries)] = name
            kept.append(run)
        prefix = self._next("texts")
        for name, column in texts.items():
            _write(self._folder / f"{prefix}.{name}", column.astype(_COLUMNS[name], copy=False))
        self._write_manifest(prefix, len(texts["number"]), kept)
        self._sweep(prefix)
        return tuple(kept)

    def _next(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:06d}"

    def _write_manifest(self, texts: str, count: int, runs: Sequence[Run]) -> None:
        names = [(self._names[id(run.entries)], len(run.entries)) for run in runs]
        manifest = {**self._stamp, "made": self._made, "texts": texts, "count": count}
        draft = self._folder / f"{_MANIFEST}.new"
        with draft.open("wb") as file:
            file.write(json.dumps({**manifest, "runs": names}).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / _MANIFEST)

    def _sweep(self, texts: str) -> None:
        named = {_MANIFEST, *self._names.values(), *(f"{texts}.{name}" for name in _COLUMNS)}
        for path in self._folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)

    def flush(self, runs: Sequence[Run]) -> None:
        """Write changes of mapped runs to the disk."""
        for run in runs:
            if isinstance(run.entries, np.memmap):
                run.entries.flush()

    def clear(self) -> None:
        """Remove the folder."""
        self._names = {}
        shutil.rmtree(self._folder, ignore_errors=True)


def _write(path: Path, values: NDArray[Any]) -> None:
    with path.open("wb") as file:
        values.tofile(file)
        file.flush()
        os.fsync(file.fileno())
