"""Saved pages -> how many of the credits that stand on them survive extraction, by method.

`python -m benchmarks.quality.page_credits` reads the pages beside the checkout and prints a table.
A credit survives when the name of an agency that is known to be credited stands in the text that
was extracted, as a word of its own. A credit of a picture is better lost.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import trafilatura

from benchmarks.quality.session import Session
from dedupe.readers.page import decode_page, read_page
from dedupe.readers.parts import Refusal

__all__ = ["main", "measure_page_credits"]


def _plain(precision: bool, recall: bool) -> Callable[[str, str | None], str]:
    def extract(markup: str, url: str | None) -> str:
        return (
            trafilatura.extract(
                markup,
                url=url,
                favor_precision=precision,
                favor_recall=recall,
                include_comments=False,
            )
            or ""
        )

    return extract


def _body(markup: str, url: str | None) -> str:
    try:
        return str(read_page(markup, url)["body"])
    except Refusal:
        return ""


def _all_fields(markup: str, url: str | None) -> str:
    try:
        page = read_page(markup, url)
    except Refusal:
        return ""
    facts = [page.get("authors"), page.get("metadata")]
    return "\n".join([str(page["body"]), *(orjson.dumps(fact).decode() for fact in facts if fact)])


_LONG = {"AP": ("Associated Press",), "BusinessWire": ("Business Wire",), "Xinhua": ("新华",)}

METHODS = {
    "trafilatura, precision": _plain(True, False),
    "trafilatura, default": _plain(False, False),
    "trafilatura, recall": _plain(False, True),
    "ours: body": _body,
    "ours: body, authors, metadata": _all_fields,
}


def _pages(shared: Path) -> Iterator[tuple[dict[str, Any], str]]:
    for line in (shared / "data/html_pages.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        data = (shared / "data" / row["file"]).read_bytes()
        yield row, decode_page(gzip.decompress(data))


def _stands(agencies: list[str], text: str) -> bool:
    names = [name for agency in agencies for name in (agency, *_LONG.get(agency, ()))]
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.I) for name in names)


def measure_page_credits(session: Session) -> None:
    """Add how many of the credits survive our own extraction, of the body and of all fields."""
    shared = session.data("html_pages.jsonl").parent.parent
    ours = {name: extract for name, extract in METHODS.items() if name.startswith("ours")}
    survey = _survey(shared, ours)
    for name in ours:
        kept, empty = survey.kept, survey.empty[name]
        for kind in ("text", "photo"):
            told = f"{name.removeprefix('ours: ')}: credits of a {kind} kept"
            session.add("page credits", told, kept[name, kind], survey.total[kind])
        session.add("page credits", f"{name.removeprefix('ours: ')}: no text", empty, survey.pages)


@dataclass
class _Survey:
    """What each method kept of the pages."""

    pages: int = 0
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)


def _survey(shared: Path, methods: dict[str, Callable[[str, str | None], str]]) -> _Survey:
    survey = _Survey()
    for row, markup in _pages(shared):
        survey.pages += 1
        evidence = row["agency_evidence"]
        url = row["url"] if "://" in (row["url"] or "") else None
        if evidence:
            survey.total[evidence["kind"]] += 1
        for name, extract in methods.items():
            begun = time.process_time()
            text = extract(markup, url)
            survey.seconds[name] = survey.seconds.get(name, 0.0) + time.process_time() - begun
            survey.letters[name] += len(text)
            survey.empty[name] += not text
            if evidence and _stands(evidence["agencies"], text):
                survey.kept[name, evidence["kind"]] += 1
    return survey


def main() -> int:
    """Print the table in Markdown."""
    shared = os.environ.get("ISNAD_SHARED")
    if not shared:
        print("ISNAD_SHARED names no folder of real data", file=sys.stderr)
        return 2
    survey = _survey(Path(shared), METHODS)
    print("| method | credits of the text | of pictures | no text | characters a page | ms |")
    print("|---|---|---|---|---|---|")
    for name in METHODS:
        told = [f"{survey.kept[name, k]} of {survey.total[k]}" for k in ("text", "photo")]
        mean, ms = survey.letters[name] // survey.pages, 1000 * survey.seconds[name] / survey.pages
        print(f"| {name} | {told[0]} | {told[1]} | {survey.empty[name]} | {mean:,} | {ms:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
