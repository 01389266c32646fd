"""Words of one language that decide where a name begins, ends and whether it is one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

__all__ = ["LONG_WORD", "NAME_KEYS", "NameWords"]

LONG_WORD = 4
"""Letters of a word that refuses a name in every language; shorter ones mean other things."""


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words of one language that decide where a name begins, ends and whether it is one.

    As written in the file. `cut_before` and `cut_after` are generic nouns dropped from a name's
    ends, `stop_at` phrases it ends before, `not_names` what is never a name, `generic_agencies`
    words for "agencies" at large, `joiners` what stands between two names, `picture` what makes a
    line a picture credit, `outlet_words` what names of outlets are made of, `places` dateline words
    such as "capitals", `never_in_names` words that no outlet's name holds (a statistics office).
    `captions` label a picture, figure, map or table before a colon or `caption_by`, `figures` a
    chart, map or table on the line above a source label, `texts` name the article itself
    ("this story"), `weekdays` begin dates, `citing` are verbs of who speaks of a notice,
    `epithets` tell behind a name where its outlet is from, `resuming` words begin the sentence
    proper behind a participle and a comma, `sponsors` are words of partners that publish nothing
    (a foundation, a town hall), `issuers` of companies,
    whose texts are releases, `inviting` phrases of the page begin behind a name without a stop
    ("Source: X Click here to …"), `own` are what writers call a site of theirs without naming it,
    `denials` forbid, offer or deny inside a formula ("may not be reprinted without"), `itself` are
    words by which a notice means the text it stands in ("this"), `going_on` begin behind a name
    what happened to another article ("and was withdrawn") unless one of `again` follows ("and is
    republished"), `quoting` say behind a notice that it is a claim, `nouns` are what the file's
    patterns call <article>: no name if small.
    """

    cut_before: tuple[str, ...] = ()
    cut_after: tuple[str, ...] = ()
    stop_at: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    generic_agencies: tuple[str, ...] = ()
    joiners: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    outlet_words: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    never_in_names: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    caption_by: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    citing: tuple[str, ...] = ()
    epithets: tuple[str, ...] = ()
    resuming: tuple[str, ...] = ()
    sponsors: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    inviting: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    itself: tuple[str, ...] = ()
    going_on: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    quoting: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()

    def refusing(self, other: NameWords) -> NameWords:
        """These words, and the other's where they refuse a name: languages share label words."""
        return replace(
            self,
            generic_agencies=self.generic_agencies + other.generic_agencies,
            picture=self.picture + other.picture,
            never_in_names=self.never_in_names
            + tuple(word for word in other.never_in_names if len(word) >= LONG_WORD),
        )

    def joined(self, other: NameWords) -> NameWords:
        """Both vocabularies as one."""
        return NameWords(*(getattr(self, key) + getattr(other, key) for key in _ALL))


_ALL = tuple(field.name for field in fields(NameWords))
NAME_KEYS = _ALL[:-1]
"""Lists under [names] of a language file; `nouns` come from its [words]."""
