"""A place in a text -> whether what is around it is what an anchor asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel

__all__ = ["ends_soon", "stands_as_asked"]

_SHORT = 260
"""Code points within which the line of a `short` anchor ends: names are bounded."""


@inner_kernel
def _letter_beside(
    codes: NDArray[Any], at: int, step: int, first: int, last: int, table: NDArray[np.uint16]
) -> bool:
    """Whether the next thing in this direction, past one blank, is a letter or digit."""
    skipped = 0
    while first <= at < last:
        code = codes[at]
        char = table[code] if code < 65536 else np.uint16(32)
        if char != 0 and char != 32:
            return True
        if char == 32:
            if code != 32 and code != 160:
                return False
            skipped += 1
            if skipped > 1:
                return False
        at += step
    return False


@inner_kernel
def _breaks(code: int) -> bool:
    return code == 10 or code == 13 or code == 0x2028 or code == 0x2029


@inner_kernel
def _opens(code: int) -> bool:
    """Whether a code point is folded to an opening bracket."""
    return (
        code == 40 or code == 91 or code == 123 or code == 0xFF08 or code == 0x3010
        or code == 0xFF3B or code == 0xFF5B or code == 0x3014 or code == 0x3016 or code == 0xFF5F
    )  # fmt: skip


@inner_kernel
def ends_soon(codes: NDArray[Any], at: int, last: int) -> bool:
    """Whether the line ends within what a short notice may be long."""
    stop = min(last, at + _SHORT)
    while at < stop:
        if _breaks(codes[at]):
            return True
        at += 1
    return stop == last


@inner_kernel
def _begins_line(
    codes: NDArray[Any], at: int, first: int, table: NDArray[np.uint16], bracketed: bool
) -> bool:
    """Whether only marks stand between a place and the start of its line (or of its bracket)."""
    blanks = 0
    for _ in range(8):
        if at < first:
            return True
        code = codes[at]
        if _breaks(code) or (bracketed and _opens(code)):
            return True
        blanks = blanks + 1 if code == 32 or code == 0xA0 else 0
        if blanks > 2:  # set apart as a column is: the rules take it for a line of its own
            return True
        char = table[code] if code < 65536 else np.uint16(32)
        if char != 0 and char != 32:
            return False
        at -= 1
    return True  # a long run of blanks or marks is a line break of its own


@inner_kernel
def stands_as_asked(
    standing: int,
    codes: NDArray[Any],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    text: NDArray[np.uint16],
    places: NDArray[np.int32],
    left: int,
    right: int,
) -> bool:
    """Whether what is around the letters `left` to `right` is what a standing asks for."""
    if text[left] == 32:
        left += 1
    if text[right] == 32:
        right -= 1
    if standing >= 3:
        return _begins_line(codes, places[left] - 1, first, table, standing == 3)
    if not _letter_beside(codes, places[left] - 1, -1, first, last, table):
        return True
    return standing == 1 and not _letter_beside(codes, places[right] + 1, 1, first, last, table)
