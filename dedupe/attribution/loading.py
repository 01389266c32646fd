"""The files that ship -> an `Extractor` that knows all languages and all outlets."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import cache

from dedupe.attribution.extract import Extractor
from dedupe.attribution.outlets import Outlets, load_outlets
from dedupe.attribution.rule_files import load_languages
from dedupe.attribution.rules import Language
from dedupe.models import OutletKind

__all__ = ["build_extractor", "load_extractor", "resolver"]


def resolver(outlets: Outlets) -> Callable[[str, str | None], str | None]:
    """Make a function from a name in a credit (and its address) to an outlet's key."""

    def resolve(name: str, url: str | None) -> str | None:
        outlet = outlets.resolve(name, url, agency_context=True)
        return outlet.key if outlet is not None else None

    return resolve


def resolver_in(outlets: Outlets) -> Callable[[str, str], str | None]:
    """Make a function from a language and a name of several outlets to an outlet's key."""

    def resolve_in(language: str, name: str) -> str | None:
        outlet = outlets.resolve_in(language, name)
        return outlet.key if outlet is not None else None

    return resolve_in


def build_extractor(languages: Sequence[Language], *, prefilter: bool = True) -> Extractor:
    """Build an extractor of these languages and the shipped outlets."""
    outlets = load_outlets()
    known = [a for outlet in outlets for a in outlet.aliases if a not in outlet.ambiguous]
    known += [d for outlet in outlets for d in outlet.domains if "/" not in d]
    ambiguous = [a for outlet in outlets for a in outlet.ambiguous]
    agencies = [outlet for outlet in outlets if outlet.kind is OutletKind.AGENCY]
    credited = [d for outlet in agencies for d in outlet.domains if "/" not in d]
    credited += [a for outlet in agencies for a in outlet.aliases if a not in outlet.ambiguous]
    return Extractor(
        languages,
        resolve=resolver(outlets),
        resolve_in=resolver_in(outlets),
        agencies=credited,
        known_names=known,
        ambiguous_names=ambiguous,
        wires=[outlet.key for outlet in agencies],
        prefilter=prefilter,
    )


@cache
def load_extractor() -> Extractor:
    """Build the extractor of all shipped rules and outlets, once a process.

    Raises `RuleInvalid` for a broken rule or outlet file.
    """
    collecting = gc.isenabled()
    gc.disable()  # a third of the time went into looking for rubbish among what is kept for good
    try:
        return build_extractor(load_languages())
    finally:
        if collecting:
            gc.enable()
