"""Ids -> the addresses of pages; what a client may send as the page to go back to."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from service.links import href

__all__ = ["article", "cluster", "compare", "local_path", "outlet", "with_query"]

_MOST = 2000
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)
"""A path on this site: not `//host`, no backslash that browsers take for a slash, no space."""


def _page(kind: str, id_: str, part: str = "") -> str:
    return href(kind, id_, part).removeprefix("/v1")


def article(id_: str, part: str = "") -> str:
    """Give the page of an article, or of a part of it."""
    return _page("articles", id_, part)


def cluster(id_: str, part: str = "") -> str:
    """Give the page of a cluster."""
    return _page("clusters", id_, part)


def outlet(key: str, part: str = "") -> str:
    """Give the page of an outlet."""
    return _page("outlets", key, part)


def compare(left: str, right: str) -> str:
    """Give the page that shows two articles side by side."""
    return with_query("/compare", left=left, right=right)


def with_query(path: str, **parameters: object) -> str:
    """Add parameters; those that are None or empty are left out."""
    kept = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(kept)}" if kept else path


def local_path(asked: str | None) -> str:
    """Give the path to go to after a form, `/` for one that leads away from this site."""
    fits = asked is not None and len(asked) <= _MOST and _LOCAL.fullmatch(asked)
    return asked if fits and asked else "/"
