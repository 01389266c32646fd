"""Any noun of the house -> JSON bytes.

orjson takes dataclasses, enums and datetimes as they are and is several times faster than the
standard library; what it refuses (lone surrogates out of file names, mappings that are not dicts)
goes through a slower second attempt that mends exactly that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import orjson

__all__ = ["encode_json", "encode_line", "mend_text"]

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_NAIVE_UTC


def encode_json(value: object, *, indent: bool = False) -> bytes:
    """Serialise to UTF-8; times as RFC 3339 in UTC or with their offset, NaN as null.

    Lone surrogates, which no UTF-8 can hold, become U+FFFD.
    """
    return _encode(value, _OPTIONS | (orjson.OPT_INDENT_2 if indent else 0))


def encode_line(value: object) -> bytes:
    """Serialise to one line of JSON Lines."""
    return _encode(value, _OPTIONS | orjson.OPT_APPEND_NEWLINE)


def _encode(value: object, options: int) -> bytes:
    try:
        return orjson.dumps(value, _to_plain, options)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mend(value), _to_plain, options)


def mend_text(text: str) -> str:
    """Give a text with U+FFFD for each lone surrogate; two halves of a pair become one letter."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _to_plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _mend(value: object) -> object:
    """Copy with lone surrogates replaced, all the way down."""
    if isinstance(value, str):
        return mend_text(value)
    if isinstance(value, Mapping):
        return {_mend(key): _mend(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_mend(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _mend(getattr(value, field.name)) for field in fields}
    return value
