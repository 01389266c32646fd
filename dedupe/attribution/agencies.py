"""A name as written -> whether it is a wire agency's.

Abbreviations mean many things (AFP is also a police force, AA a set of initials): in scripts with
capitals those of up to four letters (Cyrillic: three, "Тасс" is written too) count only in the case
they are listed in. Nothing here is looked up in running text, only in datelines, brackets, labels
and lines of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from dedupe.attribution.folding import fold_text

__all__ = ["AgencyLexicon", "compact"]

_LOOSE = re.compile(r"[\s.\-'\"*()]")
_CASED, _LONGEST, _LETTERS = 4, 90, 2
_ARABIC = range(0x600, 0x700)
_APART = re.compile(r"\w[\s.]+\w")


@lru_cache(maxsize=16384)
def compact(name: str) -> str:
    """Spell a name for look-up: folded, without blanks, stops, hyphens and quotes."""
    return _LOOSE.sub("", fold_text(name))


class AgencyLexicon:
    """Forms of agencies' names, across scripts."""

    def __init__(
        self,
        forms: Iterable[str],
        services: Iterable[str] = (),
        syndicators: Iterable[str] = (),
        wires: Iterable[str] = (),
    ) -> None:
        """Take forms as they are written, abbreviations in their usual case.

        `services` are those that distribute others' copy: a credit to one is a feed's. Syndicators
        sell commentary under their own name and are no agencies. `wires` carry press releases.
        """
        services, syndicators, wires = tuple(services), tuple(syndicators), tuple(wires)
        self._syndicators = frozenset(map(compact, syndicators))
        self._services = frozenset(map(compact, services))
        self._wires = frozenset(map(compact, wires))
        forms = [*forms, *services, *syndicators, *wires]
        self.forms = tuple(dict.fromkeys(form.strip() for form in forms if form.strip()))
        self._known: dict[str, set[str]] = {}
        for form in self.forms:
            self._known.setdefault(compact(form), set()).add(_LOOSE.sub("", form))

    def extended(self, forms: Iterable[str]) -> AgencyLexicon:
        """Make a lexicon that also knows these names, for slots of rules only."""
        wider = AgencyLexicon([*self.forms, *forms])
        wider._services, wider._syndicators = self._services, self._syndicators
        wider._wires = self._wires
        return wider

    def is_wire(self, name: str) -> bool:
        """Whether this carries press releases: the issuer is the source, not the wire."""
        return compact(name) in self._wires

    def is_syndicator(self, name: str) -> bool:
        """Whether this sells commentary under its own name."""
        return compact(name) in self._syndicators

    def is_service(self, name: str) -> bool:
        """Whether this is a distributor rather than an agency with reporters."""
        return compact(name) in self._services

    def __contains__(self, name: str) -> bool:
        """Whether this is an agency, as written."""
        return len(name) <= _LONGEST and self.matches(compact(name), lambda: name)

    def matches(self, folded: str, written: Callable[[], str]) -> bool:
        """Whether folded text is an agency's name; `written` is asked only where case matters."""
        key = _LOOSE.sub("", folded)
        spellings = self._known.get(key)
        if spellings is None:
            return False
        if len(key) <= (_CASED if key.isascii() else _CASED - 1) and key.upper() != key.lower():
            return _LOOSE.sub("", unicodedata.normalize("NFKC", written())) in spellings
        if len(key) <= _LETTERS and not key.isascii():  # "أ ب", but not "آب"
            return _APART.search(folded) is not None or ord(key[0]) not in _ARABIC
        return True
