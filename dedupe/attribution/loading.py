"""The files that ship -> an `Extractor` that knows all languages and all outlets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from dedupe.attribution.extract import Extractor
from dedupe.attribution.outlets import Outlets, load_outlets
from dedupe.attribution.rules import load_languages

__all__ = ["load_extractor", "resolver"]


def resolver(outlets: Outlets) -> Callable[[str, str | None], str | None]:
    """Make a function from a name in a credit (and its address) to an outlet's key."""

    def resolve(name: str, url: str | None) -> str | None:
        outlet = outlets.resolve(name, url, agency_context=True)
        return outlet.key if outlet is not None else None

    return resolve


@cache
def load_extractor() -> Extractor:
    """Build the extractor of all shipped rules and outlets, once a process (about 0.5 s)."""
    outlets = load_outlets()
    known = [alias for outlet in outlets for alias in outlet.aliases]
    return Extractor(load_languages(), resolve=resolver(outlets), known_names=known)
