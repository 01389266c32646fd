"""Reuters-21578 -> reports that come every day under one headline, and which were united.

A headline that is the same but for its numbers on four days and more belongs to a daily report
(money market, repurchases, slaughter estimates): each day is another event.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

__all__ = ["list_daily", "share_united"]

_NUMBER = re.compile(r"[\d.,/]+")
_DAYS = 4


def list_daily(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of ids of one daily report on different days."""
    families: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.get("title") and row.get("published"):
            day = str(row["published"]).split()[0]
            families[_NUMBER.sub("#", row["title"])].setdefault(day, row["id"])
    return [
        pair
        for family in families.values()
        if len(family) >= _DAYS
        for pair in combinations(sorted(family.values()), 2)
    ]


def share_united(pairs: Iterable[tuple[str, str]], clusters: Iterable[Mapping[str, Any]]) -> float:
    """Share of the pairs that stand in one of the clusters (rows of a report)."""
    cluster_of = {
        member["id"]: number for number, row in enumerate(clusters) for member in row["members"]
    }
    found = [cluster_of.get(a, -1) == cluster_of.get(b, -2) for a, b in pairs]
    return sum(found) / max(1, len(found))
