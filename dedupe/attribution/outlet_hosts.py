"""Address -> host and first folder, by which outlets are listed, and the domain it belongs to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tld import Result, get_tld

__all__ = ["registrable", "split_url"]

_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,10}\Z")


def registrable(host: str) -> str | None:
    """Return the registrable domain of a host by the public-suffix list that `tld` ships."""
    if not _HOST.match(host):
        return None
    found = get_tld(host, fix_protocol=True, fail_silently=True, as_object=True)
    return found.fld if isinstance(found, Result) and found.fld != found.tld else None


def split_url(url: str) -> tuple[str, str]:
    """Host in lower-case ASCII and first path segment of an address; both empty if it is none."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url.lstrip('/')}")
        host = (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return "", ""
    return host, parts.path.lstrip("/").partition("/")[0].lower()
