"""Words of all languages that tell what a line or a name is where no rule reads it.

Bylines, datelines, captions, sign-offs and press releases are laid out alike everywhere, and one
code reads them all. The words in them stand in tables of the language files (what each list is for
says `docs/add-a-language.md`); a line seldom tells its language, so all are looked for at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from dedupe.attribution.folding import fold_text

__all__ = ["NOTHING", "TABLES", "Vocabulary", "compile_words", "of_words", "spell"]

_KEYS = {
    "lines": """
        by byline_by posted_by filed_by written_by written writing_for writing_in published on_day
        dated before_day in_dates ages behind_clock beside_day from_address passing bare_labels
        credit_labels rights tags read_more file_labels shown shown_before stocks figure_number
        buttons next_labels next_days openers translated_by translation said no_place
        no_place_nouns before_places placed postpositions reporters undenied cited_onto
        article_nouns article_nouns_with sites figure_notes images
        no_towns
    """,
    "makes": """
        outlet_nouns agency_stems agency_nouns press_before press_behind agency_tails agency_last
        agency_endings outlet_endings han_endings no_name letters no_acronyms posts abbreviations
        no_fronts firms firms_within firms_behind_name
        firm_stops at_address seasons issues title_articles
        masthead_articles signing_articles persons_between particles firm_particles
        title_particles owning publishing
    """,
    "releases": """
        about about_behind questions before_issuer describing no_subject subject_articles
        announcing announcing_first announced_when announced_what announcing_behind firms_before
        firms_behind companies_behind subject_marks subject_endings heads seats release_desks
        office_stems office_names office_ends contact press_desks
    """,
    "signing": """
        small_agencies byline_agencies unions slashed_agencies closing_outlets
    """,
}
TABLES = {table: frozenset(keys.split()) for table, keys in _KEYS.items()}
"""Tables of a language file -> the lists that may stand in them."""
NOTHING = "(?!)"
"""What an expression is that matches nowhere: that of an empty list."""
_SETS = 8
"""Vocabularies whose expressions are kept: there is one of all languages, and tests make more."""


class Vocabulary:
    """Lists of phrases under their names. Two are never equal: what is made of one is kept by it.

    In a phrase `*` stands for the rest of a word, `#` for a digit.
    """

    def __init__(self, languages: Iterable[Mapping[str, Sequence[str]]] = ()) -> None:
        """Take the lists of each language, in their order."""
        self._languages = tuple(languages)

    def written(self, key: str) -> tuple[str, ...]:
        """Phrases of all languages as their files spell them."""
        return tuple(dict.fromkeys(p for lists in self._languages for p in lists.get(key, ())))

    def folded(self, key: str) -> tuple[str, ...]:
        """Phrases of all languages as a folded text spells them, the longer first."""
        return _fold_all(self.written(key))

    def any(self, *keys: str) -> str:
        """An expression for any phrase of these lists, in folded text."""
        return _any_of(_fold_all([p for key in keys for p in self.written(key)]))

    def any_by_language(self, key: str) -> list[str]:
        """As `any`, one for each language that has such a list."""
        return [_any_of(_fold_all(lists[key])) for lists in self._languages if key in lists]


def spell(phrase: str) -> str:
    """The expression for one folded phrase."""
    return re.escape(phrase).replace(r"\*", r"\w*").replace(r"\#", r"\d")


def _fold_all(phrases: Iterable[str]) -> tuple[str, ...]:
    folded = {fold_text(p) + (" " if p.endswith(" ") else "") for p in phrases}
    return tuple(sorted(folded, key=lambda p: (-len(p), p)))


def _any_of(folded: Sequence[str]) -> str:
    return f"(?:{'|'.join(map(spell, folded))})" if folded else NOTHING


_Made = TypeVar("_Made")
_MAKERS: list[Callable[[Vocabulary], object]] = []


def of_words(make: Callable[[Vocabulary], _Made]) -> Callable[[Vocabulary], _Made]:
    """Decorate what compiles the expressions of a module: made when first asked for, and kept."""
    kept = lru_cache(maxsize=_SETS)(make)
    _MAKERS.append(kept)
    return kept


def compile_words(words: Vocabulary) -> Iterator[None]:
    """Make, step by step, all that is else made when a text first needs it."""
    for make in _MAKERS:
        make(words)
        yield
