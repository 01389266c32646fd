"""Columns too large for memory -> files of a work folder, written by many processes at once.

Each worker reserves a range of a file and writes there, so nothing is copied between processes; the
order inside a file depends on timing, which is why every article carries the place of its values.
"""

from __future__ import annotations

import os
import shutil
from ctypes import c_uint64
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import OutputUnwritable

__all__ = ["COLUMNS", "Spool"]

_SCRATCH_IN_MEMORY = 512 << 20
"""Bytes; a fresh file mapping costs four times the page faults of memory (0.65 s for 200 MB)."""

COLUMNS: dict[str, type[np.generic]] = {
    "tokens": np.uint32,
    "starts": np.uint32,
    "ends": np.uint32,
    "bands": np.uint64,
    "passages": np.uint64,
    "records": np.uint8,  # one JSON array an article: what a report shows of it
}


def _why(error: OSError) -> str:
    return error.strerror or str(error)


class Spool:
    """The files of one run; made before the workers are forked, inherited by them."""

    def __init__(
        self,
        folder: Path,
        context: BaseContext,
        *,
        keep: bool = False,
        filled: bool = False,
        states: bool = False,
    ) -> None:
        """Create empty files in `folder`, or open those that are `filled`, to be gone on with.

        With `keep` the columns are to be found as they were written after the run; with `states`
        every record is followed by the state of its article (`revisions.pack_state`).
        """
        self.folder, self.keep, self.states = folder, keep, states
        fresh = 0 if filled else os.O_TRUNC
        self._passing: list[Path] = []
        self._files = {
            name: os.open(folder / name, os.O_RDWR | os.O_CREAT | fresh, 0o600) for name in COLUMNS
        }
        self._ends: dict[str, Any] = {
            name: context.Value(c_uint64, self._length(name)) for name in COLUMNS
        }

    def _length(self, name: str) -> int:
        return os.fstat(self._files[name]).st_size // np.dtype(COLUMNS[name]).itemsize

    def append(self, name: str, values: NDArray[Any] | bytes) -> int:
        """Write values to a column; returns the index of the first (in values, not in bytes)."""
        size = np.dtype(COLUMNS[name]).itemsize
        count = len(values) if isinstance(values, bytes) else values.nbytes // size
        end = self._ends[name]
        with end.get_lock():
            first = int(end.value)
            end.value = first + count
        self.write(name, values, first)
        return first

    def write(self, name: str, values: NDArray[Any] | bytes, first: int) -> None:
        """Write values at a place that another column's `append` gave."""
        if len(values) == 0:
            return
        data = values if isinstance(values, bytes) else np.ascontiguousarray(values).data.cast("B")
        view, offset = memoryview(data), first * np.dtype(COLUMNS[name]).itemsize
        written = 0
        try:
            while written < len(view):
                written += os.pwrite(self._files[name], view[written:], offset + written)
        except OSError as error:  # a full disk
            raise OutputUnwritable(str(self.folder / name), _why(error)) from error

    def column(self, name: str, *, writable: bool = False) -> NDArray[Any]:
        """A column, memory-mapped; what is written to it stays.

        As a plain array: cutting a `numpy.memmap` takes ten times as long.
        """
        if os.fstat(self._files[name]).st_size == 0:
            return np.empty(0, COLUMNS[name])
        mapped = np.memmap(self.folder / name, COLUMNS[name], "r+" if writable else "r")
        return mapped.view(np.ndarray)

    def draft(self, name: str) -> NDArray[Any]:
        """A column to be changed by a stage that may have to begin again.

        Where the run's files are kept it is a copy: a run killed half way through its changes must
        find what it began with.
        """
        path = self.folder / name
        if not self.keep or path.stat().st_size == 0:
            return self.column(name, writable=True)
        copy = path.with_suffix(".changed")
        self._passing.append(copy)
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise OutputUnwritable(str(copy), _why(error)) from error
        return np.memmap(copy, COLUMNS[name], "r+")

    def scratch(self, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
        """Room for what is as long as a column: in memory while small, else in the folder."""
        if size * np.dtype(dtype).itemsize <= _SCRATCH_IN_MEMORY:
            return np.empty(size, dtype)
        path, size_bytes = self.folder / name, size * np.dtype(dtype).itemsize
        self._passing.append(path)
        try:
            with path.open("wb") as file:  # a hole that cannot be filled later is a bus error
                os.posix_fallocate(file.fileno(), 0, size_bytes)
        except OSError as error:
            raise OutputUnwritable(str(path), _why(error)) from error
        return np.memmap(path, dtype, "r+", shape=(size,))

    def close(self) -> None:
        """Close the files and remove what no later run reads; the folder is the caller's."""
        for path in self._passing:
            path.unlink(missing_ok=True)
        self._passing.clear()
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()
