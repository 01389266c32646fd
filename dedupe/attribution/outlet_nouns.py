"""Generic nouns around a folded outlet name -> the bare name, and what the nouns tell of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dedupe.attribution.outlet_names import fold_name, fold_names
from dedupe.models import OutletKind

__all__ = ["Reduced", "is_kind_noun", "reduce_name", "without_article", "without_nation"]

_PATH = Path(__file__).with_name("outlet_nouns.toml")
_AGENCIES = frozenset({OutletKind.AGENCY, OutletKind.SYNDICATOR, OutletKind.PRESS_RELEASE_WIRE})
_KINDS = {
    "agency": _AGENCIES,
    "publisher": frozenset({OutletKind.PUBLISHER}),
    "broadcaster": frozenset({OutletKind.BROADCASTER}),
    "any": frozenset(OutletKind),
}
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Reduced:
    """A folded name without some generic nouns around it.

    `kinds` are the kinds those nouns speak of (None: only "the" was taken off).
    """

    form: str
    kinds: frozenset[OutletKind] | None


@cache
def _listed() -> dict[str, dict[str, list[str]]]:
    """Table -> language or country -> words, as they stand in the file."""
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return tables


@cache
def _nouns() -> dict[str, frozenset[OutletKind]]:
    nouns: dict[str, frozenset[OutletKind]] = {}
    for table, kinds in _KINDS.items():
        words = [word for listed in _listed()[table].values() for word in listed]
        nouns.update(dict.fromkeys(fold_names(words), kinds))
    return nouns


@cache
def _articles() -> frozenset[str]:
    return frozenset(fold_names([w for listed in _listed()["article"].values() for w in listed]))


@cache
def _nations() -> dict[str, str]:
    rows = _listed()["nation"].items()
    return {word: country for country, listed in rows for word in fold_names(listed)}


def reduce_name(folded: str) -> list[Reduced]:
    """Take the generic nouns off both ends of a folded name one by one, as long as some is left.

    Returns one entry for each noun taken off, the barest form last; none where there is no noun.
    """
    words = folded.split(" ")
    kinds: frozenset[OutletKind] | None = None
    steps: list[Reduced] = []
    while (cut := _find_noun(words)) is not None:
        words, said = cut
        if said is not None:
            kinds = said if kinds is None else kinds & said
        steps.append(Reduced(" ".join(words), kinds))
    return steps


def is_kind_noun(word: str) -> bool:
    """Whether a word before a name tells what kind of outlet is meant: "قناة", "newspaper"."""
    kinds = _nouns().get(fold_name(word))
    return kinds is not None and len(kinds) < len(OutletKind)


def _find_noun(words: list[str]) -> tuple[list[str], frozenset[OutletKind] | None] | None:
    """Return the words without the noun at either end, and the kinds it speaks of."""
    if len(words) > 1 and words[0] in _articles():
        return words[1:], None
    nouns, sizes = _nouns(), range(min(_MOST_WORDS, len(words) - 1), 0, -1)
    for size in sizes:
        if (kinds := nouns.get(" ".join(words[:size]))) is not None:
            return words[size:], kinds
    for size in sizes:
        if (kinds := nouns.get(" ".join(words[-size:]))) is not None:
            return words[:-size], kinds
    return None


def without_article(form: str) -> str | None:
    """A folded name without the article it begins with; None if it begins with none."""
    first, _, rest = form.partition(" ")
    return rest if rest and first in _articles() else None


def without_nation(form: str) -> tuple[str, str] | None:
    """Split "الشرق القطرية" into the name and the country its last word tells, if it tells one."""
    name, _, last = form.rpartition(" ")
    country = _nations().get(last)
    return (name, country) if name and country else None
