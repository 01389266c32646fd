"""A name with a generic noun behind it ("the X newsletter") -> where the name itself ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dedupe.attribution.folding import fold_text
from dedupe.attribution.view import View

__all__ = ["NounsBehind"]

_OF = "'s "
_TIGHT = 0x2E80
"""Scripts from here on set no blanks between words."""


class NounsBehind:
    """Nouns that are no part of the name they stand behind, in the words of one language."""

    def __init__(self, nouns: Iterable[str], owning: Collection[str]) -> None:
        """`nouns` in small letters stay where the text has a capital: "the X Newsletter".

        Behind `owning` letters ("X's site", "the official site") the noun is the name's.
        """
        self._owning = owning
        self._by_end: dict[str, list[tuple[str, bool]]] = {}
        for noun in sorted(nouns, key=lambda p: -len(fold_text(p))):
            folded = fold_text(noun)
            self._by_end.setdefault(folded[-1:], []).append((folded, noun[:1].isupper()))
        self._nouns = sorted({n for some in self._by_end.values() for n, _ in some}, key=len)[::-1]

    def cut(self, view: View, start: int, end: int) -> int:
        """Where the name ends in `text[start:end]`; `end` if nothing is to be cut."""
        for noun, any_case in self._by_end.get(view.text[end - 1], ()) if end > start else ():
            cut = end - len(noun)
            if cut <= start + 1 or not view.text.startswith(noun, cut):
                continue
            glued = ord(noun[0]) >= _TIGHT or noun[0] == "'"
            apart = view.text[cut - 1] not in self._owning if glued else view.text[cut - 1] == " "
            letter = cut if noun[0] != "'" else min(cut + len(_OF), end - 1)
            if apart and (any_case or not view.char(letter).isupper()):
                return cut if glued else cut - 1
        return end

    def skip(self, text: str, end: int) -> int:
        """Where what stands at `end` goes on behind such a noun, if one stands there."""
        for noun in self._nouns:
            at = end if ord(noun[0]) >= _TIGHT or noun[0] == "'" else end + 1
            if text.startswith(noun, at) and not text[end:at].strip():
                return at + len(noun)
        return end
