"""A name, or a stretch of text -> what the words of a language tell of it.

Whether a name is an outlet's, a company's or a partner's, and whether a text speaks of a picture,
a table or another article. Where names begin and end is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.captions import Captions
from dedupe.attribution.citations import Citations
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_ends import DOMAIN_NAME
from dedupe.attribution.name_words import NameWords
from dedupe.attribution.phrases import any_phrase
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["NameKinds"]


_LABELLED = re.compile(r"(?: ?\(?\d{1,3}\)?)? ?[:=.|-] ?\w")
_SHORTEST = 4
"""Letters of a word that may be a masthead: shorter ones are initials."""


@of_words
def _articles(words: Vocabulary) -> frozenset[str]:
    return frozenset(words.written("title_articles") + words.written("masthead_articles"))


class NameKinds:
    """Tells with the words of one language what a name or a text is."""

    def __init__(
        self,
        words: NameWords,
        agencies: AgencyLexicon,
        known: Callable[[str], bool],
        vocabulary: Vocabulary,
    ) -> None:
        """`known` says whether a name as written is that of an outlet in the list of outlets."""
        self.agencies, self.known, self.vocabulary = agencies, known, vocabulary
        self._words = words
        self._captions = Captions(words, vocabulary)
        self._citations = Citations(words)
        endings = [fold_text(w) for w in words.outlet_words if w.upper() == w.lower()]
        by_last: dict[str, list[str]] = {}
        for ending in endings:
            if len(ending) >= 2:
                by_last.setdefault(ending[-1], []).append(ending)
        self._outlet_endings = {last: tuple(some) for last, some in by_last.items()}

    # compiled when first asked for: most languages never are in a run

    @cached_property
    def picture(self) -> re.Pattern[str] | None:
        """What makes a line a picture credit."""
        apart = any_phrase(self._words.picture, r"(?<!\w)")
        glued = any_phrase(
            [w for w in self._words.picture if ord(w[0]) >= 0x2E80 and "源" in w], ""
        )
        if apart is None or glued is None:
            return apart
        return re.compile(f"{apart.pattern}|{glued.pattern}")

    @cached_property
    def _outlet_words(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.outlet_words, r"(?<!\w)")

    @cached_property
    def _sponsors(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.sponsors, r"(?<!\w)")

    @cached_property
    def _issuers(self) -> list[re.Pattern[str]]:
        apart = any_phrase([w for w in self._words.issuers if ord(w[0]) < 0x2E80], r"(?<!\w)")
        glued = any_phrase([w for w in self._words.issuers if ord(w[0]) >= 0x2E80], "")
        return [pattern for pattern in (apart, glued) if pattern is not None]

    @cached_property
    def _figures(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.figures, r"\W{0,3}")

    @cached_property
    def _denials(self) -> re.Pattern[str] | None:
        return any_phrase(self._words.denials, r"(?<!\w)")

    def is_outlet_like(self, name: str) -> bool:
        """Whether a name is made of words that outlets are called by, or is a known outlet."""
        folded = fold_text(name)
        if self._outlet_words is not None and self._outlet_words.search(folded):
            return True
        endings = self._outlet_endings
        if DOMAIN_NAME.fullmatch(folded) or any(
            w[-1] in endings and w.endswith(endings[w[-1]]) for w in folded.split()
        ):
            return True  # the Arabic script glues them: خبرآنلاین
        return name in self.agencies or self.known(name)

    def is_denied(self, text: str) -> bool:
        """Whether a folded stretch of a formula forbids, offers or denies what it speaks of."""
        return self._denials is not None and self._denials.search(text) is not None

    def is_sponsor(self, name: str) -> bool:
        """Whether a partner is a company, an office or a school rather than a newsroom."""
        return self._sponsors is not None and self._sponsors.search(fold_text(name)) is not None

    def is_issuer(self, name: str) -> bool:
        """Whether a name is a company's: as the source of a text it says that this is a release."""
        folded = fold_text(name)
        return any(pattern.search(folded) for pattern in self._issuers)

    def is_masthead(self, name: str) -> bool:
        """Whether a name is an outlet's where a person's may stand: one word, or outlet-like."""
        first, _, rest = name.partition(" ")
        one = not rest and len(name) >= _SHORTEST and name[:1].isupper()
        return one or first in _articles(self.vocabulary) or self.is_outlet_like(name)

    def is_picture(self, text: str) -> bool:
        """Whether a folded stretch of text speaks of a picture."""
        return self.picture is not None and self.picture.search(text) is not None

    def is_cited(self, text: str, start: int, end: int) -> bool:
        """Whether a notice from `start` to `end` is only what somebody says, or tells of a book."""
        told = self._citations
        return told.claim(text, end) or told.hold(text, end) or told.resume(text, start, end)

    def is_told(self, text: str, start: int, named: int, end: int, name: str | None) -> bool:
        """Whether a sentence tells of another article; see `Citations.tell`."""
        if name is not None and self._citations.joins(fold_text(name), known=self.known(name)):
            return True
        return self._citations.tell(text, start, named, end)

    def labels_figure(self, line: str) -> bool:
        """Whether a folded line is the label of a chart, map or table: "Chart: House prices"."""
        found = self._figures.match(line) if self._figures is not None else None
        return found is not None and _LABELLED.match(line, found.end()) is not None

    def is_caption(self, text: str, start: int) -> bool:
        """Whether what stands at `start` speaks of the picture, map or table its line labels."""
        return self._captions.govern(text, start)
