"""What a rule found in an article: a statement with the names in it, in the roles it gives them."""

from __future__ import annotations

from typing import NamedTuple

from dedupe.models import AttributionKind, ClaimRole, Span, Trust

__all__ = ["Finding", "Named"]


class Named(NamedTuple):
    """A name (or an address, or a licence) in the role that a statement gives it."""

    role: ClaimRole
    name: str | None
    url: str | None = None
    generic: bool = False
    """A word for agencies at large, never an original source."""


class Finding(NamedTuple):
    """One statement. `span` is in the verbatim body, None for metadata, where `quote` is the value.

    `explicit` = a formula that says so in words, kept even where it names the page itself.
    """

    rule: str
    kind: AttributionKind
    trust: Trust
    confidence: float
    span: Span | None
    named: tuple[Named, ...] = ()
    quote: str = ""
    explicit: bool = True
    tags: frozenset[str] = frozenset()

    def names(self, role: ClaimRole) -> list[Named]:
        """Those in one role, in the order they are written."""
        return [named for named in self.named if named.role is role]
