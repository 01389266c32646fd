"""Ids -> the addresses to use for them.

Paths take ids of unreserved characters only (CONTRACTS section 4); any other id, and the two that
clients take for folders, goes into the query, with `-` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from service.errors import Problem

__all__ = ["ID_PATTERN", "MAX_ID", "href", "link_next", "pick_id"]

ID_PATTERN = "^[A-Za-z0-9._~-]{1,128}$"
MAX_ID = 512
PLACEHOLDER = "-"
_is_plain = re.compile(ID_PATTERN[1:-1], re.ASCII).fullmatch


def href(kind: str, id_: str, part: str = "") -> str:
    """Give the address of `/v1/{kind}/{id}`, or of a part of it."""
    tail = f"/{part}" if part else ""
    if _is_plain(id_) and id_ not in (".", "..", PLACEHOLDER):
        return f"/v1/{kind}/{id_}{tail}"
    return f"/v1/{kind}/{PLACEHOLDER}{tail}?id={quote(id_, safe='')}"


def pick_id(kind: str, in_path: str, in_query: str | None, part: str = "") -> str:
    """Give the id a request means; raises Problem where it had to stand in the query."""
    if not _is_plain(in_path):
        use = href(kind, in_path, part)
        raise Problem("id-not-in-path", "put the id into the query: see href", href=use)
    return in_path if in_query is None else in_query


def link_next(path: str, parameters: Mapping[str, str], **changed: object) -> str:
    """Give the value of a `Link` header that leads on."""
    query = urlencode({**parameters, **{name: str(value) for name, value in changed.items()}})
    return f'<{path}?{query}>; rel="next"'
