"""Names and addresses in one cluster -> parties: which of them are one outlet.

The resolver knows outlets at large; a cluster knows better. A name that no list holds may still be
that of a fellow member ("Harbour Ledger" where "The Harbour Ledger" carries the text): too bold a
guess among all outlets, a safe one among a few. So is a case of it ("im Hafenboten").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from dedupe.foldtable import DROP, SEPARATOR, describe
from dedupe.inflections import Inflections
from dedupe.models import Claim, OutletKind
from dedupe.provenance.carriers import Carrier, ResolvedOutlet, Resolver
from dedupe.slotted import constructor_of

__all__ = ["Cast", "Party", "find_host", "fold_name"]

_EMPTY_WORDS = Path(__file__).parents[1] / "data" / "outlet_names.toml"
_NAME_LIMIT = 200  # code points of a name that are looked at
_ADDRESS = re.compile(r"(?:https?:)?//(?:[^/?#@\s]{0,200}@)?([^/?#:\s]{1,255})", re.IGNORECASE)
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[\w-]{2,63}")
_PLACE_BEHIND = re.compile(r" ?\([^()]{2,40}\)\Z")
_LOOSE_OUTLETS = 256
"""Clusters of more outlets than this compare names exactly: looking for parts is quadratic."""
_LOOSE_LETTERS = 5


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


_new_party = constructor_of(Party)


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    parts, _ = describe(char)
    return "".join(" " if kind == SEPARATOR else "" if kind == DROP else c for kind, c in parts)


@lru_cache(maxsize=16384)
def fold_name(name: str) -> str:
    """Fold a name for comparison: the house's letters, words set apart by one blank."""
    return " ".join("".join(map(_fold_char, name[:_NAME_LIMIT])).split())


@lru_cache(maxsize=16384)
def _fold_both(name: str) -> tuple[str, str]:
    """A name folded, with the place behind it and without."""
    return fold_name(name), fold_name(_PLACE_BEHIND.sub("", name))


@cache
def _empty_words() -> frozenset[str]:
    """Words that come and go in the names of one outlet, folded: `data/outlet_names.toml`.

    Any other word makes another outlet: "Post-Gazette" is not the "Post", nor "Reuters Institute"
    the agency.
    """
    listed = tomllib.loads(_EMPTY_WORDS.read_text("utf-8"))
    return frozenset(fold_name(word) for words in listed.values() for word in words["empty"])


@cache
def _inflections() -> Inflections:
    return Inflections(fold_name)


def find_host(address: str | None) -> str | None:
    """Find the host of an address, or of a name that is one; lower case, without `www.`."""
    if not address:
        return None
    found = _ADDRESS.match(address)
    return _spell_host(found[1] if found else address[:256])


@lru_cache(maxsize=16384)
def _spell_host(host: str) -> str | None:
    host = host.lower().removeprefix("www.").rstrip(".")
    return host if _HOST.fullmatch(host) else None


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]


