"""The outlets of a file -> tables of their names and domains; what two are called is marked so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dedupe.attribution.outlet_names import fold_names
from dedupe.attribution.outlet_nouns import without_article
from dedupe.attribution.outlet_rows import Outlet
from dedupe.errors import RuleInvalid

__all__ = ["NameIndex", "index_domains", "index_names", "squeeze"]


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Folded names without blanks: `sure` -> key, `shared` and ambiguous ones -> keys.

    `forms` are all of them with their blanks: the aliases in the order of the file, then those
    without their articles.
    """

    sure: dict[str, str]
    shared: dict[str, tuple[str, ...]]
    forms: list[str]


def squeeze(form: str) -> str:
    """Spell a folded name as it is looked up."""
    return form.replace(" ", "")


def index_names(outlets: Collection[Outlet], file: str) -> NameIndex:
    """File the aliases of outlets; blanks do not count, so "سكاي نيوز" and "سكاينيوز" are one.

    Raises RuleInvalid for an alias of two outlets that is not marked ambiguous in both.
    """
    sure: dict[str, str] = {}
    rows = [(alias, outlet) for outlet in outlets for alias in outlet.aliases]
    shared: dict[str, list[str]] = {}
    derived: list[tuple[str, str]] = []
    forms = fold_names([alias for alias, _ in rows])
    for form, (alias, outlet) in zip(forms, rows, strict=True):
        squeezed = squeeze(form)
        if len(squeezed) < 2:
            raise RuleInvalid(file, outlet.key, f"alias {alias!r} has no two letters")
        if alias in outlet.ambiguous:
            keys = shared.setdefault(squeezed, [])
            if outlet.key not in keys:
                keys.append(outlet.key)
            continue
        bare = without_article(form)
        if bare is not None:
            derived.append((bare, outlet.key))
        other = sure.setdefault(squeezed, outlet.key)
        if other != outlet.key:
            reason = f"alias {alias!r} is also one of {other}: mark it ? in both"
            raise RuleInvalid(file, outlet.key, reason)
    _refuse_half_marked(sure, shared, file)
    forms += _add_without_article(derived, sure, shared)
    return NameIndex(sure, {form: tuple(keys) for form, keys in shared.items()}, forms)


def _refuse_half_marked(
    sure: Mapping[str, str], shared: Mapping[str, list[str]], file: str
) -> None:
    for form, keys in shared.items():
        only = sure.get(form)
        for key in keys:
            if only is not None and only != key:
                reason = f"alias {form!r} is marked ? here but not in {only}: mark it in both"
                raise RuleInvalid(file, key, reason)


def _add_without_article(
    derived: list[tuple[str, str]], sure: dict[str, str], shared: dict[str, list[str]]
) -> list[str]:
    """Add "The Jerusalem Post" as "Jerusalem Post", but "The Sun" as "sun" only in context.

    Returns the forms that became sure.
    """
    added = []
    for form, key in derived:
        squeezed = squeeze(form)
        if squeezed in sure:
            continue
        if " " in form and squeezed not in shared:
            sure[squeezed] = key
            added.append(form)
        elif key not in shared.setdefault(squeezed, []):
            shared[squeezed].append(key)
    return added


def index_domains(outlets: Collection[Outlet], file: str) -> dict[str, str]:
    """Domain -> key. Raises RuleInvalid for a domain of two outlets."""
    domains: dict[str, str] = {}
    for outlet in outlets:
        for domain in outlet.domains:
            other = domains.setdefault(domain, outlet.key)
            if other != outlet.key:
                raise RuleInvalid(file, outlet.key, f"domain {domain} is also one of {other}")
    return domains
