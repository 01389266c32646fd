"""Synthetic corpus -> pairs a second and core that the prefilter and the full features take.

    python -m benchmarks.bench_matching [--n 20000] [--output benchmarks/results/matching.json]

CPU time of one thread, best of five runs over the same pairs: the machine is rarely alone. The
prefilter sees all candidates, the features those that it leaves, alignment included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.corpora import provide_corpus
from dedupe.batch.local import RunOptions, run
from dedupe.candidates import pair_left, pair_right
from dedupe.config import default_config
from dedupe.features import measure_features
from dedupe.matching import judge_pairs, measure_pairs, prefilter_pairs
from dedupe.readers import ReadOptions

_ROUNDS = 5
_LEAST = 1_000_000
TARGETS = {"prefilter": 300_000, "full features": 15_000}
"""Pairs a second and core that the issue of matching asks for."""


def best_time(work: Callable[[], object]) -> float:
    """CPU seconds of this thread for one call, the least of several."""
    work()  # compile and warm up
    times = []
    for _ in range(_ROUNDS):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return min(times)


def measure(n: int) -> dict[str, dict[str, float]]:
    """Stage -> pairs and pairs a second and core."""
    config = default_config()
    articles = provide_corpus(n) / "articles.jsonl"
    with run([str(articles)], ReadOptions(), config, RunOptions(keep_candidates=True)) as result:
        corpus, pairs = result.corpus, result.candidate_pairs
        left, right = pair_left(pairs), pair_right(pairs)
        repeats = -(-_LEAST // len(pairs))
        many = np.tile(left, repeats), np.tile(right, repeats)
        kept = prefilter_pairs(corpus, left, right)
        own = left[kept], right[kept]
        measured = measure_pairs(corpus, *own, config)
        aligned = measured[:, 5] > 0
        some = own[0][aligned], own[1][aligned]
        taken = {
            "prefilter": (len(many[0]), best_time(lambda: prefilter_pairs(corpus, *many))),
            "full features": (
                len(some[0]),
                best_time(lambda: measure_features(measure_pairs(corpus, *some, config))),
            ),
            "verdicts": (len(own[0]), best_time(lambda: judge_pairs(corpus, *own, config))),
        }
    return {
        name: {"pairs": count, "pairs_a_second": round(count / seconds)}
        for name, (count, seconds) in taken.items()
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000)
    default = machine.ROOT / "benchmarks" / "results" / "matching.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    occasion = machine.Occasion()
    stages = measure(arguments.n)
    written = {
        "command": f"python -m benchmarks.bench_matching --n {arguments.n}",
        **occasion.describe(),
        "targets": TARGETS,
        "stages": stages,
    }
    machine.write_result(arguments.output, written)
    for name, row in stages.items():
        target = f" (wanted {TARGETS[name]:,})" if name in TARGETS else ""
        print(f"{name}: {row['pairs_a_second']:,} pairs a second and core{target}")


if __name__ == "__main__":
    main()
