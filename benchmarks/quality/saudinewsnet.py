"""Arabic news of 14 outlets: reference pairs, pairs read by hand, agencies, candidates.

`author` often names the agency and is the reference for agreement, so the input goes without it.
"""

from __future__ import annotations

from benchmarks import corpora
from benchmarks.quality.session import Session, read_rows, write_rows

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
