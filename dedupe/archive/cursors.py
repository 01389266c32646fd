"""The last row of a page <-> an opaque cursor; what comes back is hostile and checked."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from dedupe.errors import CursorInvalid

__all__ = ["read_cursor", "write_cursor"]

_LONGEST = 4096


def write_cursor(kind: str, place: Sequence[object]) -> str:
    """A cursor that goes on after a place."""
    data = json.dumps([kind, *place], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: str, shape: tuple[type, ...]) -> Any:  # noqa: ANN401
    """The place in a cursor of this kind as a tuple of this shape; None for no cursor.

    Raises CursorInvalid.
    """
    if cursor is None:
        return None
    try:
        if len(cursor) > _LONGEST:
            raise ValueError(len(cursor))
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        found = json.loads(data)
    except (ValueError, binascii.Error, RecursionError):
        raise CursorInvalid(cursor) from None
    if not isinstance(found, list) or len(found) != len(shape) + 1 or found[0] != kind:
        raise CursorInvalid(cursor)
    for value, wanted in zip(found[1:], shape, strict=True):
        if type(value) is not wanted or (type(value) is int and abs(value) >> 63):
            raise CursorInvalid(cursor)
    return tuple(found[1:])
