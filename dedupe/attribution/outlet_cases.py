"""Outlet name in any case of its language -> the names it may have in the list.

Only names that are listed are ever asked for, so a wrong ending finds nothing: of all pairs of
listed names one shares a case (docs/decisions/0117-names-in-other-cases.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dedupe.attribution.outlet_names import fold_name
from dedupe.attribution.outlet_nouns import reduce_name
from dedupe.inflections import LANGUAGES_OF_CYRILLIC, Inflections

__all__ = ["declines", "list_bare_names"]

_INFLECTIONS = Inflections(fold_name)
_SHORTEST = 4
"""Fewest letters of a name of one word: "Bild", not "Bil"."""


def list_bare_names(
    name: str, vocabulary: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (language, words of a name) that `name` may be a case of, folded, of known words."""
    form = fold_name(name)
    for written in (form, *(reduced.form for reduced in reduce_name(form))):
        for language in sorted(_INFLECTIONS.languages):
            for bare in _INFLECTIONS.list_names(written.split(" "), language, vocabulary):
                yield language, bare


def declines(language: str, words: Sequence[str], own: Collection[str]) -> bool:
    """Whether a language puts a name into cases; `own` are those the outlet writes in.

    Cyrillic names are declined in any language that is written in it, Latin ones of abroad seldom.
    """
    if len(words) == 1 and len(words[0]) < _SHORTEST:
        return False
    return language in own or (
        language in LANGUAGES_OF_CYRILLIC and "\u0430" <= words[0][0] <= "\u045f"
    )
