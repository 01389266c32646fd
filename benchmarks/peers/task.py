"""Peer functions -> one JSON object of costs: the frame every peer runs in.

`sign` holds the texts in memory, warms the peer up, pins the process to one core and takes the CPU
time of tokenising and signing. `cluster` does the whole job (read, sign, look up, unite, write);
its cost is taken from outside by the parent process, imports included.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

NUM_PERM = 128
SHINGLE = 3
WARM_UP = 200
BANDS = {0.5: (25, 5), 0.7: (14, 9)}
"""Bands and rows for peers without a banding of their own: datasketch's optimum for 128 values."""

_WORD = re.compile(r"\w+")
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)

Labels = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Clustered:
    """Ids in input order, one label each, and what is worth knowing of how."""

    ids: list[str]
    labels: Labels
    note: dict[str, Any] = field(default_factory=dict)


Cluster = Callable[[Path, float], Clustered]
"""Articles file and threshold -> clusters."""


@dataclass(frozen=True)
class Variant:
    """One way to use a peer. `cluster` is None where it offers no way to clusters."""

    packages: tuple[str, ...]
    note: str
    sign: Callable[[list[str]], object]
    cluster: Cluster | None


class Forest:
    """Union-find over 0..n-1 by path halving; the smaller root wins."""

    def __init__(self) -> None:
        self.parent: list[int] = []

    def find(self, item: int) -> int:
        """Return the root of `item`, adding it first when it is new."""
        parent = self.parent
        parent.extend(range(len(parent), item + 1))
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def unite(self, item: int, others: Iterable[int]) -> None:
        """Put `item` and `others` into one tree."""
        root = self.find(item)
        for other in others:
            found = self.find(other)
            if found != root:
                low, high = min(root, found), max(root, found)
                self.parent[high] = root = low

    def labels(self) -> Labels:
        """Return the root of every item."""
        return np.fromiter((self.find(i) for i in range(len(self.parent))), np.int64)


def words(text: str) -> list[str]:
    r"""Lower-cased runs of `\w`: the tokenisation of the published figures."""
    return _WORD.findall(text.lower())


def shingle_strings(text: str) -> list[str]:
    """Three-word shingles joined by a space."""
    w = words(text)
    return [f"{a} {b} {c}" for a, b, c in zip(w, w[1:], w[2:], strict=False)] or w[:1]


def shingle_bytes(text: str) -> list[bytes]:
    """Three-word shingles as UTF-8."""
    return [shingle.encode() for shingle in shingle_strings(text)]


def shingle_hashes(text: str) -> npt.NDArray[np.uint64]:
    """Three-word shingles as 64-bit hashes: each word hashed once, combined by numpy.

    The quickest way known to us to feed a peer that takes hashes; Python's own string hash.
    """
    w = words(text)
    h = np.fromiter(map(hash, w), np.int64, len(w)).view(np.uint64)
    if len(h) < SHINGLE:
        return h[:1]
    return ((h[:-2] * _FIRST) ^ h[1:-1]) * _SECOND + h[2:]


def articles(path: Path) -> Iterator[tuple[str, str]]:
    """Ids and texts (title, blank, body) of a JSON Lines file."""
    import orjson

    with path.open("rb") as lines:
        for line in lines:
            row = orjson.loads(line)
            yield row["id"], f"{row['title']} {row['body']}"


def batches(path: Path, size: int) -> Iterator[tuple[list[str], list[str]]]:
    """The same, `size` articles at a time."""
    rows = articles(path)
    while batch := list(islice(rows, size)):
        yield [i for i, _ in batch], [text for _, text in batch]


def band_labels(signatures: Signatures, bands: int, rows: int) -> Labels:
    """Signatures (n, ≥ bands·rows) -> label of each row's component over equal bands."""
    # Only who bands here pays for the import.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(signatures)
    weights = np.random.default_rng(7).integers(1, 2**63, size=(bands, rows)).astype(np.uint64) | 1
    left, right = [], []
    for band in range(bands):
        part = signatures[:, band * rows : (band + 1) * rows].astype(np.uint64)
        part ^= part << np.uint64(31)
        keys = (part * weights[band]).sum(axis=1, dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
        left.append(order[same])
        right.append(order[same + 1])
    a, b = np.concatenate(left), np.concatenate(right)
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    labels: Labels = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def write_clusters(clustered: Clustered, output: Path) -> int:
    """Write clusters of two and more, one a line; return how many."""
    order = np.argsort(clustered.labels, kind="stable")
    edges = np.flatnonzero(np.diff(clustered.labels[order])) + 1
    written = 0
    with output.open("w", encoding="utf-8") as lines:
        for group in np.split(order, edges):
            if len(group) > 1:
                members = [{"id": clustered.ids[i]} for i in group]
                lines.write(json.dumps({"members": members}) + "\n")
                written += 1
    return written


def pin(core: int) -> None:
    """Keep this process and its threads on one core."""
    os.sched_setaffinity(0, {core})


def take_cpu(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds (user and system, all threads) and wall seconds of `work`."""
    before, clock = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    kept = work()
    wall, after = time.perf_counter() - clock, resource.getrusage(resource.RUSAGE_SELF)
    del kept
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def time_signing(sign: Callable[[list[str]], object], texts: list[str]) -> dict[str, Any]:
    """Warm up, then sign all `texts` and say what it cost."""
    sign(texts[:WARM_UP])
    cpu, wall = take_cpu(lambda: sign(texts))
    return {"articles": len(texts), "cpu_s": round(cpu, 4), "wall_s": round(wall, 4)}


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Installed version of each package."""
    return {name: importlib.metadata.version(name) for name in packages}


def parse(arguments: list[str] | None, variants: Iterable[str]) -> argparse.Namespace:
    """Read the command line every peer understands."""
    parser = argparse.ArgumentParser(description="run one peer and print what it cost")
    parser.add_argument("action", choices=["sign", "cluster"])
    parser.add_argument("--variant", choices=sorted(variants), required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--n", type=int, default=20_000, help="articles to sign")
    parser.add_argument("--core", type=int, help="sign on this core only")
    parser.add_argument("--threshold", type=float, choices=sorted(BANDS), default=0.7)
    parser.add_argument("--output", type=Path)
    return parser.parse_args(arguments)


def run(variants: dict[str, Variant], arguments: list[str] | None = None) -> None:
    """Run what the command line asks for and print one JSON object."""
    args = parse(arguments, variants)
    variant = variants[args.variant]
    result: dict[str, Any] = {"versions": versions(variant.packages), "note": variant.note}
    if args.action == "sign":
        if args.core is not None:
            pin(args.core)
        texts = [text for _, text in islice(articles(args.articles), args.n)]
        result |= time_signing(variant.sign, texts)
    elif variant.cluster is None:
        sys.exit(f"{args.variant} offers no clusters")
    else:
        clustered = variant.cluster(args.articles, args.threshold)
        result |= clustered.note
        result["clusters"] = write_clusters(clustered, args.output)
    print(json.dumps(result))
