"""Articles that arrive and the revisions known of them -> what is new, what is current now.

The current revision is the one with the latest `modified`, else `published`, else the larger text
hash; of several records of one text the one that says it latest, then the larger hash of the rest.
A maximum over everything that ever came: no order of arrival and no repetition changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from dedupe.answers import Outcome
from dedupe.catalog.blobs import micros, moment
from dedupe.catalog.rows import Head, pending_key
from dedupe.catalog.tables import CURRENT, PENDING
from dedupe.models import Article, text_hash
from dedupe.records import hash_rest
from dedupe.report.encode import mend_text

__all__ = ["TIED", "Arrivals", "Entry", "Identity", "identify", "mend", "sort_arrivals"]

_NEVER = -(1 << 62)
_DECIDED = (Outcome.REVISED, Outcome.SUPERSEDED)
TIED = "modified: two texts of this id are of one time or of none: their hash decides which stands"
"""A warning: a correction may lose against what it corrects."""


class Identity(NamedTuple):
    """What tells records apart: the hash of an article's text, and of all the rest of it."""

    revision: bytes
    rest: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One text: of an article that arrived now, or one that is stored (`article` None)."""

    number: int
    id: str
    revision: bytes
    age: int | None
    rest: bytes
    arrived: int
    seen: int | None
    article: Article | None

    @property
    def order(self) -> tuple[int, bytes]:
        """The greatest of an article's texts is current."""
        return (_NEVER if self.age is None else self.age, self.revision)


@dataclass(slots=True)
class Arrivals:
    """What a batch changes.

    `new` are texts to store, `current` those of them that are current; `dropped` are numbers of
    stored texts that other records of the same text replace, `retired` those that were current and
    are not. `answers` tells for each article of the batch the number of the text that is current
    now, `outcomes`, `revisions` and `warnings` what it was itself; `home` the cluster an article
    belonged to, by the number of its text now.
    """

    new: list[Entry] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    retired: list[int] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    revisions: list[bytes] = field(default_factory=list)
    warnings: list[tuple[str, ...]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    home: dict[int, int] = field(default_factory=dict)


def identify(
    article: Article, rest: bytes | None = None, revision: bytes | None = None
) -> Identity:
    """Hash an article; `rest` is its hash as it came, where it is not as it came.

    `revision` is the hash of its text, where that is known.
    """
    revision = revision or bytes.fromhex(text_hash(article.title, article.body))
    return Identity(revision, rest or hash_rest(article))


def mend(article: Article) -> Article:
    """Replace lone surrogates, which no database takes, in all but the body."""
    names = ("id", "outlet", "url", "title", "lang")
    changed: dict[str, object] = {
        name: mend_text(value)
        for name in names
        if (value := getattr(article, name)) is not None and not _encodes(value)
    }
    for name in ("authors", "warnings"):
        values = getattr(article, name)
        if not all(map(_encodes, values)):
            changed[name] = tuple(map(mend_text, values))
    return replace(article, **changed) if changed else article  # type: ignore[arg-type]


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def sort_arrivals(
    articles: Sequence[Article],
    known: Iterable[Head],
    give_number: Callable[[], int],
    now: datetime,
    identities: Sequence[Identity] | None = None,
) -> Arrivals:
    """Decide for a batch, in its order; `known` are all stored revisions of its ids.

    One of them that is pending has not been taken yet: when the same record comes (again), it is
    new and keeps its number. `identities` are those of the articles where they are known already.
    """
    identities = identities or [identify(article) for article in articles]
    arrivals = Arrivals()
    revisions: dict[str, dict[bytes, Entry]] = {}
    before: dict[str, Head] = {}
    held: dict[tuple[str, bytes], Head] = {}
    for head in known:
        if head.state == PENDING:
            held[head.id, head.revision] = head
            continue
        revisions.setdefault(head.id, {})[head.revision] = _entry_of(head)
        if head.state == CURRENT:
            before[head.id] = head
    touched: dict[str, None] = {}
    for article, (revision, rest) in zip(articles, identities, strict=True):
        own = revisions.setdefault(article.id, {})
        touched[article.id] = None
        stored = held.get((article.id, pending_key(revision, rest))) if held else None
        arrivals.revisions.append(revision)
        rival = _current(own) if own else None
        outcome = _take(article, revision, rest, own, arrivals, stored, give_number, now)
        arrivals.outcomes.append(outcome)
        tied = outcome in _DECIDED and rival is not None and rival.revision != revision
        age = micros(article.modified or article.published)
        tie = (TIED,) if tied and rival and rival.age == age else ()
        arrivals.warnings.append((*article.warnings, *tie))
    now_current = {name: _current(revisions[name]) for name in touched}
    _settle(revisions, now_current, before, arrivals)
    arrivals.answers = [now_current[article.id].number for article in articles]
    return arrivals


def _entry_of(head: Head) -> Entry:
    return Entry(
        head.number, head.id, head.revision, head.age, head.rest, head.arrived, head.seen, None
    )


def _current(own: Mapping[bytes, Entry]) -> Entry:
    return max(own.values(), key=lambda entry: entry.order)


def _take(
    article: Article,
    revision: bytes,
    rest: bytes,
    own: dict[bytes, Entry],
    arrivals: Arrivals,
    held: Head | None,
    give_number: Callable[[], int],
    now: datetime,
) -> Outcome:
    """Add an article to the revisions of its id; `held` is its own text where it is pending."""
    age = micros(article.modified or article.published)
    known = own.get(revision)
    before = _current(own) if own else None
    if known and (_age(age), rest) <= (_age(known.age), known.rest):
        return Outcome.REPEATED
    seen = None if article.seen_here else micros(article.seen)
    if seen is None:
        earlier = held or known
        came = micros(article.seen or now)
        seen = earlier.seen if earlier and earlier.seen is not None else came
        article = replace(article, seen=moment(seen))
    number = held.number if held else give_number()
    arrived = before.arrived if before else number
    if known and known.article is None:
        arrivals.dropped.append(known.number)
    own[revision] = Entry(number, article.id, revision, age, rest, arrived, seen, article)
    if before is None:
        return Outcome.CREATED
    current = _current(own).revision == revision
    if known:
        changed = current and before.revision != revision
        return Outcome.REVISED if changed else Outcome.REPEATED
    return Outcome.REVISED if current else Outcome.SUPERSEDED


def _age(age: int | None) -> int:
    return _NEVER if age is None else age


def _settle(
    revisions: Mapping[str, Mapping[bytes, Entry]],
    now_current: Mapping[str, Entry],
    before: Mapping[str, Head],
    arrivals: Arrivals,
) -> None:
    """Fill in what is new, current and retired, once the whole batch was taken."""
    for name, current in now_current.items():
        arrivals.new += [entry for entry in revisions[name].values() if entry.article]
        if current.article is None:
            continue
        arrivals.current.append(current)
        old = before.get(name)
        if old is not None:
            arrivals.retired.append(old.number)
            if old.cluster is not None:
                arrivals.home[current.number] = old.cluster
