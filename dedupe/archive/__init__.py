"""Articles as they arrive -> verdicts: the engine behind the service."""

from dedupe.archive.local import LocalArchive, open_archive
from dedupe.archive.protocol import Archive

__all__ = ["Archive", "LocalArchive", "open_archive"]
