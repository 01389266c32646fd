"""The nouns of the house: frozen values that every stage takes and returns.

Only the standard library is imported here. Field order is the order of the JSON keys; every
value serialises as it stands (dataclass -> object, tuple -> array, enum -> its value, datetime ->
RFC 3339). Offsets count code points of the verbatim `body` of the article they speak of.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

__all__ = [
    "AGENCY_ROLES",
    "Article",
    "Attribution",
    "AttributionKind",
    "Claim",
    "ClaimRole",
    "Cluster",
    "ClusterLink",
    "Contradiction",
    "Credit",
    "Evidence",
    "Furniture",
    "Location",
    "Match",
    "Member",
    "OutletKind",
    "Provenance",
    "Reject",
    "Relation",
    "Side",
    "Span",
    "SpanPair",
    "Summary",
    "Trust",
    "article_id",
    "text_hash",
]

Side = Literal["left", "right"]
Span = tuple[int, int]
"""Half-open `[start, end)` in code points of a verbatim body."""
SpanPair = tuple[int, int, int, int]
"""`(left_start, left_end, right_start, right_end)`: the same words in two bodies."""


class Relation(str, Enum):
    """What a verified pair is to each other."""

    IDENTICAL = "identical"
    EDITED = "edited"
    EXCERPT = "excerpt"
    EMBEDS = "embeds"
    REVISION = "revision"
    PARTIAL = "partial"
    TEMPLATE = "template"
    INDEPENDENT = "independent"

    @property
    def copying(self) -> bool:
        """Whether one text was made from the other."""
        return self in _COPYING

    @property
    def unites(self) -> bool:
        """Whether the pair may stand in one cluster because of this relation."""
        return self in _UNITING


_COPYING = frozenset(
    {Relation.IDENTICAL, Relation.EDITED, Relation.EXCERPT, Relation.EMBEDS, Relation.REVISION}
)
_UNITING = frozenset({Relation.IDENTICAL, Relation.EDITED, Relation.EXCERPT, Relation.REVISION})


class AttributionKind(str, Enum):
    """What an article states about its own origin, strongest statement first."""

    REPUBLICATION_NOTICE = "republication_notice"
    FIRST_APPEARED = "first_appeared"
    TRANSLATION = "translation"
    SYNDICATION_FEED = "syndication_feed"
    PRESS_RELEASE = "press_release"
    AGENCY_BYLINE = "agency_byline"
    SOURCE_LINE = "source_line"
    NONE = "none"


class ClaimRole(str, Enum):
    """What the name in a claim is said to be."""

    SOURCE = "source"
    VIA = "via"
    AGENCY = "agency"
    CONTRIBUTOR = "contributor"
    REPUBLISHER = "republisher"
    AUTHOR = "author"
    LICENSE = "license"


AGENCY_ROLES = frozenset({ClaimRole.AGENCY, ClaimRole.CONTRIBUTOR})


class Trust(str, Enum):
    """How far a claim is trusted: declared from the most to the least trusted."""

    NOTICE = "notice"
    TRACE = "trace"
    CANONICAL = "canonical"
    FEED = "feed"
    AGENCY_CREDIT = "agency_credit"
    RIGHTS = "rights"
    SOURCE_LINE = "source_line"
    METADATA = "metadata"

    @property
    def rank(self) -> int:
        """0 for the most trusted."""
        return _TRUST_RANK[self]


_TRUST_RANK = {trust: rank for rank, trust in enumerate(Trust)}


class OutletKind(str, Enum):
    """What an outlet is."""

    AGENCY = "agency"
    PUBLISHER = "publisher"
    BROADCASTER = "broadcaster"
    AGGREGATOR = "aggregator"
    SYNDICATOR = "syndicator"
    PRESS_RELEASE_WIRE = "press_release_wire"


class Credit(str, Enum):
    """How a member of a cluster credits where its text comes from."""

    ORIGINAL = "original"
    CREDITED = "credited"
    UNCREDITED = "uncredited"
    AGENCY = "agency"
    UNCLEAR = "unclear"

    @property
    def is_given(self) -> bool:
        """Whether it says where the text comes from, be it by an agency alone."""
        return self in (Credit.CREDITED, Credit.AGENCY)


@dataclass(frozen=True, slots=True)
class Article:
    """One published text. Times are aware (UTC); what could not be parsed is None and a warning."""

    id: str
    outlet: str | None
    url: str | None
    title: str
    body: str
    lang: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    seen: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    seen_here: bool = False  # nobody stated `seen`: it is when the service was sent this


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record stands in the input: `record` counts lines, rows or entries from 1."""

    file: str
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not become an article: `reason` is a stable code, `detail` a sentence."""

    file: str
    record: int | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of origin, with its place in the body.

    `start` and `end` are None and `quote` holds the value when the claim stands in metadata.
    `name` is as written; `outlet` is the key of the outlet it resolves to, or None.
    """

    kind: AttributionKind
    name: str | None
    url: str | None
    role: ClaimRole
    start: int | None
    end: int | None
    quote: str
    rule: str
    trust: Trust
    confidence: float
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Furniture:
    """A span that is not the article's own text ("copy link", "read also", learned boilerplate)."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one article states about its origin; names are as written."""

    id: str
    kind: AttributionKind
    original_source: str | None = None
    source_url: str | None = None
    republisher: str | None = None
    via: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    license: str | None = None
    self_reference: bool = False
    confidence: float = 0.0
    claims: tuple[Claim, ...] = ()
    furniture: tuple[Furniture, ...] = ()

    def cuts(self) -> list[Span]:
        """Spans to leave out of the fingerprint, sorted and merged: notices and furniture."""
        spans = [(f.start, f.end) for f in self.furniture]
        spans += [
            (c.start, c.end) for c in self.claims if c.start is not None and c.end is not None
        ]
        merged: list[Span] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


