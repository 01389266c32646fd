"""Articles -> declared origins: what a text itself and its page say about where it comes from."""

from dedupe.attribution.extract import Extractor

__all__ = ["Extractor"]
