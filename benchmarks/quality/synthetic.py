"""The planted corpus: whole, in parts, by edit, and the same clusters however it is fed."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks import corpora
from benchmarks.quality.lengths import WHOLE, count_words, name_length
from benchmarks.quality.session import Session, read_rows

STABILITY_N = 20_000
_NAMES = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "ari": "adjusted Rand index",
    "hard_negatives_united": "hard negatives united",
    "singles_united": "singles united",
}


def measure_synthetic(session: Session) -> None:
    """Score the report over the generated corpus of `session.n` articles."""
    corpus = corpora.provide_corpus(session.n)
    description = corpora.describe_corpus(corpus)
    for name, value in description["sha256"].items():
        session.inputs[f"synthetic {session.n} {name}"] = value
    report = session.report("synthetic", corpus / "articles.jsonl")
    scores = corpora.score_clusters(corpus / "truth.tsv", report.clusters)
    for key, name in _NAMES.items():
        session.add("synthetic", name, scores[key], scores["articles"])
    truth = read_truth(corpus / "truth.tsv")
    sizes = Counter("two edits" if "+" in kind else kind for _, kind in truth.values())
    for edit, share in scores["recall_by_edit"].items():
        session.add("synthetic", f"found: {edit}", share, sizes[edit])
    _add_relations(session, truth, report.matches)
    _add_parts(session, corpus, truth, report.clusters)
    session.add_cost("synthetic", report, scores["articles"])


def measure_stability(session: Session) -> None:
    """Compare clusters, ids included, over a shuffled input and over one and two processes."""
    corpus = corpora.provide_corpus(min(session.n, STABILITY_N))
    articles = corpus / "articles.jsonl"
    shuffled = session.scratch / "shuffled.jsonl"
    lines = articles.read_bytes().splitlines(keepends=True)
    random.Random(20260101).shuffle(lines)
    shuffled.write_bytes(b"".join(lines))
    one = _partition(session, "jobs-1", articles, "--jobs", "1")
    two = _partition(session, "jobs-2", articles, "--jobs", "2")
    other = _partition(session, "shuffled", shuffled)
    session.add("stability", "same clusters, --jobs 1 and 2", int(one == two), len(one))
    session.add("stability", "same clusters, input shuffled", int(two == other), len(two))


def read_truth(path: Path) -> dict[str, tuple[str, str]]:
    """Article -> its planted cluster and kind of edit."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {row["id"]: (row["cluster_id"], row["edit_kind"]) for row in rows}


def _partition(
    session: Session, name: str, articles: Path, *options: str
) -> set[tuple[str, tuple[str, ...]]]:
    """Clusters of a report: each its id and its members."""
    report = session.report(name, articles, options=options, with_matches=False)
    return {
        (row["cluster_id"], tuple(sorted(member["id"] for member in row["members"])))
        for row in read_rows(report.clusters)
    }


def _add_relations(session: Session, truth: dict[str, tuple[str, str]], matches: Path) -> None:
    """Relation of a copy to its original by kind of edit, and of hard negatives to each other."""
    origin = {cluster: article for article, (cluster, kind) in truth.items() if kind == "orig"}
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for match in read_rows(matches):
        left, right = truth.get(match["left"]), truth.get(match["right"])
        if left is None or right is None:
            continue
        if left[1] == right[1] == "hardneg":
            given["hardneg"][match["relation"]] += 1
        elif left[0] == right[0] and origin.get(left[0]) in (match["left"], match["right"]):
            kind = right[1] if left[1] == "orig" else left[1]
            given["two edits" if "+" in kind else kind][match["relation"]] += 1
    for kind, relations in sorted(given.items()):
        total = sum(relations.values())
        text = ", ".join(f"{name} {n / total:.0%}" for name, n in relations.most_common())
        session.add("synthetic", f"relations: {kind}", text, total)


def _add_parts(
    session: Session, corpus: Path, truth: dict[str, tuple[str, str]], clusters: Path
) -> None:
    """F1 and hard negatives in each language and length, by the same scorer over those parts.

    The length is that of the original: copies are counted where it is, truncated ones too.
    """
    origin = {cluster: article for article, (cluster, kind) in truth.items() if kind == "orig"}
    languages: dict[str, list[str]] = defaultdict(list)
    words: dict[str, int] = {}
    for row in read_rows(corpus / "articles.jsonl"):
        languages[f"in {row['lang']}"].append(row["id"])
        words[row["id"]] = count_words(row.get("body") or "")
    lengths: dict[str, list[str]] = defaultdict(list)
    for article, (cluster, _) in truth.items():
        group = name_length(words[origin.get(cluster, article)], WHOLE)
        lengths[f"at {group}"].append(article)
    for part, ids in [*sorted(languages.items()), *sorted(lengths.items())]:
        chosen = session.scratch / "truth-of-a-part.tsv"
        with chosen.open("w", encoding="utf-8") as lines:
            lines.write("id\tcluster_id\tedit_kind\n")
            lines.writelines("\t".join((article, *truth[article])) + "\n" for article in ids)
        scores = corpora.score_clusters(chosen, clusters)
        session.add("synthetic", f"F1 {part}", scores["f1"], len(ids))
        united = scores["hard_negatives_united"]
        session.add("synthetic", f"hard negatives united {part}", united, len(ids))
