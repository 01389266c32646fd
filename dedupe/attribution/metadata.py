"""Declared metadata of a page -> findings, each only where it points away from the page itself."""

from __future__ import annotations

from dedupe.attribution.agencies import AgencyLexicon
from dedupe.attribution.findings import Finding
from dedupe.models import Article

__all__ = ["read_metadata"]


def read_metadata(article: Article, agencies: AgencyLexicon) -> list[Finding]:
    """Read what an article's metadata states about its origin."""
    return []
