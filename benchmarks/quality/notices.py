"""Labelled notices and saved pages -> how attributions compare with what was labelled."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.quality.session import Session, read_rows, write_rows

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
_SPELLINGS = {
    "AP": ("ap", "associated press"),
    "AFP": ("afp", "agence france presse", "agence france-presse"),
    "EFE": ("efe", "agencia efe"),
    "dpa": ("dpa", "deutsche presse-agentur"),
    "BusinessWire": ("businesswire", "business wire"),
    "PTI": ("pti", "press trust of india"),
    "PA": ("pa", "press association", "pa media"),
    "Reuters": ("reuters", "thomson reuters"),
    "SID": ("sid", "sport-informations-dienst"),
    "Xinhua": ("xinhua", "xinhua news agency"),
}
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
    """Agencies credited on saved pages: credits of the text found, credits of pictures not."""
    listed = [row for row in read_rows(session.data("html_pages.jsonl")) if row["agency_evidence"]]
    articles = session.scratch / "pages.articles.jsonl"
    write_rows(articles, _pages(session.data("html_pages.jsonl").parent, listed))
    answers = {row["id"]: row for row in read_rows(session.attribute("pages", articles))}
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in listed:
        evidence = row["agency_evidence"]
        total[evidence["kind"]] += 1
        named = _names(answers.get(row["file"], {}))
        found[evidence["kind"]] += any(_credited(agency, named) for agency in evidence["agencies"])
    for kind, n in sorted(total.items()):
        session.add("pages", f"agency credited: {kind} credit", found[kind], n)
    session.add("pages", "pages that gave an answer", len(answers), len(listed))


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


def _names(answer: dict[str, Any]) -> set[str]:
    names = [answer.get("original_source"), *(answer.get("agencies") or [])]
    return {fold(name) for name in names if name}


def fold(name: str) -> str:
    """A name for comparison: NFKC, case, punctuation and a leading article folded."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"^the ", "", re.sub(r"[^\w\s-]", "", text).strip())


def _credited(agency: str, named: set[str]) -> bool:
    return bool(named & set(_SPELLINGS.get(agency, (agency.casefold(),))))
