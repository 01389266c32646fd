"""Passage length, window and band shape -> recall of true pairs and candidates an article.

    python -m benchmarks.quality.candidate_sweep [--shared DIR] [--articles 20000]

Recall on SaudiNewsNet is that of the reference pairs with a word-4-gram containment of at least 0.3
and 0.5; on the synthetic corpus that of every copy with its original. Prints one table row a shape.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.corpora import provide_corpus
from benchmarks.machine import ROOT
from benchmarks.quality.fit_samples import load_rows
from dedupe.batch.local import RunOptions, run
from dedupe.config import Config, default_config
from dedupe.readers import ReadOptions

SHAPES = (  # passage words, window, bands, rows
    (8, 33, 42, 3),
    (8, 33, 64, 2),
    (8, 33, 20, 6),
    (6, 35, 20, 6),
    (6, 25, 20, 6),
    (6, 16, 20, 6),
    (6, 16, 32, 4),
    (6, 12, 20, 6),
    (5, 20, 20, 6),
    (5, 16, 20, 6),
    (4, 16, 20, 6),
)
Pairs = set[tuple[str, str]]


def find_pairs(path: Path, config: Config) -> tuple[Pairs, int]:
    """(candidates of one file by id, articles)."""
    with run([str(path)], ReadOptions(), config, RunOptions(keep_candidates=True)) as result:
        return set(result.candidates()), result.summary.articles


def copies_and_originals(truth: Path) -> Pairs:
    """Every planted copy with its original."""
    rows = [line.rstrip("\n").split("\t") for line in truth.open(encoding="utf-8")][1:]
    original = {cluster: article for article, cluster, kind in rows if kind == "orig"}
    return {
        (min(article, original[cluster]), max(article, original[cluster]))
        for article, cluster, kind in rows
        if cluster in original and kind != "orig"
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--articles", type=int, default=20_000)
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    folder = provide_corpus(arguments.articles)
    planted = copies_and_originals(folder / "truth.tsv")
    reference = load_rows(data / "pairs_ar_saudinewsnet.jsonl.gz")
    wanted = {
        floor: {
            (min(r["a"], r["b"]), max(r["a"], r["b"])) for r in reference if r["cont_w4"] >= floor
        }
        for floor in (0.3, 0.5)
    }
    print(
        "| passage | window | bands | guarantee | SNN 0.3 | SNN 0.5 | SNN pairs | planted | pairs |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for words, window, bands, rows in SHAPES:
        config = replace(
            default_config(), passage_words=words, passage_window=window, bands=bands, rows=rows
        )
        found, articles = find_pairs(data / "news_ar_saudinewsnet.jsonl.gz", config)
        recall = [np.mean([pair in found for pair in wanted[floor]]) for floor in (0.3, 0.5)]
        made, total = find_pairs(folder / "articles.jsonl", config)
        share = np.mean([pair in made for pair in planted])
        print(
            f"| {words} | {window} | {bands}×{rows} | {words + window - 1} | {recall[0]:.4f} | "
            f"{recall[1]:.4f} | {2 * len(found) / articles:.1f} | {share:.4f} | "
            f"{2 * len(made) / total:.1f} |"
        )


if __name__ == "__main__":
    main()
