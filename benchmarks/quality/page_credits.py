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
from pathlib import Path
from typing import Any

import orjson
import trafilatura

from dedupe.readers.page import decode_page, read_page
from dedupe.readers.parts import Refusal

__all__ = ["main"]


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


def main() -> int:
    """Print the table in Markdown."""
    shared = os.environ.get("ISNAD_SHARED")
    if not shared:
        print("ISNAD_SHARED names no folder of real data", file=sys.stderr)
        return 2
    kept: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    seconds: dict[str, float] = dict.fromkeys(METHODS, 0.0)
    for row, markup in _pages(Path(shared)):
        evidence = row["agency_evidence"]
        url = row["url"] if "://" in (row["url"] or "") else None
        if evidence:
            total[evidence["kind"]] += 1
        for name, extract in METHODS.items():
            begun = time.process_time()
            text = extract(markup, url)
            seconds[name] += time.process_time() - begun
            letters[name] += len(text)
            empty[name] += not text
            if evidence and _stands(evidence["agencies"], text):
                kept[name, evidence["kind"]] += 1
    pages = sum(1 for _ in _pages(Path(shared)))
    print("| method | credits of the text | of pictures | no text | characters a page | ms |")
    print("|---|---|---|---|---|---|")
    for name in METHODS:
        told = [f"{kept[name, kind]} of {total[kind]}" for kind in ("text", "photo")]
        mean, ms = letters[name] // pages, 1000 * seconds[name] / pages
        print(f"| {name} | {told[0]} | {told[1]} | {empty[name]} | {mean:,} | {ms:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
