"""Size of a collection -> candidates an article, before and behind the prefilter, by key shape.

    python -m benchmarks.quality.growth [--file articles.jsonl] [--sizes 10000 30000 100000]

Takes the first articles of one file (the synthetic corpus by default), so that sizes differ in
nothing else, and writes `benchmarks/results/growth.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.corpora import provide_corpus
from dedupe.alignment import COLUMNS
from dedupe.batch.local import RunOptions, run
from dedupe.candidates import pair_left, pair_right
from dedupe.config import Config, default_config
from dedupe.matching import measure_pairs, prefilter_pairs
from dedupe.readers import ReadOptions

SHAPES = ((6, 14, 20, 6), (6, 14, 42, 3), (5, 16, 20, 6))
"""Passage words, window, bands, rows; the first is the default."""
OUTPUT = machine.ROOT / "benchmarks" / "results" / "growth.json"
_PAIRS_A_STEP = 500_000


def count_pairs(path: Path, config: Config) -> dict[str, float | int]:
    """Candidates an article that one file gives, and how many of them are left at each step."""
    options = RunOptions(keep_candidates=True)
    with run([str(path)], ReadOptions(), config, options) as result:
        articles, pairs = result.summary.articles, result.candidate_pairs
        kept = aligned = 0
        for first in range(0, len(pairs), _PAIRS_A_STEP):
            step = pairs[first : first + _PAIRS_A_STEP]
            left, right = pair_left(step), pair_right(step)
            chosen = prefilter_pairs(result.corpus, left, right)
            measures = measure_pairs(result.corpus, left[chosen], right[chosen], config)
            kept += int(chosen.sum())
            aligned += int((measures[:, COLUMNS.index("aligned")] > 0).sum())
        return {
            "articles": articles,
            "candidates_per_article": round(2 * len(pairs) / articles, 2),
            "pairs_prefiltered_per_article": round(kept / articles, 2),
            "pairs_aligned_per_article": round(aligned / articles, 2),
            "capped_keys": result.summary.capped_keys or 0,
            "skipped_keys": result.summary.skipped_keys or 0,
        }


def measure_growth(path: Path, sizes: list[int]) -> list[dict[str, Any]]:
    """One row a size and shape."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="isnad-growth-") as folder:
        for size in sizes:
            part = Path(folder) / f"{size}.jsonl"
            with path.open("rb") as whole, part.open("wb") as out:
                out.writelines(islice(whole, size))
            for words, window, bands, band_rows in SHAPES:
                config = replace(
                    default_config(),
                    passage_words=words,
                    passage_window=window,
                    bands=bands,
                    rows=band_rows,
                )
                shape = {"passage": words, "window": window, "bands": f"{bands}×{band_rows}"}
                rows.append(shape | count_pairs(part, config))
                print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
            part.unlink()
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    path = arguments.file or provide_corpus(max(arguments.sizes)) / "articles.jsonl"
    rows = measure_growth(path, arguments.sizes)
    result = {
        "command": "python -m benchmarks.quality.growth --sizes "
        + " ".join(map(str, arguments.sizes)),
        "commit": machine.commit(),
        "machine": machine.describe_machine(),
        "rows": rows,
    }
    machine.write_result(arguments.output, result)


if __name__ == "__main__":
    main()
