"""Bytes of JSON Lines -> where the fields of flat objects stand, and code points of their strings.

A text that nobody reads closely need not become a Python text: these kernels find the fields of a
line and give the code points of its body in a third of the time. They accept only what orjson
accepts, with the same meaning, and refuse whatever is unusual (an escaped key, half a surrogate
pair, a character beyond the basic plane in a body, bytes that are not UTF-8, a deep value): that
is for orjson to read or to refuse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedupe.jit import kernel
from dedupe.readers.packing import LANES, decode_lanes

__all__ = ["ESCAPED", "LINE", "MOST_FIELDS", "PLAIN", "RAW", "decode_strings", "find_fields"]

RAW, PLAIN, ESCAPED = 0, 1, 2
"""A value that is no string, a string that stands as it is, one with escapes."""
MOST_FIELDS = 64
"""Fields of a flat object; `fields` of `find_fields` has room for these at least."""
LINE = 5
"""Columns of a line: start, end, its first field, how many fields (-1: unusual), and whether it has
the keys of the line before that has fields."""
_BLOCK = 512
"""Bytes of which it is asked at once whether all are ASCII, which are only widened."""
_SIX, _FOUR = np.uint16(0x3F), np.uint16(0x0F)
_TWO, _TAIL, _THREE_BYTES = np.uint16(0xC0), np.uint16(0x80), np.uint16(0xE0)
_DEEPEST = 32
_STRIDE = 64
"""Bytes that are looked at at once: a loop of this length over a slice becomes vector code, which
is five times as fast as one of 32."""
_QUOTE, _BACKSLASH, _UNICODE = 34, 92, ord("u")
_MEANT = np.zeros(256, np.uint8)
_MEANT[list(b'"\\/bfnrt')] = list(b'"\\/\b\f\n\r\t')
"""What a letter behind a backslash stands for, 0 if nothing."""


@kernel
def _find_special(data: NDArray[np.uint8], at: int, end: int) -> int:
    """The next quote, backslash or control character, or `end`."""
    while at + _STRIDE <= end:
        part = data[at : at + _STRIDE]
        found = False
        for place in range(_STRIDE):
            code = part[place]
            found |= (code == _QUOTE) | (code == _BACKSLASH) | (code < 32)
        if found:
            break
        at += _STRIDE
    while at < end:
        code = data[at]
        if code == _QUOTE or code == _BACKSLASH or code < 32:
            return at
        at += 1
    return end


@kernel
def _hex(code: int) -> int:
    """The value of a hexadecimal digit, or -1."""
    if 48 <= code <= 57:
        return code - 48
    low = code | 32
    return low - 87 if 97 <= low <= 102 else -1


@kernel
def _read_escape(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """(bytes, code point) of the escape at `at`; 0 bytes for one that is unusual."""
    if at + 1 >= end:
        return 0, 0
    code = data[at + 1]
    if code != _UNICODE:
        return (2, int(np.int64(_MEANT[code]))) if _MEANT[code] else (0, 0)
    if at + 6 > end:
        return 0, 0
    value = 0
    for place in range(at + 2, at + 6):
        digit = _hex(int(np.int64(data[place])))
        value = value * 16 + digit if digit >= 0 and value >= 0 else -1
    return (0, 0) if value < 0 or 0xD800 <= value <= 0xDFFF else (6, value)


@kernel
def _end_string(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """(place of the closing quote or -1, PLAIN or ESCAPED) of the string that begins at `at`."""
    kind = PLAIN
    while True:
        at = _find_special(data, at, end)
        if at >= end or data[at] < 32:
            return -1, kind
        if data[at] == _QUOTE:
            return at, kind
        size, _ = _read_escape(data, at, end)
        if size == 0:
            return -1, kind
        kind = ESCAPED
        at += size


@kernel
def _end_value(  # noqa: PLR0911
    data: NDArray[np.uint8], at: int, end: int
) -> int:
    """Behind a value that is no string, or -1; whether it is one is for orjson to say."""
    depth = 0
    while at < end:
        code = data[at]
        if code == _QUOTE:
            at, _ = _end_string(data, at + 1, end)
            if at < 0 or depth == 0:
                return -1
        elif code == 123 or code == 91:
            depth += 1
            if depth > _DEEPEST:
                return -1
        elif code == 125 or code == 93:
            if depth == 0:
                return at
            depth -= 1
            if depth == 0:
                return at + 1
        elif code == 10:
            return -1
        elif depth == 0 and (code == 44 or code <= 32):
            return at
        at += 1
    return -1


@kernel
def _skip_blanks(data: NDArray[np.uint8], at: int, end: int) -> int:
    while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
        at += 1
    return at


@kernel
def _read_field(data: NDArray[np.uint8], at: int, end: int, field: NDArray[np.int64]) -> int:
    """Fill `field` from the key that begins at `at`; returns the place behind its value, or -1."""
    if at >= end or data[at] != _QUOTE:
        return -1
    close, kind = _end_string(data, at + 1, end)
    if close < 0 or kind != PLAIN:
        return -1
    field[0], field[1] = at + 1, close
    at = _skip_blanks(data, close + 1, end)
    if at >= end or data[at] != 58:
        return -1
    at = _skip_blanks(data, at + 1, end)
    if at < end and data[at] == _QUOTE:
        close, field[4] = _end_string(data, at + 1, end)
        field[2], field[3] = at + 1, close
        return close + 1 if close >= 0 else -1
    close = _end_value(data, at, end)
    field[2], field[3], field[4] = at, close, RAW
    return close


@kernel
def _read_line(  # noqa: PLR0911
    data: NDArray[np.uint8], at: int, end: int, fields: NDArray[np.int64]
) -> tuple[int, int]:
    """(fields of the object that is the line at `at`, or -1; place behind the line)."""
    at = _skip_blanks(data, at, end)
    if at >= end or data[at] != 123:
        return -1, at
    at = _skip_blanks(data, at + 1, end)
    count = 0
    while True:
        if count == len(fields):
            return -1, at
        at = _read_field(data, at, end, fields[count])
        if at < 0:
            return -1, at
        count += 1
        at = _skip_blanks(data, at, end)
        if at >= end:
            return -1, at
        if data[at] == 44:
            at = _skip_blanks(data, at + 1, end)
        elif data[at] == 125:
            break
        else:
            return -1, at
    at = _skip_blanks(data, at + 1, end)
    if at < end and data[at] != 10:
        return -1, at
    return count, min(at + 1, end)


@kernel
def _is_utf8(data: NDArray[np.uint8], first: int, last: int) -> bool:
    """Whether `data[first:last]`, of which three bytes at least are there, is UTF-8.

    Each byte is judged by itself and the three before it, so that many are judged at once. Of the
    first three bytes and the last one none may be beyond ASCII.
    """
    if data[first] >= 128 or data[first + 1] >= 128 or data[first + 2] >= 128:
        return False
    here, one = data[first + 3 : last], data[first + 2 : last - 1]
    two, three = data[first + 1 : last - 2], data[first : last - 3]
    wrong = False
    for at in range(len(here)):
        code, before = here[at], one[at]
        tail = (code >= 0x80) & (code < 0xC0)
        wrong |= tail != ((before >= 0xC0) | (two[at] >= 0xE0) | (three[at] >= 0xF0))
        wrong |= (code == 0xC0) | (code == 0xC1) | (code > 0xF4)
        wrong |= (before == 0xE0) & (code < 0xA0)
        wrong |= (before == 0xED) & (code > 0x9F)
        wrong |= (before == 0xF0) & (code < 0x90)
        wrong |= (before == 0xF4) & (code > 0x8F)
    return not wrong


@kernel
def _same_keys(
    data: NDArray[np.uint8], fields: NDArray[np.int64], one: int, other: int, count: int
) -> bool:
    for at in range(count):
        first, second = fields[one + at], fields[other + at]
        size = first[1] - first[0]
        if size != second[1] - second[0]:
            return False
        for place in range(size):
            if data[first[0] + place] != data[second[0] + place]:
                return False
    return True


@kernel
def find_fields(
    data: NDArray[np.uint8], at: int, lines: NDArray[np.int64], fields: NDArray[np.int64]
) -> tuple[int, int, int]:
    """(lines found, fields in all, place behind): as many as there is room for from `at` on.

    `data` uint8[n] holds whole lines. `lines` int64[., LINE] takes them, `fields` int64[., 5] the
    fields of each: where key and value begin and end and what the value is (RAW, PLAIN, ESCAPED).
    Strings are given without their quotes. A line's end is behind its line break.
    """
    found, used, known, known_count = 0, 0, 0, -1
    while at < len(data) and found < len(lines) and used + MOST_FIELDS <= len(fields):
        count, end = _read_line(data, at, len(data), fields[used : used + MOST_FIELDS])
        if count >= 0 and not _is_utf8(data, at, end):
            count = -1
        if count < 0:
            end = at
            while end < len(data) and data[end] != 10:
                end += 1
            end = min(end + 1, len(data))
        same = count >= 0 and count == known_count
        same = same and _same_keys(data, fields, known, used, count)
        lines[found, 0], lines[found, 1], lines[found, 2] = at, end, used
        lines[found, 3], lines[found, 4] = count, 1 if same else 0
        if count >= 0:
            known, known_count = used, count
            used += count
        found += 1
        at = end
    return found, used, at


@kernel
def _decode_run(
    data: NDArray[np.uint8], first: int, last: int, codes: NDArray[np.uint16], out: int
) -> int:
    """Code points of UTF-8 without escapes, of up to three bytes each; returns the new end.

    Two bytes stand before `first`, one behind `last`: there are quotes and keys around every
    string.
    """
    place = np.uint64(out)
    for begin in range(first, last, _BLOCK):
        stop = min(begin + _BLOCK, last)
        here = data[begin:stop]
        high = False
        for index in range(len(here)):
            high |= here[index] >= 128
        if not high:
            target = codes[place : place + np.uint64(len(here))]
            for index in range(len(here)):
                target[index] = here[index]
            place += np.uint64(len(here))
            continue
        at = begin
        while at + LANES <= stop:
            place = decode_lanes(data, np.uint64(at), codes, place)
            at += LANES
        for index in range(at, stop):
            code, before = np.uint16(data[index]), np.uint16(data[index - 2])
            low = np.uint16((np.uint16(data[index - 1]) & _SIX) << np.uint16(6)) | (code & _SIX)
            high_bits = np.uint16((before & _FOUR) << np.uint16(12))
            value = low | (high_bits if before >= _THREE_BYTES else np.uint16(0))
            codes[place] = value if (code & _TWO) == _TAIL else code
            place += np.uint64((data[index + 1] & np.uint8(_TWO)) != np.uint8(_TAIL))
    return int(np.int64(place))


@kernel
def _find_unusual(data: NDArray[np.uint8], at: int, end: int) -> int:
    """The next backslash or beginning of a character of four bytes, or `end`."""
    while at + _STRIDE <= end:
        part = data[at : at + _STRIDE]
        found = False
        for place in range(_STRIDE):
            code = part[place]
            found |= (code == _BACKSLASH) | (code >= 0xF0)
        if found:
            break
        at += _STRIDE
    while at < end and data[at] != _BACKSLASH and data[at] < 0xF0:
        at += 1
    return at


@kernel
def _decode(
    data: NDArray[np.uint8],
    first: int,
    last: int,
    codes: NDArray[np.uint16],
    out: int,
) -> int:
    """Code points of one string from `out` on; returns the new end, -1 for an unusual string."""
    at, begin = first, out
    while at < last:
        stop = _find_unusual(data, at, last)
        out = _decode_run(data, at, stop, codes, out)
        at = stop
        while at < last and data[at] == _BACKSLASH:
            size, value = _read_escape(data, at, last)
            if size == 0 or value == 0:
                return -1
            codes[out] = value
            out += 1
            at += size
        if at < last and data[at] >= 0xF0:
            return -1
    for place in range(begin, out):
        code = codes[place]
        if 32 < code < 127 or 0xC0 <= code < 0x1680 or code > 0x3000:
            return out
    return -1


@kernel
def decode_strings(
    data: NDArray[np.uint8],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    codes: NDArray[np.uint16],
    bounds: NDArray[np.int64],
    unusual: NDArray[np.bool_],
) -> None:
    """Code points of strings that `find_fields` found, one behind the other.

    `codes` uint16 has room for as many as there are bytes; `bounds` int64[n + 1]. A string with a
    character beyond the basic plane, with U+0000 or that may be nothing but blanks is marked in
    `unusual` bool[n] and left out.
    """
    bounds[0] = 0
    for text in range(len(firsts)):
        end = _decode(data, firsts[text], lasts[text], codes, bounds[text])
        unusual[text] = end < 0
        bounds[text + 1] = bounds[text] if end < 0 else end
