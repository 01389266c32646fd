"""What the online engine takes and answers: verdicts, stored articles, pages, ledger, judgements.

Beside `models` because only a store can give them. The same rules: frozen, field order is the order
of the JSON keys, every value serialises as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Generic, Literal, TypeVar

from dedupe.models import Article, Attribution, Credit, Match, Provenance, Relation

__all__ = [
    "Change",
    "ChangeKind",
    "ClusterQuery",
    "ClusterRow",
    "ClusterSort",
    "Counts",
    "ExplainedCandidate",
    "Explanation",
    "Judgement",
    "JudgementKind",
    "JudgementRecord",
    "Moved",
    "Outcome",
    "OutletFlow",
    "OutletRecord",
    "OutletRow",
    "Page",
    "Revision",
    "StoredArticle",
    "TimelinePoint",
    "Verdict",
]

Row = TypeVar("Row")


class Outcome(str, Enum):
    """What an article that arrived was to the archive."""

    CREATED = "created"
    """An id that was not known."""
    REPEATED = "repeated"
    """A revision that was known: nothing has changed."""
    REVISED = "revised"
    """A new text of a known id, and the current one now."""
    SUPERSEDED = "superseded"
    """A new text of a known id that is older than the current one: kept, not matched."""


class ChangeKind(str, Enum):
    """What a line of the ledger says."""

    CREATED = "created"
    JOINED = "joined"
    MERGED = "merged"
    SPLIT = "split"
    REVISED = "revised"
    DELETED = "deleted"
    JUDGED = "judged"


class JudgementKind(str, Enum):
    """What a person decided."""

    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"
    PIN_ORIGINAL = "pin_original"


ClusterSort = Literal["size", "newest", "spread"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one article.

    `revision` is the text hash; `nearest` the id of the closest match and `relation` what it is to
    the article, both None without one; `matches` are those of the article, closest first. For a
    superseded revision they are those of the current one. `check` gives the cluster the article
    would join as `cluster_id`, None where it would stand alone.
    """

    id: str
    revision: str
    outcome: Outcome
    cluster_id: str | None
    relation: Relation | None
    nearest: str | None
    matches: tuple[Match, ...]
    attribution: Attribution | None
    provenance: Provenance
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of an article, without the text."""

    revision: str
    current: bool
    title: str
    published: datetime | None
    modified: datetime | None
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the archive holds it: the current text, and what is known of it."""

    article: Article
    revision: str
    revisions: tuple[Revision, ...]
    attribution: Attribution | None
    cluster_id: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows; `next` is the cursor of the following page, None on the last."""

    rows: tuple[Row, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterQuery:
    """Which clusters to list and how; None is "any".

    `outlet` is a key or name; `since` and `until` bound when its articles appeared (published,
    else seen); `credit` asks for a member credited so; `title` for a title that holds this text
    (case is ignored). Clusters of one article are never listed.
    """

    outlet: str | None = None
    lang: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_size: int = 2
    credit: Credit | None = None
    title: str | None = None
    sort: ClusterSort = "size"
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster in a list: `outlets` counts the different ones, `title` is the representative's."""

    cluster_id: str
    size: int
    outlets: int
    title: str
    original: str | None
    outlet: str | None
    confidence: float
    first: datetime | None
    newest: datetime | None
    credited: int
    uncredited: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The cluster was merged into another one."""

    cluster_id: str


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """One member in time, earliest first; `time` is published, else seen, and None if unknown."""

    time: datetime | None
    id: str
    outlet: str | None
    title: str
    relation: Relation | None
    credit: Credit


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet in a list. `key` is that of a known outlet, else the name as written."""

    key: str
    name: str
    articles: int
    copied: int
    """Its articles that came from another outlet."""
    credited: int
    """Those of them that say so."""
    carried: int
    """Articles of other outlets that came from it."""


@dataclass(frozen=True, slots=True)
class OutletFlow:
    """What went between an outlet and another one."""

    outlet: str
    articles: int
    credited: int
    uncredited: int


@dataclass(frozen=True, slots=True)
class OutletRecord:
    """An outlet: how much it published, whom it carried and who carried it."""

    key: str
    name: str
    articles: int
    copied: int
    credited: int
    carried: int
    carries: tuple[OutletFlow, ...]
    carried_by: tuple[OutletFlow, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the ledger; `sequence` increases strictly.

    `article` joined, was revised or deleted; `other` is the cluster that was merged away or split
    off, or the judgement's second article.
    """

    sequence: int
    at: datetime
    kind: ChangeKind
    cluster_id: str | None
    article: str | None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of one or two articles; `right` is None for a pinned original."""

    kind: JudgementKind
    left: str
    right: str | None = None
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class JudgementRecord:
    """A judgement with its number, when it was made and when it was taken back."""

    number: int
    judgement: Judgement
    at: datetime
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExplainedCandidate:
    """One article that shares keys: `kept` tells whether the prefilter let it through.

    `measures` are counts of the alignment by name, `match` the verdict with the contribution of
    every feature; both None where the pair was not aligned.
    """

    id: str
    shared_bands: int
    shared_passages: int
    passages: int
    kept: bool
    measures: Mapping[str, int] | None
    match: Match | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every step from the text of an article to its cluster, in order; the same bytes every time.

    `bands` and `passages` are keys in hex; `cluster` lists the members of the cluster by id.
    """

    id: str
    revision: str
    config_id: str
    words: int
    cuts: tuple[tuple[int, int], ...]
    signature: tuple[int, ...]
    bands: tuple[str, ...]
    passages: tuple[str, ...]
    capped_keys: int
    skipped_keys: int
    candidates: tuple[ExplainedCandidate, ...]
    cluster_id: str
    cluster: tuple[str, ...]
    judgements: tuple[JudgementRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds."""

    articles: int
    revisions: int
    clusters: int
    clustered: int
    matches: Mapping[str, int] = field(default_factory=dict)
    indexed: int = 0
    sequence: int = 0
    config_id: str = ""
