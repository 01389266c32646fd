"""Real articles that carry one text -> what can be learnt from them without labels of origin.

Who credits an agency, whether bylines of one text agree, which of two near copies came first where
one names the other. Only figures leave this file.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.quality.session import read_rows
from dedupe.attribution.outlets import load_outlets
from dedupe.models import OutletKind

__all__ = ["named_pairs", "wire_groups", "wire_pairs"]

# Bylines of the Saudi corpus that name an agency, as its papers write them.
_AGENCIES = {
    "spa": "واس",
    "reuters": "رويترز",
    "afp": "أ ف ب|ا ف ب|أ.ف.ب|فرانس برس|الفرنسية",
    "dpa": "د ب أ|د ب ا|د.ب.أ|الألمانية",
    "aa": "الأناضول",
    "mena": "أ ش أ",
}
_CREDITED = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _AGENCIES.items()) + r")(?!\w)"
)


def wire_groups(data: Path, threshold: float = 0.45) -> list[list[set[str]]]:
    """Groups of papers that carry one text: for each paper, the agencies that its byline names.

    From real cross-outlet pairs with Jaccard (word 4-grams) from `threshold`; one article a paper.
    """
    rows = {row["id"]: row for row in read_rows(data / "news_ar_saudinewsnet.jsonl.gz")}
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for pair in read_rows(data / "pairs_ar_saudinewsnet.jsonl.gz"):
        if pair["jac_w4"] >= threshold:
            parent[find(pair["a"])] = find(pair["b"])
    groups: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for node in sorted(parent):
        row = rows[node]
        body = row.get("body") or ""
        read = " \n ".join((row.get("author") or "", body[:60], body[-25:]))
        found = {match.lastgroup for match in _CREDITED.finditer(read) if match.lastgroup}
        groups[find(node)].setdefault(row["source"], set()).update(found)
    return [list(papers.values()) for papers in groups.values() if len(papers) > 1]


def named_pairs(data: Path) -> list[tuple[float, float, float]]:
    """Real pairs of near copies of which one names the other's outlet at its head.

    (hours from the named article to the one that names it, share of the named article's word
    4-grams found in the other, share of the other's found in it).
    """
    rows = [
        r
        for r in read_rows(data / "news_en_provenance.jsonl.gz")
        if r.get("published") and r.get("body")
    ]
    pairs = []
    for (a, share_a), (b, share_b) in _near_copies(rows):
        for named, naming, *shares in ((a, b, share_a, share_b), (b, a, share_b, share_a)):
            if _names(naming, named) and not _names(named, naming):
                hours = _hours(named["published"], naming["published"])
                pairs.append((hours, shares[0], shares[1]))
    return pairs


def wire_pairs(data: Path) -> list[float]:
    """Real pairs of near copies, one of them from an agency's own feed: hours to the other."""
    rows = [
        r
        for r in read_rows(data / "news_en_wnam2015.jsonl.gz")
        if r.get("published") and r.get("body")
    ]
    hours = []
    for (a, _), (b, _) in _near_copies(rows):
        wires = [_is_wire(row["source"]) for row in (a, b)]
        if wires[0] != wires[1]:
            wire, other = (a, b) if wires[0] else (b, a)
            hours.append(_hours(wire["published"], other["published"]))
    return hours


def _is_wire(source: str) -> bool:
    outlet = load_outlets().resolve(source, None, agency_context=True)
    return outlet is not None and outlet.kind is OutletKind.AGENCY


def _hours(first: str, second: str) -> float:
    """From one time to another, both as their set writes them (all of it in one zone)."""
    moments = []
    for text in (first, second):
        try:
            moments.append(datetime.fromisoformat(text))
        except ValueError:
            zoneless = re.sub(r" [A-Z]{3,5} (?=\d{4}$)", " ", text)
            moments.append(datetime.strptime(zoneless, "%a %b %d %H:%M:%S %Y"))
    return (moments[1] - moments[0]).total_seconds() / 3600


_Share = tuple[dict[str, Any], float]


def _near_copies(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[_Share, _Share]]:
    """Pairs across outlets that share two thirds of the shorter text, each with its share."""
    grams = [_grams(row["body"]) for row in rows]
    holders: dict[int, list[int]] = defaultdict(list)
    for index, found in enumerate(grams):
        for gram in found:
            holders[gram].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for indexes in holders.values():
        if 1 < len(indexes) <= 60:
            shared.update((a, b) for at, a in enumerate(indexes) for b in indexes[at + 1 :])
    for (a, b), count in sorted(shared.items()):
        near = count >= 60 and count * 3 >= 2 * min(len(grams[a]), len(grams[b]))
        if near and rows[a]["source"] != rows[b]["source"]:
            yield (rows[a], count / len(grams[a])), (rows[b], count / len(grams[b]))


def _grams(text: str) -> set[int]:
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[at : at + 4])) for at in range(len(words) - 3)}


def _names(naming: dict[str, Any], named: dict[str, Any]) -> bool:
    """Whether an article has the other's outlet in a byline: its name at the head, as written."""
    outlet = load_outlets().resolve(named["source"], None)
    if outlet is None:
        return False
    head = naming["body"][:300]
    aliases = (alias for alias in outlet.aliases if len(alias) > 2 and alias.isascii())
    return any(
        re.search(r"(?:by [^\n]{0,80}|,\s|\n)" + re.escape(alias) + r"\b", head, re.IGNORECASE)
        for alias in aliases
    )
