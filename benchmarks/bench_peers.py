"""One corpus -> signing rates and cost of clusters, ours and the peers', in one alternating run.

    python benchmarks/bench_peers.py --n 100000 [--rounds 3] [--corpus DIR] [--output FILE]

Every measurement is a process of its own, one after another; a round runs everyone once and
every second round in reverse, so that what else the machine does falls on all alike. Medians are
reported, every round is kept in the result.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine, measure, render
from benchmarks.peer_environment import provide_environment

PEERS = {
    "datasketch": "datasketch",
    "datasketch-xxhash": "datasketch",
    "datasketch-prehashed": "datasketch",
    "rensa": "rensa",
    "rensa-prehashed": "rensa",
    "rensa-rho": "rensa",
    "rensa-cminhash": "rensa",
    "gaoya": "gaoya",
    "gaoya-bands": "gaoya",
    "daft": "daft",
}
"""Variant -> module of benchmarks.peers."""
NO_CLUSTERS = {"rensa-rho"}
SIGNS_ALIKE = {"gaoya-bands"}
"""Signs as its namesake does; only its clusters differ."""
OURS = "isnad"
OUTPUT = machine.ROOT / "benchmarks" / "results" / "peers.json"


class Bench:
    """One run: where things are, and the results so far."""

    def __init__(self, args: argparse.Namespace, corpus: Path, python: str, scratch: Path) -> None:
        self.args, self.corpus, self.python, self.scratch = args, corpus, python, scratch
        self.core = max(os.sched_getaffinity(0))
        self.signing: dict[str, list[dict[str, Any]]] = {}
        self.clusters: dict[str, list[dict[str, Any]]] = {}
        self.scores: dict[str, dict[str, Any]] = {}
        self.about: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, str] = {}
        self.first_run: dict[str, float] = {}

    def warm_up(self) -> None:
        """Run our report once over a few articles: Numba compiles on a machine's first run only."""
        few = self.scratch / "few.jsonl"
        with (self.corpus / "articles.jsonl").open("rb") as lines:
            few.write_bytes(b"".join(islice(lines, 500)))
        command = measure.isnad("report", str(few), "--format", "jsonl", "--output", os.devnull)
        usage = self.measure("first run", command)
        if usage is not None:
            self.first_run = usage.numbers()

    def run_round(self, number: int) -> None:
        """Everyone once; odd rounds forwards, even ones backwards."""
        names = [name for name in [*PEERS, OURS] if self.wanted(name)]
        order = names if number % 2 == 0 else names[::-1]
        for name in order:
            if name not in SIGNS_ALIKE:
                self.sign(name)
        if self.args.skip_clusters:
            return
        for name in order:
            for threshold in self.thresholds(name):
                self.cluster(name, threshold)

    def wanted(self, name: str) -> bool:
        """Whether `--only` lets this one run."""
        return not self.args.only or name in self.args.only

    def thresholds(self, name: str) -> Iterator[float | None]:
        """The thresholds to cluster with: ours has none to set, some offer no clusters."""
        if name == OURS:
            yield None
        elif name not in NO_CLUSTERS:
            yield from self.args.threshold

    def sign(self, name: str) -> None:
        """Signing rate on one core."""
        command = [*self.frame(name), "sign", "--variant", name, *self.articles()]
        command += ["--n", str(self.args.sign_n), "--core", str(self.core)]
        usage = self.measure(f"sign {name}", command)
        if usage is None:
            return
        result = json.loads(usage.stdout)
        self.about[name] = {"versions": result.pop("versions"), "note": result.pop("note")}
        result["per_s"] = round(result["articles"] / result["cpu_s"], 1)
        result["max_process_mib"] = usage.max_process_mib
        self.signing.setdefault(name, []).append(result)

    def cluster(self, name: str, threshold: float | None) -> None:
        """The whole job: read, sign, look up, unite, write."""
        label = name if threshold is None else f"{name}@{threshold}"
        output = self.scratch / f"{label}.jsonl"
        output.unlink(missing_ok=True)
        if threshold is None:
            command = measure.isnad("report", str(self.corpus / "articles.jsonl"))
            command += ["--format", "jsonl", "--output", str(output)]
        else:
            command = [*self.frame(name), "cluster", "--variant", name, *self.articles()]
            command += ["--threshold", str(threshold), "--output", str(output)]
        usage = self.measure(f"cluster {label}", command)
        if usage is None:
            return
        result: dict[str, Any] = usage.numbers()
        if threshold is not None:
            note = json.loads(usage.stdout)
            result["note"] = {k: v for k, v in note.items() if k not in ("versions", "note")}
        self.clusters.setdefault(label, []).append(result)
        if label not in self.scores:
            self.scores[label] = corpora.score_clusters(self.corpus / "truth.tsv", output)

    def frame(self, name: str) -> list[str]:
        """Interpreter and module of one of us."""
        if name == OURS:
            return [sys.executable, "-m", "benchmarks.ours"]
        return [self.python, "-m", f"benchmarks.peers.{PEERS[name]}"]

    def articles(self) -> list[str]:
        """The option that names the corpus."""
        return ["--articles", str(self.corpus / "articles.jsonl")]

    def measure(self, what: str, command: list[str]) -> measure.Usage | None:
        """Run one measurement; a failure is kept and the bench goes on."""
        if what in self.failures:
            return None
        try:
            usage = measure.run(command, cwd=machine.ROOT)
        except (measure.RunFailedError, OSError) as error:
            self.failures[what] = _without_paths(str(error), self)
            print(f"{what}: failed: {self.failures[what]}", file=sys.stderr)
            return None
        print(f"{what}: {usage.cpu_s} s CPU, {usage.wall_s} s", file=sys.stderr)
        return usage


