"""What the shipped rules read in a text, as the tests of attribution ask it."""

from __future__ import annotations

from typing import Any

from dedupe.attribution import load_extractor
from dedupe.models import Article, Attribution

__all__ = ["read", "source_of"]


def read(body: str, **fields: Any) -> Attribution | None:
    """What an article of this body states; `fields` are further ones of the article."""
    return load_extractor().extract([Article("a", None, None, "", body, **fields)])[0]


def source_of(body: str, **fields: Any) -> str | None:
    """The original source that it names."""
    found = read(body, **fields)
    return found.original_source if found is not None else None
