"""Keys of an article -> the earlier articles that hold them; always rebuildable."""

from dedupe.index.protocol import Found, Index, KeyBatch, KeysOf

__all__ = ["Found", "Index", "KeyBatch", "KeysOf"]
