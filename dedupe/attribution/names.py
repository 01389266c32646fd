"""A stretch of text after "appeared on" -> the name in it, or None if there is none.

The formula tells where a name begins; where it ends has to be judged: at a sentence end that is no
abbreviation or domain, at a phrase that goes on with something else, at a bracket, a date, a title.
Then generic nouns are dropped from its ends ("the newspaper X", جريدة X) and what remains has to
look like a name. A false name is the costliest error, so when in doubt there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple

from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.asides import Asides
from dedupe.attribution.folding import fold_text
from dedupe.attribution.name_ends import CASED, DOMAIN_NAME, LONGEST, NameEnds, is_firm
from dedupe.attribution.name_kinds import NameKinds
from dedupe.attribution.name_nouns import NounsBehind
from dedupe.attribution.name_starts import CLOSING, NameStarts, skip_marks
from dedupe.attribution.name_words import LONG_WORD, NameWords
from dedupe.attribution.phrases import any_phrase
from dedupe.attribution.view import View
from dedupe.attribution.vocabulary import Vocabulary, of_words

__all__ = ["NameReader", "Place"]

Place = tuple[int, int]
"""`[start, end)` in a view's text."""

_SHORTEST_SMALL = 5  # shorter ones are initials of reporters ("Quelle: reb.")
_MOST_WORDS, _LONGEST_QUOTED, _AT_HAND = 9, 120, 1024  # the last: judged names, 0.2 kB each
_YEAR = re.compile(r"[ ,]{1,2}(?:19|20)\d\d$")
_WORDS, _TAGGED = re.compile(r"\S+"), 4
_YEAR_AFTER = re.compile(r",? (?:19|20)\d\d(?!\w)")
_CLOCK = re.compile(r"^\d{1,4}(?:[.:/ -]\d{1,4}){0,3}(?: ?[ap]\.?m\.?)?\b")
_WEEKDAY = 4  # shorter ones are words of other languages
_NEXT_WORD = re.compile(r"\"? (\w+)")
_EDGE = " \t\"'.,:;!?-/|*()。،"


class _Words(NamedTuple):
    """`owning` stands between a name and a noun that is the name's: "X's site"."""

    date_after: re.Pattern[str]
    owning: frozenset[str]


@of_words
def _words(words: Vocabulary) -> _Words:
    return _Words(
        re.compile(rf"[.,]{{0,2}} (?:{words.any('before_day')} )?(?:\d{{1,2}}(?!\d)|([^\W\d]+))"),
        frozenset(words.written("owning")),
    )


