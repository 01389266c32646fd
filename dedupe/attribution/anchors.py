"""Literals of rules -> how they are spelt where they are searched: letters and single blanks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.folding import tables

__all__ = ["anchor_text", "is_loose", "search_table", "tells_nothing"]

_DROP, _BLANK = np.uint16(0), np.uint16(32)
_UNSPACED_FROM = 0x2E80
_HANGUL = (0xAC00, 0xD7AF)
_PREPOSITIONS = """
from by in of on at with for to as the a an de da do del di en por para con von aus bei mit par dans
avec van uit door met od z ze w dla fra av i från dari oleh dengan από σε от из в на с по від з
من عن في على از به در با سے کا کی کے में से की का के
"""
_EVERYWHERE = frozenset(_PREPOSITIONS.split())
"""Words that every other text holds: four English ones of ten were read closely for "from"."""


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


def is_loose(text: str) -> bool:
    """Whether a blank stands beside a letter of a script that does not use blanks."""
    return max(text, default="") >= "\u2e80" and any(
        b == " " and (ord(a) >= 0x2E80 or ord(c) >= 0x2E80)
        for a, b, c in zip(text, text[1:], text[2:], strict=False)
    )


def tells_nothing(run: Sequence[Sequence[str]]) -> bool:
    """Whether neighbours in a pattern, by their spellings, may be one word found everywhere."""
    words = [spellings for spellings in run if spellings != [" "]]
    return len(words) == 1 and not _EVERYWHERE.isdisjoint(words[0])
