"""Paths named on the command line -> files that appear whole or not at all.

What is written goes to a file beside its target, which takes its place by renaming when the run has
succeeded: an interrupted run leaves what was there before. Pipes and devices are written directly.
"""

from __future__ import annotations

import io
import os
import secrets
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import click

from dedupe.errors import OutputUnwritable

__all__ = ["Outputs", "check_outputs", "is_stdout"]

STDOUT = "-"
_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file under its passing name."""

    file: BinaryIO
    passing: Path
    target: Path
    asked: str


class Outputs:
    """The output files of one run, put in place together when the block ends without an error."""

    def __init__(self) -> None:
        self._pending: list[_Pending] = []
        self._direct: list[BinaryIO] = []
        self._stdout: BinaryIO | None = None

    def open(self, path: str | None) -> BinaryIO:
        """Open a file to write; None and "-" are standard output. Raises OutputUnwritable.

        A run of hours should not fail at its end: call this before the work.
        """
        if path is None or path == STDOUT:  # is_stdout, for the type checker
            self._stdout = self._stdout or _open_stdout()
            return self._stdout
        try:
            target = Path(os.path.realpath(path))  # a link stays, its target is replaced
            found = _stat(target)
            if found is not None and stat.S_ISDIR(found.st_mode):
                raise OutputUnwritable(path, "it is a folder")
            if found is not None and not stat.S_ISREG(found.st_mode):
                direct = target.open("wb", buffering=_BUFFER_BYTES)
                self._direct.append(direct)
                return direct
            return self._open_beside(path, target, found)
        except OSError as error:
            raise OutputUnwritable(path, error.strerror or str(error)) from error

    def _open_beside(self, asked: str, target: Path, found: os.stat_result | None) -> BinaryIO:
        if found is not None and not os.access(target, os.W_OK):
            raise OutputUnwritable(asked, "permission denied")
        passing = target.parent / f".isnad-{secrets.token_hex(8)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(passing, flags, 0o666)
        file = os.fdopen(descriptor, "wb", buffering=_BUFFER_BYTES)
        self._pending.append(_Pending(file, passing, target, asked))
        if found is not None:
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
        return file

    def __enter__(self) -> Outputs:
        """Begin; files are opened by `open`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put all files in place, or none when the block failed."""
        try:
            if kind is None:
                self._put_in_place()
        finally:
            self._discard()

    def _put_in_place(self) -> None:
        for pending in self._pending:
            try:
                pending.file.flush()
                os.fsync(pending.file.fileno())
                pending.file.close()
            except OSError as error:
                raise OutputUnwritable(pending.asked, error.strerror or str(error)) from error
        for direct in self._direct:
            direct.close()
        for pending in self._pending:
            pending.passing.replace(pending.target)
            _sync_folder(pending.target.parent)
        if self._stdout is not None:  # last: a reader that went away costs no file
            self._stdout.flush()

    def _discard(self) -> None:
        """Remove what was not put in place; nothing to do after success."""
        for pending in self._pending:
            try:
                pending.file.close()
            except OSError:  # the same full disk that ended the run
                continue
            finally:
                pending.passing.unlink(missing_ok=True)
        self._pending.clear()
        self._direct.clear()
        self._stdout = None


def is_stdout(path: str | None) -> bool:
    """Whether an output option means standard output."""
    return path is None or path == STDOUT


def check_outputs(outputs: Iterable[str | None], inputs: Iterable[str]) -> None:
    """Refuse outputs that would overwrite an input or one another; raises click.UsageError."""
    read = {_identify(path) for path in inputs if path != STDOUT}
    written: set[object] = set()
    for path in outputs:
        if path is None:
            continue
        identity = _identify(path)
        if identity in read:
            raise click.UsageError(f"{path} is an input and would be overwritten")
        if identity in written:
            raise click.UsageError(f"{path} is named for two outputs")
        written.add(identity)


def _identify(path: str) -> object:
    """Tell files apart by device and inode where they exist, else by their resolved path."""
    if path == STDOUT:
        return STDOUT
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return os.path.realpath(path)
    if not stat.S_ISREG(found.st_mode):
        return object()  # devices, pipes and folders overwrite nothing
    return found.st_dev, found.st_ino


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _open_stdout() -> BinaryIO:
    if sys.stdout is None:
        raise OutputUnwritable("standard output", "it is closed")
    sys.stdout.flush()
    out: object = sys.stdout.buffer
    if isinstance(out, io.RawIOBase):  # PYTHONUNBUFFERED: a write may then write only a part
        out = io.BufferedWriter(io.FileIO(out.fileno(), "wb", closefd=False), _BUFFER_BYTES)
    return cast(BinaryIO, out)


def _sync_folder(folder: Path) -> None:
    """Make a renaming survive a power cut; folders of some file systems cannot be synced."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