class NameReader(NameKinds):
    """Cuts and judges names with the words of one language."""

    def __init__(
        self,
        words: NameWords,
        agencies: AgencyLexicon,
        known: Callable[[str], bool],
        *,
        labels: Iterable[str] = (),
        vocabulary: Vocabulary,
    ) -> None:
        """`known` says whether a name as written is that of an outlet in the list of outlets.

        `labels` are words that stand before a colon and a source; rules read those. `vocabulary` is
        that of all languages.
        """
        super().__init__(words, agencies, known, vocabulary)
        self.labels = frozenset(labels)
        self._epithets = frozenset(map(fold_text, words.epithets))
        self._behind = NounsBehind(words.cut_after, _words(vocabulary).owning)
        self._ends = NameEnds(words, known, vocabulary)
        self._starts = NameStarts(words, self._ends, known, vocabulary)
        self._nouns = frozenset(map(fold_text, words.nouns))
        self._not = frozenset(map(fold_text, words.not_names))
        self.generic = frozenset(map(fold_text, words.generic_agencies))
        self.months = frozenset(map(fold_text, words.months))
        self.asides = Asides(words)
        self.weekdays = frozenset(map(fold_text, words.weekdays))
        self.places = frozenset(map(fold_text, words.places))
        joiners = [re.escape(fold_text(j)) for j in words.joiners]
        spaced_joiners = [
            rf",? {j} " if j[-1:].isalnum() else j for j in joiners if ord(j[0]) < 0x2E80
        ]
        tight = [j for j in joiners if ord(j[0]) >= 0x2E80]
        self._joint = re.compile("|".join([*spaced_joiners, *tight, r" ?[,/;|+&] ?", r" - "]))

    @cached_property
    def _is_never(self) -> Callable[[str], bool]:
        """Whether a name holds words of none: the long ones are all languages', compiled once."""
        words = self._words.never_in_names
        long, short = ([w for w in words if (len(w) >= LONG_WORD) is one] for one in (True, False))
        found = [any_phrase(some, r"(?<!\w)") for some in (long, short)]
        return lru_cache(_AT_HAND)(lambda name: any(p and p.search(name) for p in found))

    def read(
        self, view: View, start: int, end: int, *, whole: bool = False, official: bool = False
    ) -> Place | None:
        """Find the name that begins at `start`; `whole` = all up to `end` is the name's.

        `official` = it may be an office's, which has no say elsewhere (a ministry issues releases).
        """
        asked = (self, start, end, whole, official)  # several rules ask for the name of one notice
        if asked not in view.names:
            view.names[asked] = self._read(view, start, end, whole=whole, official=official)
        return view.names[asked]

    def _read(
        self, view: View, start: int, end: int, *, whole: bool, official: bool
    ) -> Place | None:
        start = skip_marks(view, start, end)
        if start >= end or not self._glue_allowed(view, start):
            return None
        start = self._starts.cut(view, start, end)
        text = view.text
        if text[start - 1] == '"' and text.find('"', start, end) > start:
            return self._judge(view, start, text.find('"', start, end), quoted=True)
        if text[start] in CLOSING and start + 1 < end:
            close = text.find(CLOSING[text[start]], start + 1, end)
            if close > start + 1:
                return self._judge(view, start + 1, close, quoted=True)
        start = skip_marks(view, start, end)
        stop = self._ends.find(view, start, end, whole=whole)
        if self._is_apposed(view, start, stop, end):
            return self.read(view, stop + 1, end)  # "in our weekly newsletter, the Harbour Brief"
        return self._with_article(view, self._judge(view, start, stop, official=official))

    def past_generic(self, text: str, end: int) -> int:
        """Where a name ends that a generic noun or a year was cut from ("Quarry website 2020")."""
        epithet = _NEXT_WORD.match(text, end) if self._epithets else None
        if epithet is not None and epithet.group(1) in self._epithets:
            end = epithet.end()
        end = self._behind.skip(text, end)
        year = _YEAR_AFTER.match(text, end)
        return year.end() if year is not None else end

    def split(self, view: View, start: int, end: int) -> list[Place]:
        """Split a list of names at its separators; each part trimmed, none judged."""
        if end - start <= LONGEST and self.known(view.written(start, end)):
            return [self._trim(view, start, end)]  # "Marks & Spencer Times", ねとらぼ
        parts, at = [], start
        for joint in self._joint.finditer(view.text, start, end):
            parts.append((at, joint.start()))
            at = joint.end()
        parts.append((at, end))
        trimmed = (self._trim(view, s, e) for s, e in parts)
        return [place for s, e in trimmed if e > s for place in self._split_glued(view, s, e)]

    def _split_glued(self, view: View, start: int, end: int) -> list[Place]:
        """Split at an Arabic "and" that is written onto an agency's name: رويترز وأ ف ب."""
        at = view.text.find(" و", start, end)
        while at >= 0:
            if not self.is_agency(view, (start, end)) and self.is_agency(view, (at + 2, end)):
                return [(start, at), (at + 2, end)]
            at = view.text.find(" و", at + 1, end)
        return [(start, end)]

    def without_noun(self, view: View, place: Place) -> Place:
        """Cut the generic noun before a name in a list: "وكالة X", "the agency X"."""
        return self._starts.cut(view, *place), place[1]

    def is_agency(self, view: View, place: Place) -> bool:
        """Whether a place holds an agency's name."""
        start, end = place
        return self.agencies.matches(view.text[start:end], lambda: view.written(start, end))

    def name_in_front(self, view: View, place: Place) -> Place:
        """What a long stretch begins with, else the stretch.

        An agency ("РИА Новости" before tags), or what stands before a phrase of the page.
        """
        invited = self.asides.find(view.text, *place)
        place = place[0], invited if invited > place[0] else place[1]
        words = [m.end() for m in _WORDS.finditer(view.text, *place)]
        if len(words) >= _TAGGED:
            for end in reversed(words[:4]):
                if self.is_agency(view, (place[0], end)):
                    return place[0], end
        return place

    def is_generic(self, view: View, place: Place) -> bool:
        """Whether a place holds a word for agencies at large."""
        return view.text[place[0] : place[1]] in self.generic

    def _trim(self, view: View, start: int, end: int) -> Place:
        text = view.text
        while start < end and text[start] in _EDGE + "\n":
            start += 1
        while end > start and text[end - 1] in _EDGE + "\n":
            end -= 1
        return start, end

    def _glue_allowed(self, view: View, start: int) -> bool:
        """Whether a name may follow a letter without a blank: only with a capital after a small."""
        before, first = view.text[start - 1], view.text[start]
        if (
            not (before.isalpha() and first.isalnum())
            or ord(first) >= 0x2E80
            or ord(before) >= 0x2E80
        ):
            return True
        if before.upper() == before.lower():
            return True  # a particle of a script without capitals is written onto the name
        return view.char(start).isupper() and not view.char(start - 1).isupper()

    def _is_apposed(self, view: View, start: int, stop: int, end: int) -> bool:
        """Whether what was read is a generic noun and the name comes after the comma."""
        if view.text[stop : stop + 2] != ", " or stop + 3 >= end:
            return False
        written = view.written(start, stop)
        if not written.islower() or "." in written or written in self.agencies:
            return False
        return view.char(stop + 2).isupper() or view.text.startswith("the ", stop + 2)

    def _with_article(self, view: View, place: Place | None) -> Place | None:
        """Give "the Associated Press" its article back: it is written so."""
        if place is not None and view.text[place[0] - 4 : place[0]] == "the ":
            longer = (place[0] - 4, place[1])
            return longer if self.is_agency(view, longer) else place
        return place

    def _judge(
        self, view: View, start: int, end: int, *, quoted: bool = False, official: bool = False
    ) -> Place | None:
        start, end = self._trim(view, start, end)
        year = _YEAR.search(view.text, start, end)
        if year is not None and year.start() > start:
            end = year.start()
        cut = self._behind.cut(view, start, end)
        end = end if cut < end and self.known(view.written(start, end)) else cut
        end = self._cut_epithet(view, start, end)
        start, end = self._trim(view, start, end)
        judged = self.is_name(view, start, end, quoted=quoted, official=official)
        return (start, end + is_firm(view.text, start, end, self.vocabulary)) if judged else None

    def _cut_epithet(self, view: View, start: int, end: int) -> int:
        """Where a known name ends before what tells its country: الرأي الأردنية."""
        cut = view.text.rfind(" ", start, end)
        if cut < 0 or view.text[cut + 1 : end] not in self._epithets:
            return end
        whole, rest = view.written(start, end), view.written(start, cut)
        known = self.known(whole) or whole in self.agencies or not self.known(rest)
        return end if known else cut

    def is_name(
        self, view: View, start: int, end: int, *, quoted: bool = False, official: bool = False
    ) -> bool:
        """Whether `text[start:end]` can be the name of an outlet, agency or person."""
        name = view.text[start:end]
        longest, words = (_LONGEST_QUOTED, 16) if quoted else (LONGEST, _MOST_WORDS)
        if not 2 <= len(name) <= longest or name.count(" ") >= words:
            return False
        if not official and self._is_never(name):
            return self.known(view.written(start, end))
        if name in self._not or name in self.generic or _CLOCK.match(name):
            return False
        first = name.split(" ", 1)[0].strip(".,")
        written = view.written(start, end)
        if (
            first in self.months
            or self._is_dated(view, start, name, first)
            or not any(c.isalpha() for c in name)
        ):
            return " " in name and self.known(written)  # "20 Minutes", "Marco Zero"
        small = written[:1].islower() and ord(name[0]) < CASED
        if small and not quoted and not DOMAIN_NAME.match(name):
            return self.known(written) or self._may_be_small(view, start, end)
        return True

    def _is_dated(self, view: View, start: int, name: str, first: str) -> bool:
        """Whether a name is a weekday or a date with one ("Fri 1 May"; not "Sunday Times")."""
        if first not in self.weekdays:
            return False
        if name == first:
            return len(first) >= _WEEKDAY
        after = _words(self.vocabulary).date_after.match(view.text, start + len(first))
        return after is not None and (after.group(1) is None or after.group(1) in self.months)

    def _may_be_small(self, view: View, start: int, end: int) -> bool:
        """Whether a name that begins with a small letter can be one: short, and all there is."""
        if view.text[start:end] in self._nouns:
            return False
        after = view.text[end : end + 2].strip(' "')[:1]
        words = view.text.count(" ", start, end) + 1
        if words == 1:
            return end - start >= _SHORTEST_SMALL or not view.text[start:end].isalpha()
        return words <= 4 and after in ("", "\n", ")")
