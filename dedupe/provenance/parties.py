"""Names and addresses in one cluster -> parties: which of them are one outlet.

The resolver knows outlets at large; a cluster knows better. A name that no list holds may still be
that of a fellow member ("Harbour Ledger" where "The Harbour Ledger" carries the text), which would be
too bold a guess among all outlets and is a safe one among a few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from dedupe.foldtable import DROP, SEPARATOR, describe
from dedupe.models import Claim, OutletKind
from dedupe.provenance.carriers import Carrier, Resolver

__all__ = ["Cast", "Party", "find_host", "fold_name"]

_NAME_LIMIT = 200  # code points of a name that are looked at
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}\.[a-z0-9-]{2,63}")
_LOOSE_OUTLETS = 256
"""Clusters of more outlets than this compare names exactly: looking for parts is quadratic."""
_LOOSE_LETTERS, _LOOSE_WORDS = 5, 3


@dataclass(frozen=True, slots=True)
class Party:
    """An outlet as one cluster knows it; equal `identity` = the same outlet.

    `label` is the outlet's key if it is known, else the name as written; `key` None if it is not.
    """

    identity: str
    label: str
    key: str | None
    kind: OutletKind | None
    family: str


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    parts, _ = describe(char)
    return "".join(" " if kind == SEPARATOR else "" if kind == DROP else c for kind, c in parts)


def fold_name(name: str) -> str:
    """Fold a name for comparison: the house's letters, words set apart by one blank."""
    return " ".join("".join(map(_fold_char, name[:_NAME_LIMIT])).split())


def find_host(address: str | None) -> str | None:
    """Find the host of an address, or of a name that is one; lower case, without `www.`."""
    if not address:
        return None
    text = address[:2048].strip()
    if "://" in text:
        try:
            text = urlsplit(text).hostname or ""
        except ValueError:
            return None
    host = text.lower().removeprefix("www.").rstrip(".")
    return host if _HOST.fullmatch(host) else None


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]


class Cast:
    """The parties of one cluster: its members' outlets first, then whom their claims name."""

    def __init__(self, carriers: Iterable[Carrier], resolve: Resolver) -> None:
        """Identify the outlet of every carrier; `carriers` in a fixed order."""
        self._resolve = resolve
        self._parties: dict[str, Party] = {}
        self._owners: dict[tuple[str | None, str | None], str | None] = {}
        self._names: dict[str, set[str]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._parents: dict[str, set[str]] = {}
        self._known: dict[tuple[str | None, str | None, str | None], str | None] = {}
        self._outside_hosts: dict[str, set[str]] = {}
        self.members = [self._identify_owner(carrier) for carrier in carriers]
        self.outlets = frozenset(identity for identity in self.members if identity is not None)

    def __getitem__(self, identity: str) -> Party:
        """Look up a party that has been identified."""
        return self._parties[identity]

    def learn(self, claims: Iterable[Claim]) -> None:
        """Learn which unknown outlet an address belongs to, where a claim gives name and address."""
        for claim in claims:
            host = find_host(claim.url)
            if claim.name and host and claim.outlet is None:
                self._outside_hosts.setdefault(host, set()).add("n:" + fold_name(claim.name))

    def identify(self, claim: Claim) -> str | None:
        """Identity of whom a claim names; None when it names nobody."""
        asked = (claim.outlet, claim.name, claim.url)
        if asked not in self._known:
            self._known[asked] = self._identify(*asked)
        return self._known[asked]

    def _identify_owner(self, carrier: Carrier) -> str | None:
        host = find_host(carrier.url) or find_host(carrier.outlet)
        asked = (carrier.outlet, host)
        if asked in self._owners:
            return self._owners[asked]
        folded = fold_name(carrier.outlet or "")
        unknown = "n:" + folded if folded else f"h:{host}" if host else None
        name = carrier.outlet or host or ""
        identity = self._resolve_to(None, carrier.outlet or "", carrier.url, unknown, name)
        self._owners[asked] = identity
        if identity is not None:
            self._names.setdefault(folded or host or "", set()).add(identity)
        if identity is not None and host is not None:
            self._hosts.setdefault(host, set()).add(identity)
            for parent in _parents(host):
                self._parents.setdefault(parent, set()).add(identity)
        return identity

    def _identify(self, key: str | None, name: str | None, url: str | None) -> str | None:
        folded = fold_name(name or "")
        if not folded and find_host(url) is None and key is None:
            return None
        host = find_host(name) or (None if folded else find_host(url))
        fellow = None if key is not None else self._find_fellow(folded, host, find_host(url))
        outside = "n:" + folded if folded else f"h:{host}"
        if host is not None and len(named := self._outside_hosts.get(host, set())) == 1:
            (outside,) = named
        label = (name or "").strip() if folded else host or ""
        return self._resolve_to(key, name or "", url, fellow or outside, label)

    def _resolve_to(
        self, key: str | None, name: str, url: str | None, unknown: str | None, label: str
    ) -> str | None:
        """Register the party that a key or the resolver gives, else the one that is `unknown`."""
        found = self._resolve(name, url) if name or url else None
        if found is not None and (key is None or found.key == key):
            identity = "k:" + found.key
            party = Party(identity, found.key, found.key, found.kind, found.family or found.key)
        elif key is not None:
            identity, party = "k:" + key, Party("k:" + key, key, key, None, key)
        elif unknown is None:
            return None
        else:
            identity, party = unknown, Party(unknown, label, None, None, unknown)
        self._parties.setdefault(identity, party)
        return identity

    def _find_fellow(self, folded: str, host: str | None, address: str | None) -> str | None:
        """The one member outlet that a name or host which is in no list can only mean."""
        for found in (
            self._names.get(folded),
            self._hosts.get(host or address or ""),
            self._parents.get(host or address or ""),
            *(self._hosts.get(parent) for parent in _parents(host or address or "")),
            self._find_loose(folded),
        ):
            if found is not None and len(found) == 1:
                return next(iter(found))
        return None

    def _find_loose(self, folded: str) -> set[str]:
        """Members whose name holds this name as whole words, or stands in it."""
        if not folded or len(self._names) > _LOOSE_OUTLETS:
            return set()
        return {
            identity
            for name, identities in self._names.items()
            if _holds(name, folded) or _holds(folded, name)
            for identity in identities
        }


def _holds(longer: str, shorter: str) -> bool:
    """Whether `shorter` is telling enough and stands in `longer` word by word."""
    if len(shorter.replace(" ", "")) < _LOOSE_LETTERS or f" {shorter} " not in f" {longer} ":
        return False
    return " " in shorter or longer.count(" ") < _LOOSE_WORDS
