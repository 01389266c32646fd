"""Code points of a text -> whether its first or last lines are laid out like a credit: a kernel.

No word gives away the credit of an outlet that nobody listed. What is told here costs a look at
some three hundred characters; `datelines.may_open` and `signoffs.may_close` then look closer.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from dedupe.jit import inner_kernel

__all__ = ["is_laid_out"]

_HEAD, _COLUMNS, _LINE = 300, 48, 60
_TAIL, _NAME, _ADDRESS = 72, 2, 320


@inner_kernel
def _is_dash(code: int) -> bool:
    return code == 0x2D or code == 0x2013 or code == 0x2014


@inner_kernel
def _is_blank(code: int) -> bool:
    return code == 32 or code == 0xA0


@inner_kernel
def _is_letter(code: int) -> bool:
    return 65 <= code <= 90 or 97 <= code <= 122 or (code >= 0xC0 and not 0x2000 <= code < 0x2E80)


@inner_kernel
def _may_name(code: int) -> bool:
    """Whether a line that ends so may end with a name: a capital, or a script without capitals."""
    return 65 <= code <= 90 or code >= 0x400


@inner_kernel
def _opens(part: NDArray[Any]) -> bool:
    """Whether one of the first lines begins with a name and a slash, bar, host or two dashes."""
    column, dashes, commas, digits, last, letters, bars, mark = 0, 0, 0, False, 0, 0, 0, 0
    for at in range(min(len(part), _HEAD)):
        code = part[at]
        if code == 10:
            if column < _COLUMNS and dashes == 1:
                return True  # "Name - Place"
            listed = commas >= 2 and _may_name(last)
            if column < _LINE and digits and (listed or bars == 1):
                return True  # "PLACE, 3 May, NAME", "Name | 3 May 2020"
            column, dashes, commas, digits, last, letters, bars = 0, 0, 0, False, 10, 0, 0
            continue
        column += 1
        beside = part[at + 1] if at + 1 < len(part) else 10
        if column < _COLUMNS:
            apart = (_is_blank(last) or _is_blank(beside)) and not 48 <= last <= 57
            quoted = (code == 0xAB or code == 0x201C) and (mark == 0x3A or _is_dash(mark))
            if quoted or (code == 0x2F and column > _NAME and apart):
                return True  # "PLACE: «Name» text", "PLACE / Name"
            if _is_dash(code) and _is_blank(beside):
                dashes += 1
                if dashes == 2:
                    return True
            if code == 0x2E and letters > _NAME and _is_letter(beside):
                return True
        commas += code == 0x2C or code == 0x2E or code == 0x60C
        bars += code == 0x7C
        digits |= 48 <= code <= 57
        letters = letters + 1 if _is_letter(code) or (letters > 0 and 48 <= code <= 57) else 0
        last = code
        if not _is_blank(code):
            mark = code
    return False


@inner_kernel
def _is_address(part: NDArray[Any], end: int) -> bool:
    """Whether the line that ends at `end` has no blank, but a dot and a slash: host.tld/page."""
    dot, slash = False, False
    for at in range(end - 1, max(end - _ADDRESS, -1), -1):
        code = part[at]
        if code == 10:
            return dot and slash and end - at > _COLUMNS // 3
        if _is_blank(code):
            return False
        dot |= code == 0x2E
        slash |= code == 0x2F
    return False


@inner_kernel
def _closes(part: NDArray[Any]) -> bool:
    """Whether a dash, slash or line break stands between the last sentence and a few words."""
    end = len(part)
    while end > 0 and (part[end - 1] == 10 or part[end - 1] == 46 or _is_blank(part[end - 1])):
        end -= 1
    if end > 0 and (part[end - 1] == 0xBB or part[end - 1] == 0x203A or part[end - 1] == 0x2192):
        return True  # "… he said. host.tld »"
    if _is_address(part, end):
        return True
    low = max(0, end - _TAIL)
    at, named = end - 1, False
    while at > low:
        code = part[at]
        if code == 10:
            return False
        named |= _is_letter(code) or 48 <= code <= 57
        if (_is_dash(code) or code == 0x2F or code == 0x7C) and end - at > _NAME:
            before = at - 1
            while before > low and _is_blank(part[before]):
                before -= 1
            stop = part[before]
            if (
                stop == 0x2E or stop == 0x21 or stop == 0x3F or stop == 10 or stop == 0x22
                or stop == 0x201D or stop == 0x2026 or stop == 0xBB or stop == 0x964
                or stop == 0x6D4
            ):  # fmt: skip
                return True
        if code == 0x3002 or (named and (code == 0x21 or code == 0x3F)):
            return False  # "… he said. / Name!" ends with one
        at -= 1
    return False


@inner_kernel
def is_laid_out(part: NDArray[Any]) -> bool:
    """Whether the beginning or end of `part` (uint16 or uint32[n]) is worth a look."""
    return _opens(part) or _closes(part)
