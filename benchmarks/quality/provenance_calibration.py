"""Clusters whose origin is known -> how often the verdict is right, at each confidence.

python -m benchmarks.quality.provenance_calibration [--n N | --corpus DIR] [--shared DIR]

Writes `benchmarks/results/provenance.json` and prints the tables of docs/decisions/0005.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks import corpora, machine, render
from benchmarks.quality.__main__ import find_shared
from benchmarks.quality.notices import fold
from benchmarks.quality.provenance_cases import (
    Case,
    demonstration,
    known_outlet,
    spoil,
    synthetic,
)
from benchmarks.quality.provenance_pairs import named_pairs, wire_groups, wire_pairs
from dedupe.provenance import Verdict, decide_provenance

RESOLVE = lru_cache(65536)(known_outlet)
"""Remembers, as the engine's resolver does."""
OUTPUT = machine.ROOT / "benchmarks" / "results" / "provenance.json"
BINS = (
    (0.0, 0.0),
    (0.01, 0.4),
    (0.4, 0.5),
    (0.5, 0.6),
    (0.6, 0.8),
    (0.8, 0.9),
    (0.9, 0.95),
    (0.95, 1.01),
)


def is_right(case: Case, verdict: Verdict) -> bool | None:
    """Whether a verdict names the true origin; None when it is `unknown`."""
    found = verdict.provenance
    if found.original is None and found.outlet is None:
        return None
    if case.article is not None:
        return found.original == case.article
    if found.original is not None or case.outlet is None:
        return False
    wanted = known_outlet(case.outlet, None)
    names = {fold(e.name) for e in found.evidence if e.name} | {fold(found.outlet or "")}
    return found.outlet == (wanted.key if wanted else None) or fold(case.outlet) in names


def decide(cases: Iterable[Case]) -> list[tuple[Case, Verdict]]:
    """Verdicts on cases."""
    return [(c, decide_provenance(c.carriers, c.matches, RESOLVE)) for c in cases]


