"""Phrases of a language file -> one expression that finds any of them in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from dedupe.attribution.folding import fold_text, is_word_char, word_char

__all__ = ["any_phrase"]


def any_phrase(phrases: Iterable[str], before: str) -> re.Pattern[str] | None:
    """One expression for any of these phrases behind `before`."""
    folded = {fold_text(phrase) for phrase in phrases} - {""}
    return _any_of(tuple(sorted(folded, key=lambda p: (-len(p), p))), before) if folded else None


@cache
def _any_of(folded: tuple[str, ...], before: str) -> re.Pattern[str]:
    parts = [
        re.escape(p).replace(r"\#", r"\d") + ("" if _open(p) else f"(?!{word_char(p[-1])})")
        for p in folded
    ]
    return re.compile(f"{before}(?:{'|'.join(parts)})")


def _open(phrase: str) -> bool:
    return ord(phrase[-1]) >= 0x2E80 or phrase.endswith("#") or not is_word_char(phrase[-1])