def _without_paths(text: str, bench: Bench) -> str:
    for path, name in ((bench.corpus, "CORPUS"), (bench.scratch, "SCRATCH"), (machine.ROOT, ".")):
        text = text.replace(str(path), name)
    return text.strip().splitlines()[-1] if text.strip() else text


def summarise_signing(rounds: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Median rate of each, and every round."""
    return {
        name: {"median_per_s": statistics.median(r["per_s"] for r in runs), "rounds": runs}
        for name, runs in rounds.items()
    }


def summarise_clusters(
    rounds: dict[str, list[dict[str, Any]]], scores: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Median of each number, the scores, and every round."""
    summary = {}
    for label, runs in rounds.items():
        numbers = [key for key, value in runs[0].items() if isinstance(value, (int, float))]
        medians = {key: round(statistics.median(r[key] for r in runs), 3) for key in numbers}
        summary[label] = {"median": medians, "scores": scores[label], "rounds": runs}
    return summary


def compare(signing: dict[str, Any], clusters: dict[str, Any]) -> dict[str, Any]:
    """Ours against the best peer in each figure, where ours ran."""
    verdict: dict[str, Any] = {}
    rates = {name: s["median_per_s"] for name, s in signing.items() if name != OURS}
    if rates and OURS in signing:
        best = max(rates, key=rates.__getitem__)
        ratio = signing[OURS]["median_per_s"] / rates[best]
        verdict["signing"] = {"fastest_peer": best, "times_as_fast": round(ratio, 2)}
    costs = {label: c["median"]["cpu_s"] for label, c in clusters.items() if label != OURS}
    if costs and OURS in clusters:
        best = min(costs, key=costs.__getitem__)
        share = clusters[OURS]["median"]["cpu_s"] / costs[best]
        verdict["clusters"] = {"cheapest_peer": best, "share_of_its_cpu": round(share, 3)}
    return verdict


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=100_000, help="articles to generate")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sign-n", type=int, default=20_000, help="articles to sign in a round")
    parser.add_argument("--threshold", type=float, action="append", choices=[0.5, 0.7])
    parser.add_argument("--only", action="append", choices=[*PEERS, OURS], help="repeatable")
    parser.add_argument("--skip-clusters", action="store_true", help="signing rates only")
    parser.add_argument("--corpus", type=Path, help="a folder that make_corpus.py has filled")
    parser.add_argument("--venv", type=Path, default=machine.ROOT / ".venv-bench")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    args = parser.parse_args(arguments)
    args.threshold = args.threshold or [0.7, 0.5]
    return args


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure everything and return the result."""
    corpus = corpora.provide_corpus(args.n, args.corpus)
    python, missing = provide_environment(args.venv.absolute())
    occasion = machine.Occasion()
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as scratch:
        bench = Bench(args, corpus, python, Path(scratch))
        if bench.wanted(OURS) and not args.skip_clusters:
            bench.warm_up()
        for number in range(args.rounds):
            bench.run_round(number)
    described = corpora.describe_corpus(corpus)
    signing = summarise_signing(bench.signing)
    clusters = summarise_clusters(bench.clusters, bench.scores)
    return {
        "command": f"python benchmarks/bench_peers.py --n {described['articles']} {_options(args)}",
        **occasion.describe(),
        "corpus": described,
        "peers": bench.about,
        "not_installed": missing,
        "failures": bench.failures,
        "signing": signing,
        "clusters": clusters,
        "our_first_run": bench.first_run,
        "verdict": compare(signing, clusters),
    }


def _options(args: argparse.Namespace) -> str:
    words = ["--rounds", str(args.rounds), "--sign-n", str(args.sign_n)]
    for threshold in args.threshold:
        words += ["--threshold", str(threshold)]
    for name in args.only or []:
        words += ["--only", name]
    return shlex.join(words)


def main() -> None:
    """Measure, write the result, print the table."""
    args = parse()
    result = run(args)
    machine.write_result(args.output, result)
    print(render.peers_table(result))


if __name__ == "__main__":
    main()
