"""What goes into a verdict and what comes out: nouns only.

A carrier is as much of an article as a verdict needs, so that an engine with columns can make one
without reading the text again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dedupe.models import Attribution, Credit, OutletKind, Provenance, Relation, Side

__all__ = ["Carrier", "Directed", "ResolvedOutlet", "Resolver", "Verdict"]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A member of a cluster. Times are aware or None; `words` counts those left after cuts.

    `outlet` is as declared; `seen` is when we first saw the article, whatever it says of itself.
    """

    id: str
    outlet: str | None = None
    url: str | None = None
    title: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    seen: datetime | None = None
    words: int = 0
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True)
class ResolvedOutlet:
    """A known outlet: its key, what it is, and its family, whose outlets share one vote."""

    key: str
    kind: OutletKind | None = None
    family: str | None = None


class Directed(Protocol):
    """What a verdict asks of a match: its relation, and which side holds or precedes the other."""

    @property
    def left(self) -> str:
        """Id of one article."""

    @property
    def right(self) -> str:
        """Id of the other."""

    @property
    def relation(self) -> Relation:
        """What they are to each other."""

    @property
    def container(self) -> Side | None:
        """The side that holds an excerpt."""

    @property
    def earlier(self) -> Side | None:
        """The side that was revised."""


class Resolver(Protocol):
    """Name as written (empty when only an address is known) and address -> outlet, or None.

    It must be a pure function and know an outlet's key as a name too. It is asked once for each
    distinct name and address of a cluster.
    """

    def __call__(self, name: str, url: str | None, /) -> ResolvedOutlet | None:
        """Resolve one name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Provenance of a cluster, how each member credits (by id), and who stands for the cluster."""

    provenance: Provenance
    credits: Mapping[str, Credit]
    representative: str
