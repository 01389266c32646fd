"""Folded text -> the places where something new begins, and what: a line, a sentence, a bracket.

A notice counts only where such a place is. Many patterns ask for the places of one text, so all of
them are found at once, in a kernel, when the text is folded.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel, kernel

__all__ = ["find_beginnings", "last_beginnings"]

_KINDS = ("", "line", "sentence", "bracket", "segment")
_LINE, _SENTENCE, _BRACKET, _SEGMENT = range(1, len(_KINDS))
_AT, _FROM, _KIND = 32, 4, 15
"""A beginning is one number: where it is, from where on its mark counts, and its kind."""
_FROM_BITS = (1 << (_AT - _FROM)) - 1


_MARK, _PASSED, _BLANK, _STOP, _RULE = 1, 2, 4, 8, 16
_ASCII = 128
_ELLIPSIS, _FULL_STOP, _BARRIER, _UNCASED = 0x2026, 0x3002, 0xE000, 0x590


def _table() -> NDArray[np.uint8]:
    """What each ASCII character can be, as bits: a look-up costs less than comparisons."""
    table = np.zeros(_ASCII, dtype=np.uint8)
    for bit, characters in (
        (_MARK, "\n.!?:;\"'()/|*,-"),
        (_PASSED, " *-\"'|=#_"),
        (_BLANK, " *\"'=#_"),
        (_STOP, ".!?:;)"),
        (_RULE, "-/|,"),
    ):
        table[[ord(character) for character in characters]] |= np.uint8(bit)
    table.flags.writeable = False
    return table


_TABLE = _table()


@inner_kernel
def _is(code: Any, bit: int) -> bool:  # noqa: ANN401 - a number of Numba's
    """Whether a folded code point is one of what `bit` stands for in the table."""
    if code < _ASCII:
        return bool(_TABLE[code] & bit)
    return bit & (_MARK | _STOP) != 0 and (code == _ELLIPSIS or code == _FULL_STOP)


@inner_kernel
def _kind_of(view: NDArray[np.uint32], first: int, at: int) -> int:
    """What begins at a place, told by what stands before it; 0 = nothing a rule asks for."""
    before, quoted = at - 1, False
    while before > first and _is(view[before], _BLANK):
        quoted |= view[before] == 34
        before -= 1
        if view[before + 1] == 42 and view[before] == 32:
            quoting = before > first + 1 and view[before - 1] == 124 and view[before - 2] == 10
            return _LINE if quoting else _SEGMENT  # "> *This article …"
    code = view[before]
    if code == 10 or code == _BARRIER or (code == 124 and view[before - 1] == 10):
        return _LINE
    if code == 40:
        return _BRACKET
    if _is(code, _STOP):
        return _SENTENCE
    if _is(code, _RULE):
        above = view[before - 1]
        apart = above == 32 or above == 10 or 45 <= above <= 46 or code == 47 or code == 124
        apart = apart or (code == 45 and above >= _UNCASED)  # "بيتر هيرون- ترجمة: …"
        return _SEGMENT if apart and code != 44 else 0
    # a quote that closes a sentence: the mark before it was skipped
    return _SENTENCE if quoted else 0


@kernel
def find_beginnings(
    view: NDArray[np.uint32],
    starts: NDArray[np.int64],
    found: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Fill `found` with the beginnings of each folded text, ascending, and `bounds` with where.

    Texts stand in `view` between `starts`. Something begins behind a mark (a comma or a dash only
    with a blank), and behind blanks and marks that follow it.
    """
    size = np.int64(0)
    for part in range(starts.size - 1):
        first, last = starts[part], starts[part + 1]
        bounds[part] = size
        at: Any = np.int64(0)
        kind: Any = np.int64(0)
        for mark in range(first, last):
            code = view[mark]
            if not _is(code, _MARK):
                continue
            begin = mark + 1
            if code == 44 or code == 45:
                if begin >= last or view[begin] != 32:
                    continue
                begin += 1
            counts_from = (begin if code == 10 else mark) - first
            if begin > at:
                at = begin
                while at < last and _is(view[at], _PASSED):
                    at += 1
                kind = _kind_of(view, first, at)
                size += np.int64(kind != 0)
            if kind != 0:  # of several marks that lead to one place the last counts longest
                found[size - 1] = ((at - first) << _AT) | (counts_from << _FROM) | kind
    bounds[starts.size - 1] = size


def last_beginnings(
    found: memoryview[int],
    low: int,
    index: int,
    where: frozenset[str],
    most: int,
    first: int = 0,
) -> list[int]:
    """The last places up to `index` where one of these kinds begins behind a mark from `low` on.

    None is before `first`: who asks for near ones only is not told of a line's.
    """
    places: list[int] = []
    at = bisect_left(found, (index + 1) << _AT)
    while at > 0 and len(places) < most:
        at -= 1
        beginning = found[at]
        place = beginning >> _AT
        if place < first or (beginning >> _FROM) & _FROM_BITS < low:
            break
        if _KINDS[beginning & _KIND] in where:
            places.append(place)
    places.reverse()
    return places
