"""datasketch 2: MinHash.generator and MinHashLSH, default scheme `affine32`, 128 permutations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import datasketch
import xxhash  # type: ignore[import-not-found, import-untyped, unused-ignore]

from benchmarks.peers import task

Tokens = Callable[[str], Iterable[object]]
Hash = Callable[..., int] | None


def _minhashes(
    texts: Iterable[str], tokens: Tokens, hashfunc: Hash
) -> Iterator[datasketch.MinHash]:
    sets = (tokens(text) for text in texts)
    yield from datasketch.MinHash.generator(sets, num_perm=task.NUM_PERM, hashfunc=hashfunc)


def _sign(tokens: Tokens, hashfunc: Hash) -> Callable[[list[str]], object]:
    return lambda texts: list(_minhashes(texts, tokens, hashfunc))


def _cluster(tokens: Tokens, hashfunc: Hash) -> task.Cluster:
    def cluster(path: Path, threshold: float) -> task.Clustered:
        lsh = datasketch.MinHashLSH(threshold=threshold, num_perm=task.NUM_PERM)
        ids: list[str] = []

        def texts() -> Iterator[str]:
            for article, text in task.articles(path):
                ids.append(article)
                yield text

        forest = task.Forest()
        for key, minhash in enumerate(_minhashes(texts(), tokens, hashfunc)):
            forest.unite(key, lsh.query(minhash))
            lsh.insert(key, minhash, check_duplication=False)
        return task.Clustered(ids, forest.labels(), {"bands": lsh.b, "rows": lsh.r})

    return cluster


def _high_bits(text: str) -> list[int]:
    hashes: list[int] = (task.shingle_hashes(text) >> 32).tolist()
    return hashes


def _variant(note: str, tokens: Tokens, hashfunc: Hash, *more: str) -> task.Variant:
    sign, cluster = _sign(tokens, hashfunc), _cluster(tokens, hashfunc)
    return task.Variant(("datasketch", *more), note, sign, cluster)


VARIANTS = {
    "datasketch": _variant("its default hash (SHA-1)", task.shingle_bytes, None),
    "datasketch-xxhash": _variant(
        "hashfunc=xxhash.xxh32_intdigest", task.shingle_bytes, xxhash.xxh32_intdigest, "xxhash"
    ),
    "datasketch-prehashed": _variant("word hashes combined by numpy", _high_bits, int),
}

if __name__ == "__main__":
    task.run(VARIANTS)
