"""Code points of a text -> which closer looks at its ends may find something: a kernel.

The expressions of `brackets.has_opening` cost ten microseconds where none of them matches. Here is
asked in passing what each of them cannot do without: what is told is never too little.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import inner_kernel

__all__ = [
    "BRACKETED",
    "BYLINED",
    "CLOSED",
    "DATELINED",
    "LAID_OUT",
    "STAMPED",
    "layouts_of",
    "letter_table",
]

BRACKETED, DATELINED, CLOSED, STAMPED, BYLINED = 8, 16, 32, 64, 128
LAID_OUT = BRACKETED | DATELINED | CLOSED | STAMPED | BYLINED
_SIGNED, _LONGEST_BYLINE, _LONGEST_NAME = 480, 190, 46
_HEAD, _OWNED, _CLOSING, _STAMPED = 360, 300, 110, 160
"""Code points in which the expressions look: the first and last ones."""
_PREFIX, _LONGEST = 3, 120
_LAST, _SEAM = 34, 17
_LETTERS = 5
"""Letters of a word that are compared."""


def letter_table(words: Iterable[str]) -> NDArray[np.uint32]:
    """Words as they begin a line -> uint32[n, 1 + _LETTERS]: how long one is, its first letters.

    The first letter is a capital where there are capitals, the others have bit 32 set.
    """
    spelt = sorted({word[:1].upper() + word[1:].lower() for word in words})
    table = np.zeros((len(spelt), 1 + _LETTERS), dtype=np.uint32)
    for row, word in enumerate(spelt):
        letters = [ord(word[0]), *(ord(letter) | 32 for letter in word[1:_LETTERS])]
        table[row, : 1 + len(letters)] = [len(word), *letters]
    return table


@inner_kernel
def _is_blank(code: int) -> bool:
    """Whether a code point may be white space: more may count than do."""
    return (
        code <= 32 or 0x85 <= code <= 0xA0 or code == 0x1680 or 0x2000 <= code <= 0x2029
        or code == 0x202F or code == 0x205F or code == 0x3000
    )  # fmt: skip


@inner_kernel
def _is_dash(code: int) -> bool:
    return code == 0x2D or code == 0x2013 or code == 0x2014


@inner_kernel
def _may_be_digit(code: int) -> bool:
    return 48 <= code <= 57 or code >= 0x660


@inner_kernel
def _is_bracketed(part: NDArray[Any]) -> bool:
    """A bracket or © at the end, or one early on a line of the beginning."""
    last = len(part)
    while last > 0 and _is_blank(part[last - 1]):
        last -= 1
    code = part[last - 1] if last > 0 else 0
    if code == 0x29 or code == 0xFF09 or code == 0x5D or code == 0x3011:
        return True
    for at in range(max(len(part) - _OWNED, 0), len(part)):
        if part[at] == 0xA9:
            return True
    column, shut, opened = 0, False, -1
    for at in range(min(len(part), _HEAD)):
        code = part[at]
        if code == 10:
            column, shut, opened = 0, False, -1
            continue
        if code == 0x28:
            opened = -1 if shut or column > 45 else at
            shut = True
        elif code == 0x29:
            if opened >= 0 and 2 < at - opened <= 41:
                return True
            shut, opened = True, -1
        column += 1
    return False


# long: one pass over the first lines with what each of seven layouts needs
@inner_kernel
def _is_datelined(part: NDArray[Any]) -> bool:  # noqa: C901, PLR0912
    """A line of the beginning with marks as `datelines.may_open` wants them."""
    size = min(len(part), _HEAD)
    column, last, mark, broken, dotted, dashed = 0, 10, 10, False, False, False
    run_blank, run_broken, run_at = False, False, 0
    comma, commas, latest, lined, barred, digits = -_LONGEST, 0, 0, False, False, False
    for at in range(size + 1):
        code = part[at] if at < size else 10
        if code == 10:
            if column <= _LONGEST and (dashed or (barred and digits)):
                return True
            if column <= _LONGEST and lined and commas > 1 and column - latest <= _LAST:
                return True
            column, last, mark, broken, dotted, dashed = 0, 10, 10, False, False, False
            comma, commas, lined, barred, digits = -_LONGEST, 0, False, False, False
            continue
        if column > _LONGEST:
            column += 1
            continue
        beside = part[at + 1] if at + 1 < size else 10
        if _is_dash(code):
            if not _is_dash(last):
                run_blank, run_broken, run_at = last == 32, broken, column
        elif code == 32 and (_is_dash(last) or last == 0x3A):
            if dashed or dotted or (_is_dash(last) and column - comma <= 2 * _LAST):
                return True
            dashed |= _is_dash(last) and run_blank and not run_broken and run_at <= 42
        elif code == 0x2F:
            if not broken and column <= 42 and (last == 32 or beside == 32):
                return True
        elif code == 0x2C or code == 0x2E or code == 0x60C:
            commas += 1
            latest = column
            if beside == 32 and column <= 42 and not broken:
                comma = column
            dotted |= code == 0x2E and (65 <= beside <= 90 or 97 <= beside <= 122)
        elif code == 0xAB or code == 0x201C:
            if mark == 0x3A or _is_dash(mark):
                return True
        elif code == 0x7C:
            barred |= column <= 42
        elif _may_be_digit(code):
            digits = True
            lined |= column - comma <= _SEAM
        if column >= _PREFIX:
            broken |= (48 <= code <= 57) or code == 0x2F or code == 0x3A or 0x28 <= code <= 0x29
        last = code
        if code != 32:
            mark = code
        column += 1
    return False


@inner_kernel
def _is_closed(part: NDArray[Any]) -> bool:
    """Marks near the end as `signoffs.may_close` wants them."""
    size = len(part)
    for at in range(max(size - _CLOSING, 0), size):
        code = part[at]
        if code == 0xBB or code == 0x203A or code == 0x2192:
            return True
        if code == 0x28 and at > 1:
            before = part[at - 2] if _is_blank(part[at - 1]) else part[at - 1]
            if before == 0x29 or part[at - 1] == 0x29:
                return True
        if _is_dash(code) or code == 0x2F or code == 0x7C:
            before = part[at - 1] if at > 0 else 10
            if before == 32 and at > 1:
                before = part[at - 2]
            if (
                before == 10 or before == 0x2E or before == 0x21 or before == 0x3F or before == 0x22
                or before == 0x27 or before == 0x29 or before == 0xBB or before == 0x201D
                or before == 0x2019 or before == 0x2026 or before == 0x3002 or before == 0x964
                or before == 0x6D4
            ):  # fmt: skip
                return True
    return False


@inner_kernel
def _is_stamped(part: NDArray[Any], first: int, last: int) -> bool:
    """A short line with a year, a time or a day between two places, or an address."""
    column, dated = 0, False
    for at in range(first, last + 1):
        code = part[at] if at < last else 10
        if code == 10:
            if dated and 6 <= column <= 56:
                return True
            column, dated = 0, False
            continue
        column += 1
        beside = part[at + 1] if at + 1 < last else 10
        if code == 0x2F and beside == 0x2F:
            return True
        if (code == 49 and beside == 57) or (code == 50 and beside == 48):
            dated |= at + 3 < last and _may_be_digit(part[at + 2]) and _may_be_digit(part[at + 3])
        elif code == 0x3A or code == 0x6708:
            dated |= _may_be_digit(beside)
    return False


@inner_kernel
def _begins(part: NDArray[Any], at: int, words: NDArray[np.uint32]) -> int:
    """Letters of the first of `words` that may begin at a place, 0 if none does."""
    code = part[at]
    for row in range(len(words)):
        if code != words[row, 1]:
            continue
        size = words[row, 0]
        same = True
        for letter in range(1, min(size, _LETTERS)):
            same = same and (part[at + letter] | 32) == words[row, letter + 1]
        if same:
            return int(size)
    return 0


@inner_kernel
def _is_by(part: NDArray[Any], at: int, bys: NDArray[np.uint32]) -> bool:
    """Whether "by" may stand at a place, in one of its languages, and a blank or colon behind."""
    size = _begins(part, at, bys)
    behind = part[at + size] if 0 < size <= _LETTERS else 32
    return size > 0 and (behind == 32 or behind == 0x3A)


@inner_kernel
def _is_stamp(part: NDArray[Any], at: int, posted: NDArray[np.uint32]) -> bool:
    """Whether a time, a day or "Published" and its like may begin at a place."""
    code, beside, third = part[at], part[at + 1], part[at + 2]
    marked = 46 <= beside <= 47 or beside == 58 or 46 <= third <= 47 or third == 58
    if marked and (48 <= code <= 57 or code >= 0x660):
        return True
    return _begins(part, at, posted) > 0


@inner_kernel
def _is_bylined(part: NDArray[Any], bys: NDArray[np.uint32], posted: NDArray[np.uint32]) -> bool:
    """A line of the beginning as `bylines.may_sign` wants it."""
    size = min(len(part), _SIGNED)
    column, by, broken, comma = 0, False, False, -_LONGEST
    for at in range(size + 1):
        code = part[at] if at < size else 10
        if code == 10:
            if by and column <= _LONGEST_BYLINE:
                return True
            column, by, broken, comma = 0, False, False, -_LONGEST
            continue
        by |= column < 5 and at + _LETTERS < size and _is_by(part, at, bys)
        near = 2 < column - comma <= _LONGEST_NAME and at + _LETTERS < size
        if near and _is_stamp(part, at, posted):
            return True
        if column > 4 and (48 <= code <= 57 or 0x28 <= code <= 0x29 or code == 0x2E
                           or 0x3A <= code <= 0x3B):  # fmt: skip
            broken, comma = True, -_LONGEST
        elif code == 0x2C and not broken and column <= _LONGEST:
            comma = column
        column += 1
    return False


@inner_kernel
def layouts_of(part: NDArray[Any], bys: NDArray[np.uint32], posted: NDArray[np.uint32]) -> int:
    """What may stand at the ends of `part` (uint16 or uint32[n]), as bits of LAID_OUT.

    `bys` and `posted` are `letter_table`s of words before a writer and before a day.
    """
    size = len(part)
    stamped = _is_stamped(part, 0, min(size, _HEAD))
    stamped = stamped or _is_stamped(part, max(size - _STAMPED, 0), size)
    return (
        (BRACKETED if _is_bracketed(part) else 0)
        | (DATELINED if _is_datelined(part) else 0)
        | (CLOSED if _is_closed(part) else 0)
        | (STAMPED if stamped else 0)
        | (BYLINED if _is_bylined(part, bys, posted) else 0)
    )
