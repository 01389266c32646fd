"""A finished report -> its verdicts and clusters by article id, to be taken over by an archive.

Two kinds of folder hold all of them: the work folder of a run on this machine (`--work-dir`) and
the output folder of a run on Spark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.against import read_run
from dedupe.batch.checkpoint import Checkpoint
from dedupe.batch.local import cluster_labels
from dedupe.batch.recut import with_boilerplate
from dedupe.batch.spool import COLUMNS
from dedupe.config import Config
from dedupe.errors import DependencyMissing, InputUnreadable
from dedupe.matching import RELATIONS, Judged
from dedupe.members import FinishedPair
from dedupe.records import decode_record

__all__ = ["Finished", "open_finished"]

_ROWS_AT_ONCE = 8192
_CODES = {relation.value: code for code, relation in enumerate(RELATIONS)}


class Finished(Protocol):
    """What a report found: the number of its articles, verified pairs, clusters of two or more."""

    @property
    def config_id(self) -> str:
        """What it was made with."""

    @property
    def articles(self) -> int:
        """How many articles it was made of, each id once."""

    def verdicts(self) -> Iterator[FinishedPair]:
        """Walk the verified pairs."""

    def clusters(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Walk (cluster id, ids of its articles)."""


def open_finished(folder: Path, config: Config) -> Finished:
    """Open either kind of folder, made with `config`.

    Raises:
        InputUnreadable: it is neither, its run is not finished, or of another configuration.
        OutputUnwritable: it is damaged.
        DependencyMissing: the folder is Spark's and the extra `parquet` is not installed.
    """
    found: _WorkFolder | _SparkFolder
    if (folder / "run.json").is_file():
        found = _open_work_folder(folder, config)
    elif (folder / "summary.json").is_file():
        found = _open_spark_folder(folder)
    else:
        reason = "neither a work folder of a report (--work-dir) nor an output of Spark"
        raise InputUnreadable(str(folder), reason)
    if found.config_id != config.config_id:
        reason = f"made with configuration {found.config_id}, not with {config.config_id} alone"
        remedy = "give its --config, and report with --no-learn (learning makes another one)"
        raise InputUnreadable(str(folder), f"{reason}: {remedy}")
    return found


# --- one machine ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _WorkFolder:
    folder: Path
    config_id: str
    columns: dict[str, NDArray[Any]]
    judged: Judged
    labels: NDArray[np.int64]

    @property
    def articles(self) -> int:
        return len(self.labels)

    def _ids(self, numbers: NDArray[Any]) -> list[str]:
        records = np.memmap(self.folder / "records", COLUMNS["records"], "r").data
        firsts = self.columns["record_first"][numbers].tolist()
        sizes = self.columns["record_size"][numbers].tolist()
        return [
            decode_record(records[first : first + size]).id
            for first, size in zip(firsts, sizes, strict=True)
        ]

    def verdicts(self) -> Iterator[FinishedPair]:
        for first in range(0, len(self.judged.left), _ROWS_AT_ONCE):
            part = self.judged.select(
                np.arange(first, min(first + _ROWS_AT_ONCE, len(self.judged.left)))
            )
            words = self.columns["token_count"]
            equal = (words[part.left] == words[part.right]).tolist()
            rows = zip(self._ids(part.left), self._ids(part.right), equal, part.rows(), strict=True)
            for left, right, same, row in rows:
                pair = FinishedPair(left, right, *row[2:])
                if left > right:
                    pair = pair._replace(
                        left=right,
                        right=left,
                        containment_left=pair.containment_right,
                        containment_right=pair.containment_left,
                        left_longer=not pair.left_longer and not same,
                    )
                yield pair

    def clusters(self) -> Iterator[tuple[str, Sequence[str]]]:
        order = np.argsort(self.labels, kind="stable")
        starts = np.flatnonzero(np.diff(self.labels[order], prepend=-1))
        for first, last in zip(starts, [*starts[1:], len(order)], strict=True):
            if last - first > 1:
                label = int(self.labels[order[first]])
                name = f"c{int(self.columns['id_hash'][label]):016x}"
                yield name, self._ids(order[first:last])


def _open_work_folder(folder: Path, config: Config) -> _WorkFolder:
    run = read_run(folder)
    checkpoint = Checkpoint(folder, run)
    try:
        read, verify = checkpoint.load("read"), checkpoint.load("verify")
    finally:
        checkpoint.close()
    if read is None or verify is None:
        raise InputUnreadable(str(folder), "its run is not finished: run it again to its end")
    columns, told = read
    config_id = str(run.get("config_id"))
    used = with_boilerplate(config, told.get("boilerplate", ()))  # with what was known already
    if config_id == config.config_id != used.config_id:
        config_id = f"{config_id} with boilerplate learned by the run"
    judged = Judged(**verify[0])
    labels = cluster_labels(len(columns["id_hash"]), judged)
    return _WorkFolder(folder, config_id, columns, judged, labels)


# --- Spark ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _SparkFolder:
    folder: Path
    config_id: str
    articles: int

    def _rows(self, dataset: str) -> Iterator[dict[str, Any]]:
        from pyarrow import ArrowException
        from pyarrow.dataset import dataset as open_dataset

        try:
            rows = open_dataset(self.folder / dataset, format="parquet")
            for batch in rows.to_batches(batch_size=_ROWS_AT_ONCE):
                yield from batch.to_pylist()
        except (ArrowException, OSError) as error:
            brief = str(error).partition("\n")[0][:200]
            raise InputUnreadable(str(self.folder / dataset), brief) from None

    def verdicts(self) -> Iterator[FinishedPair]:
        for row in self._rows("matches"):
            yield FinishedPair(
                row["left"],
                row["right"],
                _CODES[row["relation"]],
                row["probability"],
                row["similarity"],
                row["containment_left"],
                row["containment_right"],
                row["container"] == "left",
                row["slot_places"],
            )

    def clusters(self) -> Iterator[tuple[str, Sequence[str]]]:
        for row in self._rows("clusters"):
            if row["size"] > 1:
                members = json.loads(row["cluster"])["members"]
                yield row["cluster_id"], [member["id"] for member in members]


def _open_spark_folder(folder: Path) -> _SparkFolder:
    try:
        import pyarrow.dataset  # noqa: F401 - asked for by name below
    except ImportError:
        raise DependencyMissing("reading Parquet", "parquet") from None
    try:
        summary = json.loads((folder / "summary.json").read_bytes())
        return _SparkFolder(folder, str(summary["config_id"]), int(summary["articles"]))
    except (ValueError, KeyError, TypeError) as error:
        reason = f"not the summary of a report: {type(error).__name__}"
        raise InputUnreadable(str(folder / "summary.json"), reason) from None
