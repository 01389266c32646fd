"""Phrases of a language file -> what finds any of them in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from dedupe.attribution.folding import fold_text, is_word_char, word_char

__all__ = ["Phrases", "any_phrase", "spell_phrases"]

_SHARED = 2
"""First letters by which phrases are told apart before they are tried."""
_OPENINGS = " ,("
_OPENING = re.compile(f"[{_OPENINGS}]")


def any_phrase(phrases: Iterable[str], before: str) -> re.Pattern[str] | None:
    """One expression for any of these phrases behind `before`."""
    folded = _folded(phrases)
    return _any_of(folded, before) if folded else None


def spell_phrases(phrases: Iterable[str], before: str) -> str | None:
    """As `any_phrase`, as a part of a longer expression that is yet to be compiled."""
    folded = _folded(phrases)
    return _spell_any(folded, before) if folded else None


class Phrases:
    """Any of many phrases behind a blank, comma or bracket: found by their first letters.

    A name is looked through for the thousand phrases of all languages that end one: compiled, they
    took 0.1 s of every start and found nothing sooner.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        """Take the phrases; `#` stands for a digit."""
        folded = _folded(phrases)
        spelt = [phrase for phrase in folded if "#" not in phrase and len(phrase) >= _SHARED]
        self._others = any_phrase(set(folded).difference(spelt), f"[{_OPENINGS}]")
        self._by_letters: dict[str, list[tuple[str, re.Pattern[str] | None]]] = {}
        for phrase in spelt:
            goes_on = None if _open(phrase) else re.compile(word_char(phrase[-1]))
            self._by_letters.setdefault(phrase[:_SHARED], []).append((phrase, goes_on))

    def find(self, text: str, start: int, end: int) -> int:
        """Where the blank, comma or bracket before the first phrase stands, -1 if none does."""
        first = self._others.search(text, start, end) if self._others is not None else None
        for opening in _OPENING.finditer(text, start, end if first is None else first.start()):
            at = opening.end()
            for phrase, goes_on in self._by_letters.get(text[at : at + _SHARED], ()):
                if text.startswith(phrase, at, end) and not (
                    goes_on is not None and goes_on.match(text, at + len(phrase), end)
                ):
                    return opening.start()
        return first.start() if first is not None else -1


def _folded(phrases: Iterable[str]) -> tuple[str, ...]:
    """Phrases folded, each once, the longer first."""
    folded = {fold_text(phrase) for phrase in phrases} - {""}
    return tuple(sorted(folded, key=lambda p: (-len(p), p)))


@cache
def _any_of(folded: tuple[str, ...], before: str) -> re.Pattern[str]:
    return re.compile(_spell_any(folded, before))


def _spell_any(folded: tuple[str, ...], before: str) -> str:
    # by their first letters: of some thousand phrases a few dozen are tried where none stands
    return f"{before}(?:{_branches(folded, 0)})"


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