@dataclass(frozen=True, slots=True)
class Match:
    """A verified pair, `left` < `right` by code points. All scores are in [0, 1].

    `similarity` is the exact Jaccard of the two shingle sets, `containment_left` the share of
    left's shingles found in right, `probability` the verifier's estimate that this is copying.
    """

    left: str
    right: str
    relation: Relation
    container: Side | None
    earlier: Side | None
    similarity: float
    containment_left: float
    containment_right: float
    probability: float
    spans: tuple[SpanPair, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """One article in a cluster; `relation` and scores speak of it and the representative.

    The representative (the original if it is in the corpus, else the earliest) has None there.
    `via` names the article it was matched through when it was not matched directly;
    `containment_left` is the share of this member's shingles found in the other text.
    """

    id: str
    outlet: str | None
    title: str
    published: datetime | None
    seen: datetime | None
    relation: Relation | None
    via: str | None
    similarity: float | None
    containment_left: float | None
    containment_right: float | None
    credit: Credit
    attributions: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a verdict: which article says what about whom, and how far it is trusted."""

    trust: str
    article: str | None
    name: str | None
    outlet: str | None
    quote: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Evidence that points elsewhere than the verdict."""

    article: str | None
    name: str | None
    outlet: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The verdict for a cluster. `original` None and `outlet` None mean unknown."""

    original: str | None
    outlet: str | None
    confidence: float
    chain: tuple[str, ...] = ()
    independent_origins: int = 1
    evidence: tuple[Evidence, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterLink:
    """An `embeds` match between a member of this cluster and an article of another.

    `share` is how much of the container stands in the article it holds (shingles).
    """

    cluster_id: str
    relation: Relation
    member: str
    other: str
    container: Literal["member", "other"]
    share: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that carry one text, derived from matches only."""

    cluster_id: str
    size: int
    members: tuple[Member, ...]
    provenance: Provenance
    links: tuple[ClusterLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one run of the report; `seconds` is wall time by stage."""

    articles: int
    rejected: int
    repeated: int
    revisions: int
    warnings: int
    languages: Mapping[str, int]
    candidates: int
    verified: int
    matches: Mapping[str, int]
    clusters: int
    clustered: int
    capped_keys: int | None
    skipped_keys: int | None
    seconds: Mapping[str, float]
    config_id: str


def article_id(outlet: str | None, url: str | None, title: str | None, body: str) -> str:
    """Id of an article without one: 32 hex digits of SHA-256 over these, NFC, joined by U+001F."""
    joined = "\x1f".join(map(_compose, (outlet or "", url or "", title or "", body)))
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def text_hash(title: str, body: str) -> str:
    """Identity of a revision's text: 64 hex digits of SHA-256 over title and body (NFC, U+001F)."""
    joined = _compose(title) + "\x1f" + _compose(body)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()


def _compose(text: str) -> str:
    """A text in NFC. Most are, and asking costs a sixth of doing it where marks might combine."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
