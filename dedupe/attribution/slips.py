"""Two folded names -> whether one is the other misspelt, rather than another outlet's name.

Edit distance alone takes "Gull News" for "Gulf News". A slip leaves a word that is no word: so it
is looked for word by word, only in long words, never in the first letter, and never where what is
written is a word that outlets are called by. A word more, less or exchanged is another outlet.
Numbers from docs/decisions/0020-near-names.md.
"""

from __future__ import annotations

from collections.abc import Collection

from rapidfuzz.distance import OSA

__all__ = ["SHORTEST_WORD", "is_misspelt"]

SHORTEST_WORD = 6
"""Fewest letters of a word that may be misspelt, on both sides: see decision 0020."""
_LETTERS_FOR_TWO, _MOST_SLIPS = 12, 2
"""A slip is a letter more, less, other, or two swapped; so long words may hold two, names too."""

_SYLLABIC = "\u2e80"
"""Scripts from here on (Chinese, Japanese, Korean) have characters for what others spell."""


def is_misspelt(written: str, known: str, vocabulary: Collection[str]) -> bool:
    """Whether `written` is `known` with slips in it; both folded, without articles.

    `vocabulary` holds the words that names are made of: none of them is a misspelt other one.
    Equal names are.
    """
    ours, theirs = written.split(" "), known.split(" ")
    if len(ours) != len(theirs):
        return False
    slips = 0
    for one, other in zip(ours, theirs, strict=True):
        if one != other:
            if one in vocabulary or not _is_slip(one, other):
                return False
            slips += OSA.distance(one, other)
    return slips <= _MOST_SLIPS


def _is_slip(written: str, known: str) -> bool:
    """Whether a word is another one misspelt: both long, begun alike, and ended alike.

    The last letter is where one language's word differs from another's ("Guardia", "Independente")
    and one from many ("Time", "Times").
    """
    length = min(len(written), len(known))
    if length < SHORTEST_WORD or written[0] != known[0] or _differs_at_end(written, known):
        return False
    if max(known) >= _SYLLABIC:
        return False
    most = _MOST_SLIPS if length >= _LETTERS_FOR_TWO else 1
    return OSA.distance(written, known, score_cutoff=most) <= most


def _differs_at_end(written: str, known: str) -> bool:
    shorter, longer = sorted((written, known), key=len)
    return longer.startswith(shorter[:-1]) and len(longer) - len(shorter) < 2
