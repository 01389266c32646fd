"""Notices written by hand for thirty languages -> labelled articles, in the scorer's shape.

They were written before the rules were read, so the first score on them is what a stranger's text
gets. The format is in `tests/quality/notices/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.machine import ROOT
from benchmarks.quality.notices import add_attribution_scores
from benchmarks.quality.session import Session, write_rows

FOLDER = ROOT / "tests" / "quality" / "notices"
SETS = {
    "written": FOLDER,
    **{f"written, {name} set": FOLDER / name for name in ("second", "third", "fourth")},
}
STRANGERS = ROOT / "tests" / "quality" / "strangers"
_BREAK, _FIELD, _OTHER = "⏎", "¦", " = "


def read_written(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Labelled notices of every language, in the shape that the scorer wants."""
    for path in sorted(folder.glob("*.txt")):
        yield from _read_file(path)


def _read_file(path: Path) -> Iterator[dict[str, Any]]:
    body = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, rest = line.partition(" ")
        if mark == "=":
            body = rest
        elif mark in ("+", "-"):
            gold, text = _read_gold(rest) if mark == "+" else (_gold("none"), rest)
            yield {
                "id": f"{path.stem}-{number:03}",
                "lang": path.stem,
                "text": text.replace("§", body).replace(_BREAK, "\n"),
                "gold": gold,
                "tags": [],
                "page_site": None,
            }
        elif line.strip():
            raise SystemExit(f"{path}:{number}: a line begins with =, + or -")


def _read_gold(line: str) -> tuple[dict[str, Any], str]:
    kind, names, agencies, *rest = (part.strip() for part in line.split(_FIELD))
    republisher = rest.pop(0)[1:] if rest[0].startswith(">") else None
    accept = [name for name in names.split(_OTHER) if name]
    credited = [name.strip() for name in agencies.split(",") if name.strip()]
    written = [name for name in credited if name in rest[0]]  # of several spellings, the text's
    return _gold(kind, accept, written or credited, republisher), rest[0]


def _gold(
    kind: str,
    accept: list[str] | None = None,
    agencies: list[str] | None = None,
    republisher: str | None = None,
) -> dict[str, Any]:
    accept, agencies = accept or [], agencies or []
    return {
        "kind": kind,
        "original_source": accept[0] if accept else None,
        "source_url": None,
        "republisher": republisher,
        "accept": accept,
        "agencies": agencies,
        "authors": [],
        "license": None,
        "via": [],
    }


def measure_written(session: Session) -> None:
    """Score `isnad attribute` on each set of written notices by itself."""
    for section, folder in SETS.items():
        gold = session.scratch / f"{folder.name}.gold.jsonl"
        write_rows(gold, read_written(folder))
        articles = session.scratch / f"{folder.name}.articles.jsonl"
        articles.write_text(corpora.labelled_articles(gold), encoding="utf-8")
        add_attribution_scores(session, section, gold, session.attribute(folder.name, articles))


def measure_strangers(session: Session) -> None:
    """Score `isnad attribute` on each set that was written by somebody who knew no rule."""
    for gold in sorted(STRANGERS.glob("*.jsonl")):
        articles = session.scratch / f"strangers-{gold.name}"
        articles.write_text(corpora.labelled_articles(gold), encoding="utf-8")
        read = session.attribute(f"strangers-{gold.stem}", articles)
        add_attribution_scores(session, f"strangers, set {gold.stem}", gold, read)
