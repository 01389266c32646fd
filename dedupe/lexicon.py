"""Word lists in data -> what kind of thing a word names: a day, a number, a title before a name.

What tells a template from an edited copy is what fills the slots of the common frame. Digits and
capital letters show in the word itself; weekdays, months, number words and, in scripts without
capital letters, names do not, so `data/lexicon.toml` lists them by language.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedupe.normalize import tokenize

__all__ = [
    "COMMON",
    "DATE",
    "GIVEN",
    "HOUSE",
    "NUMBER",
    "TITLE",
    "kinds_of_words",
    "lexicon_hash",
    "list_words",
]

COMMON, DATE, NUMBER, TITLE, HOUSE, GIVEN = 1, 2, 4, 8, 16, 128
"""Bits of a kind: a common word, a weekday or month, a number word, before a name, what each
house writes in its own way (today, yesterday, verbs of saying), a given name."""

_PATH = Path(__file__).parent / "data" / "lexicon.toml"
_KINDS = {
    "calendar": DATE,
    "numbers": NUMBER,
    "titles": TITLE,
    "today": HOUSE,
    "says": HOUSE,
    "given": GIVEN,
}
_PREFIXES = ("", "و", "ب", "ل", "ف")
_PREFIXED = frozenset({"ar", "fa", "ur"})
"""Languages of which some conjunctions and prepositions are written together with the word."""


@cache
def _read() -> tuple[bytes, dict[str, dict[str, str]]]:
    raw = _PATH.read_bytes()
    return raw, tomllib.loads(raw.decode())


def lexicon_hash() -> str:
    """64 hex digits of SHA-256 over the shipped word lists."""
    return hashlib.sha256(_read()[0]).hexdigest()


@cache
def list_words(part: str) -> frozenset[int]:
    """Identities of all words of one part of the lists, such as `calendar` or `given`."""
    words = [
        prefix + word
        for language, lists in _read()[1].items()
        for word in lists.get(part, "").split()
        for prefix in (_PREFIXES if language in _PREFIXED else ("",))
    ]
    return frozenset(int(found.ids[0]) for word in words if len((found := tokenize(word)).ids) == 1)


@cache
def _listed(size: int) -> NDArray[np.uint8]:
    kinds = np.zeros(size, np.uint8)
    for part, bit in _KINDS.items():
        kinds[np.array(sorted(list_words(part)), np.int64) & (size - 1)] |= np.uint8(bit)
    return kinds


def kinds_of_words(common: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Kinds by the low bits of a word identity: uint8[len(common)], bits as named above.

    `common` uint8[power of two] is 1 where the bucket belongs to a common word.
    """
    return np.asarray(_listed(len(common)) | np.where(common > 0, COMMON, 0).astype(np.uint8))
