"""Labelled notices and saved pages -> how attributions compare with what was labelled."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.quality.session import Session, read_rows, write_rows
from dedupe.attribution.metadata import registrable_domain
from dedupe.attribution.outlets import load_outlets

_RATES = {
    "detect_precision": "detection precision",
    "detect_recall": "detection recall",
    "name_precision": "name precision",
    "name_recall": "name recall",
    "name_f1": "name F1",
    "false_names_on_negatives": "false names on negatives",
    "republisher_as_source": "republisher taken for source",
    "kind_accuracy": "kind accuracy",
    "agency_precision": "agency precision",
    "agency_recall": "agency recall",
}
_CANONICAL = re.compile(
    r"<link\b(?=[^>]{0,500}\brel=[\"']?canonical\b)[^>]{0,1000}?\bhref=[\"']?([^\"' >]+)",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"charset=[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)


def measure_attribution(session: Session) -> None:
    """Score `isnad attribute` on the labelled heads and tails, 15 languages."""
    gold = session.data("attribution_dev.jsonl")
    articles = session.scratch / "attribution.articles.jsonl"
    articles.write_text(corpora.labelled_articles(gold), encoding="utf-8")
    add_attribution_scores(session, "attribution", gold, session.attribute("attribution", articles))


def add_attribution_scores(session: Session, section: str, gold: Path, answers: Path) -> None:
    """Score a file of attributions against labelled notices, by language and kind too."""
    scores = corpora.score_attribution(gold, answers)
    for key, name in _RATES.items():
        session.add(section, name, scores[key], scores["n"])
    for language, (hits, n) in scores["by_lang_name_recall"].items():
        session.add(section, f"names found in {language}", _share(hits, n), n)
    for kind, (hits, n) in scores["by_kind_name_recall"].items():
        session.add(section, f"names found: {kind}", _share(hits, n), n)


def _share(hits: int, n: int) -> float | None:
    return round(hits / n, 4) if n else None


def measure_pages(session: Session) -> None:
    """Saved pages: agencies credited in texts and in pictures, canonicals on other domains."""
    listed = list(read_rows(session.data("html_pages.jsonl")))
    articles = session.scratch / "pages.articles.jsonl"
    write_rows(articles, _pages(session.data("html_pages.jsonl").parent, listed))
    answers = {row["id"]: row for row in read_rows(session.attribute("pages", articles))}
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in filter(lambda row: row["agency_evidence"], listed):
        kind, credited = row["agency_evidence"]["kind"], _credit_of(row, answers)
        total[kind] += 1
        found[kind] += bool(credited)
        # a page of an agency, or with its dateline, has a text credit whatever its pictures say
        found[f"{kind}, by a dateline"] += "credit.dateline" in credited
    for kind, n in sorted(total.items()):
        session.add("pages", f"agency credited: {kind} credit", found[kind], n)
    dated = found["photo, by a dateline"]
    session.add("pages", "photo credits read as the text's", found["photo"] - dated, total["photo"])
    session.add("pages", "pages that gave an answer", len(answers), len(listed))
    _measure_canonicals(session, listed, answers)


def _credit_of(row: dict[str, Any], answers: dict[str, dict[str, Any]]) -> set[str]:
    """Rules by which an agency that is labelled on a page was credited."""
    answer = answers.get(row["file"], {})
    wanted = {_key(agency) for agency in row["agency_evidence"]["agencies"]}
    claims = answer.get("claims") or []
    named = [c for c in claims if c["name"] and c["role"] in ("source", "agency", "contributor")]
    return {claim["rule"] for claim in named if _key(claim["name"]) in wanted}


@lru_cache(maxsize=4096)
def _key(agency: str) -> str:
    """An agency's family, or its folded name where no list knows it."""
    outlets = load_outlets()
    found = outlets.resolve(agency, agency_context=True)
    key = found.key if found is not None else None
    return outlets.family(key) if key is not None else fold(agency)


def _measure_canonicals(
    session: Session, listed: list[dict[str, Any]], answers: dict[str, dict[str, Any]]
) -> None:
    """Canonical links to another registrable domain, found in the source by themselves."""
    folder = session.data("html_pages.jsonl").parent
    crossing, claimed = [], 0
    for row in listed:
        url = row["url"] or ""
        link = _CANONICAL.search(_decode(gzip.decompress((folder / row["file"]).read_bytes())))
        here, there = registrable_domain(url), registrable_domain(link[1]) if link else None
        if "://" not in url or "//" not in (link[1] if link else "") or not here or not there:
            continue
        if here != there and here != "archive.org" and row["file"] in answers:
            crossing.append(row["file"])
            claims = answers[row["file"]].get("claims") or []
            claimed += any(claim["rule"] == "meta.canonical" for claim in claims)
    stated = [
        a for a in answers.values() if any(c["rule"] == "meta.canonical" for c in a["claims"])
    ]
    session.add("pages", "canonicals on another domain found", claimed, len(crossing))
    session.add("pages", "canonicals claimed", len(stated), len(answers))


def _pages(folder: Path, listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in listed:
        data = gzip.decompress((folder / row["file"]).read_bytes())
        page = {"id": row["file"], "html": _decode(data)}
        if "://" in (row["url"] or ""):
            page["url"] = row["url"]
        yield page


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    for charset in ("utf-8", declared[1].decode("ascii") if declared else "cp1252"):
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def fold(name: str) -> str:
    """A name for comparison: NFKC, case, punctuation and a leading article folded."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"^the ", "", re.sub(r"[^\w\s-]", "", text).strip())
