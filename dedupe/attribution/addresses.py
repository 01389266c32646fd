"""An address as written -> its host, without trusting that it is one."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["host_of"]


def host_of(address: str) -> str | None:
    """Host of an address or of a bare host, in small letters and without "www."; None if broken."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:  # "http://[::1"
        return None
    return host.removeprefix("www.") if host else None
