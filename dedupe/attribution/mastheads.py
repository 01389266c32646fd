"""Names of outlets and code points of a text -> whether one stands alone on a line near an end.

Aggregators, forums and blogs set the outlet's name on a line of its own, above the text or below
it. No word of a rule gives such a line away, and ten thousand names are too many to search for;
but short lines near the ends are few, so each is looked up whole by a hash of its letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedupe.attribution.anchors import search_table
from dedupe.jit import inner_kernel, kernel

__all__ = ["has_masthead", "masthead_keys"]

_HEAD, _TAIL, _LINE, _LINES = 300, 120, 44, 6
"""Code points at both ends that are looked at, and those a line with a name may have."""
_PRIME, _BASIS = np.uint64(0x100000001B3), np.uint64(0xCBF29CE484222325)
"""FNV-1a, 64 bits: the name is read again where a key is found, so a collision costs a look."""


@inner_kernel
def _key_of(codes: NDArray[Any], first: int, last: int, table: NDArray[np.uint16]) -> np.uint64:
    """The hash of the letters and digits of a line, 0 where it has none."""
    key, letters = _BASIS, 0
    for at in range(first, last):
        code = codes[at]
        char = table[code] if code < 65536 else np.uint16(32)
        if char != 0 and char != 32:
            key = (key ^ np.uint64(char)) * _PRIME
            letters += 1
    return key if letters else np.uint64(0)


@kernel
def _hash_lines(
    codes: NDArray[np.uint32], bounds: NDArray[np.int64], table: NDArray[np.uint16]
) -> NDArray[np.uint64]:
    """The hash of each line between two `bounds`."""
    keys = np.zeros(bounds.size - 1, dtype=np.uint64)
    for line in range(bounds.size - 1):
        keys[line] = _key_of(codes, bounds[line], bounds[line + 1], table)
    return keys


def masthead_keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """Hash names as lines are hashed: uint64[n] in order, each once."""
    kept = [name for name in names if len(name) <= _LINE]
    bounds = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum([len(name) for name in kept], out=bounds[1:])
    letters = "".join(kept).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(letters, dtype=np.uint32)
    keys = np.unique(_hash_lines(codes, bounds, search_table()))
    told: NDArray[np.uint64] = keys[keys != 0]
    return told


@inner_kernel
def _is_masthead(
    part: NDArray[Any],
    first: int,
    last: int,
    table: NDArray[np.uint16],
    keys: NDArray[np.uint64],
) -> bool:
    key = _key_of(part, first, last, table)
    if key == 0:
        return False
    at = np.searchsorted(keys, key)
    return bool(at < keys.size and keys[at] == key)


@inner_kernel
def has_masthead(part: NDArray[Any], table: NDArray[np.uint16], keys: NDArray[np.uint64]) -> bool:
    """Whether one of the first or last lines of `part` (uint16 or uint32[n]) is one of `keys`."""
    size = len(part)
    first, lines, stop = 0, 0, min(size, _HEAD)
    for at in range(stop):
        if part[at] == 10:
            if 1 < at - first <= _LINE:
                lines += 1
                if _is_masthead(part, first, at, table, keys):
                    return True
                if lines == _LINES:
                    break
            first = at + 1
    last, lines = size, 0
    for at in range(size - 1, max(size - _TAIL, 0), -1):
        if part[at] == 10:
            if 1 < last - at - 1 <= _LINE:
                lines += 1
                if _is_masthead(part, at + 1, last, table, keys):
                    return True
                if lines == _LINES:
                    break
            last = at
    return False
