"""One article's head and tail -> folded text to match on, and exact places in the verbatim body."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from dedupe.attribution.beginnings import find_beginnings
from dedupe.attribution.folding import fold_batch, tables
from dedupe.attribution.markup import LONGEST_LINK, TAG_PAD, linked_address, same_length
from dedupe.attribution.search import JOIN

__all__ = ["HEAD", "TAIL", "View", "build_view", "build_views", "window_pieces", "window_text"]

HEAD, TAIL = 600, 1300
"""Code points looked at from each end: notices stand at the ends of an article."""
_JOIN = "".join(map(chr, JOIN))


def window_pieces(body: str) -> tuple[str, ...]:
    """Take the head and tail of a body, or all of a short one, as it is."""
    if len(body) > HEAD + TAIL:
        return body[:HEAD], _JOIN, body[-TAIL:]
    return (body,)


def window_text(body: str) -> str:
    """Take the head and tail of a body, or all of a short one; entities and mark-up in place."""
    return same_length("".join(window_pieces(body)))


@cache
def _left_out() -> frozenset[str]:
    """Characters that are folded to nothing."""
    fold, _ = tables()
    return frozenset(chr(code) for code, folded in enumerate(fold.tolist()) if folded == 0) - {
        TAG_PAD
    }


class View:
    """Folded text and the way back. Indices into `text` become offsets of the verbatim `body`.

    `text` begins and ends with a line break; `offsets` (int32) hold for each of its characters the
    offset in the window's text, ascending; `begins` are its `beginnings`. They are memory views:
    one number of it costs a third of one of an array. `names` keeps what `NameReader.read` found.
    """

    __slots__ = ("begins", "body", "names", "offsets", "text", "window")

    def __init__(
        self,
        body: str,
        window: str,
        text: str,
        offsets: memoryview[int],
        begins: memoryview[int],
    ) -> None:
        self.body, self.window, self.text = body, window, text
        self.offsets, self.begins = offsets, begins
        self.names: dict[Any, tuple[int, int] | None] = {}

    def place(self, index: int) -> int:
        """Offset in the body of the character at `index`."""
        return self._place(self.offsets[index])

    def _place(self, offset: int) -> int:
        size = len(self.body)
        if offset > HEAD and size > HEAD + TAIL:
            offset = max(offset + size - (HEAD + TAIL + len(_JOIN)), 0)
        return min(offset, size)

    def index(self, offset: int) -> int:
        """Index in `text` of the character at an offset of the window's text."""
        return max(bisect_left(self.offsets, offset), 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span in the body of `text[start:end]`, with the marks that belong to its last letter."""
        offset, last = self._extent(start, end)
        first = self._place(offset)
        return first, max(min(self._place(last - 1) + 1, len(self.body)), first + 1)

    def _extent(self, start: int, end: int) -> tuple[int, int]:
        """Span in the window's text."""
        offsets, window = self.offsets, self.window
        last = offsets[end - 1] + 1
        left_out, size = _left_out(), len(window)
        while last < size and window[last] in left_out:
            last += 1
        return offsets[start], last

    def link_start(self, start: int, end: int) -> int | None:
        """Where in `text[start:end]`, behind its beginning, the text of a link begins."""
        low, high = self.offsets[start] + 1, self.offsets[end]
        while (at := self.window.find(TAG_PAD, low, high)) >= 0:
            begin = self.index(at)
            if start < begin < end and self.link_end(begin) is not None:
                return begin
            low = at + 1
            while low < high and self.window[low] == TAG_PAD:
                low += 1
        return None

    def link_end(self, start: int) -> int | None:
        """Where the text of a link ends whose text begins at `start`; None = none begins there."""
        offset = self.offsets[start]
        if offset == 0 or self.window[offset - 1] != TAG_PAD:
            return None
        last = self.window.find(TAG_PAD, offset, offset + LONGEST_LINK)
        end = self.index(last) if last >= 0 else start
        return end if end > start and self.address(start, end) is not None else None

    def address(self, start: int, end: int) -> str | None:
        """Address that `text[start:end]` is a link to, in the text's own mark-up."""
        if TAG_PAD not in self.window:  # never the whole body, which may be long, for each name
            return None
        return linked_address(self.body, *self.span(start, end))

    def written(self, start: int, end: int) -> str:
        """The text of `text[start:end]` as written, in NFC; entities decoded, no format marks."""
        first, last = self._extent(start, end)
        raw = self.window[first:last]
        if raw.isprintable():  # format marks are not
            return raw.strip() if raw.isascii() else unicodedata.normalize("NFC", raw).strip()
        raw = "".join(c for c in raw if unicodedata.category(c) != "Cf" or c == "\u200c")
        return unicodedata.normalize("NFC", " ".join(raw.split())).strip()

    def char(self, index: int) -> str:
        """The verbatim character at `index`."""
        offset = self.offsets[index]
        return self.window[offset] if offset < len(self.window) else "\n"

    def chars(self, start: int, end: int) -> str:
        """The verbatim characters at `start` to `end`, one for each of the folded text."""
        first, size = self.offsets[start], end - start
        if size > 0 and self.offsets[end - 1] - first == size - 1:
            written = self.window[first : first + size]
            if len(written) == size:
                return written
        return "".join(map(self.char, range(start, end)))

    def first_lines(self, marks: str, most: int, within: int) -> Iterator[tuple[int, int]]:
        """Where the first lines with text stand: `most` of them, begun before `within`.

        `marks` in front of a line, blank lines among them, are passed over.
        """
        text, start = self.text, 1
        within = min(len(text), within)
        for _ in range(most):
            while start < within and text[start] in marks:
                start += 1
            if start >= within:
                return
            end = text.find("\n", start)
            yield start, end
            start = end + 1

    def in_head(self, index: int) -> bool:
        """Whether a character stands in the first `HEAD` code points."""
        return self.offsets[index] < HEAD

    def in_tail(self, index: int) -> bool:
        """Whether a character stands in the last `TAIL` code points."""
        return self.offsets[index] >= len(self.window) - TAIL


def build_view(body: str, window: str) -> View:
    """Fold the window of one body."""
    return build_views([(body, window)])[0]


def build_views(windows: Sequence[tuple[str, str]]) -> list[View]:
    """Fold `(body, its window)` of many articles at once."""
    codes, offsets, starts = fold_batch([window for _, window in windows])
    begins, own = np.empty(codes.size, dtype=np.int64), np.empty_like(starts)
    find_beginnings(codes, starts, begins, own)
    text = codes.tobytes().decode("utf-32-le", "surrogatepass")
    bounds, places = starts.tolist(), offsets.data
    found, ends = begins.data, own.tolist()
    return [
        View(body, window, text[first:last], places[first:last], found[begin:end])
        for (body, window), first, last, begin, end in zip(
            windows, bounds[:-1], bounds[1:], ends[:-1], ends[1:], strict=True
        )
    ]
