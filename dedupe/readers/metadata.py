"""Declared metadata of unknown depth and type -> a bounded JSON-like mapping.

Whatever passes here can be written as JSON by any stage after it: no U+0000, no keys that are not
text, no nesting that breaks a serialiser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import orjson

__all__ = ["bound_metadata"]

_MAX_DEPTH = 16
_MAX_VALUES = 10_000


def bound_metadata(value: object, warnings: list[str]) -> dict[str, object]:
    """A mapping, pairs or JSON text of one -> plain dict; else `{}` and a warning.

    Deeper than 16 levels or after 10,000 values, what follows is left out with a warning.
    """
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = value or {}
    elif isinstance(value, Sequence) and all(isinstance(v, tuple) and len(v) == 2 for v in value):
        value = dict(value)
    if not isinstance(value, Mapping):
        warnings.append("metadata: not an object, dropped")
        return {}
    left = [_MAX_VALUES]
    plain = _plain(value, _MAX_DEPTH, left)
    if left[0] <= 0:
        warnings.append("metadata: too deep or too large, cut")
    return plain if isinstance(plain, dict) else {}


def _plain(value: object, depth: int, left: list[int]) -> object:
    """`left` holds one number, the values still allowed; running out of depth spends all of it."""
    left[0] -= 1
    if not isinstance(value, (Mapping, list, tuple)):
        return _scalar(value)
    if depth == 0:
        left[0] = 0
    if left[0] <= 0:
        return None
    if isinstance(value, Mapping):
        return {
            str(key).replace("\0", ""): _plain(held, depth - 1, left)
            for key, held in value.items()
            if left[0] > 0
        }
    return [_plain(held, depth - 1, left) for held in value if left[0] > 0]


def _scalar(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.replace("\0", "")
    return value.isoformat() if isinstance(value, date) else str(value)[:200]
