"""Arabic news of 14 outlets: reference pairs, pairs read by hand, agencies, candidates.

`author` often names the agency and is the reference for agreement, so the input goes without it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from benchmarks import corpora
from benchmarks.quality.lengths import SMALLER, count_words, name_length
from benchmarks.quality.session import Report, Session, read_rows, write_rows
from dedupe.models import Relation

_NEWS = "news_ar_saudinewsnet.jsonl.gz"
WITHHELD = frozenset({"author", "authors"})


def measure_saudinewsnet(session: Session) -> None:
    """Score matches and candidates against the reference and the adjudicated pairs."""
    news = session.data(_NEWS)
    reference = session.data("pairs_ar_saudinewsnet.jsonl.gz")
    adjudicated = session.data("pairs_ar_adjudicated.jsonl.gz")
    stripped = session.scratch / "saudinewsnet.jsonl"
    articles = write_rows(
        stripped,
        ({k: v for k, v in row.items() if k not in WITHHELD} for row in read_rows(news)),
    )
    candidates = session.scratch / "saudinewsnet.candidates.jsonl"
    report = session.report("saudinewsnet", stripped, options=("--candidates", str(candidates)))
    scores = corpora.score_pairs(
        report.matches,
        candidates=candidates,
        reference=reference,
        adjudicated=adjudicated,
        articles=news,
    )
    pairs = [row["cont_w4"] for row in read_rows(reference)]
    for floor in (0.5, 0.7):
        n = sum(value >= floor for value in pairs)
        name = f"recall, containment ≥ {floor}"
        session.add("saudinewsnet", name, scores[f"recall_containment_{floor}"], n)
    for floor in (0.3, 0.5):
        n = sum(value >= floor for value in pairs)
        name = f"candidate recall, containment ≥ {floor}"
        session.add("saudinewsnet", name, scores[f"candidate_recall_{floor}"], n)
    _add_lengths(session, news, reference, report)
    for label, (flagged, n) in scores["flagged_by_label"].items():
        session.add("saudinewsnet", f"{label} flagged as copying", flagged, n)
        given = ", ".join(f"{k} {v}" for k, v in scores["relations_by_label"][label].items())
        session.add("saudinewsnet", f"{label} relations", given, n)
    agreement, n = scores["agency_agreement"]
    session.add("saudinewsnet", "same agency in copying pairs across outlets", agreement, n)
    session.add("saudinewsnet", "candidates an article", round(scores["candidates"] / articles, 2))
    for relation, n in sorted(scores["relations"].items()):
        session.add("saudinewsnet", f"matches: {relation}", n)
    session.add_cost("saudinewsnet", report, articles)


def _add_lengths(session: Session, news: Path, reference: Path, report: Report) -> None:
    """Recall at a containment of 0.5 and more, by the words of the smaller text."""
    words = {row["id"]: count_words(row.get("body") or "") for row in read_rows(news)}
    copied = {
        frozenset((match["left"], match["right"]))
        for match in read_rows(report.matches)
        if Relation(match["relation"]).copying
    }
    found: dict[str, list[bool]] = defaultdict(list)
    for row in read_rows(reference):
        if row["cont_w4"] >= 0.5:
            group = name_length(min(words[row["a"]], words[row["b"]]), SMALLER)
            found[group].append(frozenset((row["a"], row["b"])) in copied)
    for group, hits in sorted(found.items(), key=lambda item: int(re.split(r"\D", item[0])[0])):
        share = round(sum(hits) / len(hits), 4)
        session.add("saudinewsnet", f"recall, containment ≥ 0.5, at {group}", share, len(hits))
