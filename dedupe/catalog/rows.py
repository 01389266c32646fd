"""What a catalogue gives and takes: rows as tuples, in the order of their columns."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

__all__ = [
    "ClusterFacts",
    "ContentRow",
    "Head",
    "JudgementRow",
    "LedgerRow",
    "Link",
    "Place",
    "Placement",
    "Settling",
    "TextRow",
    "pending_key",
]


class Head(NamedTuple):
    """What tells the revisions of an article apart."""

    number: int
    id: str
    revision: bytes
    age: int | None
    rest: bytes
    state: int
    arrived: int
    seen: int | None
    cluster: int | None


class TextRow(NamedTuple):
    """A text without its contents; the columns of `tables.texts` in their order."""

    number: int
    id: str
    revision: bytes
    rank: int
    age: int | None
    rest: bytes
    state: int
    arrived: int
    outlet: str | None
    outlet_key: str | None
    url: str | None
    title: str
    lang: str | None
    published: int | None
    modified: int | None
    seen: int | None
    words: int
    cluster: int | None
    credit: str | None
    origin: str | None


class Place(NamedTuple):
    """Where a stored text belongs: all that finding and clustering ask of it."""

    number: int
    id: str
    rank: int
    state: int
    arrived: int
    cluster: int | None
    credit: str | None
    origin: str | None


class ContentRow(NamedTuple):
    """The wide values of a text, packed; the columns of `tables.contents` in their order."""

    number: int
    body: bytes
    details: bytes
    signature: bytes
    keys: bytes
    configuration: int


class Link(NamedTuple):
    """A verified pair by numbers of texts; fields as in `matching.Judged`."""

    left: int
    right: int
    relation: int
    probability: float
    similarity: float
    containment_left: float
    containment_right: float
    left_longer: bool
    slot_places: int


class Placement(NamedTuple):
    """Where a text belongs, and what its cluster says of it; in the order of the statement."""

    cluster: int | None
    credit: str | None
    origin: str | None
    state: int
    number: int


class Settling(NamedTuple):
    """What a pending text becomes; in the order of the statement."""

    revision: bytes
    arrived: int
    cluster: int | None
    credit: str | None
    origin: str | None
    state: int
    number: int


class ClusterFacts(NamedTuple):
    """A cluster without its members; the columns of `tables.clusters` in their order."""

    number: int
    born: int
    size: int
    outlets: int
    title: str
    first: int | None
    newest: int | None
    credited: int
    uncredited: int
    original: str | None
    outlet: str | None
    confidence: float
    provenance: bytes | None


class LedgerRow(NamedTuple):
    """One line of the ledger; `kind` counts `answers.ChangeKind`."""

    sequence: int
    at: int
    kind: int
    cluster: int | None
    article: str | None
    other: str | None


class JudgementRow(NamedTuple):
    """One judgement as stored."""

    number: int
    kind: str
    left: str
    right: str | None
    who: str
    note: str
    at: int
    withdrawn: int | None
    withdrawn_by: str | None


def pending_key(revision: bytes, rest: bytes) -> bytes:
    """What stands for the revision of a text while it is pending: a hash of text and record."""
    return hashlib.sha256(b"pending" + revision + rest).digest()
