"""Literals of rules -> how they are spelt where they are searched: letters and single blanks."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.folding import tables

__all__ = ["anchor_text", "search_table"]

_DROP, _BLANK = np.uint16(0), np.uint16(32)
_UNSPACED_FROM = 0x2E80
_HANGUL = (0xAC00, 0xD7AF)


@cache
def search_table() -> NDArray[np.uint16]:
    """Code point -> letter searched for, 32 for any other character, 0 for what is left out."""
    fold, letters = tables()
    table = letters[fold].astype(np.uint16)
    table[fold == 0] = _DROP
    table[0x640] = _DROP
    return table


class _Searched(dict[int, str]):
    """Code point -> how it is spelt in the text that is searched, filled as they are met."""

    def __missing__(self, code: int) -> str:
        table = search_table()
        char = int(table[code]) if code < table.size else int(_BLANK)
        self[code] = chr(char) if char else ""
        return self[code]


_SEARCHED = _Searched()


def _is_unspaced(text: str) -> bool:
    return all(ord(c) >= _UNSPACED_FROM and not _HANGUL[0] <= ord(c) <= _HANGUL[1] for c in text)


def anchor_text(literal: str, *, word: bool = False) -> str | None:
    """Spell a literal as it is searched for, or None if it is too short to be looked for.

    Short ones, and all with `word`, get a blank at both ends: "ap" is not found in "happy".
    """
    text = " ".join(literal.translate(_SEARCHED).split())
    if not text:
        return None
    if _is_unspaced(text):
        return text if len(text) >= 2 else None
    if word or len(text) <= 5:
        text = f" {text} "
    return text if len(text) >= 4 else None
