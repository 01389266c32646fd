"""An address as written -> its host, without trusting that it is one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["DOMAIN", "as_address", "host_of"]

_NATIONAL = (
    "рф|рус|бел|укр|срб|мкд|москва|онлаин|भारत|中国|中國|香港|台湾|台灣|公司|网络|網絡|한국|닷컴"
)
DOMAIN = (
    r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4}"
    rf"|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,2}}\.(?:{_NATIONAL})(?![\w.-])"
)
"""Expression for a bare host in folded text. Of the names in other scripts only endings that are no
common words, or that no sentence begins with: a stop without a blank after it is not rare."""

_WHOLE = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]{2,})+(?:/\S*)?")


def host_of(address: str) -> str | None:
    """Host of an address or of a bare host, in small letters and without "www."; None if broken."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:  # "http://[::1"
        return None
    return host.removeprefix("www.") if host else None


def as_address(name: str) -> str | None:
    """The name itself if it is a host or address."""
    return name if _WHOLE.fullmatch(name) else None