class Cast:
    """The parties of one cluster: its members' outlets, then whom their claims name."""

    def __init__(self, carriers: Iterable[Carrier], resolve: Resolver) -> None:
        """Identify the outlet of every carrier; `carriers` in a fixed order."""
        self._resolve = resolve
        self._parties: dict[str, Party] = {}
        self._owners: dict[tuple[str | None, str | None], str | None] = {}
        self._names: dict[str, set[str]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._named: dict[tuple[str | None, str, str], str | None] = {}
        self._addressed: dict[str, str] = {}
        self._outside_hosts: dict[str, set[str]] = {}
        self.members = [self._identify_owner(carrier) for carrier in carriers]
        """Identity of each carrier's outlet, None where neither name nor address is declared."""
        self.outlets = frozenset(identity for identity in self.members if identity is not None)

    def __getitem__(self, identity: str) -> Party:
        """Look up a party that has been identified."""
        return self._parties[identity]

    def learn(self, claims: Iterable[Claim]) -> None:
        """Learn whose address is whose where claims give both, before any of them is identified."""
        for claim in claims:
            host = find_host(claim.url)
            named = self._identify_name(claim) if host else None
            if host and named is not None and named[0] == "n" and named not in self.outlets:
                self._outside_hosts.setdefault(host, set()).add(named)

    def identify(self, claim: Claim, own: str | None) -> str | None:
        """Identity of whom a claim of a member of outlet `own` names; None when it names nobody.

        An address counts after the name, and never for the claimant itself against a name: a link
        on "The Verge" may well lead to the carrier's own page about it.
        """
        named = self._identify_name(claim)
        if named is not None and (named in self.outlets or named[0] == "k"):
            return named
        host = find_host(claim.url)
        addressed = self._identify_host(host, claim.url) if host else None
        if named is None or (addressed is not None and self._is_news(addressed, own)):
            return addressed
        return named

    def _is_news(self, identity: str, own: str | None) -> bool:
        return identity != own and (identity in self.outlets or identity[0] == "k")

    def _identify_owner(self, carrier: Carrier) -> str | None:
        host = find_host(carrier.url) or find_host(carrier.outlet)
        asked = (carrier.outlet, host)
        if asked in self._owners:
            return self._owners[asked]
        folded, bare = _fold_both(carrier.outlet or "")
        identity = self._ask(carrier.outlet or "", carrier.url)
        if identity is None and (folded or host):
            identity = "n:" + folded if folded else f"h:{host}"
            self._add(identity, carrier.outlet or host or "")
        self._owners[asked] = identity
        if identity is not None:
            self._names.setdefault(folded, set()).add(identity)
            self._names.setdefault(bare, set()).add(identity)
            if host is not None:
                self._hosts.setdefault(host, set()).add(identity)
        return identity

    def _identify_name(self, claim: Claim) -> str | None:
        language = claim.rule.partition(".")[0]
        asked = (claim.outlet, claim.name or "", language)
        if asked not in self._named:
            self._named[asked] = self._find_name(claim.outlet, asked[1].strip(), language)
        return self._named[asked]

    def _find_name(self, key: str | None, name: str, language: str) -> str | None:
        identity = self._ask(name, None, key)
        folded = fold_name(name)
        if identity is not None or not folded:
            return identity
        host = find_host(name)
        fellow = self._only(self._names.get(folded)) or (self._find_host(host) if host else None)
        fellow = fellow or self._only(self._find_case(folded, language))
        identity = fellow or self._only(self._find_loose(folded)) or "n:" + folded
        self._add(identity, name)
        return identity

    def _identify_host(self, host: str, url: str | None) -> str:
        if host not in self._addressed:
            known = self._find_host(host) or self._ask("", url)
            identity = known or self._only(self._outside_hosts.get(host)) or f"h:{host}"
            self._add(identity, host)
            self._addressed[host] = identity
        return self._addressed[host]

    def _find_host(self, host: str) -> str | None:
        """The member outlet at a host, at one below it or, failing that, at one above it."""
        found = self._only(self._hosts.get(host)) or self._only(self._subdomains.get(host))
        above = (self._only(self._hosts.get(parent)) for parent in _parents(host))
        return found or next(filter(None, above), None)

    @cached_property
    def _subdomains(self) -> dict[str, set[str]]:
        """Members by the hosts above their own."""
        below: dict[str, set[str]] = {}
        for host, identities in self._hosts.items():
            for parent in _parents(host):
                below.setdefault(parent, set()).update(identities)
        return below

    def _find_case(self, folded: str, language: str) -> set[str]:
        """Members whose name is this one in another case of the notice's language."""
        if len(self._names) > _LOOSE_OUTLETS or language not in _inflections().languages:
            return set()
        words = folded.split(" ")
        return {
            identity
            for name, identities in self._names.items()
            if _inflections().is_case_of(words, name.split(" "), language)
            for identity in identities
        }

    def _find_loose(self, folded: str) -> set[str]:
        """Members whose name is this one, but for words that say nothing in either of them."""
        if len(self._names) > _LOOSE_OUTLETS:
            return set()
        return {
            identity
            for name, identities in self._names.items()
            if _holds(name, folded) or _holds(folded, name)
            for identity in identities
        }

    def _ask(self, name: str, url: str | None, key: str | None = None) -> str | None:
        """Register the outlet of that key, else the one that the resolver knows."""
        # By key first: a name as short as "AP" needs a context to be understood.
        found = self._resolve(key, None) if key is not None else None
        if found is None or found.key != key:
            found = self._resolve(name, url) if name or url else None
        if key is not None and (found is None or found.key != key):
            found = ResolvedOutlet(key)
        if found is None:
            return None
        identity = "k:" + found.key
        if identity not in self._parties:
            family = found.family or found.key
            self._parties[identity] = _new_party(identity, found.key, found.key, found.kind, family)
        return identity

    def _add(self, identity: str, label: str) -> None:
        if identity not in self._parties:
            self._parties[identity] = _new_party(identity, label, None, None, identity)

    @staticmethod
    def _only(identities: set[str] | None) -> str | None:
        return next(iter(identities)) if identities and len(identities) == 1 else None


def _holds(longer: str, shorter: str) -> bool:
    """Whether `longer` is `shorter` and words that say nothing."""
    if len(shorter.replace(" ", "")) < _LOOSE_LETTERS or f" {shorter} " not in f" {longer} ":
        return False
    before, _, after = f" {longer} ".partition(f" {shorter} ")
    return {*before.split(), *after.split()} <= _empty_words()
