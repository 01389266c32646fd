"""Parameters -> configuration: everything a signature, a key or a match depends on, and its id.

Two things made with different configurations are never compared; `config_id` says which they are.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedupe.errors import ConfigInvalid, InputUnreadable
from dedupe.foldtable import identity_version
from dedupe.lexicon import kinds_of_words, lexicon_hash
from dedupe.limits import limits_version
from dedupe.statistics import Statistics, default_statistics, load_statistics
from dedupe.verifier import Verifier, default_verifier, load_verifier

__all__ = ["Config", "default_config", "load_config"]

_NOT_IN_ID = frozenset({"statistics", "verifier"})  # by hash


@dataclass(frozen=True)
class Config:
    """One configuration; every field is part of `config_id`.

    Shingles: `shingle_words` words or `shingle_letters` letters of a script without spaces.
    Signature: `permutations` values of datasketch's `affine32` scheme from `seed`.
    Keys: `bands` of `rows` values; passages are grams of `passage_words` words or
    `passage_letters` letters, the smallest of every `passage_window`.
    Buckets: all pairs up to `bucket_cap` members, hubs above; passage keys of more than
    `passage_limit` members are boilerplate. `threshold` is the least probability of copying.
    """

    permutations: int = 128
    seed: int = 1
    shingle_words: int = 3
    shingle_letters: int = 5
    bands: int = 20
    rows: int = 6
    passage_words: int = 6
    passage_letters: int = 12
    passage_window: int = 14
    bucket_cap: int = 64
    passage_limit: int = 1000
    threshold: float = 0.5
    statistics: Statistics = field(default_factory=default_statistics)
    verifier: Verifier = field(default_factory=default_verifier)

    def __post_init__(self) -> None:
        """Raise ConfigInvalid for a value out of its range."""
        ranges = {
            "permutations": (16, 1024),
            "seed": (0, 2**32 - 1),
            "shingle_words": (1, 10),
            "shingle_letters": (1, 20),
            "bands": (1, self.permutations),
            "rows": (1, self.permutations),
            "passage_words": (3, 64),
            "passage_letters": (3, 64),
            "passage_window": (1, 1000),
            "bucket_cap": (2, 4096),
            "passage_limit": (2, 10_000_000),
        }
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise ConfigInvalid(name, value, f"from {least} to {most}")
        if self.bands * self.rows > self.permutations:
            wanted = f"bands * rows at most {self.permutations}"
            raise ConfigInvalid("bands", self.bands, wanted)
        if not 0 <= self.threshold <= 1:
            raise ConfigInvalid("threshold", self.threshold, "from 0 to 1")

    @cached_property
    def config_id(self) -> str:
        """First 16 hex digits of SHA-256 over all that a match depends on."""
        own = [field.name for field in fields(self) if field.name not in _NOT_IN_ID]
        values: dict[str, object] = {name: getattr(self, name) for name in own}
        values["scheme"] = "affine32"
        values["identities"] = identity_version()
        values["limits"] = limits_version()
        values["lexicon"] = lexicon_hash()
        values["statistics"] = self.statistics.hash
        values["verifier"] = self.verifier.hash
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """What each word is, by the low bits of its identity: uint8[2^20], bits of `lexicon`."""
        return kinds_of_words(self.statistics.common)

    @property
    def shape(self) -> tuple[int, int, int, int, int, int, int]:
        """What the kernels ask of it: of shingles, bands and passages, in the order of the fields.

        (`shingle_words`, `shingle_letters`, `bands`, `rows`, `passage_words`, `passage_letters`,
        `passage_window`).
        """
        return (
            self.shingle_words,
            self.shingle_letters,
            self.bands,
            self.rows,
            self.passage_words,
            self.passage_letters,
            self.passage_window,
        )

    def with_threshold(self, threshold: float) -> Config:
        """The same configuration with another threshold."""
        return replace(self, threshold=threshold)


@cache
def default_config() -> Config:
    """The configuration that ships with the package."""
    return Config()


def load_config(path: Path) -> Config:
    """Read a TOML file of `Config` fields; `statistics` and `verifier` name files beside it.

    Raises ConfigInvalid for an unknown field, a wrong type or a value out of range,
    InputUnreadable for what is no TOML file.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputUnreadable(str(path), error.strerror or str(error)) from error
    except ValueError as error:
        raise InputUnreadable(str(path), f"not TOML: {error}") from error
    known = {field.name: field.type for field in fields(Config)}
    for name, value in values.items():
        if name not in known:
            raise ConfigInvalid(name, value, f"known are {', '.join(known)}")
        wanted = {"threshold": (int, float), "statistics": (str,), "verifier": (str,)}.get(
            name, (int,)
        )
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise ConfigInvalid(name, value, f"{known[name]}")
    if "statistics" in values:
        values["statistics"] = load_statistics(path.parent / values["statistics"])
    if "verifier" in values:
        values["verifier"] = load_verifier(path.parent / values["verifier"])
    return Config(**values)
