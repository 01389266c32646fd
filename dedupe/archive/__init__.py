"""Articles as they arrive -> verdicts: the engine behind the service."""

from dedupe.archive.protocol import Archive

__all__ = ["Archive"]
