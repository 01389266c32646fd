"""Words of a name as a sentence has them -> the words an outlet may be called by.

"in der Süddeutschen Zeitung", "w Gazecie Wyborczej", "в «Новой газете»": languages with cases write
a name in another form than the one it is listed in. Endings tell them apart well enough, because
the answer is only ever compared with names that are known: `data/inflections.toml` has them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice, product
from pathlib import Path

__all__ = ["LANGUAGES_OF_CYRILLIC", "Inflections"]

_DATA = Path(__file__).with_name("data") / "inflections.toml"
_SHORTEST_STEM = 3
"""Fewest letters before an ending: what is left of shorter words is another word's as well."""
_ONLY_ENDINGS = 4
"""The same where nothing but the ending differs in a name of one word."""
_MOST_WORDS = 8
_MOST_NAMES = 256
LANGUAGES_OF_CYRILLIC = frozenset({"be", "bg", "ru", "sr", "uk"})


class Inflections:
    """Endings of all languages, spelled as `fold` spells names."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        """Read the endings; `fold` must leave letters in their order."""
        listed = tomllib.loads(_DATA.read_text("utf-8"))
        self._bare: dict[str, dict[str, set[str]]] = {}
        for language, table in listed.items():
            bare = self._bare.setdefault(language, {})
            for row in table["endings"]:
                name, _, others = row.partition(":")
                for other in others.split():
                    bare.setdefault(fold(other), set()).add(fold(name.strip()))
        self.languages = frozenset(self._bare)

    def list_bare(self, word: str, language: str) -> set[str]:
        """Give the words that a folded word may be another case of, itself among them."""
        endings = self._bare.get(language, {})
        found = {word}
        for size in range(1, min(7, len(word) - _SHORTEST_STEM + 1)):
            stem = word[:-size]
            found.update(stem + bare for bare in endings.get(word[-size:], ()))
        return found

    def is_case_of(self, written: Sequence[str], known: Sequence[str], language: str) -> bool:
        """Whether the folded words of a name are those of a known one in another case."""
        if len(written) != len(known) or len(written) > _MOST_WORDS or written == known:
            return False
        if len(known) == 1 and len(known[0]) < _ONLY_ENDINGS:
            return False
        return all(
            one == other or other in self.list_bare(one, language)
            for one, other in zip(written, known, strict=True)
        )

    def list_names(
        self, written: Sequence[str], language: str, vocabulary: Collection[str]
    ) -> Iterator[tuple[str, ...]]:
        """Yield the names, of words in `vocabulary`, that folded words may be another case of."""
        if len(written) <= _MOST_WORDS:
            choices = [
                sorted(bare for bare in self.list_bare(word, language) if bare in vocabulary)
                for word in written
            ]
            yield from islice(product(*choices), _MOST_NAMES)
