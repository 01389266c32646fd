"""A large corpus -> what one `isnad report` over it costs and how well it does.

    python benchmarks/bench_report.py --n 1000000 [--corpus DIR] [--jobs N] [--output FILE]

Memory is given for the whole process tree, anonymous and file-backed pages apart: what is mapped
from files the kernel can drop, what is anonymous it cannot.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine, measure, render

OUTPUT = machine.ROOT / "benchmarks" / "results" / "report.json"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=1_000_000, help="articles to generate")
    parser.add_argument("--corpus", type=Path, help="a folder that make_corpus.py has filled")
    parser.add_argument("--jobs", type=int, help="handed on to isnad report")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args(arguments)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run the report once and score its clusters."""
    corpus = corpora.provide_corpus(args.n, args.corpus)
    occasion = machine.Occasion()
    with tempfile.TemporaryDirectory(prefix="isnad-bench-") as scratch:
        clusters = Path(scratch) / "clusters.jsonl"
        command = measure.isnad("report", str(corpus / "articles.jsonl"), "--format", "jsonl")
        command += ["--output", str(clusters)]
        if args.jobs is not None:
            command += ["--jobs", str(args.jobs)]
        usage = measure.run(command, cwd=machine.ROOT)
        scores = corpora.score_clusters(corpus / "truth.tsv", clusters)
    described = corpora.describe_corpus(corpus)
    jobs = f" --jobs {args.jobs}" if args.jobs is not None else ""
    return {
        "command": f"python benchmarks/bench_report.py --n {described['articles']}{jobs}",
        **occasion.describe(),
        "corpus": described,
        "usage": usage.numbers(),
        "scores": scores,
    }


def main() -> None:
    """Measure, write the result, print the table."""
    args = parse()
    try:
        result = run(args)
    except measure.RunFailedError as error:
        raise SystemExit(f"isnad report failed: {error}") from error
    machine.write_result(args.output, result)
    print(render.report_table(result))


if __name__ == "__main__":
    main()
