"""Articles -> declared origins: what a text itself and its page say about where it comes from."""

from dedupe.attribution.extract import Extractor
from dedupe.attribution.loading import load_extractor

__all__ = ["Extractor", "load_extractor"]
