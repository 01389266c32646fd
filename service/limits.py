"""How much one request may ask for: plain values, so that no route knows where they come from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request.

    `body_bytes` bounds a JSON body and the text of an article, `line_bytes` a line of a stream;
    both count plain bytes, after decompression. A stream has at most `stream_bytes` of them and
    `stream_lines` lines; `ratio` bounds plain bytes for one compressed byte once more than 1 MiB
    came out (news is at 3 to 5, deflate cannot reach more than 1,032). `spool_bytes` bounds the
    answers of a stream that wait on disk, `spool_memory_bytes` those in memory. `batch_lines` and
    `batch_bytes` are what goes to the archive at once. `feeds` bounds the change feeds open at a
    time, each of which holds a thread, and `feed_s` how long one stays open.
    """

    body_bytes: int = 10 << 20
    line_bytes: int = 10 << 20
    stream_bytes: int = 16 << 30
    stream_lines: int = 10_000_000
    ratio: int = 200
    spool_bytes: int = 8 << 30
    spool_memory_bytes: int = 1 << 20
    batch_lines: int = 512
    batch_bytes: int = 4 << 20
    feeds: int = 8
    feed_s: float = 600.0
