"""Frozen statistics -> which words are common, which passages are boilerplate.

A match must not depend on what else happens to be in a run, so frequencies are learned once
(`isnad statistics learn`), counted per story rather than per article (a wire report carried by
forty outlets would make its own words common) and shipped as a file whose hash is part of
`config_id`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dedupe.boilerplate import sieve_of
from dedupe.errors import OutputUnwritable, StatisticsInvalid
from dedupe.foldtable import identity_version

__all__ = ["Statistics", "default_statistics", "load_statistics", "save_statistics"]

_DEFAULT = Path(__file__).parent / "data" / "statistics.npz"
_BITMAP = 1 << 20
_COMMON_SHARE = 200  # of 65,535: a word in 0.3 % of the stories of a language is no name


@dataclass(frozen=True, eq=False)
class Statistics:
    """What was counted once over some collection.

    `identities` is `foldtable.identity_version()` of what made the words; `words` uint32[n] sorted
    word identities and `shares` uint16[n], the share of a language's
    stories that hold the word (65,535 = all), the highest over languages; `boilerplate` uint64[m]
    sorted hashes of the grams of boilerplate (see `boilerplate`); `stories` how many were counted.
    """

    words: NDArray[np.uint32]
    shares: NDArray[np.uint16]
    boilerplate: NDArray[np.uint64]
    stories: int
    identities: str

    @cached_property
    def hash(self) -> str:
        """64 hex digits of SHA-256 over all arrays."""
        digest = hashlib.sha256(str(self.stories).encode())
        for array in (self.words, self.shares, self.boilerplate):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def common(self) -> NDArray[np.uint8]:
        """uint8[2^20]: 1 where the low bits of a word identity belong to a common word."""
        bitmap = np.zeros(_BITMAP, np.uint8)
        bitmap[self.words[self.shares >= _COMMON_SHARE] & np.uint32(_BITMAP - 1)] = 1
        return bitmap

    @cached_property
    def sieve(self) -> NDArray[np.uint8]:
        """uint8[2^16]: which low bits of a gram hash may belong to boilerplate."""
        return sieve_of(self.boilerplate)


def save_statistics(statistics: Statistics, path: Path) -> None:
    """Write a statistics file; raises OutputUnwritable."""
    try:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                words=statistics.words,
                shares=statistics.shares,
                boilerplate=statistics.boilerplate,
                stories=np.array(statistics.stories, np.int64),
                identities=np.array(statistics.identities),
            )
    except OSError as error:
        raise OutputUnwritable(str(path), error.strerror or str(error)) from error


def load_statistics(path: Path) -> Statistics:
    """Read a statistics file; raises StatisticsInvalid for anything else."""
    try:
        # opened here: numpy leaves the file of a broken archive open
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            loaded = Statistics(
                data["words"].astype(np.uint32),
                data["shares"].astype(np.uint16),
                data["boilerplate"].astype(np.uint64),
                int(data["stories"]),
                str(data["identities"]),
            )
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        raise StatisticsInvalid(str(path), str(error)) from error
    if len(loaded.words) != len(loaded.shares):
        raise StatisticsInvalid(str(path), "words and shares differ in length")
    if loaded.identities != identity_version():
        raise StatisticsInvalid(
            str(path), "made by a version that hashes words otherwise: learn again"
        )
    return loaded


@lru_cache(maxsize=1)
def default_statistics() -> Statistics:
    """The statistics that ship with the package."""
    return load_statistics(_DEFAULT)
