"""Stages of a run -> Parquet datasets of a work folder, each computed once.

Every stage is written out before the next one begins: lineage stays short, what is random in a
recomputation cannot reach a result, and a run that was killed goes on at its last finished stage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from dedupe.errors import OutputUnwritable

__all__ = ["Folder", "Stages", "list_files"]


class Folder:
    """A folder on any Hadoop file system."""

    def __init__(self, session: SparkSession, path: str) -> None:
        self.path = path.rstrip("/") or "/"
        self.session = session
        self._java: Any = session._jvm
        self._system, self._root = _open(session, self.path)

    def __truediv__(self, name: str) -> str:
        """Name what stands here."""
        return f"{self.path}/{name}"

    def _at(self, name: str) -> Any:  # noqa: ANN401 (a Java object)
        return self._java.org.apache.hadoop.fs.Path(self._root, name)

    def has(self, name: str) -> bool:
        """Whether a file or folder of that name stands here."""
        return bool(self._system.exists(self._at(name)))

    def read(self, name: str) -> bytes:
        """A small file."""
        stream = self._system.open(self._at(name))
        try:
            return bytes(stream.readAllBytes())
        finally:
            stream.close()

    def write(self, name: str, data: bytes) -> None:
        """Put a small file in place, whole or not at all."""
        half = self._at(f"_{name}.unfinished")
        stream = self._system.create(half, True)
        try:
            stream.write(bytearray(data))
        finally:
            stream.close()
        self._system.delete(self._at(name), False)
        if not self._system.rename(half, self._at(name)):
            raise OutputUnwritable(self / name, "the file system refused to rename")

    def remove(self, name: str) -> None:
        """Remove a file or folder with all that is in it."""
        self._system.delete(self._at(name), True)

    def names(self) -> list[str]:
        """What stands here; nothing when there is no such folder."""
        if not self._system.exists(self._root):
            return []
        return sorted(status.getPath().getName() for status in self._system.listStatus(self._root))


def _open(session: Any, path: str) -> tuple[Any, Any]:  # noqa: ANN401 (Java objects)
    root = session._jvm.org.apache.hadoop.fs.Path(path)
    return root.getFileSystem(session._jsc.hadoopConfiguration()), root


def list_files(session: SparkSession, pattern: str) -> list[tuple[str, int, int]]:
    """(path, size, time changed) of every file a path, folder or pattern names, hidden ones not."""
    system, root = _open(session, pattern)
    found = []
    for status in system.globStatus(root) or ():
        walk = system.listFiles(status.getPath(), True)
        while walk.hasNext():
            file = walk.next()
            below = file.getPath().toString()[len(status.getPath().toString()) :]
            if not any(part.startswith(("_", ".")) for part in below.split("/")):
                found.append((file.getPath().toString(), file.getLen(), file.getModificationTime()))
    return sorted(found)


class Stages:
    """The finished stages of one run."""

    def __init__(self, session: SparkSession, folder: Folder) -> None:
        self.session, self.folder = session, folder

    def keep(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        """The dataset of a stage, computed now unless an earlier attempt has finished it."""
        frame = make()
        if not self.folder.has(f"{name}/_SUCCESS"):
            frame.write.mode("overwrite").parquet(self.folder / name)
        return self.session.read.schema(frame.schema).parquet(self.folder / name)
