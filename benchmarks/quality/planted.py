"""A planted corpus of any size -> how its clusters score, and whether each has a dense core.

    python -m benchmarks.quality.planted [--corpus DIR | --n 1000000] [--output FILE] [--jobs N]

A cluster has a dense core when one member is matched with at least half of the others: an original
and what was made of it. Without one it is a chain that drifts from text to text. Clusters of fewer
than six members are not asked.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import corpora, machine
from benchmarks.quality.session import Session, read_rows
from dedupe.models import Relation

__all__ = ["Cores", "count_cores", "has_core"]

OUTPUT = machine.ROOT / "benchmarks" / "results" / "planted.json"
_ASKED = 6


@dataclass(frozen=True)
class Cores:
    """Clusters of six members and more, those without a dense core, and the largest cluster.

    `density` is the mean share of the pairs inside a cluster that are matches.
    """

    asked: int
    without: int
    largest: int
    density: float
    examples: tuple[str, ...]


def has_core(members: int, degrees: Counter[str]) -> bool:
    """Whether a member is matched with half of the others, by the matches of each."""
    return 2 * max(degrees.values(), default=0) >= members - 1


def count_cores(clusters: Path, matches: Path) -> Cores:
    """Ask every cluster of a report; reads both JSON Lines files once."""
    cluster_of: dict[str, int] = {}
    sizes: list[int] = []
    names: list[str] = []
    for row in read_rows(clusters):
        if len(row["members"]) > 1:
            cluster_of.update((member["id"], len(sizes)) for member in row["members"])
            sizes.append(len(row["members"]))
            names.append(row["cluster_id"])
    degrees: dict[int, Counter[str]] = {}
    for match in read_rows(matches):
        own = cluster_of.get(match["left"], -1)
        inside = own >= 0 and own == cluster_of.get(match["right"], -2)
        if inside and sizes[own] >= _ASKED and Relation(match["relation"]).unites:
            degrees.setdefault(own, Counter()).update((match["left"], match["right"]))
    asked = [number for number, size in enumerate(sizes) if size >= _ASKED]
    chains = [n for n in asked if not has_core(sizes[n], degrees.get(n, Counter()))]
    examples = tuple(f"{names[n]} ({sizes[n]})" for n in chains[:10])
    shares = [sum(degrees.get(n, Counter()).values()) / (sizes[n] * (sizes[n] - 1)) for n in asked]
    density = round(sum(shares) / max(1, len(shares)), 4)
    return Cores(len(asked), len(chains), max(sizes, default=1), density, examples)


def main() -> None:
    """Report, score, ask, print and write; exit 1 where a cluster has no core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="folder with articles.jsonl and truth.tsv")
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    corpus = corpora.provide_corpus(arguments.n, arguments.corpus)
    occasion = machine.Occasion()
    with tempfile.TemporaryDirectory(prefix="isnad-planted-") as scratch:
        session = Session(Path(scratch), None, arguments.n, arguments.jobs)
        report = session.report("planted", corpus / "articles.jsonl")
        scores = corpora.score_clusters(corpus / "truth.tsv", report.clusters)
        cores = count_cores(report.clusters, report.matches)
    result = {
        "command": f"python -m benchmarks.quality.planted --n {scores['articles']}",
        **occasion.describe(),
        "scores": scores,
        "cores": asdict(cores),
        "cpu_s": round(report.usage.cpu_s, 1),
        "peak_mib": round(report.usage.peak_mib),
    }
    machine.write_result(arguments.output, result)
    print(json.dumps(result, indent=1, ensure_ascii=False))
    sys.exit(1 if cores.without else 0)


if __name__ == "__main__":
    main()
