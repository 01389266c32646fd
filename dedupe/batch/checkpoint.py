"""Finished stages of a run <-> a work folder, so that a killed run goes on where it stood.

A stage is one file of arrays and a manifest that is put in place last, by a rename: what has a
manifest is whole. The folder belongs to one run: inputs (path, size, times of change, a hash of
pieces of the content), reading options and `config_id`; any other run is refused, and so is a
second process.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.spool import COLUMNS
from dedupe.config import Config
from dedupe.errors import OutputUnwritable
from dedupe.readers import Part, ReadOptions

__all__ = ["Checkpoint", "Stage", "identify_run"]

_LAYOUT = "3"
"""Raised when the files of a stage change their meaning."""
_YES, _NO = "yes", "no"
_TOLD = {
    "layout": "files of another version",
    "config_id": "another configuration (--config, --threshold, the version's rules)",
    "inputs": "other inputs",
    "reading": "other reading options (--field, --input-format, --outlet)",
    "learning": "the other of --learn and --no-learn",
}
"""What differs, by the keys of `identify_run`."""
_SIZES = "sizes"
_DAMAGED = "damaged: remove the work folder"
_PIECES, _PIECE_BYTES = 16, 1 << 16
"""From the first bytes of an input to its last, at even distances."""
_PATIENCE_S = 3.0
Arrays = Mapping[str, NDArray[Any]]
Stage = tuple[dict[str, NDArray[Any]], dict[str, Any]]
"""What a finished stage left: arrays, and values that are JSON."""


def identify_run(
    parts: Sequence[Part], read: ReadOptions, config: Config, *, spans: bool, learn: bool = False
) -> dict[str, str]:
    """What must be equal for a stage to be taken over: the inputs, how they are read, the rules."""
    files = sorted({source.path for part in parts for source in part.sources})
    return {
        "layout": _LAYOUT,
        "config_id": config.config_id,
        "inputs": _digest([(path, *_state(path)) for path in files]),
        "reading": _digest(asdict(read)),
        "learning": _YES if learn else _NO,
        "spans": _YES if spans else _NO,
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _state(path: str) -> tuple[object, ...]:
    """What tells a file from what it was, also where a tool gave its old time back to it.

    The time of the inode cannot be set; pieces of the content tell where a file system has none of
    its own. Reading all of it would cost a good part of the run.
    """
    try:
        with Path(path).open("rb") as file:
            stat = os.fstat(file.fileno())
            pieces = hashlib.sha256()
            for place in range(_PIECES):
                file.seek(max(0, stat.st_size - _PIECE_BYTES) * place // (_PIECES - 1))
                pieces.update(file.read(_PIECE_BYTES))
    except OSError:
        return (-1,)
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, pieces.hexdigest())


class Checkpoint:
    """The stages kept in `folder`, or none where it is None."""

    def __init__(self, folder: Path | None, run: Mapping[str, str]) -> None:
        """Take the folder; raises OutputUnwritable where it is another run's or in use."""
        self.folder = folder
        self.spans = run.get("spans") == _YES
        """Whether the run keeps where words stand; more than was asked for where it did before."""
        self._lock: int | None = None
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(folder)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _take(self._lock)
        except BlockingIOError as error:
            owner = (folder / "lock").read_text("ascii", "replace")
            self.close()
            reason = f"another run is working there (process {owner}): wait, or name another folder"
            raise OutputUnwritable(str(folder), reason) from error
        except FileExistsError as error:
            raise OutputUnwritable(str(folder), "not a folder") from error
        except OSError as error:
            raise OutputUnwritable(str(folder), error.strerror or str(error)) from error
        try:
            self._claim(folder, dict(run))
        except BaseException:
            self.close()
            raise

    def _claim(self, folder: Path, run: dict[str, str]) -> None:
        path = folder / "run.json"
        if not path.exists():
            _replace(path, json.dumps(run).encode())
            return
        found = _read_json(path)
        other = [told for key, told in _TOLD.items() if found.get(key) != run.get(key)]
        if other:
            reason = f"it holds a run with {' and '.join(other)}: name another folder"
            raise OutputUnwritable(str(folder), reason)
        self.spans = found.get("spans") == _YES
        if run.get("spans") == _YES and not self.spans:
            reason = "it holds a run without --matches and --composites, which need the places of"
            raise OutputUnwritable(str(folder), f"{reason} words: name another folder")

    def load(self, stage: str) -> Stage | None:
        """(arrays, values) of a finished stage, or None."""
        if self.folder is None or not (self.folder / f"{stage}.json").exists():
            return None
        values: dict[str, Any] = _read_json(self.folder / f"{stage}.json")
        for name, size in values.pop(_SIZES, {}).items():
            path = self.folder / name  # a mapped file that was cut would kill the process
            if not path.exists() or path.stat().st_size < size:
                raise OutputUnwritable(str(path), _DAMAGED)
        try:
            with (
                (self.folder / f"{stage}.npz").open("rb") as file,
                np.load(file, allow_pickle=False) as data,
            ):
                arrays = {name: data[name] for name in data.files}
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise OutputUnwritable(str(self.folder / f"{stage}.npz"), _DAMAGED) from error
        return arrays, values

    def save(self, stage: str, arrays: Arrays, values: Mapping[str, Any]) -> None:
        """Keep a stage; it counts as finished when this returns."""
        if self.folder is None:
            return
        half = self.folder / f"{stage}.unfinished"
        try:
            with half.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]  # names are not its options
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputUnwritable(str(half), error.strerror or str(error)) from error
        half.replace(self.folder / f"{stage}.npz")
        sizes = {
            name: path.stat().st_size for name in COLUMNS if (path := self.folder / name).exists()
        }
        _replace(self.folder / f"{stage}.json", json.dumps({**values, _SIZES: sizes}).encode())

    def close(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _refuse_foreign(folder: Path) -> None:
    own = {"lock", "run.half"}
    if not (folder / "run.json").exists() and any(e.name not in own for e in folder.iterdir()):
        raise OutputUnwritable(str(folder), "not empty and no run's folder: name another one")


def _take(descriptor: int) -> None:
    """Lock a file and write down who holds it; raises BlockingIOError where another process does.

    The processes of a run that was killed end a moment after it, and hold its lock until then.
    """
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _read_json(path: Path) -> Any:  # noqa: ANN401 (JSON)
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise OutputUnwritable(str(path), _DAMAGED) from error


def _replace(path: Path, data: bytes) -> None:
    half = path.with_suffix(".half")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
