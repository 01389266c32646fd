"""Text -> UTF-8 on a binary stream that belongs to somebody else.

`io.TextIOWrapper` would close the stream when it is collected after a failed flush, and standard
output is not ours to close. What UTF-8 cannot hold (lone surrogates) becomes a question mark.
"""

from __future__ import annotations

from typing import IO, BinaryIO, cast

__all__ = ["TextSink", "open_sink"]


class TextSink:
    """As much of a text file as csv and rich write to; buffering is the stream's affair."""

    encoding = "utf-8"

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write and give the number of characters taken: all."""
        self._out.write(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """Leave flushing to whoever opened the stream: rich asks for it after every line."""


def open_sink(out: BinaryIO) -> IO[str]:
    """Make a sink, typed as the text file that libraries ask for."""
    return cast(IO[str], TextSink(out))
