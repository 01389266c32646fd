"""Named inputs -> the parts to read, in order, with every error that can be known before reading.

Folders are walked recursively and sorted; `-`, pipes and devices are copied to a temporary file
that goes with the process, because a run reads its input more than once and in several processes.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from dedupe.errors import FieldUnknown, FormatUnknown, InputMissing, InputUnreadable
from dedupe.readers.parts import Part, ReadOptions, Refusal, Source
from dedupe.readers.registry import READERS, Reader, reader_named
from dedupe.readers.streams import StreamBroken, compression_of, open_stream, read_head

__all__ = ["PART_BYTES", "plan"]

PART_BYTES = 8 << 20
_MAX_JOINED = 256
_PACKED_SUFFIXES = (".gz", ".gzip", ".zst", ".zstd")
_MAX_RATIO = 100
_SPOOL_FLOOR = 1 << 30
"""A compressed file that must be unpacked to disk may grow 100-fold and to 1 GiB in any case."""


def plan(
    inputs: Sequence[str], options: ReadOptions | None = None, part_bytes: int = PART_BYTES
) -> list[Part]:
    """The parts of all inputs: files, folders and `-` for standard input.

    Large JSON Lines files are cut into byte ranges and Parquet files into runs of row groups of
    about `part_bytes`; small files of one format are joined up to as much. Reading the parts in
    order gives the records in the order of the inputs.

    Raises:
        InputMissing, InputUnreadable, FormatUnknown, FieldUnknown, DependencyMissing: before any
            record is read.
    """
    options = options or ReadOptions()
    if options.format is not None:
        reader_named(options.format)
    stems = Counter(_stem(Path(name).name) for name in inputs)
    found = [(name, source, reader) for name in inputs for source, reader in _find(name, options)]
    parts: list[Part] = []
    alone = len(found) == 1
    for name, source, reader in found:
        # Two files of one name would be taken for two revisions of one article.
        named = source.path == name
        clashes = named and stems[_stem(Path(name).name)] > 1
        own = replace(source, name=_show(_stem(name))) if clashes else source
        parts += _split_leniently(own, reader, options, part_bytes, strict=named and alone)
    return list(_join(parts, part_bytes))


def _find(name: str, options: ReadOptions) -> Iterator[tuple[Source, Reader | Refusal]]:
    """The files behind one input and their readers."""
    if name == "-":
        source = Source(_spool(sys.stdin.buffer, "-"), "-", "")
        yield source, _recognise(source, options)
        return
    try:
        mode = Path(name).stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputMissing(_show(name)) from None
    except (OSError, ValueError) as error:
        raise InputUnreadable(_show(name), _reason(error)) from None
    if stat.S_ISDIR(mode):
        yield from _find_in_folder(name, options)
        return
    source = Source(name, _show(name), _show(_stem(Path(name).name)))
    if not stat.S_ISREG(mode):
        with _opened(name) as pipe:
            source = Source(_spool(pipe, name), _show(name), "")
    yield source, _recognise(source, options)


def _find_in_folder(folder: str, options: ReadOptions) -> Iterator[tuple[Source, Reader | Refusal]]:
    """Every file below a folder, sorted; hidden files and folders are passed over."""
    any_known = False
    for path in _walk(folder):
        source = Source(path, _show(path), _show(_stem(os.path.relpath(path, folder))))
        try:
            yield source, _recognise(source, options)
            any_known = True
        except FormatUnknown:
            yield source, Refusal("format_unknown", "no reader recognises the file")
        except InputUnreadable as error:
            yield source, Refusal("input_unreadable", error.reason)
    if not any_known:
        raise InputUnreadable(_show(folder), "the folder holds no file of a known format")


def _walk(folder: str) -> Iterator[str]:
    def stop(error: OSError) -> None:
        raise InputUnreadable(_show(error.filename or folder), _reason(error))

    for at, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield os.path.join(at, name)  # noqa: PTH118 - not every name is Unicode


def _recognise(source: Source, options: ReadOptions) -> Reader:
    """The reader that was asked for, else by suffix, else by content.

    Raises:
        FormatUnknown, InputUnreadable.
    """
    if options.format is not None:
        return reader_named(options.format)
    suffix = _suffix(source.shown)
    named = [reader for reader in READERS if suffix in reader.suffixes]
    if len(named) == 1:
        return named[0]
    try:
        head = read_head(source.path)
    except OSError as error:
        raise InputUnreadable(source.shown, _reason(error)) from None
    for reader in named or READERS:
        if reader.recognises(head):
            return reader
    if named or not head:
        return named[0] if named else reader_named("jsonl")
    raise FormatUnknown(source.shown, tuple(reader.name for reader in READERS))


def _split_leniently(
    source: Source, reader: Reader | Refusal, options: ReadOptions, part_bytes: int, *, strict: bool
) -> list[Part]:
    """The parts of a file; one among others cannot stop the run, unless `fields` is wrong."""
    if isinstance(reader, Refusal):
        return [Part("", (source,), problem=(reader.reason, reader.detail))]
    try:
        return _split(source, reader, options, part_bytes)
    except (InputUnreadable, FieldUnknown) as error:
        if strict or (isinstance(error, FieldUnknown) and options.fields):
            raise
        detail = error.reason if isinstance(error, InputUnreadable) else str(error)
        return [Part("", (source,), problem=("input_unreadable", detail))]


def _split(source: Source, reader: Reader, options: ReadOptions, part_bytes: int) -> list[Part]:
    try:
        packed = compression_of(source.path)
        if packed and reader.seeks:
            with open_stream(source.path) as stream:
                limit = max(_SPOOL_FLOOR, Path(source.path).stat().st_size * _MAX_RATIO)
                source = replace(source, path=_spool(stream, source.shown, limit))
        return reader.split(source, options, part_bytes)
    except OSError as error:
        raise InputUnreadable(source.shown, _reason(error)) from None


def _join(parts: Iterable[Part], part_bytes: int) -> Iterator[Part]:
    """Neighbours that are whole files of one format become one part."""
    held: Part | None = None
    for part in parts:
        if (
            held is not None
            and held.whole
            and part.whole
            and held.reader == part.reader
            and held.size_bytes + part.size_bytes <= part_bytes
            and len(held.sources) < _MAX_JOINED
        ):
            sources, size = held.sources + part.sources, held.size_bytes + part.size_bytes
            held = replace(held, sources=sources, size_bytes=size)
        else:
            if held is not None:
                yield held
            held = part
    if held is not None:
        yield held


def _spool(stream: BinaryIO, shown: str, limit: int | None = None) -> str:
    """Copy a stream to a temporary file that is removed when this process ends."""
    try:
        handle, path = tempfile.mkstemp(prefix="isnad-input-")
        atexit.register(_remove, path, os.getpid())
        with os.fdopen(handle, "wb") as copy:
            if limit is None:
                shutil.copyfileobj(stream, copy, 1 << 20)
            while limit is not None and (piece := stream.read(1 << 20)):
                limit -= len(piece)
                if limit < 0:
                    raise InputUnreadable(shown, "unpacks to far more than such a file holds")
                copy.write(piece)
    except (OSError, StreamBroken) as error:
        reason = _reason(error) if isinstance(error, OSError) else str(error)
        raise InputUnreadable(_show(shown), reason) from None
    return path


def _remove(path: str, owner: int) -> None:
    """Only the process that made the file removes it, not a worker forked from it."""
    if os.getpid() == owner:
        Path(path).unlink(missing_ok=True)


def _opened(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise InputUnreadable(_show(name), _reason(error)) from None


def _suffix(name: str) -> str:
    """The last suffix that is not one of a compression, in lower case."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    while suffixes and suffixes[-1] in _PACKED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _stem(name: str) -> str:
    """A path without the suffixes of compression and of its format."""
    path = Path(name)
    while path.suffix.lower() in _PACKED_SUFFIXES:
        path = path.with_suffix("")
    known = any(path.suffix.lower() in reader.suffixes for reader in READERS)
    return str(path.with_suffix("") if known else path)


def _show(name: str) -> str:
    """A name as valid Unicode: file names are bytes."""
    return os.fsencode(name).decode("utf-8", "replace")


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
