"""rensa: R-MinHash with its RMinHashLSH, from pre-hashed words, the rho sketch, and C-MinHash.

C-MinHash comes with a deduplicator that compares a sketch with most of those before it: in five
minutes it had not finished 100,000 articles, so its digests are banded by numpy instead.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import rensa  # type: ignore[import-not-found, unused-ignore]

from benchmarks.peers import task

Sketches: TypeAlias = Any  # rensa is not installed where types are checked
Build: TypeAlias = Callable[[list[str]], Sketches]

SEED = 42
BATCH = 250
LSH_BANDS = {0.5: 32, 0.7: 16}
"""Its LSH takes divisors of 128 only: those nearest to the threshold by (1/b)^(1/r)."""


def _objects(texts: list[str]) -> Sketches:
    sets = [task.shingle_strings(text) for text in texts]
    return rensa.RMinHash.from_token_sets(sets, num_perm=task.NUM_PERM, seed=SEED)


def _token_matrix(texts: list[str]) -> Sketches:
    sets = [task.shingle_strings(text) for text in texts]
    return rensa.RMinHash.digest_matrix_from_token_sets(sets, num_perm=task.NUM_PERM, seed=SEED)


def _flat(texts: list[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    hashes = [task.shingle_hashes(text) for text in texts]
    offsets = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum([len(h) for h in hashes], out=offsets[1:], dtype=np.uint64)
    return np.concatenate(hashes), offsets


def _hash_matrix(texts: list[str]) -> Sketches:
    build = rensa.RMinHash.digest_matrix_from_flat_token_hashes
    return build(*_flat(texts), num_perm=task.NUM_PERM, seed=SEED)


def _rho_matrix(texts: list[str]) -> Sketches:
    build = rensa.RMinHash.digest_matrix_from_flat_token_hashes_rho
    return build(*_flat(texts), num_perm=task.NUM_PERM, seed=SEED)


def _c_digests(texts: list[str]) -> Sketches:
    sets = [task.shingle_strings(text) for text in texts]
    return rensa.CMinHash.digests_from_token_sets(sets, num_perm=task.NUM_PERM, seed=SEED)


def _chunked(build: Build) -> Callable[[list[str]], object]:
    def sign(texts: list[str]) -> list[Sketches]:
        return [build(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]

    return sign


def _cluster_lsh(path: Path, threshold: float) -> task.Clustered:
    bands = LSH_BANDS[threshold]
    lsh = rensa.RMinHashLSH(threshold=threshold, num_perm=task.NUM_PERM, num_bands=bands)
    ids: list[str] = []
    forest = task.Forest()
    for batch_ids, texts in task.batches(path, BATCH):
        signed, start = _objects(texts), len(ids)
        lsh.insert_many(signed, start_key=start)
        for key, found in enumerate(lsh.query_all(signed), start=start):
            forest.unite(key, found)
        ids += batch_ids
    return task.Clustered(ids, forest.labels(), {"bands": bands, "rows": task.NUM_PERM // bands})


def _cluster_bands(rows_of: Callable[[list[str]], object]) -> task.Cluster:
    def cluster(path: Path, threshold: float) -> task.Clustered:
        ids: list[str] = []
        parts = []
        for batch_ids, texts in task.batches(path, BATCH):
            parts.append(np.array(rows_of(texts), np.uint32))
            ids += batch_ids
        bands, rows = task.BANDS[threshold]
        labels = task.band_labels(np.concatenate(parts), bands, rows)
        return task.Clustered(ids, labels, {"bands": bands, "rows": rows})

    return cluster


_PACKAGES = ("rensa",)
VARIANTS = {
    "rensa": task.Variant(
        _PACKAGES, "R-MinHash of token sets, RMinHashLSH", _chunked(_token_matrix), _cluster_lsh
    ),
    "rensa-prehashed": task.Variant(
        _PACKAGES,
        "R-MinHash of word hashes combined by numpy; bands by numpy",
        _chunked(_hash_matrix),
        _cluster_bands(lambda texts: _hash_matrix(texts).to_rows()),
    ),
    "rensa-rho": task.Variant(
        _PACKAGES, "rho sketch of word hashes: flags, no clusters", _chunked(_rho_matrix), None
    ),
    "rensa-cminhash": task.Variant(
        _PACKAGES,
        "C-MinHash of token sets; bands by numpy",
        _chunked(_c_digests),
        _cluster_bands(_c_digests),
    ),
}

if __name__ == "__main__":
    task.run(VARIANTS)
