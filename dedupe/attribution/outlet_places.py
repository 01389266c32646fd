"""Outlet name with a place behind it -> the name and the place: "The Herald (Zimbabwe)".

Which country a place is in is told by the outlets that are listed with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dedupe.attribution.outlet_names import fold_name
from dedupe.attribution.outlet_rows import Outlet

__all__ = ["read_places", "split_place"]

_PLACED = re.compile(r"([^()]{2,120}?) ?\(([^()]{2,40})\)")


def split_place(name: str) -> tuple[str, str] | None:
    """The name and the folded place in the bracket that ends it, None without one."""
    found = _PLACED.fullmatch(name)
    return (found[1], fold_name(found[2])) if found else None


def read_places(outlets: Iterable[Outlet]) -> Mapping[str, set[str]]:
    """Folded place -> countries of the outlets that have it in their names."""
    places: dict[str, set[str]] = {}
    for outlet in outlets:
        for alias in outlet.aliases:
            placed = split_place(alias) if alias.endswith(")") else None
            if placed is not None and outlet.country is not None:
                places.setdefault(placed[1], set()).add(outlet.country)
    return places
