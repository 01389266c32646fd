"""What goes into a verdict and what comes out: nouns only.

A carrier is as much of an article as a verdict needs, so that an engine with columns can make one
without reading the text again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dedupe.models import Attribution, Credit, OutletKind, Provenance

__all__ = ["Carrier", "ResolvedOutlet", "Resolver", "Verdict"]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A member of a cluster. Times are aware or None; `words` counts those left after cuts.

    `outlet` is as declared, `seen` is when we first saw the article, never when it claims to be from.
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


class ResolvedOutlet(Protocol):
    """An outlet that is known by name or address."""

    @property
    def key(self) -> str:
        """Identity of the outlet."""

    @property
    def kind(self) -> OutletKind | None:
        """What it is, None if that is not known."""

    @property
    def family(self) -> str | None:
        """The group it belongs to; outlets of one family do not vote independently."""


class Resolver(Protocol):
    """Name as written (empty when only an address is known) and address -> outlet, or None.

    It is asked once for each distinct name and address in a cluster and must be a pure function.
    """

    def __call__(self, name: str, url: str | None, /) -> ResolvedOutlet | None:
        """Resolve one name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Provenance of a cluster, how each member credits (by id), and who stands for the cluster."""

    provenance: Provenance
    credits: Mapping[str, Credit]
    representative: str