def measure_set(name: str, cases: Sequence[Case]) -> dict[str, Any]:
    """Accuracy among verdicts, coverage, mean confidence, and credits where they are labelled."""
    decided = decide(cases)
    given = [(is_right(case, v), v.provenance.confidence) for case, v in decided]
    answered = [(right, confidence) for right, confidence in given if right is not None]
    credits = [
        verdict.credits[article].value == wanted
        for case, verdict in decided
        for article, wanted in case.credits.items()
    ]
    return {
        "set": name,
        "clusters": len(cases),
        "coverage": _mean([right is not None for right, _ in given]),
        "accuracy": _mean([right for right, _ in answered]),
        "confidence": _mean([confidence for _, confidence in answered]),
        "credits": _mean(credits),
        "verdicts": given,
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def bin_verdicts(sets: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reliability: verdicts by confidence, with the 95 % interval (Wilson) of the share right."""
    bins = []
    for low, high in BINS:
        inside = [
            (bool(right), confidence)
            for one in sets
            for right, confidence in one["verdicts"]
            if right is not None and low <= confidence < high
        ]
        if inside:
            hits = sum(right for right, _ in inside)
            mean = sum(confidence for _, confidence in inside) / len(inside)
            lower, upper = wilson(hits, len(inside))
            bins.append(
                {"from": low, "to": min(high, 1.0), "n": len(inside), "confidence": round(mean, 3),
                 "right": round(hits / len(inside), 3), "interval": [lower, upper]}
            )  # fmt: skip
    return bins


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return round(middle - half, 3), round(middle + half, 3)


def measure_wires(groups: Sequence[Sequence[set[str]]]) -> dict[str, Any]:
    """What bylines of real groups say: do they agree, and how many groups hide an agency?

    In a wire group each of n papers names the agency with probability p; p follows from the shares
    of groups in which one, two, ... do, and tells how many wire groups none names it in.
    """
    pairs = Counter[bool]()
    sizes: dict[int, Counter[int]] = {}
    for papers in groups:
        named = [agencies for agencies in papers if agencies]
        sizes.setdefault(min(len(papers), 5), Counter())[len(named)] += 1
        for at, one in enumerate(named):
            pairs.update(bool(one & other) for other in named[at + 1 :])
    hidden = {}
    for n, counts in sorted(sizes.items()):
        if n < 5:
            rate = _fit_rate(n, counts)
            none = (1 - rate) ** n
            wires = sum(c for k, c in counts.items() if k) / (1 - none)
            hidden[n] = {
                "groups": counts.total(),
                "silent": counts[0],
                "credit rate": round(rate, 3),
                "silent wires": round(wires * none, 1),
                "share of silent": round(min(1.0, wires * none / counts[0]), 3),
            }
    n = pairs.total()
    return {"pairs of claims": n, "agree": round(pairs[True] / n, 4), "hidden": hidden}


def _fit_rate(n: int, counts: Counter[int]) -> float:
    """Credit rate p of a binomial without its zeros, whose mean is np / (1-(1-p)^n)."""
    seen = {k: c for k, c in counts.items() if k}
    mean = sum(k * c for k, c in seen.items()) / sum(seen.values())
    low, high = 1e-6, 1 - 1e-6
    for _ in range(60):
        middle = (low + high) / 2
        if n * middle / (1 - (1 - middle) ** n) < mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def measure_order(pairs: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    """How often the article that the other names was published first, and is the one held."""
    n = len(pairs)
    first = sum(hours > 0 for hours, _, _ in pairs)
    holding = sum(naming > named for _, named, naming in pairs)
    return {
        "pairs": n,
        "named published first": [first, *wilson(first, n)],
        "named holds the other": [holding, *wilson(holding, n)],
    }


def measure_direction(cases: Sequence[Case]) -> dict[str, Any]:
    """How often the longer of an excerpt pair with the original is the original."""
    sides = Counter(
        (m.left if m.container == "left" else m.right) == case.article
        for case in cases
        for m in case.matches
        if m.container
    )
    return {"pairs": sides.total(), "original is the longer": round(sides[True] / sides.total(), 3)}


def measure_cost(cases: Sequence[Case], rounds: int = 15) -> dict[str, float]:
    """CPU microseconds a member, the best of some rounds: silent clusters, and with claims."""
    speaking = [c for c in cases if any(k.attribution for k in c.carriers)]
    silent = [c for c in cases if not any(k.attribution for k in c.carriers)]
    costs = {}
    for name, group in (("silent", silent), ("with claims", speaking)):
        spent = []
        for _ in range(rounds):
            start = time.process_time()
            decide(group)
            spent.append(time.process_time() - start)
        costs[name] = round(min(spent) / sum(len(c.carriers) for c in group) * 1e6, 2)
    return costs


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure everything that there is data for."""
    corpus = corpora.provide_corpus(args.n, args.corpus)
    planted = synthetic(corpus)
    sets = [
        measure_set(f"demonstration, {c}", demonstration(c)) for c in ("labels", "engine", "silent")
    ]
    sets += [measure_set(f"synthetic, {name}", cases) for name, cases in spoil(planted)]
    result: dict[str, Any] = {
        "command": " ".join(["python -m benchmarks.quality.provenance_calibration", *sys.argv[1:]]),
        "machine": machine.describe_machine(),
        "direction": measure_direction(planted),
        "cost_us_per_member": measure_cost(planted),
        "reliability": {one["set"]: bin_verdicts([one]) for one in sets},
    }
    shared = find_shared(args.shared)
    if shared is not None:
        result["wires"] = measure_wires(wire_groups(shared / "data"))
        result["order"] = measure_order(named_pairs(shared / "data"))
        hours = wire_pairs(shared / "data")
        result["wire feeds"] = {"pairs": len(hours), "wire first": sum(h > 0 for h in hours)}
    result["sets"] = [{k: v for k, v in one.items() if k != "verdicts"} for one in sets]
    return result


def show(result: dict[str, Any]) -> str:
    """The tables of the decision record."""
    columns = ("set", "clusters", "coverage", "accuracy", "confidence", "credits")
    rows = [[_cell(one[column]) for column in columns] for one in result["sets"]]
    parts = [render.table(columns, rows)]
    bins = [
        (name, f"{b['from']:.2f}-{b['to']:.2f}", b["n"], b["confidence"], b["right"],
         "-".join(map(str, b["interval"])))
        for name, found in result["reliability"].items()
        for b in found
    ]  # fmt: skip
    parts.append(render.table(("set", "confidence", "n", "mean", "right", "95 %"), bins))
    others = ("wires", "order", "wire feeds", "direction", "cost_us_per_member")
    parts += [f"{name}: {json.dumps(result[name])}" for name in others if name in result]
    return "\n\n".join(parts)


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="synthetic articles")
    parser.add_argument("--corpus", type=Path, help="folder of a synthetic corpus made before")
    parser.add_argument("--shared", type=Path, help="folder of real data (default ../shared)")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    result = run(args)
    machine.write_result(args.output, result)
    print(show(result))


if __name__ == "__main__":
    main()
