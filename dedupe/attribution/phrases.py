"""Phrases of a language file -> one expression that finds any of them in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from dedupe.attribution.folding import fold_text, is_word_char, word_char

__all__ = ["any_phrase"]

_SHARED = 2
"""First letters by which phrases are told apart before they are tried."""


def any_phrase(phrases: Iterable[str], before: str) -> re.Pattern[str] | None:
    """One expression for any of these phrases behind `before`."""
    folded = {fold_text(phrase) for phrase in phrases} - {""}
    return _any_of(tuple(sorted(folded, key=lambda p: (-len(p), p))), before) if folded else None


@cache
def _any_of(folded: tuple[str, ...], before: str) -> re.Pattern[str]:
    # by their first letters: of some thousand phrases a few dozen are tried where none stands
    return re.compile(f"{before}(?:{_branches(folded, 0)})")


def _branches(phrases: Sequence[str], at: int) -> str:
    """What phrases have from `at` on, in their order; those alike there share their letters."""
    by_next: dict[str, list[str]] = {}
    for phrase in phrases:
        by_next.setdefault(phrase[at : at + 1], []).append(phrase)
    if at == _SHARED or len(by_next) == len(phrases):
        return "|".join(_spell(phrase, at) for phrase in phrases)
    return "|".join(
        _spell(alike[0], at)
        if len(alike) == 1
        else f"{_literal(following)}(?:{_branches(alike, at + 1)})"
        for following, alike in by_next.items()
    )


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\#", r"\d")


def _spell(phrase: str, at: int) -> str:
    return _literal(phrase[at:]) + ("" if _open(phrase) else f"(?!{word_char(phrase[-1])})")


def _open(phrase: str) -> bool:
    return ord(phrase[-1]) >= 0x2E80 or phrase.endswith("#") or not is_word_char(phrase[-1])
