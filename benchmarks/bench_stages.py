"""One report in one process -> the CPU seconds of each of its stages.

    python benchmarks/bench_stages.py [--n 100000] [--corpus DIR] [--output CLUSTERS]

CPU seconds are user and system time of all threads (`time.process_time`), taken around the
functions of the stages; a stage's figure leaves out the stages it calls. `start and rest` is the
interpreter, imports, loading of kernels by the first call, and what no other stage covers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

STAGES = {
    "dedupe.batch.collect": {"read_blocks": "read", "_store_batch": "spool and ids"},
    "dedupe.batch.workers": {"process_articles": "kernels loaded"},
    "dedupe.pipeline": {"fingerprint_batches": "fingerprint"},
    "dedupe.attribution.extract": {"Extractor.extract_texts": "attribution"},
    "dedupe.batch.gather": {"load_extractor": "rules", "choose_current": "revisions"},
    "dedupe.batch.local": {
        "plan": "plan",
        "cut_learned": "boilerplate learned",
        "_find_candidates": "candidates",
        "hash_compared": "verify: contents",
        "judge_candidates": "verify: rest",
        "cluster_labels": "cluster",
    },
    "dedupe.batch.verification": {
        "sort_passages": "verify: prefilter",
        "prefilter_pairs": "verify: prefilter",
        "add_shingles": "verify: shingles",
        "judge_pairs": "verify: align and judge",
        "fold_pairs": "verify: twins",
    },
    "dedupe.batch.result": {"Result._rows": "pairs as rows", "Result._record": "records decoded"},
    "dedupe.members": {
        "ClusterBuilder.build": "members",
        "decide_provenance": "provenance",
    },
    "dedupe.report": {"write_report": "report written"},
}
"""Module -> function or method -> the stage its time belongs to."""


class Stopwatch:
    """CPU seconds by stage; what a stage calls is taken from its own time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stack: list[str] = []
        self._since = time.process_time()

    def turn(self) -> None:
        """Give the time since the last turn to the stage at hand."""
        now = time.process_time()
        stage = self._stack[-1] if self._stack else "start and rest"
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now

    def enter(self, stage: str) -> None:
        """A stage begins."""
        self.turn()
        self._stack.append(stage)

    def leave(self) -> None:
        """The stage at hand ends."""
        self.turn()
        self._stack.pop()

    def wrap(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """The same function, timed; of a generator, each step."""

        def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            self.enter(stage)
            try:
                result = function(*args, **kwargs)
            finally:
                self.leave()
            return self.steps(result, stage) if isinstance(result, Iterator) else result

        return timed

    def steps(self, items: Iterator[Any], stage: str) -> Iterator[Any]:
        """Time each step of an iterator."""
        while True:
            self.enter(stage)
            try:
                item = next(items)
            except StopIteration:
                return
            finally:
                self.leave()
            yield item


def time_stages(watch: Stopwatch) -> None:
    """Put the clocks around the functions of STAGES."""
    import importlib

    for module_name, names in STAGES.items():
        module = importlib.import_module(module_name)
        for name, stage in names.items():
            owner, _, attribute = name.rpartition(".")
            holder = getattr(module, owner) if owner else module
            if hasattr(holder, attribute):
                setattr(holder, attribute, watch.wrap(getattr(holder, attribute), stage))


def main() -> None:
    """Run the report with clocks and print a JSON object."""
    parser = argparse.ArgumentParser(description="CPU seconds of the stages of one report")
    parser.add_argument("--n", type=int, default=100_000, help="articles to generate")
    parser.add_argument("--corpus", type=Path, help="a folder that make_corpus.py has filled")
    parser.add_argument("--output", default=os.devnull, help="where the clusters are written")
    args = parser.parse_args()
    from benchmarks import corpora

    corpus = corpora.provide_corpus(args.n, args.corpus)
    watch = Stopwatch()
    time_stages(watch)
    from dedupe.cli import main as isnad

    command = ["report", str(corpus / "articles.jsonl"), "--format", "jsonl", "--jobs", "1"]
    code = isnad([*command, "--quiet", "--output", args.output])
    watch.turn()
    seconds = {stage: round(spent, 2) for stage, spent in watch.seconds.items()}
    print(json.dumps({"code": code, "seconds": seconds, "sum": round(time.process_time(), 2)}))


if __name__ == "__main__":
    main()
