"""gaoya: MinHashStringIndex with its own Rust word analyser, 32-bit hashes.

Its analyser splits on ASCII blanks and punctuation, so the Arabic comma stays on its word; a Python
analyser is slower by half. Its index answers by text only, so every text is signed twice (insert,
query); the second variant takes the signatures out and bands them with numpy, signing once.
"""

from __future__ import annotations

from pathlib import Path

import gaoya  # type: ignore[import-not-found, unused-ignore]
import numpy as np

from benchmarks.peers import task

BATCH = 1_000


def _index(threshold: float) -> gaoya.minhash.MinHashStringIndex:
    return gaoya.minhash.MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=threshold,
        num_bands=None,
        band_size=None,
        num_hashes=task.NUM_PERM,
        analyzer="word",
        lowercase=True,
        ngram_range=(task.SHINGLE, task.SHINGLE),
        id_container="smallvec",
    )


def _sign(texts: list[str]) -> object:
    index = _index(0.7).minhash_index
    return [
        np.array(index.bulk_hash_docs(texts[at : at + BATCH]), np.uint32)
        for at in range(0, len(texts), BATCH)
    ]


def _cluster_index(path: Path, threshold: float) -> task.Clustered:
    index = _index(threshold)
    ids: list[str] = []
    forest = task.Forest()
    for batch_ids, texts in task.batches(path, BATCH):
        keys = list(range(len(ids), len(ids) + len(texts)))
        index.par_bulk_insert_docs(keys, texts)
        for key, found in zip(keys, index.par_bulk_query(texts), strict=True):
            forest.unite(key, found)
        ids += batch_ids
    return task.Clustered(ids, forest.labels(), {"index": str(index)})


def _cluster_bands(path: Path, threshold: float) -> task.Clustered:
    ids: list[str] = []
    parts = []
    index = _index(0.7).minhash_index
    for batch_ids, texts in task.batches(path, BATCH):
        parts.append(np.array(index.bulk_hash_docs(texts), np.uint32))
        ids += batch_ids
    bands, rows = task.BANDS[threshold]
    labels = task.band_labels(np.concatenate(parts), bands, rows)
    return task.Clustered(ids, labels, {"bands": bands, "rows": rows})


VARIANTS = {
    "gaoya": task.Variant(("gaoya",), "its index, insert and query", _sign, _cluster_index),
    "gaoya-bands": task.Variant(
        ("gaoya",), "its signatures, bands by numpy", _sign, _cluster_bands
    ),
}

if __name__ == "__main__":
    task.run(VARIANTS)
