"""A finished run and new inputs -> the run over both, without reading or verifying twice.

The work folder of the finished run has all that the stages leave: its columns are copied and gone
on with, candidates are found anew among all keys (so caps fall as they would from scratch), and a
pair of two unchanged articles that was verified there keeps its verdict: it is a function of two
texts and the configuration, which is that run's, with the boilerplate it learned.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.batch.checkpoint import Checkpoint
from dedupe.batch.collect import ARTICLE_COLUMNS
from dedupe.batch.revisions import STATE_BYTES, State, unpack_state
from dedupe.batch.spool import COLUMNS, Spool
from dedupe.candidates import pair_left, pair_right
from dedupe.config import Config
from dedupe.errors import InputUnreadable
from dedupe.matching import Judged

__all__ = [
    "Previous",
    "add_rows",
    "identify_addition",
    "open_previous",
    "read_kept_states",
    "read_run",
    "take_over",
]

_OLDER = "older_"
_S32 = np.uint64(32)


@dataclass(frozen=True, eq=False)
class Previous:
    """What a finished run left in its work folder.

    `articles` and `older` are the columns of `gather_articles`; `pairs` uint64[k] the candidates,
    sorted, and `judged` those of them that are not independent.
    """

    folder: Path
    run: Mapping[str, str]
    articles: dict[str, NDArray[Any]]
    older: dict[str, NDArray[Any]]
    summary: dict[str, Any]
    boilerplate: list[int]
    spans: bool
    pairs: NDArray[np.uint64]
    judged: Judged

    def copy_columns(self, folder: Path) -> None:
        """Copy the columns to another work folder, where they can be gone on with."""
        for name in COLUMNS:
            shutil.copyfile(self.folder / name, folder / name)


def open_previous(folder: Path, config: Config, *, spans: bool) -> Previous:
    """Read what a finished run left.

    Raises:
        InputUnreadable: there is no finished run, it is another configuration's, or it did not
            keep where words stand and `spans` needs that.
        OutputUnwritable: the folder is damaged, or a run is working there.
    """
    shown = str(folder)
    run = read_run(folder)
    if run.get("config_id") != config.config_id:
        reason = f"its configuration is {run.get('config_id')}, not {config.config_id}: give the"
        raise InputUnreadable(shown, f"{reason} same --config and --threshold, or begin anew")
    checkpoint = Checkpoint(folder, run)
    try:
        stages = [checkpoint.load(stage) for stage in ("read", "candidates", "verify")]
    finally:
        checkpoint.close()
    read, candidates, verify = stages
    if read is None or candidates is None or verify is None:
        raise InputUnreadable(shown, "its run is not finished: run it again to its end first")
    columns, told = read
    older = {name.removeprefix(_OLDER): own for name, own in columns.items() if _OLDER in name}
    if not older:
        raise InputUnreadable(shown, "it was written by an earlier version: begin anew")
    kept = _has(folder, "starts") if _has(folder, "tokens") else spans
    if spans and not kept:
        raise InputUnreadable(shown, "it keeps no spans: run it with --matches first")
    return Previous(
        folder,
        run,
        {name: columns[name] for name in ARTICLE_COLUMNS},
        older,
        told["summary"],
        told.get("boilerplate", []),
        kept,
        candidates[0]["pairs"],
        Judged(**verify[0]),
    )


def _has(folder: Path, name: str) -> bool:
    return (folder / name).stat().st_size > 0


def read_run(folder: Path) -> dict[str, str]:
    """What identifies the run of a work folder; raises InputUnreadable where it is none."""
    try:
        found = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InputUnreadable(str(folder), "not the work folder of a run (see --work-dir)")
    return found


def identify_addition(run: Mapping[str, str], previous: Previous) -> dict[str, str]:
    """The identity of a run over `run`'s inputs added to a previous one."""
    about = json.dumps([run["inputs"], dict(previous.run)], sort_keys=True)
    return {**run, "inputs": hashlib.sha256(about.encode()).hexdigest()}


def add_rows(
    previous: Previous, rows: Mapping[str, NDArray[Any]]
) -> tuple[int, dict[str, NDArray[Any]]]:
    """(how many were current before, their columns, then those of other rows, then new ones).

    What is not known of rows that were not current is zero: they can win no more than they did.
    """
    others = len(previous.older["id_hash"])
    added = {
        name: np.concatenate(
            [
                previous.articles[name],
                previous.older.get(name, np.zeros(others, column.dtype)),
                column,
            ]
        )
        for name, column in rows.items()
    }
    return len(previous.articles["id_hash"]), added


def read_kept_states(
    spool: Spool, rows: Mapping[str, NDArray[Any]], chosen: NDArray[np.int64]
) -> Iterator[State]:
    """The state of each of the `chosen` rows, from behind their records."""
    records = spool.column("records").data
    ends = rows["record_first"][chosen] + rows["record_size"][chosen]
    for end in ends.tolist():
        yield unpack_state(records[end : end + STATE_BYTES])


def take_over(
    previous: Previous, was: NDArray[np.int64], pairs: NDArray[np.uint64]
) -> tuple[Judged, NDArray[np.uint64]]:
    """(verdicts that stand, candidates still to be verified).

    `was` int64[n] is the number of each article in the previous run, or -1; `pairs` uint64[k] are
    the candidates now. Both runs number articles by the hash of the id, so the sides of a pair do
    not change places.
    """
    left, right = was[pair_left(pairs)], was[pair_right(pairs)]
    old = (left >= 0) & (right >= 0)
    before = left.astype(np.uint64) << _S32 | right.astype(np.uint64)
    known = np.zeros(len(pairs), np.bool_)
    known[old] = np.isin(before[old], previous.pairs, assume_unique=True)
    own = previous.judged
    judged_before = own.left.astype(np.uint64) << _S32 | own.right.astype(np.uint64)
    numbers = np.full(len(previous.articles["id_hash"]), -1, np.int64)
    there = np.flatnonzero(was >= 0)
    numbers[was[there]] = there
    rows = np.flatnonzero(np.isin(judged_before, before[known]))
    stand = own.select(rows)
    stand.left[:] = numbers[stand.left]
    stand.right[:] = numbers[stand.right]
    return stand, pairs[~known]
